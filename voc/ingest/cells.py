"""Rows and cells of a file, of whatever kind: what a value says as text, and what makes it unreadable."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Final

from voc.errors import InputError

MAX_CELL: Final = 20_000
"""Longest text of one cell in characters; longer cells reject their row."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row of data: its number (the first is 1), its cells by column name, and what is wrong with it as a whole."""

    number: int
    cells: Mapping[str, str]
    problem: str = ""
    cursor: object = None
    """What a source that is read on from a cursor has in that column."""


@dataclass(frozen=True, slots=True)
class Table:
    """An open file or query: its columns (of JSON the keys of the first object), and its rows, which are read once."""

    columns: tuple[str, ...]
    rows: Iterator[Row]


def as_text(value: object) -> str:
    """Return a typed value as the text that a CSV export holds: whole numbers without a point, days in ISO form."""
    if value is None or value != value:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.decode("utf-8", errors="replace")
    if isinstance(value, str | Decimal | timedelta):
        return str(value)
    return json.dumps(value, ensure_ascii=False, default=str)


def cell_problem(values: Sequence[str]) -> str:
    """Return why cells cannot be taken, "" where they can."""
    if any("\x00" in value for value in values):
        return "holds a NUL byte: the file was damaged or is UTF-16; export it as UTF-8"
    longest = max((len(value) for value in values), default=0)
    if longest > MAX_CELL:
        return f"has a cell of {longest:,} characters; at most {MAX_CELL:,} are read"
    return ""


def checked_header(path: Path | str, names: Sequence[str], *, where: str = "in its first line") -> tuple[str, ...]:
    """Return column names that can be told apart.

    Raises:
        InputError: there are none, or one comes twice.
    """
    header = [name.strip() for name in names]
    if not any(header):
        raise InputError(f"{path} has no column names {where}.")
    twice = sorted({name for name in header if name and header.count(name) > 1})
    if twice:
        raise InputError(f"{path} has the column '{twice[0]}' twice. Rename one of them.")
    return tuple(header)
