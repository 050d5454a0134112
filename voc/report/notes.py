"""Lines that say how the figures of a report are to be read this week."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from voc.report.model import Scope
from voc.trends.alerts import baseline_columns
from voc.trends.channels import ChannelChange
from voc.trends.collection import CollectionChange, collection_changes
from voc.trends.table import ThemeWeek
from voc.trends.week import Week


def notes(week: Week, rows: Sequence[ThemeWeek], scopes: Sequence[Scope], names: Mapping[str, str]) -> tuple[str, ...]:
    """Return what usual means, whose collection changed, what rates are per, and over which weeks ratings are read."""
    return (
        _usual(week),
        *(_apart(one, names) for one in week.apart.changes),
        *(_collection(one, names) for one in collection_changes(week)),
        *(_exposure(scope) for scope in scopes if scope.coverage.comments and not scope.per_delivery),
        *([_impact(week)] if any(row.impact for row in rows) else []),
    )


def _usual(week: Week) -> str:
    columns = baseline_columns(len(week.past))
    if not columns:
        return "This is the first week: there is nothing to compare it with yet."
    left_out = len(week.past) - columns[-1] - 1
    spared = f"; the {left_out} weeks before {week.week} are left out so that a rise does not hide itself"
    span = f"the rate of {week.past[columns[0]]} to {week.past[columns[-1]]}"
    return f"Usual is {span}{spared if left_out else ''}."


def _apart(found: ChannelChange, names: Mapping[str, str]) -> str:
    through = f"through {found.channel}" if found.channel else "without a named channel"
    if math.isinf(found.ratio):
        size = f"Comments {through} came in that never came in the weeks compared with"
    elif found.ratio == 0:
        size = f"Comments {through} do not come in any more"
    else:
        size = f"Comments {through} are {found.ratio:.1f} times as many as usual, those through other channels are not"
    return f"{names.get(found.market, found.market)}: collection changed. {size}; themes are compared without them."


def _collection(found: CollectionChange, names: Mapping[str, str]) -> str:
    return (
        f"{names.get(found.market, found.market)}: collection changed. All themes together are {found.ratio:.1f} times "
        "as many comments as deliveries lead to expect, so its themes are compared by their share of comments."
    )


def _exposure(scope: Scope) -> str:
    return f"{scope.title}: deliveries are not known for every week, so rates are per 1,000 comments."


def _impact(week: Week) -> str:
    span = f"{week.weeks[0]} to {week.week}" if week.baseline else week.week
    return (
        f"Impact on rating is the mean rating (1 to 5) of all comments of {span} less their mean without the theme, "
        "with its 95 % interval. All comments of the theme count, not its complaints alone."
    )
