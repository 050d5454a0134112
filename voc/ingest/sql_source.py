"""Read a named query of another database on from where it was left.

The watermark stays before the newest value that was seen: rows that share it, or come to share it later, are asked for
again, and those that are stored already are known by their identity. So no row of a tie is lost, wherever a reading
breaks off, and none is stored twice, with `>` and with `>=` in the query.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from voc.errors import InputError
from voc.ingest.cells import Row, Table, as_text, cell_problem, checked_header
from voc.ingest.load import Chunk, IngestReport, check_columns, load
from voc.ingest.take import Intake
from voc.store import cursors
from voc.store.batches import Batch
from voc.store.cursors import CursorValue
from voc.store.database import Connection
from voc.store.outside import Answer, Query, open_query
from voc.types import Progress, Stamp, no_progress

KIND: Final = "sql/"
"""Begins the names under which cursors of queries are kept."""


@dataclass(frozen=True, slots=True)
class Source:
    """A query, the column that it is read on by ("" is none: all of it every time), and where that begins."""

    query: Query
    cursor: str
    start: CursorValue


def take_source(
    intake: Intake, source: Source, *, again: bool = False, progress: Progress = no_progress
) -> IngestReport | None:
    """Store what came to a source since it was last read, or all of it `again`; None where there is nothing.

    Raises:
        InputError: the source cannot be read or breaks off, is not ordered by its cursor, or lacks a column.
        DiskFullError: no room; whole transactions before it stay.
    """
    name, reader = source.query.name, intake.reader()
    with intake.database.read() as connection:
        kept = None if again else cursors.value_of(connection, source=KIND + name)
    before = cursors.decoded(kept) if kept else source.start
    batch = Batch(
        secrets.token_hex(8),
        "feedback",
        name,
        hashlib.sha256(f"{source.query.sql}\n{before}".encode()).hexdigest(),
        reader.mapping.hash,
    )
    with open_source(source, before) as table:
        check_columns(f"The source '{name}'", table.columns, reader.mapping)
        first = next(table.rows, None)
        if first is None:
            return None
        advance = _Watermark(name, intake.stamp) if source.cursor else _nowhere
        rows = Table(table.columns, _with_first(first, table.rows))
        return load(intake.database, rows, reader, batch, stamp=intake.stamp, progress=progress, advance=advance)


@contextmanager
def open_source(source: Source, after: CursorValue) -> Iterator[Table]:
    """Ask a source for what comes after a value of its cursor (all of it where it has none), as a table.

    Raises:
        InputError: the source cannot be read, breaks off, or is not ordered by its cursor; both may come with a row.
    """
    with open_query(source.query, after if source.cursor else None) as answer:
        yield _table(source, answer)


def _with_first(first: Row, rows: Iterator[Row]) -> Iterator[Row]:
    yield first
    yield from rows


def _nowhere(connection: Connection, chunk: Chunk) -> None:
    """Keep nothing: the query has no cursor."""


class _Watermark:
    """Keeps the greatest value below the newest one that was seen, in the transaction of its rows."""

    def __init__(self, name: str, stamp: Callable[[], Stamp]) -> None:
        self._name, self._stamp = name, stamp

    def __call__(self, connection: Connection, chunk: Chunk) -> None:
        newest = (chunk.following or chunk.rows[-1]).cursor
        below = [row.cursor for row in chunk.rows if row.cursor != newest]
        if below:
            value = cursors.as_value(below[-1], where="the cursor")
            source = KIND + self._name
            cursors.put(connection, self._stamp(), source=source, value=cursors.encoded(value))


def _table(source: Source, answer: Answer) -> Table:
    where = f"The source '{source.query.name}'"
    header = checked_header(where, answer.columns, where="in its answer")
    if source.cursor and source.cursor not in header:
        raise InputError(f"{where} has no column '{source.cursor}', its cursor. Its columns: {', '.join(header)}.")
    return Table(header, _rows(source, answer.rows))


def _rows(source: Source, found: Iterator[Mapping[str, object]]) -> Iterator[Row]:
    before: Any = None
    for number, values in enumerate(found, 1):
        cells = {name.strip(): as_text(value) for name, value in values.items()}
        cursor: Any = None
        if source.cursor:
            where = f"The source '{source.query.name}': {source.cursor} of row {number:,}"
            cursor = cursors.as_value(values[source.cursor], where=where)
            if before is not None and cursor < before:
                raise InputError(
                    f"{where} is less than that of the row before. End the query: order by {source.cursor}"
                )
            before = cursor
        yield Row(number, cells, cell_problem(list(cells.values())), cursor)
