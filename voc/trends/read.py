"""Read a week and what it is compared with from the store."""

from __future__ import annotations

from collections.abc import Sequence

from voc.errors import InputError
from voc.store import counts, exposure
from voc.store.database import Database
from voc.trends.table import Week
from voc.weeks import weeks_before


def read_week(database: Database, week: str, *, markets: Sequence[str], baseline_weeks: int) -> Week:
    """Return everything counted in a week and its baseline; weeks before the first feedback are no baseline.

    Raises:
        InputError: the week has no feedback in these markets.
    """
    with database.read() as connection:
        known = counts.weeks_with_feedback(connection)
        if week not in known:
            span = f"There is feedback from {known[0]} to {known[-1]}." if known else "There is no feedback at all yet."
            raise InputError(f"The week {week} has no feedback. {span} Ingest its file first: voc ingest FILE")
        baseline = tuple(one for one in weeks_before(week, baseline_weeks) if one >= known[0])
        first = baseline[0] if baseline else week
        wanted = set(markets)
        found = Week(
            week=week,
            baseline=baseline,
            counts=tuple(
                row for row in counts.by_theme(connection, first_week=first, last_week=week) if row.market in wanted
            ),
            totals=tuple(
                row for row in counts.totals(connection, first_week=first, last_week=week) if row.market in wanted
            ),
            deliveries=exposure.deliveries(connection, first_week=first, last_week=week),
            markets=tuple(markets),
        )
    if not any(total.week == week for total in found.totals):
        raise InputError(f"The week {week} has no feedback in {', '.join(markets)}.")
    return found
