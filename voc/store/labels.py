"""Names and summaries of themes; each change is a new version, and labels are never keys."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, func, insert, select

from voc.store import schema
from voc.store.times import to_text
from voc.types import Stamp


@dataclass(frozen=True, slots=True)
class LabelRow:
    """One version of a theme's label; `method` is keywords, llm or person, `basis_hash` is of what it was made from."""

    theme_id: str
    language: str
    version: int
    name: str
    summary: str
    keywords: tuple[str, ...]
    method: str
    answer_key: str | None
    basis_hash: str


def newest(connection: Connection, *, language: str) -> dict[str, LabelRow]:
    """Return the newest label of each theme in a language."""
    table = schema.label
    last = (
        select(table.c.theme_id, func.max(table.c.version).label("version"))
        .where(table.c.language == language)
        .group_by(table.c.theme_id)
        .subquery()
    )
    rows = connection.execute(
        select(table)
        .join(last, (last.c.theme_id == table.c.theme_id) & (last.c.version == table.c.version))
        .where(table.c.language == language)
        .order_by(table.c.theme_id)
    )
    return {
        row.theme_id: LabelRow(
            row.theme_id,
            row.language,
            row.version,
            row.name,
            row.summary,
            tuple(row.keywords),
            row.method,
            row.answer_key,
            row.basis_hash,
        )
        for row in rows
    }


def add(
    connection: Connection, stamp: Stamp, label: LabelRow, *, feedback_ids: Sequence[str], run_id: str | None
) -> None:
    """Write a version, linked to the feedback that it was made from."""
    values = {name: getattr(label, name) for name in LabelRow.__slots__} | {"keywords": list(label.keywords)}
    connection.execute(insert(schema.label).values(**values, run_id=run_id, actor=stamp.actor, at=to_text(stamp.at)))
    links = [
        {"theme_id": label.theme_id, "language": label.language, "version": label.version, "feedback_id": one}
        for one in sorted(set(feedback_ids))
    ]
    if links:
        connection.execute(insert(schema.label_feedback), links)
