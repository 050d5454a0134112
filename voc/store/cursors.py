"""How far each source has been read: kept by whoever stores the rows, in the same transaction."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from sqlalchemy import Connection, delete, insert, select

from voc.errors import InputError
from voc.store import schema
from voc.store.times import to_text
from voc.types import Stamp

CursorValue = int | float | Decimal | str | datetime | date
"""What a cursor column may hold: something that the source can order and compare."""

_READ: Final[Mapping[str, Callable[[str], CursorValue]]] = {
    "int": int,
    "float": float,
    "decimal": Decimal,
    "str": str,
    "datetime": datetime.fromisoformat,
    "date": date.fromisoformat,
}


def value_of(connection: Connection, *, source: str, name: str = "") -> str | None:
    """Return what was kept for a source, or for a file of it; None where it was never read."""
    table = schema.source_cursor
    return connection.scalar(select(table.c.value).where(table.c.source == source, table.c.name == name))


def every(connection: Connection, *, source: str, names: Sequence[str]) -> dict[str, str]:
    """Return what was kept for files of a source, by name."""
    table, found = schema.source_cursor, dict[str, str]()
    for start in range(0, len(names), 500):
        some = names[start : start + 500]
        rows = connection.execute(
            select(table.c.name, table.c.value).where(table.c.source == source, table.c.name.in_(some))
        )
        found.update({row.name: row.value for row in rows})
    return found


def put(connection: Connection, stamp: Stamp, *, source: str, name: str = "", value: str) -> None:
    """Keep how far a source has been read, in the transaction that stores its rows."""
    table = schema.source_cursor
    connection.execute(delete(table).where(table.c.source == source, table.c.name == name))
    connection.execute(
        insert(table).values(source=source, name=name, value=value, actor=stamp.actor, at=to_text(stamp.at))
    )


def as_value(found: object, *, where: str) -> CursorValue:
    """Return what a cursor column holds, if a source can be read on from it.

    Raises:
        InputError: it is empty, or of another type.
    """
    if isinstance(found, CursorValue) and not isinstance(found, bool):
        return found
    what = "is empty" if found is None else f"is a {type(found).__name__}"
    raise InputError(f"{where} {what}; allowed are numbers, text, days and times. Cast it, or leave such rows out.")


def encoded(value: CursorValue) -> str:
    """Return a value with its type, as it is kept."""
    kind = type(value).__name__.lower()
    return json.dumps({kind: value.isoformat() if isinstance(value, date) else str(value)})


def decoded(kept: str) -> CursorValue:
    """Return the value that was kept."""
    ((kind, text),) = json.loads(kept).items()
    return _READ[kind](text)
