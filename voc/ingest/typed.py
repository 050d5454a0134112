"""Rows of files whose cells have types: Parquet tables and JSON arrays."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from voc.errors import InputError
from voc.ingest.cells import Row, Table, as_text, cell_problem, checked_header

if TYPE_CHECKING:
    from pyarrow.parquet import ParquetFile

MAX_ARRAY_BYTES: Final = 256 << 20
"""Largest JSON array; it is read as a whole."""

_BATCH: Final = 1000


@contextmanager
def open_parquet(path: Path) -> Iterator[Table]:
    """Open a Parquet file; a thousand rows are in memory at a time.

    Raises:
        InputError: it is no Parquet file, is damaged, or a column comes twice.
    """
    with _parquet(path) as file:
        header = checked_header(path, file.schema_arrow.names, where="in its schema")
        yield Table(header, _parquet_rows(path, file))


def _parquet_rows(path: Path, file: ParquetFile) -> Iterator[Row]:
    from pyarrow import ArrowException

    number = 0
    try:
        for batch in file.iter_batches(batch_size=_BATCH, use_threads=False):
            for found in batch.to_pylist():
                number += 1
                cells = {name: as_text(value) for name, value in found.items()}
                yield Row(number, cells, cell_problem(list(cells.values())))
    except (ArrowException, OSError) as error:
        raise InputError(
            f"{path} is damaged after row {number:,}: {error}. What was stored before it stays."
        ) from error


def _parquet(path: Path) -> ParquetFile:
    from pyarrow import ArrowException
    from pyarrow.parquet import ParquetFile

    try:
        return ParquetFile(path, memory_map=False)
    except (ArrowException, OSError) as error:
        raise InputError(f"{path} is no sound Parquet file: {error}. Write it again.") from error


@contextmanager
def open_array(path: Path, encoding: str) -> Iterator[Table]:
    """Open a JSON array; an object around it, such as {"reviews": [...]}, is looked through.

    Raises:
        InputError: it is no array, or too large.
    """
    found = _array(path, encoding)
    first = next((one for one in found if isinstance(one, dict)), {})
    yield Table(tuple(str(key) for key in first), (object_row(number, one) for number, one in enumerate(found, 1)))


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
