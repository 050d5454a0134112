"""Choices made once for a workspace, such as the precision that was probed; each is written once and stays."""

from __future__ import annotations

from sqlalchemy import Connection, insert, select

from voc.store import audit, schema
from voc.types import Stamp


def get(connection: Connection, key: str) -> str | None:
    """Return the value of a key, None where none was chosen."""
    table = schema.workspace
    found = connection.execute(select(table.c.value).where(table.c.key == key)).scalar()
    return None if found is None else str(found)


def choose(connection: Connection, key: str, *, value: str, stamp: Stamp) -> str:
    """Write a choice where there is none yet, and return the one in force."""
    known = get(connection, key)
    if known is not None:
        return known
    connection.execute(insert(schema.workspace).values(key=key, value=value))
    audit.record(connection, stamp, action="choose", subject=key, detail={"value": value})
    return value
