"""Names and summaries of themes; each change is a new version, and labels are never keys."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import ColumnElement, Connection, Subquery, Table, delete, func, insert, select, update

from voc.store import schema
from voc.store.themes import ENDED
from voc.store.times import to_text
from voc.types import Stamp

DOUBTED_BELOW: Final = 0.5
"""Below it, more held-out comments fit the name of the nearest theme than that of their own."""


@dataclass(frozen=True, slots=True)
class LabelRow:
    """One version of a theme's label; `method` is kind, keywords, llm or person.

    `answer_key` is that of the model's answer, also where its name was not taken; `basis_hash` is of what the label was
    made from. `faithfulness` is the share of held-out comments that fit the name better than the nearest theme's, None
    where it was not measured; it is no part of the version, and measured again in every run.
    """

    theme_id: str
    language: str
    version: int
    name: str
    summary: str
    keywords: tuple[str, ...]
    method: str
    answer_key: str | None
    basis_hash: str
    faithfulness: float | None = None


def is_doubted(faithfulness: float | None) -> bool:
    """Say whether the name of the nearest theme fits more of a theme's own comments than its name does."""
    return faithfulness is not None and faithfulness < DOUBTED_BELOW


def newest(connection: Connection, *, language: str) -> dict[str, LabelRow]:
    """Return the newest label of each theme in a language."""
    table, last = schema.label, _last_versions(language)
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
            row.faithfulness,
        )
        for row in rows
    }


def names_in_force(connection: Connection, *, language: str) -> dict[str, str]:
    """Return the name of every theme that has not ended, of whatever fit."""
    table, theme, last = schema.label, schema.theme, _last_versions(language)
    rows = connection.execute(
        select(table.c.theme_id, table.c.name)
        .join(last, (last.c.theme_id == table.c.theme_id) & (last.c.version == table.c.version))
        .join(theme, theme.c.id == table.c.theme_id)
        .where(table.c.language == language, theme.c.state.not_in(ENDED))
        .order_by(table.c.theme_id)
    )
    return {row.theme_id: row.name for row in rows}


def shown(connection: Connection, *, language: str) -> dict[str, frozenset[str]]:
    """Return the ids of the feedback that each theme's newest label was made from."""
    table, last = schema.label_feedback, _last_versions(language)
    rows = connection.execute(
        select(table.c.theme_id, table.c.feedback_id)
        .join(last, (last.c.theme_id == table.c.theme_id) & (last.c.version == table.c.version))
        .where(table.c.language == language)
        .order_by(table.c.theme_id, table.c.feedback_id)
    )
    found: dict[str, set[str]] = {}
    for row in rows:
        found.setdefault(row.theme_id, set()).add(row.feedback_id)
    return {theme: frozenset(ids) for theme, ids in found.items()}


def measured(connection: Connection, label: LabelRow) -> None:
    """Write how faithful a label was found to be; it stays the version that it is."""
    table = schema.label
    own = (table.c.theme_id == label.theme_id) & (table.c.language == label.language)
    connection.execute(
        update(table).where(own, table.c.version == label.version).values(faithfulness=label.faithfulness)
    )


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


def versions(connection: Connection, *, theme_ids: Sequence[str]) -> tuple[LabelRow, ...]:
    """Return every version of the labels of some themes, in all languages, the oldest first."""
    table = schema.label
    rows = connection.execute(
        select(*(table.c[name] for name in LabelRow.__slots__))
        .where(table.c.theme_id.in_(list(theme_ids)))
        .order_by(table.c.theme_id, table.c.language, table.c.version)
    )
    return tuple(LabelRow(**{**row._mapping, "keywords": tuple(row.keywords)}) for row in rows)


def rests_on(connection: Connection, label: LabelRow) -> int:
    """Return how many comments a version was made from that are still stored."""
    table = schema.label_feedback
    query = select(func.count()).select_from(table)
    return int(connection.execute(query.where(*_is(table, label))).scalar_one())


def forget(connection: Connection, label: LabelRow) -> None:
    """Take a version away."""
    for table in (schema.label_feedback, schema.label):
        connection.execute(delete(table).where(*_is(table, label)))


def amend(connection: Connection, label: LabelRow) -> None:
    """Write what a version says now; it stays the version that it is."""
    values = {"summary": label.summary, "keywords": list(label.keywords), "basis_hash": label.basis_hash}
    connection.execute(update(schema.label).where(*_is(schema.label, label)).values(**values))


def _is(table: Table, label: LabelRow) -> tuple[ColumnElement[bool], ...]:
    own = (table.c.theme_id == label.theme_id, table.c.language == label.language)
    return (*own, table.c.version == label.version)


def _last_versions(language: str) -> Subquery:
    table = schema.label
    return (
        select(table.c.theme_id, func.max(table.c.version).label("version"))
        .where(table.c.language == language)
        .group_by(table.c.theme_id)
        .subquery()
    )
