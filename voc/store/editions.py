"""Editions of standards and their clauses: written once, never changed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, insert, select

from voc.store import schema
from voc.store.times import to_text
from voc.types import Stamp

LEAST_ID: Final = 8
"""Characters of an id that name an edition."""


@dataclass(frozen=True, slots=True)
class EditionRow:
    """An edition; `market` "" is the global one, `effective` an ISO date."""

    id: str
    document: str
    name: str
    title: str
    market: str
    owner: str
    language: str
    effective: str
    source: str
    proposal_id: str | None = None


@dataclass(frozen=True, slots=True)
class ClauseRow:
    """A clause; `action` is base (global), or add, replace or exempt (addenda)."""

    edition_id: str
    number: str
    ordinal: int
    chapter: str
    title: str
    action: str
    text: str
    text_hash: str


def add(connection: Connection, stamp: Stamp, edition: EditionRow, *, clauses: Sequence[ClauseRow]) -> bool:
    """Store an edition; return False when it is known already."""
    if get(connection, edition.id) is not None:
        return False
    values = {name: getattr(edition, name) for name in EditionRow.__slots__}
    connection.execute(insert(schema.edition).values(**values, actor=stamp.actor, at=to_text(stamp.at)))
    connection.execute(
        insert(schema.clause), [{name: getattr(clause, name) for name in ClauseRow.__slots__} for clause in clauses]
    )
    return True


def get(connection: Connection, edition_id: str) -> EditionRow | None:
    """Return an edition by its id."""
    row = connection.execute(select(schema.edition).where(schema.edition.c.id == edition_id)).first()
    return _edition(row) if row else None


def every(connection: Connection, *, document: str | None = None) -> tuple[EditionRow, ...]:
    """Return editions in order of document, market, effective date and name."""
    table = schema.edition
    query = select(table).order_by(table.c.document, table.c.market, table.c.effective, table.c.at, table.c.name)
    if document is not None:
        query = query.where(table.c.document == document)
    return tuple(_edition(row) for row in connection.execute(query))


def in_force(connection: Connection, *, document: str, market: str, on: str) -> EditionRow | None:
    """Return the newest edition of a document for a market ("" is global) that is effective on a day (ISO date).

    Of editions from the same day the one that was stored last holds: a published revision follows its base.
    """
    table = schema.edition
    rows = connection.execute(
        select(table).where(table.c.document == document, table.c.market == market, table.c.effective <= on)
    ).all()
    newest = max(rows, key=lambda row: (row.effective, row.at, _natural(row.name)), default=None)
    return None if newest is None else _edition(newest)


def newest(connection: Connection, *, document: str, market: str) -> EditionRow | None:
    """Return the edition of a document for a market that comes last, whether it is effective already or not."""
    return in_force(connection, document=document, market=market, on="9999-12-31")


def named(connection: Connection, name: str, *, document: str = "") -> tuple[EditionRow, ...]:
    """Return the editions with a name, or with an id that begins with it (8 characters or more)."""
    return tuple(
        one
        for one in every(connection, document=document or None)
        if one.name == name or (len(name) >= LEAST_ID and one.id.startswith(name))
    )


def clauses(connection: Connection, *, edition_id: str) -> tuple[ClauseRow, ...]:
    """Return the clauses of an edition in their order."""
    table = schema.clause
    rows = connection.execute(select(table).where(table.c.edition_id == edition_id).order_by(table.c.ordinal))
    return tuple(ClauseRow(**row._mapping) for row in rows)


def _edition(row: object) -> EditionRow:
    found = row._mapping  # type: ignore[attr-defined]
    return EditionRow(**{name: found[name] for name in EditionRow.__slots__})


def _natural(name: str) -> tuple[tuple[int, int, str], ...]:
    return tuple((0, int(one), "") if one.isdigit() else (1, 0, one) for one in re.findall(r"[0-9]+|[^0-9]+", name))
