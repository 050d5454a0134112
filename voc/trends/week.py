"""A week with its history, and what its counts are counted over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from voc.store.counts import CountRow, WeekTotal

NETWORK: Final = ""
"""The market code of the whole network."""


@dataclass(frozen=True, slots=True)
class Week:
    """Everything counted in a span of weeks that ends with the week of the report.

    `baseline` are the weeks shown before it, `history` all earlier weeks that alerts may look at (empty: as shown).
    """

    week: str
    baseline: tuple[str, ...]
    counts: tuple[CountRow, ...]
    totals: tuple[WeekTotal, ...]
    deliveries: Mapping[tuple[str, str], int]
    markets: tuple[str, ...]
    history: tuple[str, ...] = ()

    @property
    def weeks(self) -> tuple[str, ...]:
        """Return the baseline weeks and the week itself, oldest first."""
        return (*self.baseline, self.week)

    @property
    def past(self) -> tuple[str, ...]:
        """Return the weeks that alerts look at, oldest first, without the week itself."""
        return self.history or self.baseline


def exposure_of(week: Week, market: str, one_week: str) -> float:
    """Return the deliveries of a market (or network) and week; where none are known, its feedback."""
    wanted = week.markets if market == NETWORK else (market,)
    if has_deliveries(week, market):
        return float(sum(week.deliveries.get((code, one_week), 0) for code in wanted))
    return float(sum(total.texts for total in week.totals if total.market in wanted and total.week == one_week))


def has_deliveries(week: Week, market: str) -> bool:
    """Say whether the rates of a market (or the network) are per delivery, not per feedback."""
    wanted = week.markets if market == NETWORK else (market,)
    return all((code, one_week) in week.deliveries for code in wanted for one_week in week.weeks)
