"""Read a file of feedback into the store: in transactions of 1,000 rows, resumable by reading it again."""

from __future__ import annotations

import itertools
import secrets
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from voc.errors import InputError
from voc.failpoints import reach
from voc.files import sha256_file
from voc.ingest.identity import clean
from voc.ingest.language import LanguageGuesser
from voc.ingest.mapping import Mapping
from voc.ingest.readers import Row, columns_of, form_of, read_rows
from voc.ingest.redact import Redactor
from voc.ingest.rows import MAX_SHORT, RowError, RowReader
from voc.store import batches, feedback
from voc.store.batches import Batch, DeadLetter, Tally
from voc.store.database import Database
from voc.store.feedback import NewFeedback
from voc.types import Market, Progress, Stamp, no_progress

ROWS_A_TRANSACTION: Final = 1000
_SHOWN: Final = 5


@dataclass(frozen=True, slots=True)
class IngestReport:
    """What became of the rows of a file; `by_market` counts new feedback, `letters` are the first rejected rows."""

    batch_id: str
    file_name: str
    tally: Tally
    by_market: tuple[tuple[str, int], ...]
    weeks: tuple[str, str] | None
    letters: tuple[DeadLetter, ...]


def row_reader(mapping: Mapping, markets: Sequence[Market], key: bytes) -> RowReader:
    """Return a reader of rows for the configured markets."""
    return RowReader(
        mapping=mapping,
        markets={market.code: market for market in markets},
        redactors={market.code: Redactor([market.code]) for market in markets},
        guesser=LanguageGuesser(sorted({language for market in markets for language in market.languages})),
        key=key,
    )


def ingest_file(
    database: Database, path: Path, reader: RowReader, *, stamp: Callable[[], Stamp], progress: Progress = no_progress
) -> IngestReport:
    """Store the feedback of a file; rows that cannot be taken go to the dead letters with their reasons.

    Raises:
        InputError: the file cannot be read, lacks a column of the mapping, or not one row of it could be taken.
        DiskFullError: no room; whole transactions before it stay.
    """
    mapping = reader.mapping
    form = form_of(path, encoding=mapping.file.encoding, delimiter=mapping.file.delimiter, sheet=mapping.file.sheet)
    columns = columns_of(path, form)
    missing = [name for name in mapping.needed if name not in columns]
    if form.has_columns and missing:
        raise InputError(
            f"{path} has no column '{missing[0]}', which the mapping names. Its columns: {', '.join(columns)}. Change "
            "the mapping, or let 'voc ingest --guess FILE' propose one."
        )
    batch = Batch(secrets.token_hex(8), "feedback", path.name, sha256_file(path), mapping.hash)
    with database.write() as connection:
        batches.begin(connection, stamp(), batch)
    tally, markets, weeks, shown = Tally(), Counter[str](), set[str](), list[DeadLetter]()
    for rows in _chunks(read_rows(path, form)):
        taken, letters = sort_out(rows, reader)
        with database.write() as connection:
            done = feedback.add(connection, stamp(), taken, batch_id=batch.id)
            batches.reject(connection, batch.id, letters=letters)
            tally = replace(
                tally,
                rows=tally.rows + len(rows),
                added=tally.added + done.added,
                known=tally.known + done.known,
                suppressed=tally.suppressed + done.suppressed,
                rejected=tally.rejected + len(letters),
            )
            batches.tally(connection, batch.id, counts=tally)
            reach("ingest.before-commit")
        reach("ingest.after-commit")
        markets.update(row.feedback.market for row in taken)
        weeks.update(row.feedback.week for row in taken)
        shown.extend(letters[: _SHOWN - len(shown)])
        progress(tally.rows, 0)
    if tally.rows == tally.rejected:
        why = f" Row {shown[0].row_number}: {shown[0].reason}." if shown else ""
        raise InputError(f"Not one of the {tally.rows} rows of {path} could be taken.{why} Nothing was stored.")
    span = (min(weeks), max(weeks)) if weeks else None
    return IngestReport(batch.id, path.name, tally, tuple(sorted(markets.items())), span, tuple(shown))


def _chunks(rows: Iterator[Row]) -> Iterator[list[Row]]:
    while chunk := list(itertools.islice(rows, ROWS_A_TRANSACTION)):
        yield chunk


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
