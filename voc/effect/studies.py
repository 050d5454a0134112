"""What speaks for or against a measured effect: its course by week, the course before, and pretended adoptions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from voc.effect.model import Fit, fit, refit
from voc.effect.panel import LEAST_AFTER, LEAST_BEFORE, Panel
from voc.effect.solve import Data
from voc.errors import InputError
from voc.trends.predict import Floats
from voc.types import Estimate

SLOPE_P: Final = 0.05
JOINT_P: Final = 0.01
"""A course before the adoption that is this unlikely by chance makes the verdict "cannot tell"."""
_BLOCKS: Final = 4
_ONE: Final = np.ones(1)


@dataclass(frozen=True, slots=True)
class Course:
    """How adopters moved beside the others before the adoption: by how much a week, and tests of it.

    `weekly` is the ratio of one week to the week before, `slope_p` tests it, `joint_p` whether four parts of the time
    before differ in any way.
    """

    weekly: Estimate
    slope_p: float
    joint_p: float

    @property
    def diverging(self) -> bool:
        """Say whether adopters were moving away from the others already."""
        return self.slope_p < SLOPE_P or self.joint_p < JOINT_P


@dataclass(frozen=True, slots=True)
class WeekOfChange:
    """The ratio of adopters to the others in one week, against all weeks before; `week` counts from the adoption."""

    week: int
    ratio: Estimate
    left_out: bool


@dataclass(frozen=True, slots=True)
class Placebo:
    """What is measured where nothing was adopted: in other markets, or at an earlier week."""

    what: str
    ratio: Estimate

    @property
    def apart(self) -> bool:
        """Say whether its interval leaves out 1."""
        return self.ratio.low is not None and self.ratio.high is not None and not self.ratio.low <= 1 <= self.ratio.high


def data_of(panel: Panel, *, sloping: bool = False) -> Data:
    """Return a panel as the model takes it; where all markets adopted, they share a straight trend (and a season).

    With `sloping`, adopters may move away from the others in a straight line, which is likely or not.
    """
    shared = None if panel.others else _own_course(panel)
    line = panel.adopters[:, None] * (np.arange(len(panel.weeks)) - len(panel.weeks) / 2)[None] if sloping else None
    return Data(panel.counts, panel.exposures, panel.kept, panel.adopters, shared, line)


def change(panel: Panel) -> Floats:
    """Return the column of the change, (1, markets, weeks)."""
    return panel.after.astype(np.float64)[None]


def main_fit(panel: Panel) -> Fit:
    """Return the fit of the change itself."""
    return fit(data_of(panel, sloping=bool(panel.others)), change(panel))


def estimate(found: Fit, contrast: Floats = _ONE) -> Estimate:
    """Return a sum of coefficients as a ratio with its 95 % interval."""
    low, high = found.interval(contrast)
    return Estimate(float(np.exp(found.value(contrast))), float(np.exp(low)), float(np.exp(high)))


def course_before(panel: Panel) -> Course | None:
    """Compare the weeks before the first adoption in four parts; None without other markets or enough weeks."""
    before = panel.until(min(panel.first_after(market) for market in panel.since))
    usable = before.kept[before.adopters].any(axis=0)
    places = np.flatnonzero(usable)
    if not panel.others or len(places) < 2 * _BLOCKS:
        return None
    adopters = before.adopters[:, None]
    parts = np.array_split(places, _BLOCKS)
    columns = np.array([adopters & np.isin(np.arange(len(before.weeks)), part)[None] for part in parts[1:]])
    found = fit(data_of(before), columns.astype(np.float64))
    middles = np.array([part.mean() for part in parts])
    weights = (middles - middles.mean()) / ((middles - middles.mean()) ** 2).sum()
    slope = weights[1:]
    return Course(estimate(found, slope), found.p_value(slope), found.joint_p(np.eye(_BLOCKS - 1)))


def carried_on(panel: Panel) -> Estimate:
    """Return the effect if adopters had gone on moving away from the others as before, in a straight line."""
    line = (np.arange(len(panel.weeks)) - len(panel.weeks) / 2) / 10
    columns = np.concatenate([change(panel), (panel.adopters[:, None] * line[None])[None]])
    return estimate(fit(data_of(panel), columns), np.array([1.0, 0.0]))


def by_week(panel: Panel, found: Fit, *, shown: int = 26) -> tuple[WeekOfChange, ...]:
    """Return the event study: a ratio for each week from `shown` weeks before the adoption on.

    Weeks that are left out of the comparison are shown too; every ratio is to the mean of the weeks that are not.
    Without other markets the weeks before make up the own course, and only later ones are shown.
    """
    times, left_out = _times(panel), panel.left_out
    known = np.array(panel.known)
    rows = np.flatnonzero(panel.adopters)
    held = sorted({int(times[row, place]) for row in rows for place in np.flatnonzero(known[row])})
    out = {int(times[row, place]) for row in rows for place in np.flatnonzero(left_out[row])}
    base = [one for one in held if one < 0 and one not in out]
    named = [one for one in held if one != base[0]] if panel.others else [one for one in held if one not in base]
    columns = np.array([(times == one) & panel.adopters[:, None] for one in named], dtype=np.float64)
    refitted = refit(replace(data_of(panel), kept=known), columns, found)
    centre = np.array([1 / len(base) if one in base else 0.0 for one in named])
    weeks = []
    for one in held if panel.others else named:
        if one < -shown:
            continue
        contrast = np.array([float(one == other) for other in named]) - centre
        weeks.append(WeekOfChange(one, estimate(refitted, contrast), one in out))
    return tuple(weeks)


def in_other_markets(panel: Panel) -> tuple[Placebo, ...]:
    """Return what is measured if each market that did not adopt is taken for the adopter, beside the remaining ones."""
    if len(panel.others) < 2:
        return ()
    start = min(panel.since.values())
    found: list[Placebo] = []
    for market in panel.others:
        pretended = replace(panel.of(panel.others), since={market: start}, changing={})
        result = _measured(pretended)
        found += [] if result is None else [Placebo(market, result)]
    return tuple(found)


def earlier(panel: Panel) -> tuple[Placebo, ...]:
    """Return what is measured if the same markets are taken to have adopted earlier, in weeks before they really did.

    As many weeks lie after each pretended adoption as after the real one, and none of them is used twice.
    """
    if not panel.others:
        return ()
    start = min(panel.first_after(market) for market in panel.since)
    after = max(LEAST_AFTER, len(panel.weeks) - start)
    end = start - panel.washout
    found: list[Placebo] = []
    while end - after - panel.washout >= LEAST_BEFORE and len(found) < 4:
        cut = panel.until(end)
        week = panel.weeks[end - after]
        pretended = replace(cut, since=dict.fromkeys(panel.since, week), changing={})
        result = _measured(pretended)
        found += [] if result is None else [Placebo(week, result)]
        end -= after
    return tuple(found)


def _measured(panel: Panel) -> Estimate | None:
    try:
        checked = panel.checked()
    except InputError:
        return None
    return estimate(main_fit(checked)) if checked.others else None


def _times(panel: Panel) -> Floats:
    """Return weeks since the adoption of each market, (markets, weeks); those of others mean nothing."""
    start = [panel.first_after(market) if market in panel.since else 0 for market in panel.markets]
    return np.asarray(np.arange(len(panel.weeks))[None] - np.array(start, dtype=np.float64)[:, None])


def _own_course(panel: Panel) -> Floats:
    place = np.arange(len(panel.weeks), dtype=np.float64)
    columns: Sequence[Floats] = [(place - place.mean()) / 10]
    if len(place) >= 2 * _YEAR:
        turn = 2 * np.pi * place / _YEAR
        columns = [*columns, np.sin(turn), np.cos(turn)]
    return np.stack(columns, axis=1)


_YEAR: Final = 52.1775
