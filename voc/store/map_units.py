"""The parts of comments that a map can show: one a comment, in the order of their hashes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from voc.store import schema


@dataclass(frozen=True, slots=True)
class MapUnit:
    """A comment with the part that decides its theme."""

    feedback_id: str
    theme_id: str
    text_hash: str
    language: str


def units(connection: Connection, theme_ids: Sequence[str], *, markets: Sequence[str]) -> tuple[MapUnit, ...]:
    """Return comments of themes and markets, each once a theme, in the order of their hashes."""
    feedback, unit, assignment = schema.feedback, schema.unit, schema.assignment
    rows = connection.execute(
        select(feedback.c.id, assignment.c.theme_id, func.min(unit.c.text_hash), feedback.c.language)
        .join(unit, unit.c.feedback_id == feedback.c.id)
        .join(assignment, assignment.c.unit_id == unit.c.id)
        .where(assignment.c.theme_id.in_(list(theme_ids)), feedback.c.market.in_(list(markets)))
        .group_by(feedback.c.id, assignment.c.theme_id, feedback.c.language)
        .order_by(func.min(unit.c.text_hash), feedback.c.id)
    )
    return tuple(MapUnit(*row) for row in rows)
