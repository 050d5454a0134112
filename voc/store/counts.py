"""Counts by week, market, theme and polarity: the numerators of every rate."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, case, distinct, func, null, select

from voc.store import schema
from voc.store.copies import same_as
from voc.types import Polarity


@dataclass(frozen=True, slots=True)
class CountRow:
    """Feedback of one week, market, theme (None is unassigned) and polarity.

    `comments` counts feedback; `texts` what enters rates: within a market and week, copies and near-copies count once,
    and what lies beyond the quota of its source does not count.
    """

    week: str
    market: str
    theme_id: str | None
    polarity: Polarity
    comments: int
    texts: int
    rated: int
    rating_sum: float


@dataclass(frozen=True, slots=True)
class WeekTotal:
    """All feedback of a market and week: how much there is, how much was decided on, and how much has a theme."""

    week: str
    market: str
    comments: int
    texts: int
    decided: int
    assigned: int


def by_theme(connection: Connection, *, first_week: str, last_week: str) -> tuple[CountRow, ...]:
    """Return counts of every week of a span, by week, market, theme and polarity; muted themes are left out."""
    feedback, unit, assignment, theme = schema.feedback, schema.unit, schema.assignment, schema.theme
    keys = (feedback.c.week, feedback.c.market, assignment.c.theme_id, assignment.c.polarity)
    each = (  # one row a comment, theme and polarity: several clauses of a comment are one
        select(*keys, feedback.c.rating, _counted_text().label("text"))
        .join(unit, unit.c.feedback_id == feedback.c.id)
        .join(assignment, assignment.c.unit_id == unit.c.id)
        .outerjoin(theme, theme.c.id == assignment.c.theme_id)
        .outerjoin(schema.text_copy, schema.text_copy.c.text_hash == feedback.c.text_hash)
        .outerjoin(schema.beyond_quota, schema.beyond_quota.c.feedback_id == feedback.c.id)
        .where(feedback.c.week >= first_week, feedback.c.week <= last_week, func.coalesce(theme.c.muted, 0) == 0)
        .group_by(feedback.c.id, *keys, feedback.c.rating, _counted_text())
        .subquery()
    )
    by = (each.c.week, each.c.market, each.c.theme_id, each.c.polarity)
    rows = connection.execute(
        select(
            *by,
            func.count().label("comments"),
            func.count(distinct(each.c.text)).label("texts"),
            func.count(each.c.rating).label("rated"),
            func.coalesce(func.sum(each.c.rating), 0.0).label("rating_sum"),
        ).group_by(*by)
    )
    found = [
        CountRow(
            row.week,
            row.market,
            row.theme_id,
            Polarity(row.polarity),
            row.comments,
            row.texts,
            row.rated,
            float(row.rating_sum),
        )
        for row in rows
    ]
    return tuple(sorted(found, key=lambda row: (row.week, row.market, row.theme_id or "", row.polarity)))


def totals(connection: Connection, *, first_week: str, last_week: str) -> tuple[WeekTotal, ...]:
    """Return totals of every market and week of a span that has feedback, in order of week and market."""
    feedback, unit, assignment = schema.feedback, schema.unit, schema.assignment
    each = (
        select(
            feedback.c.week,
            feedback.c.market,
            _counted_text().label("text"),
            func.max(case((assignment.c.unit_id.is_not(None), 1), else_=0)).label("decided"),
            func.max(case((assignment.c.theme_id.is_not(None), 1), else_=0)).label("assigned"),
        )
        .join(unit, unit.c.feedback_id == feedback.c.id)
        .outerjoin(assignment, assignment.c.unit_id == unit.c.id)
        .outerjoin(schema.text_copy, schema.text_copy.c.text_hash == feedback.c.text_hash)
        .outerjoin(schema.beyond_quota, schema.beyond_quota.c.feedback_id == feedback.c.id)
        .where(feedback.c.week >= first_week, feedback.c.week <= last_week)
        .group_by(feedback.c.id, feedback.c.week, feedback.c.market, _counted_text())
        .subquery()
    )
    rows = connection.execute(
        select(
            each.c.week,
            each.c.market,
            func.count().label("comments"),
            func.count(distinct(each.c.text)).label("texts"),
            func.sum(each.c.decided).label("decided"),
            func.sum(each.c.assigned).label("assigned"),
        ).group_by(each.c.week, each.c.market)
    )
    found = [WeekTotal(**row._mapping) for row in rows]
    return tuple(sorted(found, key=lambda row: (row.week, row.market)))


def distinct_texts(connection: Connection, *, theme_id: str, market: str | None, weeks: tuple[str, str]) -> int:
    """Return how many distinct complaint texts a theme has in a market (None is all) over a span of weeks.

    Near-copies are one text, and what lies beyond the quota of its source is none.
    """
    feedback, unit, assignment = schema.feedback, schema.unit, schema.assignment
    query = (
        select(func.count(distinct(_counted_text())))
        .select_from(feedback)
        .join(unit, unit.c.feedback_id == feedback.c.id)
        .join(assignment, assignment.c.unit_id == unit.c.id)
        .outerjoin(schema.text_copy, schema.text_copy.c.text_hash == feedback.c.text_hash)
        .outerjoin(schema.beyond_quota, schema.beyond_quota.c.feedback_id == feedback.c.id)
        .where(
            assignment.c.theme_id == theme_id,
            assignment.c.polarity == Polarity.COMPLAINT.value,
            feedback.c.week >= weeks[0],
            feedback.c.week <= weeks[1],
        )
    )
    if market is not None:
        query = query.where(feedback.c.market == market)
    return int(connection.execute(query).scalar_one())


def weeks_with_feedback(connection: Connection) -> tuple[str, ...]:
    """Return every week that has feedback, oldest first."""
    week = schema.feedback.c.week
    return tuple(connection.execute(select(week).distinct().order_by(week)).scalars())


def theme_sizes(connection: Connection) -> dict[str, int]:
    """Return how many comments each theme has in all."""
    unit, assignment = schema.unit, schema.assignment
    rows = connection.execute(
        select(assignment.c.theme_id, func.count(distinct(unit.c.feedback_id)).label("comments"))
        .join(unit, unit.c.id == assignment.c.unit_id)
        .where(assignment.c.theme_id.is_not(None))
        .group_by(assignment.c.theme_id)
    )
    return {row.theme_id: int(row.comments) for row in rows}


def _counted_text() -> ColumnElement[str | None]:
    """Return the hash of the text that a comment counts as; null beyond the quota of its source."""
    counts_as = same_as(schema.feedback.c.text_hash)
    return case((schema.beyond_quota.c.feedback_id.is_(None), counts_as), else_=null())
