"""Ratings of comments as count, sum and sum of squares, from which means and variances of any union follow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, func, null, select

from voc.store import schema


@dataclass(frozen=True, slots=True)
class RatingRow:
    """The ratings of a week, market and theme; those of all comments, with and without a theme, where it is None."""

    week: str
    market: str
    theme_id: str | None
    rated: int
    rating_sum: float
    rating_squares: float


def by_theme(connection: Connection, *, first_week: str, last_week: str) -> tuple[RatingRow, ...]:
    """Return the ratings of a span by week, market and theme, each after the row of all its market's comments.

    A comment counts once in every theme that it has, whatever the number of its clauses, and once in all; what lies
    beyond the quota of its source does not count. Muted themes have no row of their own.
    """
    feedback, unit, assignment, theme = schema.feedback, schema.unit, schema.assignment, schema.theme
    beyond = select(schema.beyond_quota.c.feedback_id)
    inside = (
        feedback.c.week >= first_week,
        feedback.c.week <= last_week,
        feedback.c.rating.is_not(None),
        feedback.c.id.not_in(beyond),
    )
    every = select(feedback.c.week, feedback.c.market, null().label("theme_id"), feedback.c.rating).where(*inside)
    own = (
        select(feedback.c.id, feedback.c.week, feedback.c.market, assignment.c.theme_id, feedback.c.rating)
        .join(unit, unit.c.feedback_id == feedback.c.id)
        .join(assignment, assignment.c.unit_id == unit.c.id)
        .join(theme, theme.c.id == assignment.c.theme_id)
        .where(*inside, theme.c.muted == 0)
        .distinct()
    )
    found = [
        RatingRow(week, market, theme_id, rated, total, squares)
        for each in (every, own)
        for week, market, theme_id, rated, total, squares in connection.execute(_summed(each))
    ]
    return tuple(sorted(found, key=lambda row: (row.week, row.market, row.theme_id or "")))


def _summed(each: Select[Any]) -> Select[Any]:
    rows = each.subquery()
    keys = (rows.c.week, rows.c.market, rows.c.theme_id)
    return select(*keys, func.count(), func.sum(rows.c.rating), func.sum(rows.c.rating * rows.c.rating)).group_by(*keys)
