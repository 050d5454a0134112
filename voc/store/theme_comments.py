"""The comments of a theme, page by page, and how many there are by language and kind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, and_, distinct, func, or_, select

from voc.store import schema


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which comments of a theme: in which markets, and in which week, of which kind and language; "" is any.

    With `since`, those of all weeks from that one to `week`.
    """

    theme_id: str
    markets: tuple[str, ...]
    week: str = ""
    kind: str = ""
    language: str = ""
    since: str = ""


@dataclass(frozen=True, slots=True)
class ThemeComment:
    """A comment of a theme, with the places of the parts that belong to it."""

    id: str
    market: str
    week: str
    created_at: str
    language: str
    channel: str
    rating: float | None
    text: str
    spans: tuple[tuple[int, int], ...]
    kinds: tuple[str, ...]


def comments(
    connection: Connection, wanted: Wanted, *, limit: int, offset: int = 0, after: tuple[str, str] | None = None
) -> tuple[ThemeComment, ...]:
    """Return so many comments, the newest first; with `after` (a time and an id), those that follow that comment."""
    feedback = schema.feedback
    found_ids = _of(wanted, feedback.c.id)
    if after is not None:
        at, last = after
        later = and_(feedback.c.created_at == at, feedback.c.id > last)
        found_ids = found_ids.where(or_(feedback.c.created_at < at, later))
    ids = (
        found_ids.group_by(feedback.c.id, feedback.c.created_at)
        .order_by(feedback.c.created_at.desc(), feedback.c.id)
        .limit(limit)
        .offset(offset)
    )
    wanted_ids = list(connection.execute(ids).scalars())
    unit, assignment = schema.unit, schema.assignment
    rows = connection.execute(
        select(feedback, unit.c.start, unit.c.end, assignment.c.polarity)
        .join(unit, unit.c.feedback_id == feedback.c.id)
        .join(assignment, assignment.c.unit_id == unit.c.id)
        .where(feedback.c.id.in_(wanted_ids), assignment.c.theme_id == wanted.theme_id)
        .order_by(unit.c.start)
    ).all()
    found = {}
    for one in wanted_ids:
        own = [row for row in rows if row.id == one]
        first = own[0]
        found[one] = ThemeComment(
            first.id,
            first.market,
            first.week,
            first.created_at,
            first.language,
            first.channel,
            first.rating,
            first.text,
            tuple((row.start, row.end) for row in own),
            tuple(dict.fromkeys(row.polarity for row in own)),
        )
    return tuple(found.values())


def count(connection: Connection, wanted: Wanted) -> int:
    """Return how many comments there are."""
    return int(connection.execute(_of(wanted, func.count(distinct(schema.feedback.c.id)))).scalar_one())


def by_language(connection: Connection, wanted: Wanted) -> dict[str, int]:
    """Return how many comments there are in each language, the most first."""
    return _by(connection, wanted, schema.feedback.c.language)


def by_kind(connection: Connection, wanted: Wanted) -> dict[str, int]:
    """Return how many comments there are of each kind, the most first; a comment of two kinds counts in both."""
    return _by(connection, wanted, schema.assignment.c.polarity)


def _by(connection: Connection, wanted: Wanted, column: Any) -> dict[str, int]:  # noqa: ANN401  a typed column
    many = func.count(distinct(schema.feedback.c.id))
    rows = connection.execute(_of(wanted, column, many).group_by(column).order_by(many.desc(), column))
    return {str(row[0]): int(row[1]) for row in rows}


def _of(wanted: Wanted, *columns: Any) -> Select[Any]:  # noqa: ANN401  typed columns
    feedback, unit, assignment = schema.feedback, schema.unit, schema.assignment
    query = (
        select(*columns)
        .select_from(feedback)
        .join(unit, unit.c.feedback_id == feedback.c.id)
        .join(assignment, assignment.c.unit_id == unit.c.id)
        .where(assignment.c.theme_id == wanted.theme_id, feedback.c.market.in_(list(wanted.markets)))
    )
    if wanted.week:
        week = feedback.c.week
        query = query.where(week.between(wanted.since, wanted.week) if wanted.since else week == wanted.week)
    for column, value in (
        (assignment.c.polarity, wanted.kind),
        (feedback.c.language, wanted.language),
    ):
        if value:
            query = query.where(column == value)
    return query
