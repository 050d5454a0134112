"""Take a file in, whatever it holds: feedback by a mapping, or deliveries or signals, which their columns tell.

A file is opened once; only text in another encoding and a sheet that the mapping names are opened a second time.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from voc.files import sha256_file
from voc.ingest.cells import Table
from voc.ingest.figures import FiguresReport, kind_of, load_figures
from voc.ingest.load import Advance, IngestReport, check_columns, load, stay
from voc.ingest.mapping import Mapping
from voc.ingest.readers import EncodingError, Form, form_of, open_table
from voc.ingest.rows import RowReader
from voc.store.batches import Batch
from voc.store.database import Database
from voc.types import Progress, Stamp, no_progress


@dataclass(frozen=True, slots=True)
class Intake:
    """Where files go to: the store, the reader of feedback (made when there is some), markets, and who acts."""

    database: Database
    reader: Callable[[], RowReader]
    markets: Sequence[str]
    stamp: Callable[[], Stamp]


@dataclass(frozen=True, slots=True)
class Arrival:
    """A file that came: where it lies, what it is called where it came from, and what keeps that it was read."""

    path: Path
    name: str
    advance: Advance = stay


def take_file(intake: Intake, arrival: Arrival, *, progress: Progress = no_progress) -> IngestReport | FiguresReport:
    """Store what a file holds.

    Raises:
        InputError: the file or the mapping cannot be used, or not one row of feedback could be taken.
        DiskFullError: no room; whole transactions before it stay.
    """
    path = arrival.path
    try:
        form = form_of(path)
    except EncodingError:
        return take_feedback(intake, arrival, progress=progress)  # the mapping may say another encoding
    if not form.has_columns:
        return take_feedback(intake, arrival, progress=progress)
    with open_table(path, form) as table:
        kind = kind_of(table.columns)
        if kind != "feedback":
            return load_figures(intake.database, path, table.rows, kind, markets=intake.markets, stamp=intake.stamp())
        reader = intake.reader()
        if form == _wanted_form(path, reader.mapping):
            check_columns(str(path), table.columns, reader.mapping)
            return _load(intake, arrival, table, reader, progress=progress)
    return take_feedback(intake, arrival, progress=progress)


def take_feedback(intake: Intake, arrival: Arrival, *, progress: Progress = no_progress) -> IngestReport:
    """Store a file of feedback, read as the mapping says.

    Raises:
        InputError: the file or the mapping cannot be used, or not one row could be taken.
        DiskFullError: no room; whole transactions before it stay.
    """
    reader = intake.reader()
    form = _wanted_form(arrival.path, reader.mapping)
    with open_table(arrival.path, form) as table:
        if form.has_columns:
            check_columns(str(arrival.path), table.columns, reader.mapping)
        return _load(intake, arrival, table, reader, progress=progress)


def _load(intake: Intake, arrival: Arrival, table: Table, reader: RowReader, *, progress: Progress) -> IngestReport:
    batch = Batch(secrets.token_hex(8), "feedback", arrival.name, sha256_file(arrival.path), reader.mapping.hash)
    return load(intake.database, table, reader, batch, stamp=intake.stamp, progress=progress, advance=arrival.advance)


def _wanted_form(path: Path, mapping: Mapping) -> Form:
    return form_of(path, encoding=mapping.file.encoding, delimiter=mapping.file.delimiter, sheet=mapping.file.sheet)
