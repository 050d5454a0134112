"""Read one sheet in a process of its own, which may take so much memory and no more (started by voc.ingest.sheets).

It writes a line of JSON for each row that is not empty, the cells as text; or one object with what is wrong.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import suppress

from voc.ingest.cells import as_text

REFUSED = 3
"""Exit status after an object with what is wrong."""


def main(arguments: list[str]) -> int:
    """Print the rows of a sheet: the file, the sheet ("" is the first one), bytes of memory, seconds of work."""
    path, sheet, memory_bytes, work_s = arguments
    _limit(int(memory_bytes), int(work_s))
    from python_calamine import CalamineError

    try:
        for row in _rows(path, sheet):
            sys.stdout.write(json.dumps(row) + "\n")
    except (CalamineError, MemoryError, OSError) as error:
        sys.stdout.write(json.dumps({"error": str(error) or type(error).__name__}) + "\n")
        return REFUSED
    return 0


def _rows(path: str, sheet: str) -> Iterator[list[str] | dict[str, list[str]]]:
    from python_calamine import CalamineWorkbook

    book = CalamineWorkbook.from_path(path)
    if sheet and sheet not in book.sheet_names:
        yield {"sheets": book.sheet_names}
        return
    found = book.get_sheet_by_name(sheet) if sheet else book.get_sheet_by_index(0)
    for row in found.iter_rows():
        if any(value not in ("", None) for value in row):
            yield [as_text(value) for value in row]


def _limit(memory_bytes: int, work_s: int) -> None:
    """Take no more than so much memory and work; where the system knows no such limits, only time bounds it."""
    with suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
        resource.setrlimit(resource.RLIMIT_CPU, (work_s, work_s))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
