"""The audit log: who did what to which thing, each row sealed by the hash of the row before it.

Rows hold ids and keyed hashes, never the text of feedback, so that erasing a text never breaks the chain.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Final

from sqlalchemy import Connection, LargeBinary, Row, Select, Text, cast, func, insert, select

from voc.errors import DamageError
from voc.store import schema
from voc.store.times import to_text
from voc.types import Stamp

_GENESIS: Final = "0" * 64
_LOCK: Final = 0x766F63
"""The number of the advisory lock of the log: "voc" in ASCII."""


BACKED_UP: Final = "back up"
"""What the log calls it when the workspace is written to a file; its subject is the file."""


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One sealed act."""

    seq: int
    at: str
    actor: str
    action: str
    subject: str
    detail: Mapping[str, object]
    previous: str
    hash: str


@dataclass(frozen=True, slots=True)
class Sealed:
    """How many rows a log has that holds, and the hash of the newest."""

    count: int
    head: str


def hold(connection: Connection) -> None:
    """Let nobody else write to the log until the transaction ends; SQLite's one writer does that by itself.

    On PostgreSQL whoever decides takes this lock before anything else, so that decisions follow one after the other.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(_LOCK)))


def record(
    connection: Connection, stamp: Stamp, *, action: str, subject: str, detail: Mapping[str, object] | None = None
) -> None:
    """Append one act and seal it with the row before it."""
    record_all(connection, stamp, action=action, subjects=[subject], detail=detail)


def record_all(
    connection: Connection,
    stamp: Stamp,
    *,
    action: str,
    subjects: Sequence[str],
    detail: Mapping[str, object] | None = None,
) -> None:
    """Append the same act upon many things, each sealed with the row before it."""
    hold(connection)
    last = connection.execute(
        select(schema.audit.c.seq, schema.audit.c.hash).order_by(schema.audit.c.seq.desc()).limit(1)
    ).first()
    seq, previous = (last.seq, last.hash) if last else (0, _GENESIS)
    at, kept = to_text(stamp.at), dict(detail or {})
    rows = []
    for subject in subjects:
        seq += 1
        # The bytes that SQLAlchemy writes for a JSON column, so that no other spelling of the same passes.
        own = _seal(seq, at, stamp.actor, action, subject, json.dumps(kept), previous)
        told = {"seq": seq, "at": at, "actor": stamp.actor, "action": action, "subject": subject, "detail": kept}
        rows.append({**told, "previous": previous, "hash": own})
        previous = own
    if rows:
        connection.execute(insert(schema.audit), rows)


def rows(
    connection: Connection, *, limit: int = 100, subject: str = "", before: int | None = None
) -> tuple[AuditRow, ...]:
    """Return the newest acts, newest first; only those upon one thing where the beginning of its id is given.

    With `before`, only acts of lower numbers.
    """
    query = select(schema.audit).order_by(schema.audit.c.seq.desc()).limit(limit)
    if before is not None:
        query = query.where(schema.audit.c.seq < before)
    if subject:
        query = query.where(schema.audit.c.subject.startswith(subject, autoescape=True))
    return tuple(AuditRow(**row._mapping) for row in connection.execute(query))


def acts(connection: Connection, action: str) -> tuple[AuditRow, ...]:
    """Return every act of one kind, the newest first."""
    query = select(schema.audit).where(schema.audit.c.action == action).order_by(schema.audit.c.seq.desc())
    return tuple(AuditRow(**row._mapping) for row in connection.execute(query))


def verify(connection: Connection, *, expect: str = "") -> Sealed:
    """Check every seal, from the first row to the newest, and return how many rows there are and the newest hash.

    Rows that were cut off at the end leave a chain that holds: only somebody who wrote down an earlier head can see
    that. Such a hash is given as `expect` and must still be in the chain.

    Raises:
        DamageError: a row was changed, left out or put in, or no row has the hash that is expected.
    """
    previous, count, known = _GENESIS, 0, not expect
    for raw in connection.execute(_as_stored(connection)):
        row = _read(raw)
        if (row.seq, row.previous) != (count + 1, previous) or not _holds(row):
            raise DamageError(
                f"The audit log does not hold: row {count + 1} is not the one that was written. Compare with a backup."
            )
        previous, count, known = row.hash, row.seq, known or row.hash == expect
    if not known:
        raise DamageError(
            f"The audit log does not hold: none of its {count} rows has the hash {expect} that is expected. Rows were "
            "cut off or written anew since it was noted. Compare with a backup."
        )
    return Sealed(count, previous)


@dataclass(frozen=True, slots=True)
class _Written:
    """A row as its bytes say it; `detail` is the JSON text."""

    seq: int
    at: str
    actor: str
    action: str
    subject: str
    detail: str
    previous: str
    hash: str


def _as_stored(connection: Connection) -> Select[Any]:
    """Return the query for every row in bytes: SQLite would refuse to read text that is no longer text."""
    kind = LargeBinary if connection.dialect.name == "sqlite" else Text
    table = schema.audit
    texts = [cast(table.c[one.name], kind).label(one.name) for one in fields(_Written) if one.name != "seq"]
    return select(table.c.seq, *texts).order_by(table.c.seq)


def _read(raw: Row[Any]) -> _Written:
    values: list[Any] = [one.decode(errors="surrogateescape") if isinstance(one, bytes) else one for one in raw]
    return _Written(*values)


def _holds(row: _Written) -> bool:
    seal = _seal(row.seq, row.at, row.actor, row.action, row.subject, row.detail, row.previous)
    return row.hash == seal or row.hash == _seal_of_old(row)


def _seal_of_old(row: _Written) -> str | None:
    """Return the seal of rows from before the bytes of `detail` were sealed as they stand."""
    try:
        detail = json.loads(row.detail)
    except (ValueError, RecursionError):
        return None
    if json.dumps(detail) != row.detail:
        return None
    return _seal(row.seq, row.at, row.actor, row.action, row.subject, detail, row.previous)


def _seal(seq: int, at: str, actor: str, action: str, subject: str, detail: object, previous: str) -> str:
    content = json.dumps([seq, at, actor, action, subject, detail, previous], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(content.encode(errors="surrogateescape")).hexdigest()
