"""Themes of the last four weeks, and whether they grow.

A theme emerges while it is at most four weeks old, the week of its birth included. What a first fit found was there
before anyone looked, and what a person brought was known: neither emerges.

Growth is judged from the week of birth on, in the whole network: the newer half of these weeks (one of two or three,
two of four) against the older ones, by the same conditional test with the same dispersion as alerts use, in one
direction, at 5 % false ones among all emerging themes that have a second week.
Most themes are found because many comments came at once, so that their first week is high by choice: growth is found
rather too seldom than too often.

Source: Cox and Stuart, Biometrika 42 (1955), for the comparison of newer with older observations as a test of trend;
predict.py and discovery.py for the rest.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np

from voc.trends.discovery import adjusted, takes_part
from voc.trends.grid import Grid
from voc.trends.predict import rise
from voc.trends.rates import Change, Counted, change
from voc.trends.table import ThemeWeek, compared_grid
from voc.trends.week import NETWORK, Week
from voc.types import Polarity
from voc.weeks import shift_week, week_range

EMERGING_WEEKS: Final = 4
FALSE_GROWTH: Final = 0.05


class Growth(StrEnum):
    """What can be said of an emerging theme; `FADES` where the whole 95 % interval of its ratio lies below one."""

    NEW = "new this week"
    GROWS = "grows"
    FADES = "fades"
    CANNOT_TELL = "cannot tell"


@dataclass(frozen=True, slots=True)
class Emerging:
    """A young theme in the network: its weeks since birth with their complaints, oldest first, and whether it grows.

    `ratio` is the rate of the newer half of the weeks over that of the older ones, None in the first week and where
    one half has nothing to count over; both leave out what is told apart as a changed collection.
    """

    theme_id: str
    born_week: str
    weeks: tuple[str, ...]
    complaints: tuple[int, ...]
    growth: Growth
    ratio: Change | None

    @property
    def new(self) -> bool:
        """Say whether it was born in the week itself."""
        return self.growth is Growth.NEW


@dataclass(frozen=True, slots=True)
class _Halves:
    """The newer and the older weeks of a theme, and the dispersion of its counts."""

    newer: Counted
    older: Counted
    dispersion: float


def first_emerging_week(week: str) -> str:
    """Return the oldest week of birth of a theme that still emerges in a week."""
    return shift_week(week, 1 - EMERGING_WEEKS)


def emerging(week: Week, rows: Sequence[ThemeWeek], births: Mapping[str, str]) -> tuple[Emerging, ...]:
    """Return the young themes among `births` (theme id: week of birth), those with most complaints since birth first.

    `rows` are those of `theme_weeks` of the same week; themes without a row for the network are left out.
    """
    network = {row.theme_id: row for row in rows if row.market == NETWORK}
    first = first_emerging_week(week.week)
    young = sorted(one for one, born in births.items() if first <= born <= week.week and one in network)
    grid = compared_grid(week, [(one, NETWORK) for one in young])
    complaints = _complaints(week, young)
    halves = {
        one: _halves(grid, place, len(week_range(births[one], week.week)), network[one].dispersion)
        for place, one in enumerate(young)
    }
    growing = _growing({one: half for one, half in halves.items() if half is not None})
    found = []
    for one in young:
        half, weeks = halves[one], week_range(births[one], week.week)
        ratio = change(half.newer, half.older, dispersion=half.dispersion) if half else None
        growth = Growth.GROWS if one in growing else _growth(ratio, new=births[one] == week.week)
        found.append(Emerging(one, births[one], weeks, tuple(complaints[one, at] for at in weeks), growth, ratio))
    return tuple(sorted(found, key=lambda one: (-sum(one.complaints), one.theme_id)))


def _growth(ratio: Change | None, *, new: bool) -> Growth:
    if new:
        return Growth.NEW
    fades = ratio is not None and ratio.ratio.high is not None and ratio.ratio.high < 1
    return Growth.FADES if fades else Growth.CANNOT_TELL


def _complaints(week: Week, themes: Sequence[str]) -> Counter[tuple[str, str]]:
    found: Counter[tuple[str, str]] = Counter()
    wanted = set(themes)
    for row in week.counts:
        if row.theme_id in wanted and row.polarity is Polarity.COMPLAINT:
            found[row.theme_id, row.week] += row.texts
    return found


def _halves(grid: Grid, place: int, age: int, dispersion: float) -> _Halves | None:
    counts, exposures = grid.counts[place, -age:], grid.exposures[place, -age:]
    age = len(counts)
    known = ~np.isnan(counts) & (exposures > 0)
    newer = np.arange(age) >= age - age // 2
    sides = [
        Counted(float(counts[known & side].sum()), float(exposures[known & side].sum())) for side in (newer, ~newer)
    ]
    return _Halves(sides[0], sides[1], dispersion) if min(one.exposure for one in sides) > 0 else None


def _growing(halves: Mapping[str, _Halves]) -> frozenset[str]:
    """Return the themes that grow, at a controlled share of false ones."""
    if not halves:
        return frozenset()
    sides = list(halves.values())
    count, seen = np.array([one.newer.count for one in sides]), np.array([one.older.count for one in sides])
    ratio = np.array([one.newer.exposure / one.older.exposure for one in sides])
    p_values = rise(count, seen, ratio, np.array([one.dispersion for one in sides]))
    least = (ratio / (1 + ratio)) ** (count + seen)
    found = adjusted(p_values, takes_part(least, FALSE_GROWTH)) <= FALSE_GROWTH
    return frozenset(one for one, grows in zip(halves, found.tolist(), strict=True) if grows)
