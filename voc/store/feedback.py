"""Feedback, its units and its look-up keys."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from voc.errors import NotFoundError
from voc.store import schema
from voc.store.bulk import insert_many
from voc.store.times import from_text, to_text
from voc.types import Feedback, Stamp

_CHUNK = 500


@dataclass(frozen=True, slots=True)
class NewFeedback:
    """A feedback to store, with the keyed hashes of its tracking and order numbers as (kind, hash).

    `clauses` are the pieces that can each have a theme, as (start, end, hash of the piece); empty is the whole text.
    """

    feedback: Feedback
    lookups: tuple[tuple[str, str], ...] = ()
    clauses: tuple[tuple[int, int, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Added:
    """How many rows were new, already known, or suppressed because they were erased before."""

    added: int
    known: int
    suppressed: int


def add(connection: Connection, stamp: Stamp, rows: Sequence[NewFeedback], *, batch_id: str) -> Added:
    """Store rows that are not known yet, with the units that their texts are made of."""
    by_id = {row.feedback.id: row for row in rows}
    known = _present(connection, schema.feedback.c.id, by_id)
    suppressed = _present(connection, schema.suppression.c.feedback_id, by_id) - known
    fresh = [row for one, row in by_id.items() if one not in known and one not in suppressed]
    if fresh:
        insert_many(connection, schema.feedback, [_values(row.feedback, stamp, batch_id) for row in fresh])
        units = [unit for row in fresh for unit in _units(row)]
        insert_many(connection, schema.unit, units)
        insert_many(connection, schema.undecided, [{"unit_id": unit["id"]} for unit in units])
    lookups = [
        {"feedback_id": row.feedback.id, "kind": kind, "keyed_hash": digest}
        for row in fresh
        for kind, digest in sorted(set(row.lookups))
    ]
    insert_many(connection, schema.lookup, lookups)
    return Added(len(fresh), len(rows) - len(fresh) - len(suppressed), len(suppressed))


def get(connection: Connection, feedback_ids: Sequence[str]) -> tuple[Feedback, ...]:
    """Return feedback in the asked order; unknown ids are left out."""
    found: dict[str, Feedback] = {}
    for start in range(0, len(feedback_ids), _CHUNK):
        rows = connection.execute(
            select(schema.feedback).where(schema.feedback.c.id.in_(feedback_ids[start : start + _CHUNK]))
        )
        found.update({row.id: _feedback(row) for row in rows})
    return tuple(found[one] for one in feedback_ids if one in found)


def begins_with(connection: Connection, feedback_id: str) -> Feedback:
    """Return one feedback; the beginning of its id is enough when no other shares it.

    Raises:
        NotFoundError: no feedback, or more than one, begins with that id.
    """
    table = schema.feedback
    found = connection.execute(
        select(table).where(table.c.id.startswith(feedback_id, autoescape=True)).order_by(table.c.id).limit(2)
    ).all()
    if len(found) != 1:
        several = "More than one comment begins" if found else "No comment begins"
        raise NotFoundError(f"{several} with '{feedback_id}'. 'voc search' shows the beginnings of ids.")
    return _feedback(found[0])


def texts_by_hash(connection: Connection, text_hashes: Sequence[str]) -> dict[str, str]:
    """Return the text of each unit text hash."""
    unit, feedback = schema.unit, schema.feedback
    found: dict[str, str] = {}
    for start in range(0, len(text_hashes), _CHUNK):
        rows = connection.execute(
            select(unit.c.text_hash, unit.c.start, unit.c.end, feedback.c.text)
            .join(feedback, feedback.c.id == unit.c.feedback_id)
            .where(unit.c.text_hash.in_(text_hashes[start : start + _CHUNK]))
            .order_by(unit.c.text_hash, unit.c.id)
        )
        for row in rows:
            found.setdefault(row.text_hash, row.text[row.start : row.end])
    return found


def languages_by_hash(connection: Connection, text_hashes: Sequence[str]) -> dict[str, str]:
    """Return the language of each unit text hash; where comments differ, the first by its code."""
    unit, feedback = schema.unit, schema.feedback
    found: dict[str, str] = {}
    for start in range(0, len(text_hashes), _CHUNK):
        rows = connection.execute(
            select(unit.c.text_hash, func.min(feedback.c.language).label("language"))
            .join(feedback, feedback.c.id == unit.c.feedback_id)
            .where(unit.c.text_hash.in_(text_hashes[start : start + _CHUNK]))
            .group_by(unit.c.text_hash)
        )
        found.update({row.text_hash: row.language for row in rows})
    return found


def by_lookup(connection: Connection, keyed_hash: str) -> tuple[Feedback, ...]:
    """Return the feedback that carries a tracking or order number, by the keyed hash of it, oldest first."""
    rows = connection.execute(
        select(schema.feedback)
        .join(schema.lookup, schema.lookup.c.feedback_id == schema.feedback.c.id)
        .where(schema.lookup.c.keyed_hash == keyed_hash)
        .order_by(schema.feedback.c.created_at, schema.feedback.c.id)
    )
    return tuple(_feedback(row) for row in rows)


def languages(connection: Connection, *, markets: Sequence[str] | None = None) -> tuple[str, ...]:
    """Return every language that feedback is written in, of some markets (None: all)."""
    column = schema.feedback.c.language
    rows = select(column).distinct().order_by(column)
    if markets is not None:
        rows = rows.where(schema.feedback.c.market.in_(markets))
    return tuple(connection.execute(rows).scalars())


def _present(connection: Connection, column: object, wanted: Iterable[str]) -> set[str]:
    ids = sorted(wanted)
    found: set[str] = set()
    for start in range(0, len(ids), _CHUNK):
        chunk = ids[start : start + _CHUNK]
        found.update(connection.execute(select(column).where(column.in_(chunk))).scalars())  # type: ignore[call-overload, attr-defined]
    return found


def _values(feedback: Feedback, stamp: Stamp, batch_id: str) -> dict[str, object]:
    return {
        "id": feedback.id,
        "source": feedback.source,
        "source_id": feedback.source_id,
        "revision": feedback.revision,
        "market": feedback.market,
        "created_at": to_text(feedback.created_at),
        "week": feedback.week,
        "language": feedback.language,
        "channel": feedback.channel,
        "rating": feedback.rating,
        "text": feedback.text,
        "text_hash": feedback.text_hash,
        "attributes": dict(feedback.attributes),
        "source_url": feedback.source_url,
        "batch_id": batch_id,
        "actor": stamp.actor,
        "at": to_text(stamp.at),
    }


def _units(row: NewFeedback) -> list[dict[str, object]]:
    one = row.feedback
    return [
        {"id": f"{one.id}:{start}-{end}", "feedback_id": one.id, "start": start, "end": end, "text_hash": text_hash}
        for start, end, text_hash in row.clauses or ((0, len(one.text), one.text_hash),)
    ]


def _feedback(row: object) -> Feedback:
    found = row._mapping  # type: ignore[attr-defined]
    return Feedback(
        id=found["id"],
        source=found["source"],
        source_id=found["source_id"],
        revision=found["revision"],
        market=found["market"],
        created_at=from_text(found["created_at"]),
        week=found["week"],
        language=found["language"],
        text=found["text"],
        text_hash=found["text_hash"],
        rating=found["rating"],
        channel=found["channel"],
        attributes=found["attributes"],
        source_url=found["source_url"],
    )
