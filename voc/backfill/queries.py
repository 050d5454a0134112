"""Cut a named query of another database into partitions by the values of its cursor column, and read one of them.

A partition holds the rows above one value and up to another, so that rows which share a value are never parted, with
`>` and with `>=` in the query. Workers ask with the server's own cursor and stop at the end of their part.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from voc.backfill.plan import Plan, Slice
from voc.errors import InputError
from voc.ingest.cells import Row
from voc.ingest.load import check_columns
from voc.ingest.mapping import Mapping
from voc.ingest.sql_source import KIND, Source, open_source
from voc.store import cursors
from voc.store.cursors import CursorValue
from voc.store.database import Database
from voc.types import Stamp

SQL = "sql"


def cut(source: Source, mapping: Mapping, *, rows: int) -> Iterator[Slice]:
    """Yield the partitions of a query from its start on: at least so many rows each, but for the last.

    Raises:
        InputError: it has no cursor, lacks a column, cannot be read, or is not ordered by its cursor.
    """
    name = source.query.name
    if not source.cursor:
        raise InputError(
            f"The source '{name}' has no cursor, so that it cannot be cut into parts. Name a column it is ordered by, "
            f"or read it as a whole: voc ingest --source {name}"
        )
    low: CursorValue = source.start
    first = count = 0
    last: Any = None
    with open_source(source, source.start) as table:
        check_columns(f"The source '{name}'", table.columns, mapping)
        for row in table.rows:
            if count >= rows and row.cursor != last:
                yield _slice(first, count, low, last)
                low, first, count = last, first + count, 0
            last = row.cursor
            count += 1
    if count:
        yield _slice(first, count, low, last)


def rows_of_query(source: Source, part: Slice) -> Iterator[Row]:
    """Yield the rows of a partition, numbered within it; rows that came meanwhile among them.

    Raises:
        InputError: the query cannot be read, or breaks off.
    """
    low: Any = cursors.decoded(part.low)
    high: Any = cursors.decoded(part.high)
    number = 0
    with open_source(source, cursors.decoded(part.low)) as table:
        for row in table.rows:
            cursor: Any = row.cursor
            if cursor > high:
                return
            if cursor > low or part.first_row == 0:
                number += 1
                yield replace(row, number=number)


def keep_watermark(database: Database, plan: Plan, stamp: Stamp) -> None:
    """Let `voc ingest --source` go on where the last partition begins; its rows are known by then."""
    source = KIND + plan.source
    value: Any = cursors.decoded(plan.slices[-1].low)
    with database.write() as connection:
        kept = cursors.value_of(connection, source=source)
        before: Any = None if kept is None else cursors.decoded(kept)
        if before is None or before < value:
            cursors.put(connection, stamp, source=source, value=plan.slices[-1].low)


def _slice(first: int, count: int, low: CursorValue, high: object) -> Slice:
    top = cursors.as_value(high, where="the cursor")
    return Slice(0, first, count, low=cursors.encoded(low), high=cursors.encoded(top))
