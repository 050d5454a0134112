"""Take feedback out of the store for good: its rows, what hangs on them, and the vectors of texts that nobody has."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, delete, insert, select

from voc.store import audit, schema
from voc.store.times import to_text
from voc.types import Stamp

_CHUNK = 500


def erase(connection: Connection, stamp: Stamp, feedback_ids: Sequence[str]) -> int:
    """Erase comments, remember their ids so that they do not come back, and return how many there were.

    What hangs on a comment goes with it: units, assignments, look-up keys, quotes. A text that no comment has any more
    loses its place among the vectors and copies, so that no search finds it from then on.
    """
    table, unit = schema.feedback, schema.unit
    erased = 0
    for start in range(0, len(feedback_ids), _CHUNK):
        chunk = feedback_ids[start : start + _CHUNK]
        present = list(connection.execute(select(table.c.id).where(table.c.id.in_(chunk))).scalars())
        if not present:
            continue
        mine = select(unit.c.text_hash).where(unit.c.feedback_id.in_(present))
        texts = list(connection.execute(mine.distinct()).scalars())
        connection.execute(delete(table).where(table.c.id.in_(present)))
        rows = [{"feedback_id": one, "actor": stamp.actor, "at": to_text(stamp.at)} for one in sorted(present)]
        connection.execute(insert(schema.suppression), rows)
        _forget_texts(connection, texts)
        for one in sorted(present):
            audit.record(connection, stamp, action="erase", subject=one)
        erased += len(present)
    return erased


def _forget_texts(connection: Connection, text_hashes: Sequence[str]) -> None:
    unit, copy = schema.unit, schema.text_copy
    for start in range(0, len(text_hashes), _CHUNK):
        chunk = text_hashes[start : start + _CHUNK]
        kept = set(connection.execute(select(unit.c.text_hash).where(unit.c.text_hash.in_(chunk))).scalars())
        gone = [one for one in chunk if one not in kept]
        connection.execute(delete(schema.vector).where(schema.vector.c.text_hash.in_(gone)))
        connection.execute(delete(copy).where(copy.c.text_hash.in_(gone)))
