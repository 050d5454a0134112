"""Cut files into partitions of some thousand rows, the same whenever they are cut, without keeping a row.

CSV and JSON lines are cut at bytes, so that a worker reads its own part only; Parquet at row groups, and within them
by counting rows; what can only be read as a whole (Excel, JSON arrays, text in two-byte units) by counting rows alone.
"""

from __future__ import annotations

import codecs
import csv
import io
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from voc.backfill.plan import Plan, Slice
from voc.errors import InputError
from voc.ingest.cells import Row, as_text, cell_problem
from voc.ingest.readers import Form, csv_table, json_lines, open_table, read_rows

ROWS: Final = 5_000
"""Rows of a partition: about twenty seconds of work with the default encoder on two cores, which is what a lost worker
costs; part of the plan, for its outputs follow from it."""

_CUT_AT_BYTES: Final = {"csv", "jsonl"}
_WIDE: Final = ("utf-16", "utf-32", "utf_16", "utf_32")


def slices_of(file: int, path: Path, form: Form, *, rows: int = ROWS) -> Iterator[Slice]:
    """Yield the partitions of a file, by its place in the plan, in the order of its rows.

    Raises:
        InputError: the file is damaged.
    """
    if form.kind == "parquet":
        yield from _row_groups(file, path, rows)
    elif form.kind in _CUT_AT_BYTES and not _is_wide(form.encoding) and not _has_other_line_ends(path, form):
        yield from _records(file, path, form, rows)
    else:
        count = sum(1 for _ in read_rows(path, form))
        for first in range(0, count, rows):
            yield Slice(file, first, min(rows, count - first))


def rows_of(plan: Plan, part: Slice) -> Iterator[Row]:
    """Yield the rows of a partition, numbered as in the whole file.

    Raises:
        InputError: the file is not there, or not as it was when the plan was made.
    """
    path, form = Path(plan.files[part.file].path), plan.files[part.file].form
    if not path.is_file():
        raise InputError(f"{path} is not there any more. Put it back, or name the source again.")
    if form.kind == "parquet":
        found = _of_row_group(path, part)
    elif part.end:
        found = _between(path, form, part)
    else:
        yield from itertools.islice(read_rows(path, form), part.first_row, part.first_row + part.rows)
        return
    count = 0
    for count, row in enumerate(found, 1):
        yield replace(row, number=part.first_row + count)
    if count != part.rows:
        raise InputError(f"{path} has changed since the plan was made: {count} rows where {part.rows} were counted.")


def check_alike(paths: Sequence[Path], forms: Sequence[Form], needed: Sequence[str]) -> None:
    """Make sure that every file has the columns that the mapping names.

    Raises:
        InputError: one of them lacks a column; the message names both.
    """
    for path, form in zip(paths, forms, strict=True):
        with open_table(path, form) as table:
            columns = table.columns
        missing = [name for name in needed if name not in columns]
        if form.has_columns and missing:
            raise InputError(
                f"{path} has no column '{missing[0]}', which the mapping names. Its columns: {', '.join(columns)}. "
                "Nothing of the source was read. Mend that file, or leave it out."
            )


def _is_wide(encoding: str) -> bool:
    return codecs.lookup(encoding).name.replace("_", "-").startswith(_WIDE)


def _records(file: int, path: Path, form: Form, rows: int) -> Iterator[Slice]:
    """Yield runs of records; a line ends one unless a quotation mark is open, as in every superset of ASCII."""
    quoting = form.kind == "csv"
    first = start = at = count = 0
    is_open, within, header = False, False, quoting
    with path.open("rb") as handle:
        for line in handle:
            at += len(line)
            is_open ^= quoting and line.count(b'"') % 2 == 1
            if is_open:
                within = True
                continue
            if header:
                header, within, start = False, False, at
                continue
            count += within or not _is_blank(line, form)
            within = False
            if count == rows:
                yield Slice(file, first, count, start, at)
                first, start, count = first + count, at, 0
    if is_open:
        raise InputError(f"{path} ends within quotation marks. Its last rows are damaged: export it again.")
    if count:
        yield Slice(file, first, count, start, at)


def _is_blank(line: bytes, form: Form) -> bool:
    """Say whether a whole record has nothing in any cell, so that readers leave it out."""
    if form.kind == "jsonl":
        return not line.strip()
    if line.strip(b'\r\n"' + form.delimiter.encode()):
        return False
    return not any(map(any, csv.reader([line.decode("latin-1")], delimiter=form.delimiter)))


def _has_other_line_ends(path: Path, form: Form) -> bool:
    """Say whether a CSV file has lines that end in CR alone, as of old spreadsheets; bytes do not part those well."""
    if form.kind != "csv":
        return False
    is_open = False
    with path.open("rb") as handle:
        for line in handle:
            if b"\r" in line[:-2]:
                pieces = line.rstrip(b"\r\n").split(b'"')
                if any(b"\r" in piece for piece in pieces[int(is_open) :: 2]):
                    return True
            is_open ^= line.count(b'"') % 2 == 1
    return False


def _between(path: Path, form: Form, part: Slice) -> Iterator[Row]:
    with path.open("rb") as handle:
        head = b"" if form.kind == "jsonl" else _header(handle)
        handle.seek(part.start)
        data = handle.read(part.end - part.start)
    lines = io.StringIO((head + data).decode(form.encoding), newline="")
    return csv_table(path, lines, form).rows if form.kind == "csv" else json_lines(lines)


def _of_row_group(path: Path, part: Slice) -> Iterator[Row]:
    from pyarrow import ArrowException
    from pyarrow.parquet import ParquetFile

    try:
        with ParquetFile(path) as file:
            table = file.read_row_group(part.start, use_threads=False)
    except (ArrowException, OSError, IndexError) as error:
        raise InputError(
            f"{path} cannot be read in its row group {part.start + 1}: {error}. Write it again."
        ) from error
    for number, cells in enumerate(table.slice(part.end, part.rows).to_pylist(), 1):
        texts = {name: as_text(value) for name, value in cells.items()}
        yield Row(number, texts, cell_problem(list(texts.values())))


def _header(handle: io.BufferedReader) -> bytes:
    lines, is_open = [], False
    for line in handle:
        lines.append(line)
        is_open ^= line.count(b'"') % 2 == 1
        if not is_open:
            break
    return b"".join(lines)


def _row_groups(file: int, path: Path, rows: int) -> Iterator[Slice]:
    from pyarrow.parquet import ParquetFile

    at = 0
    with open_table(path, Form("parquet")):
        pass  # refuses what is no Parquet, or has a column twice
    with ParquetFile(path) as found:
        sizes = [found.metadata.row_group(group).num_rows for group in range(found.num_row_groups)]
    for group, size in enumerate(sizes):
        for first in range(0, size, rows):
            yield Slice(file, at + first, min(rows, size - first), group, first)
        at += size
