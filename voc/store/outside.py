"""Read a query of somebody else's database: any SQLAlchemy address, row by row, writing nothing there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, create_engine, text
from sqlalchemy.engine import URL, CursorResult, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from voc.errors import InputError
from voc.scrub import scrub
from voc.store.cursors import CursorValue
from voc.store.database import sqlite_module

ROWS_AT_ONCE: Final = 1000
"""Rows that the server hands over at a time."""

STATEMENT_S: Final = 600
_CONNECT_S: Final = 15
_TIMED_DRIVERS: Final = {"psycopg", "psycopg2", "pymysql", "mysqldb", "mariadbconnector", "mysqlconnector"}
_PREPARE: Final[Mapping[str, tuple[str, ...]]] = {
    "postgresql": ("SET TRANSACTION READ ONLY", f"SET LOCAL statement_timeout = {1000 * STATEMENT_S}"),
    "mysql": ("SET TRANSACTION READ ONLY", f"SET SESSION max_execution_time = {1000 * STATEMENT_S}"),
    "mariadb": ("SET TRANSACTION READ ONLY", f"SET SESSION max_statement_time = {STATEMENT_S}"),
    "sqlite": ("PRAGMA query_only = ON",),
}
"""What a connection is told first; others are rolled back at the end all the same."""


@dataclass(frozen=True, slots=True)
class Query:
    """A query of a named source; `:cursor` in it stands for how far it has been read."""

    name: str
    url: str = field(repr=False)
    sql: str


@dataclass(frozen=True, slots=True)
class Answer:
    """The columns of a query and its rows, which are read once."""

    columns: tuple[str, ...]
    rows: Iterator[Mapping[str, object]]


@contextmanager
def open_query(query: Query, cursor: CursorValue | None) -> Iterator[Answer]:
    """Ask a database, and yield its answer while the connection is open.

    Raises:
        InputError: the address, the query or the credentials cannot be used, or the connection breaks off.
    """
    url = _parsed(query)
    with _told(query, url, "cannot be read"):
        timed = url.get_driver_name() in _TIMED_DRIVERS and "connect_timeout" not in url.query
        arguments: dict[str, Any] = {"connect_timeout": _CONNECT_S} if timed else {}
        more: dict[str, Any] = {"module": sqlite_module()} if url.get_driver_name() == "pysqlite" else {}
        engine = create_engine(url, poolclass=NullPool, connect_args=arguments, hide_parameters=True, **more)
    if url.get_driver_name() == "psycopg":
        from voc.store.server import ask_when_silent

        ask_when_silent(engine)
    with _told(query, url, "cannot be read"), engine.connect() as connection:
        _prepare(connection)
        given = {} if cursor is None else {"cursor": cursor}
        found = connection.execution_options(stream_results=True, yield_per=ROWS_AT_ONCE).execute(
            text(query.sql), given
        )
        try:
            yield Answer(tuple(found.keys()), _rows(query, url, found))
        finally:
            with suppress(SQLAlchemyError):  # a connection that broke off has nothing left to be closed
                found.close()
                connection.rollback()


def _rows(query: Query, url: URL, found: CursorResult[Any]) -> Iterator[Mapping[str, object]]:
    names, done = tuple(found.keys()), 0
    with _told(query, url, "broke off; what was stored before it stays, and the same command reads on"):
        for row in found:
            done += 1
            yield dict(zip(names, row, strict=True))


def _prepare(connection: Connection) -> None:
    kind = "mariadb" if getattr(connection.dialect, "is_mariadb", False) else connection.dialect.name
    for statement in _PREPARE.get(kind, ()):
        connection.exec_driver_sql(statement)


def _parsed(query: Query) -> URL:
    try:
        url = make_url(query.url)
        url.get_dialect().import_dbapi()
    except NoSuchModuleError as error:
        raise InputError(
            f"The source '{query.name}' names a kind of database that is not known here. Say it as in "
            "postgresql+psycopg://user@host:5432/name, and install the package of its dialect."
        ) from error
    except (ArgumentError, ValueError) as error:
        raise InputError(
            f"The address of the source '{query.name}' cannot be read. Say it as in "
            "postgresql+psycopg://user:password@host:5432/name, in the environment variable that url_env names."
        ) from error
    except ImportError as error:
        raise InputError(
            f"The driver of the source '{query.name}' is not installed ({error.name}). Install it: pip install "
            f"{error.name}, or name another driver in its address."
        ) from error
    if url.get_backend_name() == "sqlite" and url.database and not Path(url.database).is_file():
        raise InputError(f"The source '{query.name}' names a file that does not exist: {url.database}")
    return url


@contextmanager
def _told(query: Query, url: URL, what: str) -> Iterator[None]:
    """Turn what a driver says into one line for people, without the password of the address."""
    try:
        yield
    except DBAPIError as error:
        said = scrub(str(error.orig), url.password or "")
        raise InputError(f"The source '{query.name}' {what}: {said}") from None
    except SQLAlchemyError as error:
        said = scrub(str(error).split("\n", 1)[0], url.password or "")
        raise InputError(f"The source '{query.name}' {what}: {said}") from None
