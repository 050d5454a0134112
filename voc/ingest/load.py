"""Read rows of feedback into the store: in transactions of 1,000 rows, resumable by reading them again."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from voc.errors import InputError
from voc.failpoints import reach
from voc.ingest.cells import Row, Table
from voc.ingest.checks import check
from voc.ingest.identity import clean
from voc.ingest.language import LanguageGuesser
from voc.ingest.mapping import Mapping
from voc.ingest.redact import Redactor
from voc.ingest.rows import MAX_SHORT, RowError, RowReader
from voc.store import batch_checks, batches, feedback
from voc.store.batch_checks import Check, Span
from voc.store.batches import Batch, DeadLetter, Tally
from voc.store.database import Connection, Database
from voc.store.feedback import NewFeedback
from voc.types import Market, Progress, Stamp, no_progress
from voc.weeks import week_of_date

ROWS_A_TRANSACTION: Final = 1000
_SHOWN: Final = 5


@dataclass(frozen=True, slots=True)
class IngestReport:
    """What became of the rows of a source; `by_market` counts feedback, `letters` are the first rejected rows."""

    batch_id: str
    file_name: str
    tally: Tally
    by_market: tuple[tuple[str, int], ...]
    weeks: tuple[str, str] | None
    letters: tuple[DeadLetter, ...]
    checks: tuple[Check, ...] = ()


def row_reader(mapping: Mapping, markets: Sequence[Market], key: bytes) -> RowReader:
    """Return a reader of rows for the configured markets."""
    return RowReader(
        mapping=mapping,
        markets={market.code: market for market in markets},
        redactors={market.code: Redactor([market.code]) for market in markets},
        guesser=LanguageGuesser(sorted({language for market in markets for language in market.languages})),
        key=key,
    )


@dataclass(frozen=True, slots=True)
class Chunk:
    """Rows of one transaction, and the row that comes after them (None at the end)."""

    rows: Sequence[Row]
    following: Row | None


Advance = Callable[[Connection, Chunk], None]
"""Called in the transaction that stores a chunk, to keep how far a source has been read."""


def stay(connection: Connection, chunk: Chunk) -> None:
    """Keep no cursor, as for a file that somebody names."""


def load(
    database: Database,
    table: Table,
    reader: RowReader,
    batch: Batch,
    *,
    stamp: Callable[[], Stamp],
    progress: Progress = no_progress,
    advance: Advance = stay,
) -> IngestReport:
    """Store the feedback of an open table; rows that cannot be taken go to the dead letters with their reasons.

    The cursor advances in the transaction of the rows that it covers, and from the first row on that could be taken: a
    mapping that fits no row is mended and the rows come again.

    Raises:
        InputError: the source is damaged, or not one row of it could be taken.
        DiskFullError: no room; whole transactions before it stay.
    """
    tally, markets, weeks, shown = Tally(), Counter[str](), set[str](), list[DeadLetter]()
    for chunk in _chunks(table.rows):
        taken, letters = sort_out(chunk.rows, reader)
        with database.write() as connection:
            if not tally.rows:
                batches.begin(connection, stamp(), batch)
            done = feedback.add(connection, stamp(), taken, batch_id=batch.id)
            batches.reject(connection, batch.id, letters=letters)
            tally = replace(
                tally,
                rows=tally.rows + len(chunk.rows),
                added=tally.added + done.added,
                known=tally.known + done.known,
                suppressed=tally.suppressed + done.suppressed,
                rejected=tally.rejected + len(letters),
            )
            batches.tally(connection, batch.id, counts=tally)
            if tally.rows > tally.rejected:
                advance(connection, chunk)
            reach("ingest.before-commit")
        reach("ingest.after-commit")
        markets.update(row.feedback.market for row in taken)
        weeks.update(row.feedback.week for row in taken)
        shown.extend(letters[: _SHOWN - len(shown)])
        progress(tally.rows, 0)
    if tally.rows == tally.rejected:
        why = f" Row {shown[0].row_number}: {shown[0].reason}." if shown else ""
        raise InputError(
            f"Not one of the {tally.rows} rows of {batch.file_name} could be taken.{why} Nothing was stored."
        )
    span = (min(weeks), max(weeks)) if weeks else None
    checks = check_batch(database, batch.id, reader.mapping, span, stamp()) if span else ()
    return IngestReport(batch.id, batch.file_name, tally, tuple(sorted(markets.items())), span, tuple(shown), checks)


def check_batch(
    database: Database, batch_id: str, mapping: Mapping, weeks: tuple[str, str], stamp: Stamp
) -> tuple[Check, ...]:
    """Check a batch whose rows are stored, and keep what was found."""
    span = Span(batch_id, mapping.source, *weeks)
    with database.read() as connection:
        found = check(connection, span, attributes=sorted(mapping.attributes), today=week_of_date(stamp.at.date()))
    with database.write() as connection:
        batch_checks.put(connection, stamp, batch_id, checks=found)
    return found


def check_columns(where: str, columns: Sequence[str], mapping: Mapping) -> None:
    """Refuse a source that lacks a column of the mapping.

    Raises:
        InputError: it does.
    """
    missing = [name for name in mapping.needed if name not in columns]
    if missing:
        raise InputError(
            f"{where} has no column '{missing[0]}', which the mapping names. Its columns: {', '.join(columns)}. Change "
            "the mapping, or let 'voc ingest --guess FILE' propose one."
        )


def _chunks(rows: Iterator[Row]) -> Iterator[Chunk]:
    """Yield rows a transaction at a time, one row ahead, so that the last chunk is known to be the last."""
    following = next(rows, None)
    while following is not None:
        chunk = [following, *itertools.islice(rows, ROWS_A_TRANSACTION - 1)]
        following = next(rows, None)
        yield Chunk(chunk, following)


def sort_out(rows: Sequence[Row], reader: RowReader) -> tuple[list[NewFeedback], list[DeadLetter]]:
    """Return the feedback of rows, and the rows that cannot be taken with their reasons."""
    taken, letters = [], []
    for row in rows:
        if row.problem:
            letters.append(_letter(row, None, row.problem, reader))
            continue
        try:
            taken.append(reader.read(row.cells))
        except RowError as error:
            letters.append(_letter(row, error.field, error.reason, reader))
    return taken, letters


def _letter(row: Row, field: str | None, reason: str, reader: RowReader) -> DeadLetter:
    redactor = Redactor(sorted(reader.markets))
    kept = {name: redactor.redact(clean(value[: 4 * MAX_SHORT])).text[:MAX_SHORT] for name, value in row.cells.items()}
    return DeadLetter(row.number, field, redactor.redact(reason).text, kept)
