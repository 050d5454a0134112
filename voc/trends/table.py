"""The week as a table: one row a theme and market (and one a theme for the whole network)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from voc.store.counts import CountRow, WeekTotal
from voc.trends.rates import Change, Counted, change, rate
from voc.types import Estimate, Polarity

NETWORK: Final = ""
"""The market code of the whole network."""

FALSE_DISCOVERY: Final = 0.05
"""Share of alerts that may be false. Source: Benjamini and Hochberg, JRSS B 57 (1995)."""


@dataclass(frozen=True, slots=True)
class Week:
    """Everything counted in a span of weeks that ends with the week of the report."""

    week: str
    baseline: tuple[str, ...]
    counts: tuple[CountRow, ...]
    totals: tuple[WeekTotal, ...]
    deliveries: Mapping[tuple[str, str], int]
    markets: tuple[str, ...]

    @property
    def weeks(self) -> tuple[str, ...]:
        """Return the baseline weeks and the week itself, oldest first."""
        return (*self.baseline, self.week)


@dataclass(frozen=True, slots=True)
class ThemeWeek:
    """What one theme did in one market in the week; the market "" is the network.

    `series` holds the complaints of each week (oldest first), `series_rates` their rates per 1,000.
    """

    theme_id: str
    market: str
    complaints: int
    comments: int
    praise: int
    rate: Estimate | None
    change: Change | None
    rising: bool
    falling: bool
    series: tuple[int, ...]
    series_rates: tuple[float | None, ...]
    mean_rating: float | None


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of a market's feedback of the week has a theme."""

    market: str
    comments: int
    texts: int
    assigned: int
    deliveries: int | None

    @property
    def share(self) -> float | None:
        """Return the share assigned, None without feedback."""
        return self.assigned / self.comments if self.comments else None


def coverage(week: Week) -> tuple[Coverage, ...]:
    """Return coverage of the network, then of each market in the configured order."""
    by_market = {total.market: total for total in week.totals if total.week == week.week}
    rows = []
    for market in week.markets:
        total = by_market.get(market)
        deliveries = week.deliveries.get((market, week.week))
        rows.append(
            Coverage(market, total.comments, total.texts, total.assigned, deliveries)
            if total
            else Coverage(market, 0, 0, 0, deliveries)
        )
    known = [row.deliveries for row in rows if row.deliveries is not None]
    network = Coverage(
        NETWORK,
        sum(row.comments for row in rows),
        sum(row.texts for row in rows),
        sum(row.assigned for row in rows),
        sum(known) if known else None,
    )
    return (network, *rows)


def theme_weeks(week: Week) -> tuple[ThemeWeek, ...]:
    """Return a row for every theme and market with comments in the span, alerts judged over the whole grid at once."""
    grid: dict[tuple[str, str], list[CountRow]] = defaultdict(list)
    for row in week.counts:
        if row.theme_id is not None:
            grid[row.theme_id, row.market].append(row)
            grid[row.theme_id, NETWORK].append(row)
    rows = [_theme_week(week, theme_id, market, grid[theme_id, market]) for theme_id, market in sorted(grid)]
    return _mark(rows)


def exposure_of(week: Week, market: str, one_week: str) -> float:
    """Return the deliveries of a market (or network) and week; where none are known, its feedback."""
    wanted = week.markets if market == NETWORK else (market,)
    if all((code, any_week) in week.deliveries for code in wanted for any_week in week.weeks):
        return float(sum(week.deliveries[code, one_week] for code in wanted))
    return float(sum(total.texts for total in week.totals if total.market in wanted and total.week == one_week))


def has_deliveries(week: Week, market: str) -> bool:
    """Say whether the rates of a market (or the network) are per delivery, not per feedback."""
    wanted = week.markets if market == NETWORK else (market,)
    return all((code, one_week) in week.deliveries for code in wanted for one_week in week.weeks)


def _theme_week(week: Week, theme_id: str, market: str, rows: Sequence[CountRow]) -> ThemeWeek:
    complaints = _by_week(rows, Polarity.COMPLAINT)
    exposures = {one: exposure_of(week, market, one) for one in week.weeks}
    now = Counted(complaints.get(week.week, 0), exposures[week.week])
    before = Counted(sum(complaints.get(one, 0) for one in week.baseline), sum(exposures[one] for one in week.baseline))
    current = [row for row in rows if row.week == week.week]
    rated = sum(row.rated for row in current)
    rates = [rate(Counted(complaints.get(one, 0), exposures[one])) for one in week.weeks]
    return ThemeWeek(
        theme_id=theme_id,
        market=market,
        complaints=now.count,
        comments=sum(row.comments for row in current),
        praise=sum(row.texts for row in current if row.polarity is Polarity.PRAISE),
        rate=rate(now),
        change=change(now, before),
        rising=False,
        falling=False,
        series=tuple(complaints.get(one, 0) for one in week.weeks),
        series_rates=tuple(found.value if found else None for found in rates),
        mean_rating=sum(row.rating_sum for row in current) / rated if rated else None,
    )


def _by_week(rows: Iterable[CountRow], polarity: Polarity) -> dict[str, int]:
    found: dict[str, int] = defaultdict(int)
    for row in rows:
        if row.polarity is polarity:
            found[row.week] += row.texts
    return found


def _mark(rows: Sequence[ThemeWeek]) -> tuple[ThemeWeek, ...]:
    from scipy.stats import false_discovery_control

    judged = [index for index, row in enumerate(rows) if row.change is not None]
    if not judged:
        return tuple(rows)
    adjusted = false_discovery_control([rows[index].change.p_value for index in judged])  # type: ignore[union-attr]
    marked = list(rows)
    for index, p_value in zip(judged, adjusted, strict=True):
        found = rows[index].change
        if found is not None and p_value <= FALSE_DISCOVERY:
            up = found.ratio.value > 1
            marked[index] = replace(rows[index], rising=up, falling=not up)
    return tuple(marked)
