"""Open the store: SQLite by default, PostgreSQL for teams; one writer at a time, migrations applied on opening."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, Final

from sqlalchemy import Connection as Connection
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError, SQLAlchemyError, StatementError

from voc import failpoints
from voc.errors import DiskFullError, StoreError, VocError
from voc.failpoints import Act
from voc.files import disk_full
from voc.store.migrate import migrate

SAFE_SQLITE: Final = (3, 51, 3)
"""First SQLite whose write-ahead log cannot be corrupted by a reset. Source: sqlite.org/wal.html, "WAL-reset bug"."""

_BUSY_MS: Final = 30_000
"""How long a writer waits for another one."""

_LEAST_FREE: Final = 1 << 20
"""Bytes below which a disk is full to SQLite, whose log and its index need some hundred thousand."""

_CACHE_KIB: Final = 64 * 1024
"""How much of a SQLite store a connection keeps at most; with the usual 2 MB a large one is read over and over."""

_STATEMENT_MS: Final = 600_000
_CONNECT_S: Final = 10
_POOL: Final = 5
"""Connections that stay open to a server; as many again are made when all are in use."""


def sqlite_module() -> ModuleType:
    """Return the newest SQLite driver at hand: `pysqlite3` where installed, else the standard library's."""
    try:
        from pysqlite3 import dbapi2
    except ImportError:
        return sqlite3
    return dbapi2  # type: ignore[no-any-return]


class Database:
    """A store with two doors: `read()` and `write()`, each one transaction on one connection."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    @property
    def dialect(self) -> str:
        """Return "sqlite" or "postgresql"."""
        return self.engine.dialect.name

    @contextlib.contextmanager
    def read(self) -> Iterator[Connection]:
        """Open a connection that sees one snapshot and writes nothing."""
        with _people_errors(self.engine), self.engine.connect() as connection, connection.begin() as transaction:
            yield connection
            transaction.rollback()

    @contextlib.contextmanager
    def write(self) -> Iterator[Connection]:
        """Open the one writing transaction; it commits whole or not at all.

        Raises:
            DiskFullError: no room left; nothing of the transaction was stored.
            StoreError: the database refused it.
        """
        with _people_errors(self.engine), self.engine.connect() as connection:
            connection = connection.execution_options(voc_write=True)
            with connection.begin():
                yield connection
                failpoints.before(Act.COMMIT)
            failpoints.after(Act.COMMIT)

    def close(self) -> None:
        """Give back every pooled connection."""
        self.engine.dispose()


def open_database(url: str) -> Database:
    """Open the store at a SQLAlchemy URL and bring its tables to the newest migration.

    Raises:
        StoreError: the database cannot be reached, is damaged, or was written by a newer voc.
    """
    with _people_errors():
        database = Database(_engine(url))
    with _people_errors(database.engine):
        migrate(database)
    return database


def integrity_problems(database: Database) -> list[str]:
    """Return what the database engine itself finds wrong with its file; empty when sound."""
    if database.dialect != "sqlite":
        return []
    with database.read() as connection:
        rows = connection.exec_driver_sql("PRAGMA integrity_check(20)").scalars().all()
        stray = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    tables = Counter(str(row[0]) for row in stray)
    found = [str(row) for row in rows if row != "ok"]
    return found + [f"{count} rows of '{table}' name rows that are not there" for table, count in tables.items()]


def _engine(url: str) -> Engine:
    parsed = _parsed(url)
    if parsed.get_backend_name() != "sqlite":
        return _server_engine(parsed)
    module = sqlite_module()
    engine = create_engine(parsed, module=module, connect_args={"timeout": _BUSY_MS / 1000})
    wal = module.sqlite_version_info >= SAFE_SQLITE
    event.listen(engine, "connect", _sqlite_connect(wal=wal))
    event.listen(engine, "begin", _sqlite_begin)
    return engine


def _server_engine(url: URL) -> Engine:
    engine = create_engine(
        url,
        pool_size=_POOL,
        max_overflow=_POOL,
        pool_timeout=_BUSY_MS / 1000,
        pool_pre_ping=True,
        connect_args={"options": _server_options(url)}
        | ({} if "connect_timeout" in url.query else {"connect_timeout": _CONNECT_S}),
    )
    if url.get_driver_name() == "psycopg":
        from voc.store.server import ask_when_silent

        ask_when_silent(engine)
    return engine


def _parsed(url: str) -> URL:
    """Return an address in its parts; what is wrong with it is told without it, for it may hold a password."""
    try:
        parsed = make_url(url)
        parsed.get_dialect()
    except (ArgumentError, ValueError) as error:
        raise StoreError(
            "The address of the store cannot be read. Say it as in postgresql+psycopg://user:password@host:5432/voc, "
            "in VOC_DATABASE_URL or as store.url in voc.toml; without one the store is a file in the workspace."
        ) from error
    return parsed


def _server_options(url: URL) -> str:
    """Return what a server is told of our connections: for how long at most; what the URL says itself counts more."""
    limits = f"-c lock_timeout={_BUSY_MS} -c statement_timeout={_STATEMENT_MS}"
    own = url.query.get("options", "")
    return f"{limits} {own if isinstance(own, str) else ' '.join(own)}"


def _sqlite_connect(*, wal: bool) -> Any:  # noqa: ANN401  SQLAlchemy's listener type
    """Return a listener that leaves transactions to us and picks a journal that this SQLite can be trusted with."""

    def prepare(connection: Any, _record: object) -> None:  # noqa: ANN401  a DBAPI connection
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA journal_mode={'WAL' if wal else 'DELETE'}")
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.execute("PRAGMA secure_delete=ON")
        cursor.execute(f"PRAGMA busy_timeout={_BUSY_MS}")
        cursor.execute(f"PRAGMA cache_size={-_CACHE_KIB}")
        cursor.close()

    return prepare


def _sqlite_begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get("voc_write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _no_room(engine: Engine | None) -> bool:
    """Say whether the disk of a file store is full: SQLite calls it an I/O error where it cannot even make its log."""
    place = engine.url.database if engine is not None and engine.dialect.name == "sqlite" else None
    return place is not None and shutil.disk_usage(Path(place).parent).free < _LEAST_FREE


@contextlib.contextmanager
def _people_errors(engine: Engine | None = None) -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        said = str(error.orig).strip()
        if "full" in said or "No space left" in said or ("disk I/O error" in said and _no_room(engine)):
            raise DiskFullError(
                "No room left in the store. Nothing of this step was written and what was stored before is safe. Free "
                "some space and run the same command again."
            ) from error
        if "malformed" in said or "not a database" in said:
            raise StoreError(
                f"The store is damaged ({said}). Put back your newest backup, or run 'voc doctor' for what can be read."
            ) from error
        if error.connection_invalidated or (isinstance(error, OperationalError) and "connection" in said):
            raise StoreError(
                f"The store cannot be reached: {said}. What was stored before is safe. See that the server runs, then "
                "run the same command again; it goes on where it stopped."
            ) from error
        raise StoreError(f"The store refused: {said}. Run 'voc doctor'.") from error
    except OSError as error:
        if (full := disk_full(error)) is not None:
            raise full from error
        raise
    except SQLAlchemyError as error:
        if isinstance(error, StatementError) and isinstance(error.orig, VocError):
            raise error.orig from error  # a signal that came while a statement was made ready
        raise StoreError(f"The store cannot be used: {error}. Run 'voc doctor'.") from error
