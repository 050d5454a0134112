"""A copy of the store at a moment, while others read and write."""

from __future__ import annotations

from pathlib import Path

from voc.errors import StoreError
from voc.store.database import Database, sqlite_module

_NOT_KEPT = ("session", "failed_sign_in", "lease", "run_progress", "run_cancel")
"""Tables whose rows mean something only to the server that wrote them."""


def snapshot(database: Database, path: Path) -> None:
    """Write a whole copy of an SQLite store, without who is signed in and what is at work.

    Source: SQLite's online backup, sqlite.org/backup.html.

    Raises:
        StoreError: the store is no SQLite.
    """
    if database.dialect != "sqlite":
        raise StoreError("Only an SQLite store can be copied into a file. Back PostgreSQL up by pg_dump.")
    raw = database.engine.raw_connection()
    try:
        target = sqlite_module().connect(str(path), isolation_level=None)
        try:
            raw.driver_connection.backup(target)  # type: ignore[union-attr]
            for table in _NOT_KEPT:
                target.execute(f"delete from {table}")  # noqa: S608  names of ours
            target.execute(
                "update run set state = 'failed', error = 'was at work when this was backed up' where state = 'running'"
            )
            target.execute("pragma journal_mode = delete")
        finally:
            target.close()
    finally:
        raw.close()
