"""Did complaints fall where a change was adopted: the comparison, what speaks for it, and a plain verdict."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np

from voc.effect.detect import smallest_fall
from voc.effect.panel import Panel
from voc.effect.studies import (
    Course,
    Placebo,
    WeekOfChange,
    by_week,
    carried_on,
    course_before,
    earlier,
    estimate,
    in_other_markets,
    main_fit,
)
from voc.trends.predict import Flags
from voc.types import Estimate

SMALL: Final = (0.7, 1 / 0.7)
"""An interval inside these ratios says that nothing of a size worth a change of the standard happened."""
FEWEST: Final = 10
"""Complaints of adopters before the adoption, and expected after it without the change; fewer cannot tell."""


class Verdict(StrEnum):
    """What a comparison says."""

    IMPROVED = "improved"
    WORSENED = "worsened"
    NO_EFFECT = "no effect seen"
    CANNOT_TELL = "cannot tell"


class Reason(StrEnum):
    """Why nothing can be told."""

    FEW = "too few complaints"
    DIVERGING = "the markets were moving apart before the change"
    SHORT = "the weeks that led to the change could not be left out"
    WIDE = "the interval holds both a fall and a rise that would matter"


@dataclass(frozen=True, slots=True)
class Side:
    """Complaints and exposure of some markets before and after, over the weeks that are compared."""

    markets: tuple[str, ...]
    before: int
    after: int
    exposure_before: float
    exposure_after: float


@dataclass(frozen=True, slots=True)
class Effect:
    """The ratio of complaints in adopting markets to what they would have been, and what it rests on.

    Without markets to compare with, `others` is None and the ratio is to the adopters' own straight trend. `carried_on`
    is the ratio if adopters had gone on diverging as before. `could_see` is the smallest fall, as a share, that these
    weeks show with 80 % power. `out` are the weeks left out, `dropped` the markets that could not be compared.
    """

    panel: Panel
    own: Side
    others: Side | None
    ratio: Estimate
    p_value: float
    verdict: Verdict
    reason: Reason | None
    course: Course | None
    carried_on: Estimate | None
    weeks: tuple[WeekOfChange, ...]
    other_markets: tuple[Placebo, ...]
    earlier: tuple[Placebo, ...]
    could_see: float | None
    dropped: tuple[str, ...]

    @property
    def theme_id(self) -> str:
        """Return the theme that complaints are about."""
        return self.panel.theme_id

    @property
    def before(self) -> tuple[str, ...]:
        """Return the weeks of adopters that count as before."""
        return _weeks(self.panel, self.panel.kept & ~self.panel.after)

    @property
    def after(self) -> tuple[str, ...]:
        """Return the weeks of adopters that count as after."""
        return _weeks(self.panel, self.panel.kept & self.panel.after)

    @property
    def out(self) -> tuple[str, ...]:
        """Return the weeks of adopters that are left out."""
        return _weeks(self.panel, self.panel.left_out)


def measure(panel: Panel, *, studies: bool = True) -> Effect:
    """Compare adopters with the others, before with after; `studies` adds event study and placebo tests.

    Raises:
        InputError: there is too little to compare; see `Panel.checked`.
    """
    checked = panel.checked()
    found = main_fit(checked)
    ratio, course = estimate(found), course_before(checked)
    adopters = checked.adopters
    own = side(checked, adopters)
    others = side(checked, ~adopters) if checked.others else None
    reason = _doubt(ratio, (own, others), course, cut=checked.cut)
    return Effect(
        panel=checked,
        own=own,
        others=others,
        ratio=ratio,
        p_value=found.p_value(np.ones(1)),
        verdict=_verdict(ratio, reason),
        reason=reason,
        course=course,
        carried_on=carried_on(checked) if course is not None and course.diverging else None,
        weeks=by_week(checked, found) if studies else (),
        other_markets=in_other_markets(checked) if studies else (),
        earlier=earlier(checked) if studies else (),
        could_see=smallest_fall(found),
        dropped=tuple(one for one in panel.markets if one not in checked.markets),
    )


def side(panel: Panel, rows: Flags) -> Side:
    """Return what some markets counted before and after, in the weeks that are compared."""
    start = min(panel.since.values())
    later = np.where(panel.adopters[:, None], panel.after, np.array([week >= start for week in panel.weeks])[None])
    before, after = panel.kept & ~later & rows[:, None], panel.kept & later & rows[:, None]

    def total(table: object, cells: Flags) -> float:
        return float(np.nansum(np.where(cells, table, 0.0)))  # type: ignore[call-overload]

    return Side(
        tuple(market for market, held in zip(panel.markets, rows, strict=True) if held),
        round(total(panel.counts, before)),
        round(total(panel.counts, after)),
        total(panel.exposures, before),
        total(panel.exposures, after),
    )


def _doubt(ratio: Estimate, sides: tuple[Side, Side | None], course: Course | None, *, cut: bool) -> Reason | None:
    own, others = sides
    moved = 1.0
    if others is not None and others.before and others.exposure_after > 0:
        moved = others.after / others.exposure_after * others.exposure_before / others.before
    expected = own.before / own.exposure_before * own.exposure_after * moved
    if min(own.before, expected) < FEWEST:
        return Reason.FEW
    if course is not None and course.diverging:
        return Reason.DIVERGING
    low, high = ratio.low or 0.0, ratio.high or np.inf
    if cut and high < 1:
        return Reason.SHORT
    told = high < 1 or low > 1 or (low >= SMALL[0] and high <= SMALL[1])
    return None if told else Reason.WIDE


def _verdict(ratio: Estimate, reason: Reason | None) -> Verdict:
    if reason is not None:
        return Verdict.CANNOT_TELL
    if (ratio.high or np.inf) < 1:
        return Verdict.IMPROVED
    return Verdict.WORSENED if (ratio.low or 0.0) > 1 else Verdict.NO_EFFECT


def _weeks(panel: Panel, cells: Flags) -> tuple[str, ...]:
    held = np.asarray((cells & panel.adopters[:, None]).any(axis=0))
    return tuple(week for week, one in zip(panel.weeks, held, strict=True) if one)
