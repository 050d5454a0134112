"""What rows of the store must agree on with each other, and putting right those that follow from other rows."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from sqlalchemy import ColumnElement, Connection, Select, delete, exists, func, insert, select, update

from voc.store import schema
from voc.store.database import Database, integrity_problems

_UNIT_LENGTH: Final = 1e-3
"""How far the length of a centroid, which is 1, may be off by rounding to float32."""

_OF_AN_INDEX: Final = ("missing from index", "wrong # of entries in index", "non-unique entry in index")
"""What SQLite says of its own look-up trees, which it can make again from the rows."""

_FLOAT_BYTES: Final = 4

Hash = Callable[[str], str]
Cut = Callable[[str], tuple[tuple[int, int], ...]]
"""Cuts a text into spans: start and end, in characters."""

Find = Callable[[Connection], int]
Mend = Callable[[Connection], None]


@dataclass(frozen=True, slots=True)
class RowCheck:
    """A check of rows: `find` returns how many are wrong, `told` says it with `{}` for the number, `mend` does it."""

    told: str
    find: Find
    mend: Mend


def row_checks(text_hash: Hash, clauses: Cut) -> list[RowCheck]:
    """Return the checks of rows that follow from others; how a text is hashed and cut is given."""
    return [
        RowCheck("{} units carry another hash than their text has", *_unit_hashes(text_hash)),
        RowCheck("{} comments lack the units that they are made of", *_no_units(text_hash, clauses)),
        RowCheck("{} units are neither decided nor wait for a decision", _forgotten, _remember),
        RowCheck("{} vectors are of texts that no comment has", _nobodys_vectors, _forget_vectors),
        RowCheck("{} texts are kept as copies that no comment has", _nobodys_copies, _forget_copies),
    ]


def changed_texts(connection: Connection, text_hash: Hash) -> Iterator[str]:
    """Yield the ids of comments whose text is not the one that was stored."""
    table = schema.feedback
    rows = connection.execute(select(table.c.id, table.c.text, table.c.text_hash).order_by(table.c.id))
    yield from (row.id for row in rows if text_hash(row.text) != row.text_hash)


def damaged_themes(connection: Connection) -> Iterator[str]:
    """Yield what of spaces and themes is not what was written: a hash that differs, a centroid not of unit length."""
    for row in connection.execute(select(schema.theme_fit.c.id, schema.theme_fit.c.space, schema.theme_fit.c.sha256)):
        if hashlib.sha256(row.space).hexdigest() != row.sha256:
            yield f"the space {row.id}"
    for theme in connection.execute(select(schema.theme.c.id, schema.theme.c.centroid).order_by(schema.theme.c.id)):
        if not _is_unit(theme.centroid):
            yield f"the theme {theme.id}"


def damaged_editions(connection: Connection) -> Iterator[str]:
    """Yield the editions of standards whose text, or the text of a clause, is not the one that was imported."""
    for row in connection.execute(select(schema.edition.c.id, schema.edition.c.name, schema.edition.c.source)):
        if hashlib.sha256(row.source.encode()).hexdigest() != row.id:
            yield row.name
    table = schema.clause
    for clause in connection.execute(select(table.c.edition_id, table.c.number, table.c.text, table.c.text_hash)):
        if not hashlib.sha256(clause.text.encode()).hexdigest().startswith(clause.text_hash):
            yield f"{clause.edition_id[:8]}, clause {clause.number}"


def trees_only(problems: list[str]) -> bool:
    """Say whether all that is wrong with an SQLite file is in look-up trees, which can be made again."""
    return bool(problems) and all(any(sign in one for sign in _OF_AN_INDEX) for one in problems)


def remake_trees(database: Database) -> bool:
    """Make SQLite's look-up trees again where they alone are damaged; say whether that was done."""
    if not trees_only(integrity_problems(database)):
        return False
    with database.write() as connection:
        connection.exec_driver_sql("REINDEX")
    return True


def _is_unit(centroid: bytes) -> bool:
    if len(centroid) % _FLOAT_BYTES:
        return False
    with np.errstate(all="ignore"):
        length = float(np.linalg.norm(np.frombuffer(centroid, dtype="<f4").astype(np.float64)))
    return abs(length - 1) < _UNIT_LENGTH


def _unit_hashes(text_hash: Hash) -> tuple[Find, Mend]:
    unit, feedback = schema.unit, schema.feedback

    def wrong(connection: Connection) -> dict[str, str]:
        rows = connection.execute(
            select(unit, feedback.c.text, feedback.c.text_hash.label("of"))
            .join(feedback, feedback.c.id == unit.c.feedback_id)
            .order_by(unit.c.id)
        )
        return {
            row.id: found
            for row in rows
            if (found := text_hash(row.text[row.start : row.end])) != row.text_hash and text_hash(row.text) == row.of
        }

    def mend(connection: Connection) -> None:
        for one, right in wrong(connection).items():
            connection.execute(update(unit).where(unit.c.id == one).values(text_hash=right))

    return lambda connection: len(wrong(connection)), mend


def _no_units(text_hash: Hash, clauses: Cut) -> tuple[Find, Mend]:
    unit, feedback = schema.unit, schema.feedback
    bare = ~exists().where(unit.c.feedback_id == feedback.c.id)

    def mend(connection: Connection) -> None:
        for row in connection.execute(select(feedback.c.id, feedback.c.text).where(bare)).all():
            units = [
                {
                    "id": f"{row.id}:{start}-{end}",
                    "feedback_id": row.id,
                    "start": start,
                    "end": end,
                    "text_hash": text_hash(row.text[start:end]),
                }
                for start, end in clauses(row.text)
            ]
            connection.execute(insert(unit), units)
            connection.execute(insert(schema.undecided), [{"unit_id": one["id"]} for one in units])

    return lambda connection: _count(connection, select(feedback.c.id).where(bare)), mend


def _lost() -> Select[Any]:
    unit, decided, waiting = schema.unit, schema.assignment, schema.undecided
    return select(unit.c.id).where(
        ~exists().where(decided.c.unit_id == unit.c.id), ~exists().where(waiting.c.unit_id == unit.c.id)
    )


def _forgotten(connection: Connection) -> int:
    return _count(connection, _lost())


def _remember(connection: Connection) -> None:
    connection.execute(insert(schema.undecided).from_select(["unit_id"], _lost()))


def _nobodys_vectors(connection: Connection) -> int:
    vector, unit = schema.vector, schema.unit
    return _count(connection, select(vector.c.row).where(vector.c.text_hash.not_in(select(unit.c.text_hash))))


def _forget_vectors(connection: Connection) -> None:
    vector = schema.vector
    connection.execute(delete(vector).where(vector.c.text_hash.not_in(select(schema.unit.c.text_hash))))


def _unheard() -> ColumnElement[bool]:
    copy, unit, feedback = schema.text_copy, schema.unit, schema.feedback
    return copy.c.text_hash.not_in(select(unit.c.text_hash)) & copy.c.text_hash.not_in(select(feedback.c.text_hash))


def _nobodys_copies(connection: Connection) -> int:
    return _count(connection, select(schema.text_copy.c.text_hash).where(_unheard()))


def _forget_copies(connection: Connection) -> None:
    connection.execute(delete(schema.text_copy).where(_unheard()))


def _count(connection: Connection, query: Select[Any]) -> int:
    return int(connection.execute(select(func.count()).select_from(query.subquery())).scalar_one())
