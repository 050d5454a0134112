"""Series of theme and market as arrays that can be judged together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from voc.store.counts import CountRow
from voc.trends.predict import Floats
from voc.trends.week import NETWORK, Week, has_deliveries
from voc.types import Polarity

EXPECTED_FEEDBACK: Final = 10.0
"""A market that sends this much in a usual week and nothing in one has not collected, rather than nothing to say.

Source: a Poisson count with mean 10 is zero in 1 of 22,000 weeks.
"""

Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Grid:
    """Counts and exposures (keys, weeks); the last column is the week itself, NaN counts are missing weeks."""

    keys: tuple[Key, ...]
    counts: Floats
    exposures: Floats


def texts_by_market(week: Week) -> Floats:
    """Return all feedback, (markets, weeks); NaN where a market did not collect, or the whole network did not."""
    places = {one: place for place, one in enumerate((*week.past, week.week))}
    rows = {market: row for row, market in enumerate(week.markets)}
    found = np.zeros((len(rows), len(places)))
    for total in week.totals:
        if total.week in places and total.market in rows:
            found[rows[total.market], places[total.week]] += total.texts
    usual = found.sum(axis=1) / np.maximum((found > 0).sum(axis=1), 1)
    silent = np.broadcast_to(usual[:, None] >= EXPECTED_FEEDBACK, found.shape) | (found.sum(axis=0) == 0)[None]
    return np.where((found == 0) & silent, np.nan, found)


def deliveries_by_market(week: Week) -> Floats:
    """Return deliveries, (markets, weeks); NaN where they are not known, for all weeks if the shown ones have gaps."""
    found = np.full((len(week.markets), len(week.past) + 1), np.nan)
    for row, market in enumerate(week.markets):
        if has_deliveries(week, market):
            found[row] = [week.deliveries.get((market, one), np.nan) for one in (*week.past, week.week)]
    return found


def theme_grid(
    week: Week, keys: Sequence[Key], *, by_share: Collection[str], counted: Callable[[CountRow], bool]
) -> Grid:
    """Return the series of themes and markets; markets of `by_share` over their feedback, the others over deliveries.

    The network's series leave out the markets of `by_share`, because a sum over deliveries and feedback is neither;
    where deliveries of any other market are not known, they are over the feedback of all.
    """
    texts, deliveries = texts_by_market(week), deliveries_by_market(week)
    shared = np.array([market in by_share for market in week.markets])
    known = np.asarray(~np.isnan(deliveries).all(axis=1))
    over = np.where((known & ~shared)[:, None], deliveries, texts)
    cells = _cells(week, counted)
    nothing = np.zeros((len(week.markets), len(week.past) + 1))
    inside = np.flatnonzero(~shared | shared.all())
    network = deliveries if known[inside].all() and not shared.all() else texts
    counts, exposures = [], []
    for theme_id, market in keys:
        table = np.where(np.isnan(texts), np.nan, cells.get(theme_id, nothing))
        if market == NETWORK:
            uncounted = (~np.isnan(table[inside]) & np.isnan(network[inside])).any(axis=0)
            counts.append(np.where(uncounted, np.nan, _sum(table[inside])))
            exposures.append(_sum(np.where(np.isnan(table[inside]), 0, network[inside])))
        else:
            row = week.markets.index(market)
            counts.append(table[row])
            exposures.append(over[row])
    shape = (len(keys), len(week.past) + 1)
    found = np.nan_to_num(np.array(exposures, dtype=np.float64).reshape(shape))
    return Grid(tuple(keys), np.array(counts, dtype=np.float64).reshape(shape), found)


def complaint(row: CountRow) -> bool:
    """Say whether a row holds complaints."""
    return row.polarity is Polarity.COMPLAINT


def _sum(table: Floats) -> Floats:
    return np.where(np.isnan(table).all(axis=0), np.nan, np.nansum(table, axis=0))


def _cells(week: Week, counted: Callable[[CountRow], bool]) -> dict[str, Floats]:
    places = {one: place for place, one in enumerate((*week.past, week.week))}
    rows = {market: row for row, market in enumerate(week.markets)}
    found: dict[str, Floats] = defaultdict(lambda: np.zeros((len(rows), len(places))))
    for row in week.counts:
        if row.theme_id is not None and counted(row) and row.week in places and row.market in rows:
            found[row.theme_id][rows[row.market], places[row.week]] += row.texts
    return found
