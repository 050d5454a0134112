"""How far a run is, and whether somebody wants it stopped."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, select

from voc.errors import InputError, NotFoundError
from voc.store import audit, schema
from voc.store.times import to_text
from voc.types import Stamp


@dataclass(frozen=True, slots=True)
class ProgressRow:
    """The step that a run is at, and how much of it is done; a total of 0 is not known."""

    step: str
    done: int
    total: int
    at: str


@dataclass(frozen=True, slots=True)
class Wish:
    """Who wants a run stopped, since when."""

    actor: str
    at: str


def put(connection: Connection, run_id: str, row: ProgressRow) -> None:
    """Keep how far a run is."""
    table = schema.run_progress
    connection.execute(delete(table).where(table.c.run_id == run_id))
    connection.execute(insert(table).values(run_id=run_id, step=row.step, done=row.done, total=row.total, at=row.at))


def get(connection: Connection, run_id: str) -> ProgressRow | None:
    """Return how far a run is, None where it has not said."""
    row = connection.execute(select(schema.run_progress).where(schema.run_progress.c.run_id == run_id)).first()
    return None if row is None else ProgressRow(row.step, row.done, row.total, row.at)


def wish(connection: Connection, run_id: str) -> Wish | None:
    """Return who wants a run stopped, None where nobody does."""
    row = connection.execute(select(schema.run_cancel).where(schema.run_cancel.c.run_id == run_id)).first()
    return None if row is None else Wish(row.actor, row.at)


def cancel(connection: Connection, stamp: Stamp, run_id: str) -> None:
    """Keep the wish that a run be stopped; it stops at its next sign of progress.

    Raises:
        NotFoundError: there is no such run.
        InputError: it has ended.
    """
    run = schema.run
    row = connection.execute(select(run.c.state).where(run.c.id == run_id)).first()
    if row is None:
        raise NotFoundError(f"There is no run '{run_id[:40]}'. List them: voc runs list")
    if row.state != "running":
        raise InputError(f"Run {run_id} has ended already ({row.state}); there is nothing to stop.")
    if wish(connection, run_id) is None:
        values = {"run_id": run_id, "actor": stamp.actor, "at": to_text(stamp.at)}
        connection.execute(insert(schema.run_cancel).values(**values))
        audit.record(connection, stamp, action="cancel run", subject=run_id)
