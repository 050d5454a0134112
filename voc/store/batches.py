"""What was read from which file, and the rows that could not be taken."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, insert, select, update

from voc.store import schema
from voc.store.times import to_text
from voc.types import Stamp


@dataclass(frozen=True, slots=True)
class Batch:
    """One reading of one file."""

    id: str
    kind: str
    file_name: str
    sha256: str
    mapping_hash: str


@dataclass(frozen=True, slots=True)
class Tally:
    """How the rows of a batch ended."""

    rows: int = 0
    added: int = 0
    known: int = 0
    rejected: int = 0
    suppressed: int = 0


@dataclass(frozen=True, slots=True)
class BatchRow:
    """A reading of a file as it is stored."""

    batch: Batch
    tally: Tally
    actor: str
    at: str

    @property
    def id(self) -> str:
        """Return its id."""
        return self.batch.id


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A row that was not taken: its number in the file (the first row of data is 1), the field, why, and the row."""

    row_number: int
    field: str | None
    reason: str
    row: Mapping[str, str]


def begin(connection: Connection, stamp: Stamp, batch: Batch) -> None:
    """Record that a file is being read."""
    connection.execute(
        insert(schema.batch).values(
            id=batch.id,
            kind=batch.kind,
            file_name=batch.file_name,
            sha256=batch.sha256,
            mapping_hash=batch.mapping_hash,
            rows=0,
            added=0,
            known=0,
            rejected=0,
            suppressed=0,
            actor=stamp.actor,
            at=to_text(stamp.at),
        )
    )


def is_begun(connection: Connection, batch_id: str) -> bool:
    """Say whether a batch of that id is known."""
    found = connection.execute(select(schema.batch.c.id).where(schema.batch.c.id == batch_id)).first()
    return found is not None


def tally(connection: Connection, batch_id: str, *, counts: Tally) -> None:
    """Record how far a batch came."""
    connection.execute(
        update(schema.batch)
        .where(schema.batch.c.id == batch_id)
        .values(
            rows=counts.rows,
            added=counts.added,
            known=counts.known,
            rejected=counts.rejected,
            suppressed=counts.suppressed,
        )
    )


def reject(connection: Connection, batch_id: str, *, letters: Sequence[DeadLetter]) -> None:
    """Keep rows that were not taken."""
    if letters:
        connection.execute(
            insert(schema.dead_letter),
            [
                {
                    "batch_id": batch_id,
                    "row_number": letter.row_number,
                    "field": letter.field,
                    "reason": letter.reason,
                    "row": dict(letter.row),
                }
                for letter in letters
            ],
        )


def dead_letters(connection: Connection, *, batch_id: str) -> tuple[DeadLetter, ...]:
    """Return the rows of a batch that were not taken, in the order of the file."""
    table = schema.dead_letter
    rows = connection.execute(select(table).where(table.c.batch_id == batch_id).order_by(table.c.row_number))
    return tuple(DeadLetter(row.row_number, row.field, row.reason, row.row) for row in rows)


def newest(connection: Connection, *, limit: int) -> tuple[BatchRow, ...]:
    """Return what was read from which file, the newest first."""
    table = schema.batch
    rows = connection.execute(select(table).order_by(table.c.at.desc(), table.c.id).limit(limit))
    return tuple(
        BatchRow(
            Batch(row.id, row.kind, row.file_name, row.sha256, row.mapping_hash),
            Tally(row.rows, row.added, row.known, row.rejected, row.suppressed),
            row.actor,
            row.at,
        )
        for row in rows
    )
