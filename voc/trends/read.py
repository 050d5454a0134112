"""Read a week and what it is compared with from the store."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from voc.errors import InputError
from voc.store import counts, exposure
from voc.store.database import Database
from voc.trends.week import Week
from voc.weeks import shift_week, week_range, weeks_before

HISTORY_WEEKS: Final = 5 * 53 + 3
"""How far back a usual week is looked for. Source: five years, Noufaily et al., Statistics in Medicine 32 (2013)."""


def read_week(database: Database, week: str, *, markets: Sequence[str], baseline_weeks: int) -> Week:
    """Return everything counted in a week, the weeks shown before it and up to five years of history.

    Weeks before the first feedback of the store are no history.

    Raises:
        InputError: the week has no feedback in these markets.
    """
    with database.read() as connection:
        known = counts.weeks_with_feedback(connection)
        if week not in known:
            span = f"There is feedback from {known[0]} to {known[-1]}." if known else "There is no feedback at all yet."
            raise InputError(f"The week {week} has no feedback. {span} Ingest its file first: voc ingest FILE")
        baseline = tuple(one for one in weeks_before(week, baseline_weeks) if one >= known[0])
        history = week_range(max(known[0], shift_week(week, -HISTORY_WEEKS)), shift_week(week, -1))
        first = min([week, *history[:1], *baseline[:1]])
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
            history=history,
        )
    if not any(total.week == week for total in found.totals):
        raise InputError(f"The week {week} has no feedback in {', '.join(markets)}.")
    return found
