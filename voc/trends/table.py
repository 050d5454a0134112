"""The week as a table: one row a theme and market (and one a theme for the whole network)."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from voc.store.counts import CountRow
from voc.trends.alerts import Judged, judge
from voc.trends.collection import collection_changes
from voc.trends.grid import Grid, Key, complaint, theme_grid
from voc.trends.rated import Rated
from voc.trends.rates import Change, Counted, change, rate
from voc.trends.shrink import shrunk
from voc.trends.week import NETWORK, Week, exposure_of, has_deliveries
from voc.types import Estimate, Polarity


@dataclass(frozen=True, slots=True)
class ThemeWeek:
    """What one theme did in one market in the week; the market "" is the network.

    `series` holds the complaints of each week (oldest first), `series_rates` their rates per 1,000. `change` compares
    `compared` complaints of the week (all but those of channels and markets told apart) with the usual rate, `usual` is
    the count that rate leads to expect, `dispersion` the variance over the mean that is allowed for, `moved_weeks` for
    how long an alert has lasted. `rate_drawn` is the rate drawn towards those of the other markets, `mean_rating` that
    of the week, and `impact` what the theme does to the mean rating of the weeks shown.
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
    usual: float | None
    compared: int
    dispersion: float
    moved_weeks: int
    rate_drawn: Estimate | None
    impact: Estimate | None


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
            Coverage(market, total.comments, total.texts, week.assigned.get(market, 0), deliveries)
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
    rows: dict[Key, list[CountRow]] = defaultdict(list)
    shown = set(week.weeks)
    for row in week.counts:
        if row.theme_id is not None and row.week in shown:
            rows[row.theme_id, row.market].append(row)
            rows[row.theme_id, NETWORK].append(row)
    keys = sorted(rows)
    grid = compared_grid(week, keys)
    judged = judge(grid.counts, grid.exposures)
    drawn, rated = _drawn(week, rows), Rated.of(week)
    return tuple(
        _theme_week(week, key, rows[key], _Compared.of(grid, judged, place), (drawn.get(key), rated))
        for place, key in enumerate(keys)
    )


def compared_grid(week: Week, keys: Sequence[Key]) -> Grid:
    """Return the complaints of themes and markets as they are judged, with what they are counted over.

    Channels whose collection changed are left out; a market whose collection changed as a whole is counted by share.
    """
    changed = [one.market for one in collection_changes(week)]
    return theme_grid(week.compared, keys, by_share=changed, counted=complaint)


@dataclass(frozen=True, slots=True)
class _Compared:
    """One row of a judged grid."""

    usual: float | None
    change: Change | None
    rising: bool
    falling: bool
    complaints: int
    dispersion: float
    moved_weeks: int

    @classmethod
    def of(cls, grid: Grid, judged: Judged, place: int) -> _Compared:
        seen, ratio = float(judged.seen[place]), float(judged.ratio[place])
        count, exposure = grid.counts[place, -1], float(grid.exposures[place, -1])
        spread, complaints = float(judged.dispersion[place]), 0 if math.isnan(count) else int(count)
        if ratio <= 0 or math.isnan(count):
            return cls(None, None, False, False, complaints, spread, 0)
        now, before = Counted(float(count), exposure), Counted(seen, exposure / ratio)
        rising, falling = bool(judged.rising[place]), bool(judged.falling[place])
        moved = _moved_weeks(grid, place, seen * ratio / exposure) if rising or falling else 0
        found = change(now, before, dispersion=spread)
        return cls(seen * ratio, found, rising, falling, complaints, spread, moved)


def _moved_weeks(grid: Grid, place: int, usual_rate: float) -> int:
    """Return for how many weeks, the newest included, the rate has been nearer to the newest one than to the usual."""
    counts, exposures = grid.counts[place], grid.exposures[place]
    newest = counts[-1] / exposures[-1]
    weeks = 0
    for count, exposure in zip(counts[::-1], exposures[::-1], strict=True):
        if exposure <= 0 or not abs(count / exposure - newest) < abs(count / exposure - usual_rate):
            break
        weeks += 1
    return weeks


def _drawn(week: Week, rows: Mapping[Key, Sequence[CountRow]]) -> dict[Key, Estimate | None]:
    themes = sorted({theme_id for theme_id, _ in rows})
    found: dict[Key, Estimate | None] = {}
    for theme_id in themes:
        markets = [one for one in week.markets if has_deliveries(week, one)]
        own = [_by_week(rows.get((theme_id, one), ()), Polarity.COMPLAINT).get(week.week, 0) for one in markets]
        counted = [Counted(count, exposure_of(week, one, week.week)) for count, one in zip(own, markets, strict=True)]
        found.update({(theme_id, one): each for one, each in zip(markets, shrunk(counted), strict=True)})
    return found


def _theme_week(
    week: Week, key: Key, rows: Sequence[CountRow], compared: _Compared, beside: tuple[Estimate | None, Rated]
) -> ThemeWeek:
    (theme_id, market), (drawn, rated) = key, beside
    complaints = _by_week(rows, Polarity.COMPLAINT)
    exposures = {one: exposure_of(week, market, one) for one in week.weeks}
    now = Counted(complaints.get(week.week, 0), exposures[week.week])
    current = [row for row in rows if row.week == week.week]
    own = rated.of_week(theme_id, market)
    rates = [rate(Counted(complaints.get(one, 0), exposures[one])) for one in week.weeks]
    return ThemeWeek(
        theme_id=theme_id,
        market=market,
        complaints=complaints.get(week.week, 0),
        comments=sum(row.comments for row in current),
        praise=sum(row.texts for row in current if row.polarity is Polarity.PRAISE),
        rate=rate(now),
        change=compared.change,
        rising=compared.rising,
        falling=compared.falling,
        series=tuple(complaints.get(one, 0) for one in week.weeks),
        series_rates=tuple(found.value if found else None for found in rates),
        mean_rating=own.mean if own.count else None,
        usual=compared.usual,
        compared=compared.complaints,
        dispersion=compared.dispersion,
        moved_weeks=compared.moved_weeks,
        rate_drawn=drawn,
        impact=rated.impact(theme_id, market),
    )


def _by_week(rows: Iterable[CountRow], polarity: Polarity) -> dict[str, int]:
    found: dict[str, int] = defaultdict(int)
    for row in rows:
        if row.polarity is polarity:
            found[row.week] += row.texts
    return found
