"""Difference in differences of a theme's complaint rate, with an interval and a plain verdict.

Source: log ratio of Poisson rates with Wald interval and half a count added to each cell (Agresti, Categorical Data
Analysis, 3rd edition, section 3.1); difference in differences as in Card and Krueger (AER 84, 1994).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from voc.errors import InputError
from voc.trends.week import Week, exposure_of
from voc.types import Estimate, Polarity

LEAST_WEEKS: Final = 2
"""Weeks that are needed on each side."""
SMALL: Final = (1 / 1.5, 1.5)
"""An interval inside these ratios says that nothing worth acting on happened."""
_Z: Final = 1.959964
_HALF: Final = 0.5


@dataclass(frozen=True, slots=True)
class Side:
    """Complaints and exposure of some markets before and after."""

    markets: tuple[str, ...]
    before: int
    after: int
    exposure_before: float
    exposure_after: float


@dataclass(frozen=True, slots=True)
class Effect:
    """The ratio of the change in adopting markets to the change elsewhere, and what it says.

    `verdict` is "fell", "rose", "no effect seen" or "cannot tell"; without markets to compare with, `others` is None
    and the ratio is the plain change.
    """

    own: Side
    others: Side | None
    ratio: Estimate
    verdict: str


def compare(span: Week, theme_id: str, *, adopted: Sequence[str], since: str) -> Effect:
    """Compare the weeks of a span before `since` with those from it on.

    Raises:
        InputError: fewer than two weeks lie on one side, or no adopting market has exposure.
    """
    before = tuple(week for week in span.weeks if week < since)
    after = tuple(week for week in span.weeks if week >= since)
    if min(len(before), len(after)) < LEAST_WEEKS:
        raise InputError(
            f"{len(before)} weeks lie before {since} and {len(after)} from it on; at least {LEAST_WEEKS} of each are "
            "needed to compare. Wait for more weeks, or name an earlier one."
        )
    own = _side(span, theme_id, tuple(one for one in span.markets if one in adopted), before, after)
    if own.exposure_before <= 0 or own.exposure_after <= 0:
        raise InputError(f"There are no deliveries and no comments of {', '.join(adopted)} in these weeks.")
    rest = tuple(one for one in span.markets if one not in adopted)
    others = _side(span, theme_id, rest, before, after) if rest else None
    if others is not None and min(others.exposure_before, others.exposure_after, others.before) <= 0:
        others = None
    ratio = _ratio(own, others)
    return Effect(own, others, ratio, _verdict(ratio))


def _side(span: Week, theme_id: str, markets: tuple[str, ...], before: Sequence[str], after: Sequence[str]) -> Side:
    def complaints(weeks: Sequence[str]) -> int:
        return sum(
            row.texts
            for row in span.counts
            if row.theme_id == theme_id
            and row.market in markets
            and row.week in weeks
            and row.polarity is Polarity.COMPLAINT
        )

    def exposure(weeks: Sequence[str]) -> float:
        return sum(exposure_of(span, market, week) for market in markets for week in weeks)

    return Side(markets, complaints(before), complaints(after), exposure(before), exposure(after))


def _ratio(own: Side, others: Side | None) -> Estimate:
    sides = [(1, own)] if others is None else [(1, own), (-1, others)]
    logarithm = sum(sign * _log_change(side) for sign, side in sides)
    spread = math.sqrt(sum(1 / (side.before + _HALF) + 1 / (side.after + _HALF) for _, side in sides))
    return Estimate(math.exp(logarithm), math.exp(logarithm - _Z * spread), math.exp(logarithm + _Z * spread))


def _log_change(side: Side) -> float:
    after = (side.after + _HALF) / side.exposure_after
    return math.log(after / ((side.before + _HALF) / side.exposure_before))


def _verdict(ratio: Estimate) -> str:
    low, high = ratio.low or 0.0, ratio.high or math.inf
    if high < 1:
        return "fell"
    if low > 1:
        return "rose"
    return "no effect seen" if low >= SMALL[0] and high <= SMALL[1] else "cannot tell"
