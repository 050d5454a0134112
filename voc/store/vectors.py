"""Where each text's vector lies: the row map of the segment files, and the blocks they grew by."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, func, insert, or_, select, update

from voc.store import schema
from voc.store.bulk import insert_many
from voc.store.times import to_text
from voc.types import Stamp

_CHUNK = 500


@dataclass(frozen=True, slots=True)
class Block:
    """One append to a segment: rows `first_row` to `first_row + rows`, and the sha256 of their bytes."""

    segment: int
    first_row: int
    rows: int
    dim: int
    sha256: str


@dataclass(frozen=True, slots=True)
class PendingText:
    """A distinct text without a vector."""

    text_hash: str
    text: str


def pending(connection: Connection, *, model_id: str, undecided: bool = False) -> tuple[PendingText, ...]:
    """Return every distinct unit text without a vector of the model, in order of its hash.

    With `undecided`, only those of units that no run has decided on: that asks what is new, not all of history.
    """
    unit, feedback, vector = schema.unit, schema.feedback, schema.vector
    query = select(unit.c.text_hash, unit.c.start, unit.c.end, feedback.c.text)
    if undecided:
        query = query.where(unit.c.id.in_(select(schema.undecided.c.unit_id)))
    rows = connection.execute(
        query.join(feedback, feedback.c.id == unit.c.feedback_id)
        .outerjoin(vector, (vector.c.text_hash == unit.c.text_hash) & (vector.c.model_id == model_id))
        .where(vector.c.text_hash.is_(None))
        .order_by(unit.c.text_hash, unit.c.id)
    )
    found: dict[str, PendingText] = {}
    for row in rows:
        found.setdefault(row.text_hash, PendingText(row.text_hash, row.text[row.start : row.end]))
    return tuple(found.values())


def waiting(connection: Connection, *, model_id: str) -> tuple[PendingText, ...]:
    """Return the texts without a vector of the model; once themes were fitted, looked for among what is undecided."""
    fitted = select(schema.theme_fit.c.id).where(schema.theme_fit.c.model_id == model_id).limit(1)
    return pending(connection, model_id=model_id, undecided=connection.execute(fitted).first() is not None)


def places(connection: Connection, text_hashes: Sequence[str], *, model_id: str) -> dict[str, tuple[int, int]]:
    """Return (segment, row) of each text that has a vector."""
    table, found = schema.vector, {}
    for start in range(0, len(text_hashes), _CHUNK):
        rows = connection.execute(
            select(table.c.text_hash, table.c.segment, table.c.row).where(
                table.c.model_id == model_id, table.c.text_hash.in_(text_hashes[start : start + _CHUNK])
            )
        )
        found.update({row.text_hash: (row.segment, row.row) for row in rows})
    return found


def end_of_last_segment(connection: Connection, *, model_id: str) -> tuple[int, int]:
    """Return the last segment's number and its committed rows; (1, 0) before the first."""
    table = schema.vector_block
    segment = connection.execute(select(func.max(table.c.segment)).where(table.c.model_id == model_id)).scalar()
    if segment is None:
        return 1, 0
    rows = connection.execute(
        select(func.sum(table.c.rows)).where(table.c.model_id == model_id, table.c.segment == segment)
    ).scalar_one()
    return int(segment), int(rows)


def add_block(connection: Connection, stamp: Stamp, block: Block, *, model_id: str, text_hashes: Iterable[str]) -> None:
    """Record an append and the texts of its rows, in one transaction with each other."""
    connection.execute(
        insert(schema.vector_block).values(
            model_id=model_id,
            segment=block.segment,
            first_row=block.first_row,
            rows=block.rows,
            dim=block.dim,
            sha256=block.sha256,
            actor=stamp.actor,
            at=to_text(stamp.at),
        )
    )
    insert_many(
        connection,
        schema.vector,
        [
            {"model_id": model_id, "text_hash": one, "segment": block.segment, "row": block.first_row + row}
            for row, one in enumerate(text_hashes)
        ],
    )


def blocks(connection: Connection, *, model_id: str) -> tuple[Block, ...]:
    """Return every append of a model in the order of rows."""
    table = schema.vector_block
    rows = connection.execute(
        select(table).where(table.c.model_id == model_id).order_by(table.c.segment, table.c.first_row)
    )
    return tuple(Block(row.segment, row.first_row, row.rows, row.dim, row.sha256) for row in rows)


def holes(connection: Connection, *, model_id: str) -> tuple[tuple[Block, tuple[int, ...]], ...]:
    """Return the blocks with rows of no text any more, each with these rows as they are numbered in its segment."""
    table, vector, found = schema.vector_block, schema.vector, list[tuple[Block, tuple[int, ...]]]()
    inside = (
        (vector.c.model_id == table.c.model_id)
        & (vector.c.segment == table.c.segment)
        & (vector.c.row >= table.c.first_row)
        & (vector.c.row < table.c.first_row + table.c.rows)
    )
    known = select(func.count()).select_from(vector).where(inside).scalar_subquery()
    rows = connection.execute(select(table).where(table.c.model_id == model_id, known < table.c.rows)).all()
    for row in sorted(rows, key=lambda one: (one.segment, one.first_row)):
        mine = select(vector.c.row).where(vector.c.model_id == model_id, vector.c.segment == row.segment)
        last = row.first_row + row.rows
        there = mine.where(vector.c.row >= row.first_row, vector.c.row < last)
        kept = set(connection.execute(there).scalars())
        block = Block(row.segment, row.first_row, row.rows, row.dim, row.sha256)
        found.append((block, tuple(one for one in range(row.first_row, last) if one not in kept)))
    return tuple(found)


def reseal(connection: Connection, block: Block, *, sha256: str, model_id: str) -> None:
    """Write what the bytes of a block are from now on."""
    table = schema.vector_block
    own = (table.c.model_id == model_id) & (table.c.segment == block.segment) & (table.c.first_row == block.first_row)
    connection.execute(update(table).where(own).values(sha256=sha256))


def texts_of_block(connection: Connection, block: Block, *, model_id: str) -> tuple[PendingText, ...]:
    """Return the texts of a block in the order of its rows, as far as they are still stored."""
    unit, feedback, vector = schema.unit, schema.feedback, schema.vector
    rows = connection.execute(
        select(vector.c.row, vector.c.text_hash, unit.c.start, unit.c.end, feedback.c.text)
        .join(unit, unit.c.text_hash == vector.c.text_hash)
        .join(feedback, feedback.c.id == unit.c.feedback_id)
        .where(
            vector.c.model_id == model_id,
            vector.c.segment == block.segment,
            vector.c.row >= block.first_row,
            vector.c.row < block.first_row + block.rows,
        )
        .order_by(vector.c.row, unit.c.id)
    )
    found: dict[int, PendingText] = {}
    for row in rows:
        found.setdefault(row.row, PendingText(row.text_hash, row.text[row.start : row.end]))
    return tuple(found[row] for row in sorted(found))


def decided_without(connection: Connection) -> int:
    """Return how many texts of decided units have no vector of the model that themes were fitted with."""
    unit, decided, vector, fit = schema.unit, schema.assignment, schema.vector, schema.theme_fit
    model = select(fit.c.model_id).order_by(fit.c.at.desc(), fit.c.id).limit(1).scalar_subquery()
    query = (
        select(func.count(unit.c.text_hash.distinct()))
        .join(decided, decided.c.unit_id == unit.c.id)
        .outerjoin(vector, (vector.c.text_hash == unit.c.text_hash) & (vector.c.model_id == model))
        .where(vector.c.text_hash.is_(None))
    )
    return int(connection.execute(query).scalar_one())


def count(connection: Connection, *, model_id: str) -> int:
    """Return how many texts have a vector of the model."""
    table = schema.vector
    return int(connection.execute(select(func.count()).where(table.c.model_id == model_id)).scalar_one())


def all_places(connection: Connection, *, model_id: str) -> dict[str, tuple[int, int]]:
    """Return (segment, row) of every text that has a vector of the model and is still stored, by text hash."""
    vector, unit = schema.vector, schema.unit
    rows = connection.execute(
        select(vector.c.text_hash, vector.c.segment, vector.c.row).where(
            vector.c.model_id == model_id, vector.c.text_hash.in_(select(unit.c.text_hash))
        )
    )
    return {row.text_hash: (row.segment, row.row) for row in rows}


def after(connection: Connection, mark: tuple[int, int], *, model_id: str) -> dict[str, tuple[int, int]]:
    """Return (segment, row) of the texts, still stored, whose vector lies at or after a mark, in order of place."""
    vector, unit = schema.vector, schema.unit
    segment, row = mark
    rows = connection.execute(
        select(vector.c.text_hash, vector.c.segment, vector.c.row)
        .where(
            vector.c.model_id == model_id,
            vector.c.segment >= segment,
            or_(vector.c.segment > segment, vector.c.row >= row),
            vector.c.text_hash.in_(select(unit.c.text_hash)),
        )
        .order_by(vector.c.segment, vector.c.row)
    )
    return {one.text_hash: (one.segment, one.row) for one in rows}


def models(connection: Connection) -> tuple[str, ...]:
    """Return the models that have vectors."""
    table = schema.vector_block
    return tuple(connection.execute(select(table.c.model_id).distinct().order_by(table.c.model_id)).scalars())
