"""How much feedback came through each channel."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, distinct, func, select

from voc.store import schema
from voc.store.copies import same_as


@dataclass(frozen=True, slots=True)
class ChannelRow:
    """Distinct texts of one week, market and channel ("" where the source names none), as rates count them."""

    week: str
    market: str
    channel: str
    texts: int


def by_channel(connection: Connection, *, first_week: str, last_week: str) -> tuple[ChannelRow, ...]:
    """Return the texts of a span of weeks, in order of week, market and channel.

    Copies and near-copies within a channel count once; what lies beyond the quota of its source does not count.
    """
    feedback, copy = schema.feedback, schema.text_copy
    keys = (feedback.c.week, feedback.c.market, feedback.c.channel)
    rows = connection.execute(
        select(*keys, func.count(distinct(same_as(feedback.c.text_hash))))
        .outerjoin(copy, copy.c.text_hash == feedback.c.text_hash)
        .where(
            feedback.c.week >= first_week,
            feedback.c.week <= last_week,
            feedback.c.id.not_in(select(schema.beyond_quota.c.feedback_id)),
        )
        .group_by(*keys)
    )
    return tuple(sorted((ChannelRow(*row) for row in rows), key=lambda row: (row.week, row.market, row.channel)))
