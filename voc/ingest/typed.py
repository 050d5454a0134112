"""Rows of files whose cells have types: Excel sheets, Parquet tables, JSON arrays."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from voc.errors import InputError
from voc.ingest.cells import Row, as_text, cell_problem, checked_header
from voc.ingest.inflated import check_inflated

if TYPE_CHECKING:
    from pyarrow.parquet import ParquetFile

MAX_SHEET_BYTES: Final = 1 << 30
"""What an Excel file may unpack to."""

MAX_ARRAY_BYTES: Final = 256 << 20
"""Largest JSON array; it is read as a whole."""

_BATCH: Final = 1000


def excel_columns(path: Path, sheet: str = "") -> tuple[str, ...]:
    """Return the column names of a sheet: its first row that is not empty.

    Raises:
        InputError: the file is damaged, unpacks to too much, or has no such sheet or no header.
    """
    rows = _sheet_rows(path, sheet)
    return checked_header(path, [as_text(one) for one in next(rows, [])], where="in the first row of its sheet")


def excel_rows(path: Path, sheet: str = "") -> Iterator[Row]:
    """Yield the rows of a sheet, the first one where none is named; empty rows are left out.

    Raises:
        InputError: as `excel_columns`.
    """
    rows = _sheet_rows(path, sheet)
    header = checked_header(path, [as_text(one) for one in next(rows, [])], where="in the first row of its sheet")
    for number, values in enumerate(rows, 1):
        cells = {name: as_text(value) for name, value in zip(header, values, strict=False) if name}
        yield Row(number, cells, cell_problem(list(cells.values())))


def _sheet_rows(path: Path, sheet: str) -> Iterator[Sequence[object]]:
    from python_calamine import CalamineError, CalamineWorkbook

    check_inflated(path, most=MAX_SHEET_BYTES)
    try:
        book = CalamineWorkbook.from_path(path)
        if sheet and sheet not in book.sheet_names:
            raise InputError(f"{path} has no sheet '{sheet}'. Its sheets: {', '.join(book.sheet_names)}.")
        found = book.get_sheet_by_name(sheet) if sheet else book.get_sheet_by_index(0)
        for row in found.iter_rows():
            if any(value not in ("", None) for value in row):
                yield row
    except CalamineError as error:
        raise InputError(f"{path} cannot be read as Excel: {error}. Open and save it again, or export CSV.") from error


def parquet_columns(path: Path) -> tuple[str, ...]:
    """Return the column names of a Parquet file.

    Raises:
        InputError: it is no Parquet file, or a column comes twice.
    """
    with _parquet(path) as file:
        return checked_header(path, file.schema_arrow.names, where="in its schema")


def parquet_rows(path: Path) -> Iterator[Row]:
    """Yield the rows of a Parquet file, a thousand in memory at a time.

    Raises:
        InputError: it is no Parquet file, or is damaged.
    """
    from pyarrow import ArrowException

    number = 0
    with _parquet(path) as file:
        checked_header(path, file.schema_arrow.names, where="in its schema")
        try:
            for batch in file.iter_batches(batch_size=_BATCH, use_threads=False):
                for found in batch.to_pylist():
                    number += 1
                    cells = {name: as_text(value) for name, value in found.items()}
                    yield Row(number, cells, cell_problem(list(cells.values())))
        except (ArrowException, OSError) as error:
            raise InputError(f"{path} is damaged after row {number:,}: {error}. Rows before it are stored.") from error


def _parquet(path: Path) -> ParquetFile:
    from pyarrow import ArrowException
    from pyarrow.parquet import ParquetFile

    try:
        return ParquetFile(path, memory_map=False)
    except (ArrowException, OSError) as error:
        raise InputError(f"{path} is no sound Parquet file: {error}. Write it again.") from error


def array_columns(path: Path, encoding: str) -> tuple[str, ...]:
    """Return the keys of the first object of a JSON array.

    Raises:
        InputError: it is no array of objects, or too large.
    """
    first = next((one for one in _array(path, encoding) if isinstance(one, dict)), {})
    return tuple(str(key) for key in first)


def array_rows(path: Path, encoding: str) -> Iterator[Row]:
    """Yield the objects of a JSON array; an object around it, such as {"reviews": [...]}, is looked through.

    Raises:
        InputError: it is no array, or too large.
    """
    for number, found in enumerate(_array(path, encoding), 1):
        yield object_row(number, found)


def object_row(number: int, found: object) -> Row:
    """Return a JSON object as a row; anything else is a row with a problem."""
    if not isinstance(found, dict):
        return Row(number, {}, "is not a JSON object")
    cells = {str(key): json_text(value) for key, value in found.items()}
    return Row(number, cells, cell_problem(list(cells.values())))


def json_text(value: object) -> str:
    """Return a JSON value as text: strings as they are, null as nothing, all else as JSON."""
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _array(path: Path, encoding: str) -> list[Any]:
    size = path.stat().st_size
    if size > MAX_ARRAY_BYTES:
        raise InputError(
            f"{path} has {size:,} bytes; of JSON arrays at most {MAX_ARRAY_BYTES:,} are read. Write one object a line "
            "(.jsonl), which has no such limit."
        )
    try:
        found = json.loads(path.read_text(encoding=encoding))
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path} is not JSON: {error}. One object a line is called .jsonl.") from error
    if isinstance(found, dict):
        lists = [value for value in found.values() if isinstance(value, list)]
        found = lists[0] if len(lists) == 1 else found
    if not isinstance(found, list):
        raise InputError(f"{path} holds no array of objects, nor one object around a single array.")
    return found
