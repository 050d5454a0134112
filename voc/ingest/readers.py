"""Files as rows of text, whatever their kind, opened with limits and with errors that say what to do."""

from __future__ import annotations

import csv
import itertools
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from voc.errors import InputError, NotFoundError
from voc.ingest import typed
from voc.ingest.cells import Row as Row
from voc.ingest.cells import Table, cell_problem, checked_header
from voc.ingest.sheets import open_sheet

MAX_FILE_BYTES: Final = 4 << 30

ENDINGS: Final = {
    ".csv": "csv",
    ".tsv": "csv",
    ".txt": "csv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "json",
    ".xlsx": "excel",
    ".xlsb": "excel",
    ".ods": "excel",
    ".parquet": "parquet",
}
"""The kind of file that an ending stands for."""

_BINARY: Final = {"excel", "parquet"}
_DELIMITERS: Final = ",;\t|"
_CSV_LIMIT: Final = 64 << 20
_CHUNK: Final = 1 << 20


class EncodingError(InputError):
    """A file is not text of the encoding that it was read in."""


@dataclass(frozen=True, slots=True)
class Form:
    """How a file is written: its kind (of `ENDINGS`), encoding and delimiter of text, and sheet ("": the first)."""

    kind: str
    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""

    @property
    def has_columns(self) -> bool:
        """Say whether every row has the same columns; JSON objects may each have others."""
        return self.kind not in {"jsonl", "json"}


def form_of(path: Path, *, encoding: str = "", delimiter: str = "", sheet: str = "") -> Form:
    """Find out how a file is written; text is read once to the end.

    Raises:
        NotFoundError: there is no such file.
        InputError: it is empty, too large, of an unknown kind, or not in its encoding.
    """
    if not path.is_file():
        what = "is a folder" if path.is_dir() else "does not exist"
        raise NotFoundError(f"{path} {what}. Name a file that ends in {', '.join(ENDINGS)}.")
    size = path.stat().st_size
    if size == 0:
        raise InputError(f"{path} is empty. Export it again; a first line with column names and one row are needed.")
    if size > MAX_FILE_BYTES:
        raise InputError(f"{path} has {size:,} bytes; at most {MAX_FILE_BYTES:,} are read. Split it.")
    suffix = path.suffix.lower()
    kind = ENDINGS.get(suffix)
    if kind is None:
        raise InputError(f"{path} is '{suffix or 'without ending'}'. Allowed: {', '.join(ENDINGS)}.")
    if kind in _BINARY:
        return Form(kind, sheet=sheet)
    encoding = _checked_encoding(path, encoding)
    if kind == "csv" and not delimiter:
        with path.open(encoding=encoding, newline="") as handle:
            first = handle.readline(_CHUNK)
        delimiter = max(_DELIMITERS, key=first.count)
    return Form(kind, encoding, delimiter)


@contextmanager
def open_table(path: Path, form: Form) -> Iterator[Table]:
    """Open a file once, for its columns and its rows; a row that cannot be read carries its problem.

    Raises:
        InputError: there is no header, or the file is damaged; the latter may come with a later row.
    """
    match form.kind:
        case "excel":
            opened = open_sheet(path, form.sheet)
        case "parquet":
            opened = typed.open_parquet(path)
        case "json":
            opened = typed.open_array(path, form.encoding)
        case "jsonl":
            opened = _open_lines(path, form)
        case _:
            opened = _open_csv(path, form)
    with opened as table:
        yield table


def read_rows(path: Path, form: Form) -> Iterator[Row]:
    """Yield the rows of a file in order.

    Raises:
        InputError: as `open_table`.
    """
    with open_table(path, form) as table:
        yield from table.rows


@contextmanager
def _open_csv(path: Path, form: Form) -> Iterator[Table]:
    with path.open(encoding=form.encoding, newline="") as handle:
        yield csv_table(path, handle, form)


def csv_table(path: Path, handle: Iterator[str], form: Form) -> Table:
    """Return the table that lines of CSV are, of which the first is the header; `path` is named where they are damaged.

    Raises:
        InputError: there is no header, or a quotation mark is not closed; the latter may come with a later row.
    """
    lines = _csv(handle, form)
    with _wide_fields():
        header = checked_header(path, _first_line(path, lines))
    return Table(header, _csv_rows(path, header, lines))


def _first_line(path: Path, lines: Iterator[list[str]]) -> list[str]:
    try:
        return next(lines, [])
    except csv.Error as error:
        raise InputError(f"{path} is not CSV: {error}. Check the quotes of its first line.") from error


def _csv_rows(path: Path, header: tuple[str, ...], lines: Iterator[list[str]]) -> Iterator[Row]:
    number = 0
    try:
        with _wide_fields():
            for values in lines:
                if not any(values):
                    continue
                number += 1
                cells = dict(zip(header, values, strict=False))
                yield Row(number, cells, _csv_problem(header, values))
    except csv.Error as error:
        raise InputError(f"{path} is not CSV after row {number}: {error}. Check its quotes there.") from error


@contextmanager
def _wide_fields() -> Iterator[None]:
    before = csv.field_size_limit(_CSV_LIMIT)
    try:
        yield
    finally:
        csv.field_size_limit(before)


def _csv(handle: Iterator[str], form: Form) -> Iterator[list[str]]:
    return csv.reader(handle, delimiter=form.delimiter)


def _csv_problem(header: tuple[str, ...], values: list[str]) -> str:
    if len(values) != len(header):
        return f"has {len(values)} cells where the header has {len(header)}"
    return cell_problem(values)


@contextmanager
def _open_lines(path: Path, form: Form) -> Iterator[Table]:
    with path.open(encoding=form.encoding) as handle:
        rows = json_lines(handle)
        first = next(rows, None)
        yield Table(tuple(first.cells) if first else (), itertools.chain([first] if first else [], rows))


def json_lines(lines: Iterator[str]) -> Iterator[Row]:
    """Yield the rows of lines of JSON; empty lines are left out."""
    number = 0
    for line in lines:
        if not line.strip():
            continue
        number += 1
        try:
            yield typed.object_row(number, json.loads(line))
        except (ValueError, RecursionError):
            yield Row(number, {}, "is not JSON")


def _checked_encoding(path: Path, wanted: str) -> str:
    with path.open("rb") as handle:
        start = handle.read(4)
    encoding = wanted or ("utf-16" if start[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    done = 0
    try:
        with path.open(encoding=encoding, newline="") as text:
            while chunk := text.read(_CHUNK):
                done += len(chunk)
    except LookupError as error:
        raise InputError(f"'{encoding}' is not an encoding. Examples: utf-8, cp1252, shift_jis.") from error
    except UnicodeError as error:
        raise EncodingError(
            f"{path} is not {encoding.removesuffix('-sig')} text (after about {done:,} characters: {error}). Say how "
            'it is written in mapping.toml under [file], for example encoding = "cp1252". Nothing was stored.'
        ) from error
    return encoding
