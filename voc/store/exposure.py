"""Deliveries and business signals of a market and week; a later file replaces an earlier figure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, select

from voc.store import schema
from voc.store.times import to_text
from voc.types import Stamp


@dataclass(frozen=True, slots=True)
class Deliveries:
    """Parcels delivered in a market and week."""

    market: str
    week: str
    deliveries: int


@dataclass(frozen=True, slots=True)
class Brought:
    """Parcels delivered in a market and week, with the file that brought the figure and when."""

    market: str
    deliveries: int
    batch_id: str
    file_name: str
    at: str


@dataclass(frozen=True, slots=True)
class Signal:
    """A business figure; `attribute` is "" or narrows it, as "depot=B3" does."""

    market: str
    week: str
    attribute: str
    name: str
    value: float


def put_deliveries(connection: Connection, stamp: Stamp, rows: Sequence[Deliveries], *, batch_id: str) -> None:
    """Write deliveries, each replacing what was known for its market and week."""
    table = schema.exposure
    for row in rows:
        connection.execute(delete(table).where(table.c.market == row.market, table.c.week == row.week))
        connection.execute(
            insert(table).values(
                market=row.market,
                week=row.week,
                deliveries=row.deliveries,
                batch_id=batch_id,
                actor=stamp.actor,
                at=to_text(stamp.at),
            )
        )


def put_signals(connection: Connection, stamp: Stamp, rows: Sequence[Signal], *, batch_id: str) -> None:
    """Write signals, each replacing what was known under the same name."""
    table = schema.signal
    for row in rows:
        connection.execute(
            delete(table).where(
                table.c.market == row.market,
                table.c.week == row.week,
                table.c.attribute == row.attribute,
                table.c.name == row.name,
            )
        )
        connection.execute(
            insert(table).values(
                market=row.market,
                week=row.week,
                attribute=row.attribute,
                name=row.name,
                value=row.value,
                batch_id=batch_id,
                actor=stamp.actor,
                at=to_text(stamp.at),
            )
        )


def deliveries(connection: Connection, *, first_week: str, last_week: str) -> dict[tuple[str, str], int]:
    """Return deliveries by (market, week)."""
    table = schema.exposure
    rows = connection.execute(
        select(table)
        .where(table.c.week >= first_week, table.c.week <= last_week)
        .order_by(table.c.market, table.c.week)
    )
    return {(row.market, row.week): row.deliveries for row in rows}


def brought(connection: Connection, *, week: str) -> dict[str, Brought]:
    """Return the deliveries of a week by market, with the files that they are from."""
    table, batch = schema.exposure, schema.batch
    rows = connection.execute(
        select(table.c.market, table.c.deliveries, table.c.batch_id, batch.c.file_name, table.c.at)
        .join(batch, batch.c.id == table.c.batch_id)
        .where(table.c.week == week)
        .order_by(table.c.market)
    )
    return {row.market: Brought(**row._mapping) for row in rows}


def signals(connection: Connection, *, first_week: str, last_week: str) -> tuple[Signal, ...]:
    """Return signals in order of market, name, attribute and week."""
    table = schema.signal
    rows = connection.execute(
        select(table)
        .where(table.c.week >= first_week, table.c.week <= last_week)
        .order_by(table.c.market, table.c.name, table.c.attribute, table.c.week)
    )
    return tuple(Signal(row.market, row.week, row.attribute, row.name, row.value) for row in rows)
