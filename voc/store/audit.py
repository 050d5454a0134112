"""The audit log: who did what to which thing, each row sealed by the hash of the row before it.

Rows hold ids and keyed hashes, never the text of feedback, so that erasing a text never breaks the chain.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, insert, select

from voc.errors import DamageError
from voc.store import schema
from voc.store.times import to_text
from voc.types import Stamp

_GENESIS = "0" * 64


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


def record(
    connection: Connection, stamp: Stamp, *, action: str, subject: str, detail: Mapping[str, object] | None = None
) -> None:
    """Append one act and seal it with the row before it."""
    last = connection.execute(
        select(schema.audit.c.seq, schema.audit.c.hash).order_by(schema.audit.c.seq.desc()).limit(1)
    ).first()
    seq, previous = (last.seq + 1, last.hash) if last else (1, _GENESIS)
    at, kept = to_text(stamp.at), dict(detail or {})
    connection.execute(
        insert(schema.audit).values(
            seq=seq,
            at=at,
            actor=stamp.actor,
            action=action,
            subject=subject,
            detail=kept,
            previous=previous,
            hash=_seal(seq, at, stamp.actor, action, subject, kept, previous),
        )
    )


def rows(connection: Connection, *, limit: int = 100) -> tuple[AuditRow, ...]:
    """Return the newest acts, newest first."""
    found = connection.execute(select(schema.audit).order_by(schema.audit.c.seq.desc()).limit(limit))
    return tuple(AuditRow(**row._mapping) for row in found)


def verify(connection: Connection) -> int:
    """Check every seal and return how many rows there are.

    Raises:
        DamageError: a row was changed, left out or put in.
    """
    previous, count = _GENESIS, 0
    for row in connection.execute(select(schema.audit).order_by(schema.audit.c.seq)):
        seal = _seal(row.seq, row.at, row.actor, row.action, row.subject, row.detail, row.previous)
        if row.seq != count + 1 or row.previous != previous or row.hash != seal:
            raise DamageError(
                f"The audit log does not hold: row {row.seq} is not the one that was written. Compare with a backup."
            )
        previous, count = row.hash, count + 1
    return count


def _seal(seq: int, at: str, actor: str, action: str, subject: str, detail: Mapping[str, object], previous: str) -> str:
    content = json.dumps([seq, at, actor, action, subject, detail, previous], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(content.encode()).hexdigest()
