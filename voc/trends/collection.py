"""Markets or channels whose whole volume jumps while deliveries do not: the collection changed, not the themes.

A new survey, a lost feed or a double export moves all themes together. The themes of such a market are judged by their
share of feedback instead, and the report says so. A jump that one theme explains is that theme's alert and no such
change.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from voc.trends.alerts import judge
from voc.trends.grid import deliveries_by_market, texts_by_market, theme_grid
from voc.trends.predict import Floats
from voc.trends.week import Week, has_deliveries

CHANCE: Final = 0.001
TOGETHER: Final = 2 / 3
"""The share of the usual volume whose themes must have moved the same way."""


@dataclass(frozen=True, slots=True)
class CollectionChange:
    """A market, or one channel of it, whose feedback is `ratio` times what deliveries lead to expect.

    `channel` is None for the market as a whole; the ratio is infinite where there was none before.
    """

    market: str
    channel: str | None
    ratio: float


@dataclass(frozen=True, slots=True)
class _Volume:
    """All texts (weeks,), those of each theme (themes, weeks) and deliveries (weeks,) of a market or channel."""

    texts: Floats
    themes: Floats
    deliveries: Floats


def collection_changes(week: Week) -> tuple[CollectionChange, ...]:
    """Return the markets whose collection changed, in the configured order, each as a whole or by its channels."""
    texts, deliveries = texts_by_market(week), np.nan_to_num(deliveries_by_market(week))
    found = []
    for place, market in enumerate(week.markets):
        if not has_deliveries(week, market):
            continue
        themes = sorted({row.theme_id for row in week.counts if row.market == market and row.theme_id is not None})
        grid = theme_grid(week, [(theme, market) for theme in themes], by_share=(), counted=lambda _: True)
        ratio = _jump(_Volume(texts[place], grid.counts, deliveries[place]))
        if ratio is not None:
            found.append(CollectionChange(market, None, ratio))
            continue
        for channel, volume in _channels(week, market, texts[place], deliveries[place]):
            ratio = _jump(volume)
            if ratio is not None:
                found.append(CollectionChange(market, channel, ratio))
    return tuple(found)


def _jump(volume: _Volume) -> float | None:
    """Return by what factor a volume jumped with its themes together, None where it did not."""
    whole = judge(volume.texts[None], volume.deliveries[None])
    up = bool(whole.p_rise[0] < whole.p_fall[0])
    if min(whole.p_rise[0], whole.p_fall[0]) > CHANCE or not _together(volume, up=up):
        return None
    return float(volume.texts[-1] / whole.expected[0]) if whole.expected[0] > 0 else float("inf")


def _together(volume: _Volume, *, up: bool) -> bool:
    if not len(volume.themes):
        return True
    expected = judge(volume.themes, np.broadcast_to(volume.deliveries, volume.themes.shape)).expected
    moved = np.nan_to_num(volume.themes[:, -1]) - expected
    weight = np.maximum(expected, 1e-9)
    same = float(weight[(moved > 0) if up else (moved < 0)].sum() / weight.sum())
    most = int(np.argmax(moved if up else -moved))
    rest = judge((volume.texts - volume.themes[most])[None], volume.deliveries[None])
    return same >= TOGETHER and float((rest.p_rise if up else rest.p_fall)[0]) <= CHANCE


def _channels(week: Week, market: str, texts: Floats, deliveries: Floats) -> Iterable[tuple[str, _Volume]]:
    """Yield the channels of a market that has several, over the weeks that are known by channel."""
    rows = [row for row in week.channels if row.market == market]
    names = sorted({row.channel for row in rows})
    if len(names) < 2:
        return
    weeks = [one for one in (*week.past, week.week) if one >= week.channels[0].week]
    present = np.where(np.isnan(texts[-len(weeks) :]), np.nan, 0.0)
    for name in names:
        tables: dict[str, Floats] = defaultdict(lambda: present.copy())
        _add(tables, [(row.theme_id or "", row.week, row.texts) for row in rows if row.channel == name], weeks)
        everything = np.sum(list(tables.values()), axis=0)
        tables.pop("", None)
        themes = np.array([tables[theme] for theme in sorted(tables)]).reshape(len(tables), len(weeks))
        yield name, _Volume(everything, themes, deliveries[-len(weeks) :])


def _add(tables: dict[str, Floats], counted: Sequence[tuple[str, str, int]], weeks: Sequence[str]) -> None:
    places = {one: place for place, one in enumerate(weeks)}
    for theme, one, texts in counted:
        tables[theme][places[one]] += texts
