"""How much feedback came through each channel."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, distinct, func, select

from voc.store import schema


@dataclass(frozen=True, slots=True)
class ChannelRow:
    """Distinct texts of one week, market, channel and theme (None is unassigned)."""

    week: str
    market: str
    channel: str
    theme_id: str | None
    texts: int


def by_channel(connection: Connection, *, first_week: str, last_week: str) -> tuple[ChannelRow, ...]:
    """Return the texts of a span of weeks, in order of week, market, channel and theme."""
    feedback, unit, assignment = schema.feedback, schema.unit, schema.assignment
    keys = (feedback.c.week, feedback.c.market, feedback.c.channel, assignment.c.theme_id)
    rows = connection.execute(
        select(*keys, func.count(distinct(feedback.c.text_hash)).label("texts"))
        .join(unit, unit.c.feedback_id == feedback.c.id)
        .join(assignment, assignment.c.unit_id == unit.c.id)
        .where(feedback.c.week >= first_week, feedback.c.week <= last_week)
        .group_by(*keys)
    )
    found = [ChannelRow(**row._mapping) for row in rows]
    return tuple(sorted(found, key=lambda row: (row.week, row.market, row.channel, row.theme_id or "")))
