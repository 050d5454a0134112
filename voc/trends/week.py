"""A week with its history, and what its counts are counted over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from voc.store.counts import CountRow, WeekTotal
from voc.store.ratings import RatingRow
from voc.trends.channels import ChannelChange

NETWORK: Final = ""
"""The market code of the whole network."""


@dataclass(frozen=True, slots=True)
class Apart:
    """Channels whose collection changed, and what their markets sent through all other channels."""

    changes: tuple[ChannelChange, ...] = ()
    counts: tuple[CountRow, ...] = ()
    totals: tuple[WeekTotal, ...] = ()

    @property
    def markets(self) -> frozenset[str]:
        """Return the markets of these channels."""
        return frozenset(one.market for one in self.changes)


@dataclass(frozen=True, slots=True)
class Week:
    """Everything counted in a span of weeks that ends with the week of the report.

    `baseline` are the weeks shown before it, `history` all earlier weeks that alerts may look at (empty: as shown);
    `ratings` are those of the weeks shown, `assigned` the comments of the week itself that have a theme, by market.
    """

    week: str
    baseline: tuple[str, ...]
    counts: tuple[CountRow, ...]
    totals: tuple[WeekTotal, ...]
    deliveries: Mapping[tuple[str, str], int]
    markets: tuple[str, ...]
    history: tuple[str, ...] = ()
    ratings: tuple[RatingRow, ...] = ()
    assigned: Mapping[str, int] = field(default_factory=dict)
    apart: Apart = Apart()

    @property
    def weeks(self) -> tuple[str, ...]:
        """Return the baseline weeks and the week itself, oldest first."""
        return (*self.baseline, self.week)

    @property
    def past(self) -> tuple[str, ...]:
        """Return the weeks that alerts look at, oldest first, without the week itself."""
        return self.history or self.baseline

    @property
    def compared(self) -> Week:
        """Return the week as it is judged: without what came through channels whose collection changed."""
        gone = self.apart.markets
        if not gone:
            return self
        return replace(
            self,
            counts=(*(row for row in self.counts if row.market not in gone), *self.apart.counts),
            totals=(*(row for row in self.totals if row.market not in gone), *self.apart.totals),
        )


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
