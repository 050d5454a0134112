"""Read a week and what it is compared with from the store.

Only the counts by theme and the totals follow history, up to five years of it. Everything else is read for the week,
for the weeks shown or for the newest twelve.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from voc.errors import InputError
from voc.store import counts, exposure, ratings, volumes
from voc.store.counts import CountRow, Part, WeekTotal
from voc.store.database import Database
from voc.trends.channels import CHANNEL_WEEKS, ChannelChange, channel_changes
from voc.trends.week import Apart, Week
from voc.weeks import shift_week, week_range, weeks_before

HISTORY_WEEKS: Final = 5 * 53 + 3
"""How far back a usual week is looked for. Source: five years, Noufaily et al., Statistics in Medicine 32 (2013)."""


def first_week(database: Database, week: str, *, markets: Sequence[str]) -> str:
    """Return the oldest week of the store, once it is sure that a week has feedback in some markets.

    Raises:
        InputError: it has none.
    """
    with database.read() as connection:
        span = counts.bounds(connection)
        found = counts.markets_of(connection, week=week)
    if span is None or not found:
        said = f"There is feedback from {span[0]} to {span[1]}." if span else "There is no feedback at all yet."
        raise InputError(f"The week {week} has no feedback. {said} Ingest its file first: voc ingest FILE")
    if not set(found) & set(markets):
        raise InputError(f"The week {week} has no feedback in {', '.join(markets)}.")
    return span[0]


def read_week(database: Database, week: str, *, markets: Sequence[str], baseline_weeks: int) -> Week:
    """Return everything counted in a week, the weeks shown before it and up to five years of history.

    Weeks before the first feedback of the store are no history.

    Raises:
        InputError: the week has no feedback in these markets.
    """
    oldest = first_week(database, week, markets=markets)
    baseline = tuple(one for one in weeks_before(week, baseline_weeks) if one >= oldest)
    history = week_range(max(oldest, shift_week(week, -HISTORY_WEEKS)), shift_week(week, -1))
    first, shown = min([week, *history[:1], *baseline[:1]]), min([week, *baseline[:1]])
    recent, wanted = (*history[-CHANNEL_WEEKS:], week), set(markets)
    with database.read() as connection:
        delivered = exposure.deliveries(connection, first_week=first, last_week=week)
        through = volumes.by_channel(connection, first_week=recent[0], last_week=week)
        changes = channel_changes(
            [row for row in through if row.market in wanted],
            recent,
            delivered,
            lambda market, name: counts.by_theme(
                connection, first_week=recent[0], last_week=week, part=Part(market, (name,))
            ),
        )
        return Week(
            week=week,
            baseline=baseline,
            counts=tuple(
                row for row in counts.by_theme(connection, first_week=first, last_week=week) if row.market in wanted
            ),
            totals=tuple(
                row for row in counts.totals(connection, first_week=first, last_week=week) if row.market in wanted
            ),
            deliveries=delivered,
            markets=tuple(markets),
            history=history,
            ratings=tuple(
                row for row in ratings.by_theme(connection, first_week=shown, last_week=week) if row.market in wanted
            ),
            assigned=counts.assigned(connection, week=week),
            apart=_apart(
                changes,
                lambda part: counts.by_theme(connection, first_week=first, last_week=week, part=part),
                lambda part: counts.totals(connection, first_week=first, last_week=week, part=part),
            ),
        )


def _apart(
    changes: tuple[ChannelChange, ...],
    counts_of: Callable[[Part], tuple[CountRow, ...]],
    totals_of: Callable[[Part], tuple[WeekTotal, ...]],
) -> Apart:
    parts = [
        Part(market, tuple(one.channel for one in changes if one.market == market), inside=False)
        for market in sorted({one.market for one in changes})
    ]
    return Apart(
        changes,
        tuple(row for part in parts for row in counts_of(part)),
        tuple(total for part in parts for total in totals_of(part)),
    )
