"""Sheets of Excel files, read in a process of their own: what a sheet asks for ends that process and not this one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from voc.errors import InputError
from voc.ingest.cells import Row, Table, cell_problem, checked_header
from voc.ingest.inflated import check_inflated

MAX_SHEET_BYTES: Final = 1 << 30
"""What an Excel file may unpack to."""

MEMORY_BYTES: Final = 2 << 30
"""What a sheet may take while it is read. Source: 300,000 rows of twelve columns take .4 GB; a sheet with nothing but
its first and its last cell asks for 512 GiB, since the reader fills the rectangle between them."""

WORK_S: Final = 600


@contextmanager
def open_sheet(path: Path, sheet: str = "") -> Iterator[Table]:
    """Open a sheet, the first one where none is named: its first row that is not empty is the header.

    Raises:
        InputError: the file is damaged, unpacks to too much, takes too much memory, or has no such sheet or no header.
    """
    check_inflated(path, most=MAX_SHEET_BYTES)
    command = [sys.executable, "-P", "-m", "voc.ingest.sheet_child", str(path), sheet, str(MEMORY_BYTES), str(WORK_S)]
    with subprocess.Popen(  # noqa: S603  our own program; the file is one argument of it
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={"PYTHONPATH": os.pathsep.join(one for one in sys.path if one)},
    ) as child:
        try:
            lines = _lines(path, sheet, child)
            header = checked_header(path, next(lines, []), where="in the first row of its sheet")
            yield Table(header, _rows(header, lines))
        finally:
            child.kill()


def _rows(header: tuple[str, ...], lines: Iterator[list[str]]) -> Iterator[Row]:
    for number, values in enumerate(lines, 1):
        cells = {name: value for name, value in zip(header, values, strict=False) if name}
        yield Row(number, cells, cell_problem(list(cells.values())))


def _lines(path: Path, sheet: str, child: subprocess.Popen[bytes]) -> Iterator[list[str]]:
    """Yield the rows that the process writes; how it ends is told when it has."""
    said: dict[str, Any] = {}
    for line in child.stdout or ():
        found = json.loads(line) if line.endswith(b"\n") else {}
        if isinstance(found, dict):
            said |= found
        else:
            yield found
    ended = child.wait()
    if "sheets" in said:
        raise InputError(f"{path} has no sheet '{sheet}'. Its sheets: {', '.join(said['sheets'])}.")
    if "error" in said:
        raise InputError(f"{path} cannot be read as Excel: {said['error']}. Open and save it again, or export CSV.")
    if ended:
        raise InputError(
            f"{path} takes more than {MEMORY_BYTES >> 30} GiB of memory or {WORK_S} seconds to read, as a sheet does "
            "with a cell far away from all others. Delete what lies beyond its rows and columns, or export it as CSV."
        )
