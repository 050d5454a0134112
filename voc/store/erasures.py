"""Erasures as acts: what each still has to do outside of the store, so that one that was stopped is completed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, insert, select, update

from voc.store import audit, schema
from voc.store.times import to_text
from voc.types import Stamp

_BEGUN, _DONE = "begun", "done"


@dataclass(frozen=True, slots=True)
class Erasure:
    """An erasure that has begun: its comments are gone from the store.

    `themes` are to be measured and named again, `reports` are names of report files to be written again or removed.
    """

    id: int
    comments: int
    themes: tuple[str, ...]
    reports: tuple[str, ...]
    why: str
    actor: str
    at: str


def begin(
    connection: Connection, stamp: Stamp, *, comments: int, themes: Sequence[str], reports: Sequence[str], why: str
) -> None:
    """Keep what is to be done, in the transaction in which the comments go."""
    values = {"state": _BEGUN, "comments": comments, "themes": list(themes), "reports": list(reports), "why": why}
    connection.execute(insert(schema.erasure).values(**values, actor=stamp.actor, at=to_text(stamp.at)))


def unfinished(connection: Connection) -> tuple[Erasure, ...]:
    """Return the erasures that were not completed, the oldest first."""
    table = schema.erasure
    rows = connection.execute(select(table).where(table.c.state == _BEGUN).order_by(table.c.id))
    return tuple(
        Erasure(row.id, row.comments, tuple(row.themes), tuple(row.reports), row.why, row.actor, row.at) for row in rows
    )


def finish(connection: Connection, stamp: Stamp, erasure: Erasure) -> None:
    """Say that nothing is left to be done of it."""
    table = schema.erasure
    values = {"state": _DONE, "ended_at": to_text(stamp.at)}
    connection.execute(update(table).where(table.c.id == erasure.id).values(**values))
    told = {"comments": erasure.comments, "themes": len(erasure.themes), "reports": len(erasure.reports)}
    audit.record(connection, stamp, action="complete erasure", subject=str(erasure.id), detail=told)
