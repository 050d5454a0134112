"""Files as rows of text: CSV and JSON lines, opened with limits and with errors that say what to do."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from voc.errors import InputError, NotFoundError

MAX_FILE_BYTES: Final = 4 << 30
MAX_CELL: Final = 20_000
"""Longest text of one cell in characters; longer cells reject their row."""

_CSV: Final = {".csv", ".tsv", ".txt"}
_JSON: Final = {".jsonl", ".ndjson"}
_DELIMITERS: Final = ",;\t|"
_CSV_LIMIT: Final = 64 << 20
_CHUNK: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Form:
    """How a file is written: its kind ("csv" or "jsonl"), encoding and delimiter."""

    kind: str
    encoding: str
    delimiter: str


@dataclass(frozen=True, slots=True)
class Row:
    """One row of data: its number (the first is 1), its cells by column name, and what is wrong with it as a whole."""

    number: int
    cells: Mapping[str, str]
    problem: str = ""


def form_of(path: Path, *, encoding: str = "", delimiter: str = "") -> Form:
    """Find out how a file is written, reading it once to the end.

    Raises:
        NotFoundError: there is no such file.
        InputError: it is empty, too large, of an unknown kind, or not in its encoding.
    """
    if not path.is_file():
        what = "is a folder" if path.is_dir() else "does not exist"
        raise NotFoundError(f"{path} {what}. Name a CSV or JSON-lines file.")
    size = path.stat().st_size
    if size == 0:
        raise InputError(f"{path} is empty. Export it again; a first line with column names and one row are needed.")
    if size > MAX_FILE_BYTES:
        raise InputError(f"{path} has {size:,} bytes; at most {MAX_FILE_BYTES:,} are read. Split it.")
    suffix = path.suffix.lower()
    if suffix not in _CSV | _JSON:
        raise InputError(f"{path} is '{suffix or 'without ending'}'. Allowed: {', '.join(sorted(_CSV | _JSON))}.")
    encoding = _checked_encoding(path, encoding)
    kind = "jsonl" if suffix in _JSON else "csv"
    if kind == "csv" and not delimiter:
        with path.open(encoding=encoding, newline="") as handle:
            first = handle.readline(_CHUNK)
        delimiter = max(_DELIMITERS, key=first.count)
    return Form(kind, encoding, delimiter)


def columns_of(path: Path, form: Form) -> tuple[str, ...]:
    """Return the column names of a file: the header, or the keys of the first object.

    Raises:
        InputError: there is no header.
    """
    if form.kind == "jsonl":
        first = next(read_rows(path, form), None)
        return tuple(first.cells) if first else ()
    with path.open(encoding=form.encoding, newline="") as handle:
        header = [name.strip() for name in next(_csv(handle, form), [])]
    if not any(header):
        raise InputError(f"{path} has no column names in its first line.")
    twice = sorted({name for name in header if name and header.count(name) > 1})
    if twice:
        raise InputError(f"{path} has the column '{twice[0]}' twice. Rename one of them.")
    return tuple(header)


def read_rows(path: Path, form: Form) -> Iterator[Row]:
    """Yield the rows of a file in order; a row that cannot be read carries its problem."""
    if form.kind == "jsonl":
        yield from _json_rows(path, form)
        return
    header = columns_of(path, form)
    before = csv.field_size_limit(_CSV_LIMIT)
    try:
        with path.open(encoding=form.encoding, newline="") as handle:
            reader = _csv(handle, form)
            next(reader, None)
            number = 0
            for values in reader:
                if not any(values):
                    continue
                number += 1
                cells = dict(zip(header, values, strict=False))
                yield Row(number, cells, _csv_problem(header, values))
    except csv.Error as error:
        raise InputError(f"{path} is not CSV after row {number}: {error}. Check its quotes there.") from error
    finally:
        csv.field_size_limit(before)


def _csv(handle: Iterator[str], form: Form) -> Iterator[list[str]]:
    return csv.reader(handle, delimiter=form.delimiter)


def _csv_problem(header: tuple[str, ...], values: list[str]) -> str:
    if len(values) != len(header):
        return f"has {len(values)} cells where the header has {len(header)}"
    return _cell_problem(values)


def _cell_problem(values: list[str]) -> str:
    if any("\x00" in value for value in values):
        return "holds a NUL byte: the file was damaged or is UTF-16; export it as UTF-8"
    longest = max((len(value) for value in values), default=0)
    if longest > MAX_CELL:
        return f"has a cell of {longest:,} characters; at most {MAX_CELL:,} are read"
    return ""


def _json_rows(path: Path, form: Form) -> Iterator[Row]:
    number = 0
    with path.open(encoding=form.encoding) as handle:
        for line in handle:
            if not line.strip():
                continue
            number += 1
            try:
                found = json.loads(line)
            except (ValueError, RecursionError):
                yield Row(number, {}, "is not JSON")
                continue
            if not isinstance(found, dict):
                yield Row(number, {}, "is not a JSON object")
                continue
            cells = {str(key): _as_text(value) for key, value in found.items()}
            yield Row(number, cells, _cell_problem(list(cells.values())))


def _as_text(value: object) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


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
        raise InputError(
            f"{path} is not {encoding.removesuffix('-sig')} text (after about {done:,} characters: {error}). Say how "
            'it is written in mapping.toml under [file], for example encoding = "cp1252". Nothing was stored.'
        ) from error
    return encoding
