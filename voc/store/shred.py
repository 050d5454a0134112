"""Write the store anew without what was deleted, so that no free page, log or statistic of it still holds it."""

from __future__ import annotations

from typing import Final

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from voc.errors import BusyError
from voc.store import schema
from voc.store.database import Database

_NO_RIGHT: Final = "42501"
"""SQLSTATE of "insufficient privilege". Source: PostgreSQL, appendix A."""


def shred(database: Database) -> tuple[str, ...]:
    """Write every table anew; return what could not be, each in one sentence with what to do.

    SQLite zeroes what is deleted, but not the copies that it left behind when it moved rows between pages: VACUUM
    writes the whole file anew, and the checkpoint empties the write-ahead log. PostgreSQL also keeps samples of columns
    as statistics, which are drawn anew. The server's archived log and its base backups are its operator's.

    Raises:
        BusyError: somebody holds the store so that it cannot be written anew now.
    """
    return _sqlite(database) if database.dialect == "sqlite" else _postgresql(database)


def _sqlite(database: Database) -> tuple[str, ...]:
    raw = database.engine.raw_connection()
    try:
        cursor = raw.cursor()
        try:
            cursor.execute("VACUUM")
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            busy = cursor.fetchone()
        except Exception as error:
            if "locked" in str(error) or "busy" in str(error):
                raise _busy() from error
            raise
        finally:
            cursor.close()
    finally:
        raw.close()
    if busy is not None and busy[0] == 1:
        raise _busy()
    return ()


def _postgresql(database: Database) -> tuple[str, ...]:
    names = [f'"{table.name}"' for table in schema.metadata.sorted_tables]
    connection = database.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
    left = []
    try:
        with connection:
            connection.execute(text("SET statement_timeout = 0"))
            for name in names:
                connection.execute(text(f"VACUUM (FULL, ANALYZE) {name}"))
            for command, told in _OF_THE_SERVER.items():
                try:
                    connection.execute(text(command))
                except DBAPIError as error:
                    if getattr(error.orig, "sqlstate", "") != _NO_RIGHT:
                        raise
                    left.append(told)
            connection.execute(text("RESET statement_timeout"))
    except DBAPIError as error:
        if "lock" in str(error.orig):
            raise _busy() from error
        raise
    return tuple(left)


_OF_THE_SERVER: Final = {
    "VACUUM FULL pg_catalog.pg_statistic": "The owner of the database must run: VACUUM FULL pg_catalog.pg_statistic",
    "CHECKPOINT": "A superuser may run CHECKPOINT, so that the old files of the tables go now and not at the next one.",
}


def _busy() -> BusyError:
    return BusyError(
        "Somebody reads or writes the store, so that its free pages could not be written anew. Everything else is "
        "done. Run 'voc erase --resume' when it is quiet, or stop the server first."
    )
