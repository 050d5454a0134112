"""How far a source that comes in partitions has been brought in, partition by partition."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import Connection, delete, func, insert, select

from voc.store import schema
from voc.store.batches import Tally
from voc.store.times import to_text
from voc.types import Stamp

ROWS: Final = "rows"
DONE: Final = "done"
QUARANTINED: Final = "quarantined"


@dataclass(frozen=True, slots=True)
class Part:
    """A partition of a plan: its state (`rows` are stored, all is `done`, or it is `quarantined`), and its tally."""

    plan_id: str
    number: int
    batch_id: str
    state: str
    reason: str = ""
    tally: Tally = field(default_factory=Tally)


def parts(connection: Connection, *, plan_id: str) -> dict[int, Part]:
    """Return what is known of the partitions of a plan, by number."""
    table = schema.backfill_part
    rows = connection.execute(select(table).where(table.c.plan_id == plan_id).order_by(table.c.number))
    return {
        row.number: Part(
            row.plan_id,
            row.number,
            row.batch_id,
            row.state,
            row.reason,
            Tally(row.rows, row.added, row.known, row.rejected, row.suppressed),
        )
        for row in rows
    }


def put(connection: Connection, stamp: Stamp, part: Part) -> None:
    """Write the state of a partition, instead of an earlier one."""
    table = schema.backfill_part
    connection.execute(delete(table).where(table.c.plan_id == part.plan_id, table.c.number == part.number))
    connection.execute(
        insert(table).values(
            plan_id=part.plan_id,
            number=part.number,
            batch_id=part.batch_id,
            state=part.state,
            reason=part.reason,
            rows=part.tally.rows,
            added=part.tally.added,
            known=part.tally.known,
            rejected=part.tally.rejected,
            suppressed=part.tally.suppressed,
            actor=stamp.actor,
            at=to_text(stamp.at),
        )
    )


def tally_of(connection: Connection, *, plan_id: str, batch_id: str) -> Tally:
    """Return the sum of the tallies of the partitions of a file."""
    table = schema.backfill_part
    names = ("rows", "added", "known", "rejected", "suppressed")
    sums = [func.coalesce(func.sum(table.c[name]), 0) for name in names]
    found = connection.execute(select(*sums).where(table.c.plan_id == plan_id, table.c.batch_id == batch_id)).one()
    return Tally(*(int(value) for value in found))
