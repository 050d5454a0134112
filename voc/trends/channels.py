"""Channels whose volume jumps as a whole while the others of their market do not.

A new survey, a lost feed or a double export shows in one channel. Its comments are told apart: the themes of its market
are judged over what came through the other channels, in all weeks, and the report says so. A channel is told apart when

- its volume jumps or falls over deliveries (over weeks, where deliveries are not known), and
- it does so beside the other channels of its market too, so that a busy week of the market is none of its own, and
- its themes move together, as in collection.py, unless it came for the first time or sends nothing any more;
- unless the channels that changed add up to what is usual: then one was renamed, or feedback moved between them;
- unless nothing is left beside them: then the market as a whole is judged, as if it had no channels.

It is compared with the newest twelve weeks, so that a channel that stays as it now is counts again after some weeks.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from voc.store.counts import CountRow
from voc.store.volumes import ChannelRow
from voc.trends.alerts import WINDOW, Judged, judge
from voc.trends.predict import Flags, Floats
from voc.trends.together import CHANCE, moved_together

CHANNEL_WEEKS: Final = 12
BESIDE: Final = 0.01
"""The chance left that the whole market or a single theme made the jump; the jump itself is tested far stricter.

Set on simulated markets of three channels of 80 comments a week and eight themes (dispersion 2): 54 % of doublings are
seen in their first week (29 % at a thirtieth of it); 5 % of doublings of the whole market and 2 % of themes that alone
grew twentyfold pass for a changed channel.
"""

ThemesOf = Callable[[str, str], Sequence[CountRow]]
"""Returns the counts by theme of a market and channel over the weeks that are compared."""


@dataclass(frozen=True, slots=True)
class ChannelChange:
    """A channel that sent `ratio` times what is usual; infinity where it sent nothing before, 0 where nothing now.

    The ratio is that of the week or of the newest three together, whichever moved more.
    """

    market: str
    channel: str
    ratio: float


@dataclass(frozen=True, slots=True)
class _Channels:
    """The channels of a market: texts (channels, weeks), NaN where nothing was collected, and exposure (weeks,)."""

    market: str
    names: tuple[str, ...]
    weeks: tuple[str, ...]
    texts: Floats
    exposure: Floats


def channel_changes(
    rows: Sequence[ChannelRow],
    weeks: Sequence[str],
    deliveries: Mapping[tuple[str, str], int],
    themes_of: ThemesOf,
) -> tuple[ChannelChange, ...]:
    """Return the channels to be told apart in the last of some weeks (oldest first), by market and channel."""
    found: list[ChannelChange] = []
    for market in sorted({row.market for row in rows}):
        own = [row for row in rows if row.market == market]
        channels = _channels(market, own, weeks, deliveries)
        if len(channels.names) > 1:
            found += _changed(channels, themes_of)
    return tuple(found)


def _channels(
    market: str, rows: Sequence[ChannelRow], weeks: Sequence[str], deliveries: Mapping[tuple[str, str], int]
) -> _Channels:
    names = tuple(sorted({row.channel for row in rows}))
    texts, places = np.zeros((len(names), len(weeks))), {one: place for place, one in enumerate(weeks)}
    for row in rows:
        texts[names.index(row.channel), places[row.week]] += row.texts
    known = [deliveries.get((market, one), 0) for one in weeks]
    exposure = np.array(known if all(known) else [1] * len(weeks), dtype=np.float64)
    return _Channels(market, names, tuple(weeks), np.where(texts.sum(axis=0) == 0, np.nan, texts), exposure)


def _changed(channels: _Channels, themes_of: ThemesOf) -> list[ChannelChange]:
    exposures = np.broadcast_to(channels.exposure, channels.texts.shape)
    others = np.nan_to_num(channels.texts.sum(axis=0) - channels.texts)
    over, beside = judge(channels.texts, exposures), judge(channels.texts, others)
    ratios = {
        place: _jump(channels, place, over, themes_of) for place in np.flatnonzero(_suspected(over, beside)).tolist()
    }
    places = [place for place, ratio in ratios.items() if ratio is not None]
    moved = channels.texts[places].sum(axis=0)
    rest, together = channels.texts.sum(axis=0) - moved, judge(moved[None], channels.exposure[None])
    stands_alone = rest[-1] > 0 and np.nansum(rest[:-1]) > 0
    if not stands_alone or min(together.p_rise[0], together.p_fall[0]) > CHANCE:
        return []
    return [
        ChannelChange(channels.market, channels.names[place], ratio)
        for place, ratio in ratios.items()
        if ratio is not None
    ]


def _suspected(over: Judged, beside: Judged) -> Flags:
    """Return which channels moved, over deliveries and in the same direction beside the others."""
    chance = CHANCE / len(over.seen)
    up = (over.p_rise <= chance) & (beside.p_rise <= BESIDE)
    return up | ((over.p_fall <= chance) & (beside.p_fall <= BESIDE))


def _jump(channels: _Channels, place: int, over: Judged, themes_of: ThemesOf) -> float | None:
    """Return by what factor a suspected channel jumped, None where its themes did not move together."""
    texts, up = channels.texts[place], bool(over.p_rise[place] < over.p_fall[place])
    if over.seen[place] > 0 and texts[-1] > 0:
        themes = _series(themes_of(channels.market, channels.names[place]), channels.weeks)
        present = np.where(np.isnan(texts), np.nan, themes)
        if not moved_together(texts, present, channels.exposure, up=up, chance=BESIDE):
            return None
    rate = float(over.expected[place] / channels.exposure[-1])
    if rate == 0:
        return float("inf")
    known = np.where(np.isnan(texts), 0.0, channels.exposure)
    found = [float(np.nansum(texts[-width:]) / (rate * known[-width:].sum())) for width in (1, WINDOW)]
    return max(found) if up else min(found)


def _series(rows: Sequence[CountRow], weeks: Sequence[str]) -> Floats:
    themes = sorted({row.theme_id for row in rows if row.theme_id is not None})
    found, places = np.zeros((len(themes), len(weeks))), {one: place for place, one in enumerate(weeks)}
    for row in rows:
        if row.theme_id is not None:
            found[themes.index(row.theme_id), places[row.week]] += row.texts
    return found
