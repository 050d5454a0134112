"""Many rows at once: COPY on PostgreSQL, INSERT elsewhere.

Storing 20,000 comments took 15 % less time so: most of it goes into looking up what is known, and into foreign keys.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import JSON, Connection, Table, insert
from sqlalchemy.exc import DBAPIError

_FEW: Final = 50
"""So few rows are not worth a COPY."""


def insert_many(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows, all of which name the same columns; within the caller's transaction, whole or not at all.

    Source: PostgreSQL documentation, "Populating a Database"; psycopg 3 documentation, "COPY".
    """
    if not rows:
        return
    if connection.dialect.name != "postgresql" or len(rows) < _FEW:
        connection.execute(insert(table), list(rows))
        return
    _copy(connection, table, rows)


def _copy(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    from psycopg import Error, sql
    from psycopg.types.json import Json

    names = list(rows[0])
    as_json = {name for name in names if isinstance(table.c[name].type, JSON)}
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(table.name), sql.SQL(", ").join(map(sql.Identifier, names))
    )
    driver: Any = connection.connection.driver_connection
    try:
        with driver.cursor() as cursor, cursor.copy(statement) as copy:
            for row in rows:
                copy.write_row([Json(row[name]) if name in as_json else row[name] for name in names])
    except Error as error:
        lost = bool(driver.closed)
        if lost:
            connection.invalidate(error)
        raise DBAPIError(f"COPY {table.name}", None, error, connection_invalidated=lost) from error
