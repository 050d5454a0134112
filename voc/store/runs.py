"""Runs and their steps: what ran on what, for how long, and how it ended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, select, update

from voc.errors import NotFoundError
from voc.store import schema
from voc.store.times import to_text
from voc.types import Stamp


@dataclass(frozen=True, slots=True)
class RunRow:
    """One execution of a pipeline."""

    id: str
    pipeline: str
    week: str
    config_hash: str
    state: str
    started_at: str
    finished_at: str | None
    actor: str
    manifest: Mapping[str, object]
    error: str | None


@dataclass(frozen=True, slots=True)
class StepRow:
    """One step of a run, with its seconds and its peak of resident memory in bytes."""

    run_id: str
    name: str
    ordinal: int
    state: str
    started_at: str
    finished_at: str | None
    seconds: float | None
    peak_bytes: int | None
    result: Mapping[str, object]
    error: str | None


def start(
    connection: Connection,
    stamp: Stamp,
    *,
    run_id: str,
    pipeline: str,
    week: str,
    config_hash: str,
    manifest: Mapping[str, object],
) -> None:
    """Record that a run begins."""
    connection.execute(
        insert(schema.run).values(
            id=run_id,
            pipeline=pipeline,
            week=week,
            config_hash=config_hash,
            state="running",
            started_at=to_text(stamp.at),
            actor=stamp.actor,
            manifest=dict(manifest),
        )
    )


def finish(
    connection: Connection, stamp: Stamp, *, run_id: str, error: str | None = None, cancelled: bool = False
) -> None:
    """Record how a run ended."""
    state = "cancelled" if cancelled else "failed" if error else "done"
    connection.execute(
        update(schema.run)
        .where(schema.run.c.id == run_id)
        .values(state=state, finished_at=to_text(stamp.at), error=error)
    )


def abandon(connection: Connection, stamp: Stamp) -> int:
    """Mark runs that never ended as failed; to be called only by the holder of the lease."""
    done = connection.execute(
        update(schema.run)
        .where(schema.run.c.state == "running")
        .values(state="failed", finished_at=to_text(stamp.at), error="stopped before its end")
    )
    return done.rowcount


def unfinished(connection: Connection) -> tuple[RunRow, ...]:
    """Return runs that are marked as running, the oldest first; where none is at work, these were killed."""
    found = connection.execute(
        select(schema.run).where(schema.run.c.state == "running").order_by(schema.run.c.started_at, schema.run.c.id)
    )
    return tuple(RunRow(**row._mapping) for row in found)


def record_step(connection: Connection, stamp: Stamp, step: StepRow) -> None:
    """Write or rewrite one step of a run."""
    table = schema.step
    connection.execute(delete(table).where(table.c.run_id == step.run_id, table.c.name == step.name))
    connection.execute(
        insert(table).values(
            run_id=step.run_id,
            name=step.name,
            ordinal=step.ordinal,
            state=step.state,
            started_at=step.started_at,
            finished_at=to_text(stamp.at),
            seconds=step.seconds,
            peak_bytes=step.peak_bytes,
            result=dict(step.result),
            error=step.error,
        )
    )


def last_done(connection: Connection, *, pipeline: str, week: str | None = None) -> RunRow | None:
    """Return the newest run of a pipeline that ended well, for one week or any."""
    query = select(schema.run).where(schema.run.c.pipeline == pipeline, schema.run.c.state == "done")
    if week is not None:
        query = query.where(schema.run.c.week == week)
    row = connection.execute(query.order_by(schema.run.c.started_at.desc(), schema.run.c.id).limit(1)).first()
    return RunRow(**row._mapping) if row else None


def newest(connection: Connection, *, limit: int = 20) -> tuple[RunRow, ...]:
    """Return runs, newest first."""
    found = connection.execute(
        select(schema.run).order_by(schema.run.c.started_at.desc(), schema.run.c.id).limit(limit)
    )
    return tuple(RunRow(**row._mapping) for row in found)


def get(connection: Connection, run_id: str) -> RunRow:
    """Return a run by the beginning of its id.

    Raises:
        NotFoundError: no run, or more than one, begins with it.
    """
    table = schema.run
    query = select(table).where(table.c.id.startswith(run_id, autoescape=True)).order_by(table.c.id).limit(2)
    found = connection.execute(query).all()
    if not run_id or len(found) != 1:
        several = "More than one run begins" if found else "No run begins"
        raise NotFoundError(f"{several} with '{run_id[:40]}'. List them: voc runs list")
    return RunRow(**found[0]._mapping)


def steps(connection: Connection, *, run_id: str) -> tuple[StepRow, ...]:
    """Return the steps of a run in their order."""
    found = connection.execute(
        select(schema.step).where(schema.step.c.run_id == run_id).order_by(schema.step.c.ordinal)
    )
    return tuple(StepRow(**row._mapping) for row in found)
