"""Tables for other programs: as CSV, as an Excel workbook, as JSON lines; and what people may see of small groups.

CSV and Excel cells are neutralised, so that no spreadsheet runs what a customer wrote.
"""

from __future__ import annotations

import csv
import io
import json
import math
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from voc.errors import InputError
from voc.files import write_atomic

Cell = str | int | float | None

_RUNS: Final = frozenset("=+-@＝＋－＠\t\r\n\0")
"""Characters that begin a formula, or may hide one.

Source: OWASP ASVS 5.0, 1.2.10; OWASP, CSV Injection (CR, LF). The full-width forms stand in neither: they are for
spreadsheets that read them as the narrow ones.
"""

_SKIPPED: Final = frozenset({"Cc", "Cf"})
"""Unicode categories that nobody sees and that spreadsheets may drop before they look for a formula."""

_SHEET_ROWS: Final = 1_048_575
_SHEET_COLUMNS: Final = 16_384
_SHEET_CELL: Final = 32_767
"""Most UTF-16 units of a cell; a sheet has one more row, its header. Source: Excel specifications and limits."""

_EXACT: Final = 10**15
"""Whole numbers from here on lose their last digits. Source: Excel specifications and limits, 15 digits."""

_UNHELD: Final = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]|(?<=_x[0-9a-fA-F]{4})_(?=x[0-9a-fA-F]{4}_)"
)
"""What no workbook holds: characters that XML forbids, and the mark that two of its own codes such as _x0041_ share.

xlsxwriter escapes only the first of two such codes, so that a reader would turn the second into another character.
Source: XML 1.0, 2.2; ECMA-376-1, 22.9.2.19.
"""

_UNSEEN_ENDS: Final = {0x85: "\\u0085", 0x2028: "\\u2028", 0x2029: "\\u2029"}
"""Line ends of Unicode that JSON may hold bare and that some readers of lines split at."""

_MADE: Final = datetime(2000, 1, 1)
"""The day that every workbook says it was made on, so that the same table gives the same bytes."""

_WIDTHS: Final = (8, 60)
_MEASURED_ROWS: Final = 200


@dataclass(frozen=True, slots=True)
class Table:
    """Columns and their rows, one cell a column.

    Raises:
        ValueError: a column stands twice, or a row is longer or shorter than the columns.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]

    def __post_init__(self) -> None:
        twice = [name for name, times in Counter(self.columns).items() if times > 1]
        if twice:
            raise ValueError(f"The column '{twice[0]}' stands more than once; give every column its own name.")
        wide = len(self.columns)
        wrong = next((number for number, row in enumerate(self.rows, start=1) if len(row) != wide), None)
        if wrong is not None:
            cells = len(self.rows[wrong - 1])
            raise ValueError(f"Row {wrong} has {cells} cells where there are {wide} columns; give one cell a column.")


@dataclass(frozen=True, slots=True)
class Group:
    """How many different comments share these keys."""

    keys: tuple[str, ...]
    comments: int


@dataclass(frozen=True, slots=True)
class Withheld:
    """The groups that may be seen, in their order, how many others there are, and the comments of those together.

    `comments` is None where that sum would say how small a group is.
    """

    shown: tuple[Group, ...]
    groups: int
    comments: int | None


def write_table(path: Path, table: Table) -> Path:
    """Write a table in the form that the ending of `path` names (.csv, .xlsx, .jsonl) and return `path`.

    Raises:
        InputError: another ending, a folder, or more than an Excel sheet holds.
        DiskFullError: no room; the old file is untouched.
    """
    if path.is_dir():
        raise InputError(f"{path} is a folder. Name a file in it that ends in .csv, .xlsx or .jsonl.")
    match path.suffix.lower():
        case ".csv":
            data = as_csv(table)
        case ".xlsx":
            data = as_xlsx(table)
        case ".jsonl":
            data = as_jsonl(table)
        case suffix:
            raise InputError(f"{path} is '{suffix or 'without ending'}'. A table can be .csv, .xlsx or .jsonl.")
    write_atomic(path, data)
    return path


def as_csv(table: Table) -> bytes:
    """Return a table as CSV: UTF-8 with BOM, lines that end in CR LF, every text in quotes and neutralised.

    None, and what is not a finite number, is an empty cell; half a surrogate pair is "?". Quotes hold only where commas
    part the cells: a program that splits at something else may begin a cell inside a text. People whose Excel splits
    at semicolons (German, French) need .xlsx, or have to import the file and name the comma.
    Source: RFC 4180, 2.6 and 2.7.
    """
    held = io.StringIO(newline="")
    # QUOTE_NONNUMERIC: a text that is never bare cannot end early, nor look like a number.
    writer = csv.writer(held, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n")
    writer.writerow([neutral(name) for name in table.columns])
    for row in table.rows:
        writer.writerow([neutral(cell) if isinstance(cell, str) else _finite(cell) for cell in row])
    return held.getvalue().encode("utf-8-sig", "replace")


def as_xlsx(table: Table) -> bytes:
    """Return a table as an Excel workbook of one sheet; the same table gives the same bytes.

    Texts are neutralised; line ends become LF, what no workbook holds becomes U+FFFD, and texts of more than 32,767
    UTF-16 units end in an ellipsis. A whole number of more than 15 digits is written as text, since Excel would change
    it. None, and what is not a finite number, is an empty cell.

    Raises:
        InputError: more rows or columns than a sheet holds.
    """
    from xlsxwriter import Workbook

    _check_room(table)
    held = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with Workbook(held, options) as book:
        book.set_properties({"created": _MADE})
        sheet = book.add_worksheet()
        sheet.freeze_panes(1, 0)
        bold = book.add_format({"bold": True})
        for column, name in enumerate(table.columns):
            sheet.set_column(column, column, _width(table, column))
            sheet.write_string(0, column, _sheet_text(name), bold)
        for number, row in enumerate(table.rows, start=1):
            for column, cell in enumerate(row):
                value = _sheet_value(cell)
                if isinstance(value, str):
                    sheet.write_string(number, column, value)
                elif value is not None:
                    sheet.write_number(number, column, value)
    return held.getvalue()


def as_jsonl(table: Table) -> bytes:
    r"""Return a table as JSON lines: UTF-8, one object a row.

    Nothing is neutralised, since no spreadsheet runs JSON: every text is the one that was given. What is not a finite
    number is null. Line ends that JSON may hold bare (U+0085, U+2028, U+2029) and half a surrogate pair are \u escapes.
    """
    lines = []
    for row in table.rows:
        found = {name: _finite(cell) for name, cell in zip(table.columns, row, strict=True)}
        lines.append(json.dumps(found, ensure_ascii=False, allow_nan=False).translate(_UNSEEN_ENDS) + "\n")
    return "".join(lines).encode("utf-8", "backslashreplace")


def neutral(text: str) -> str:
    """Return a text that no spreadsheet runs: with an apostrophe before what begins as a formula, else as it is.

    White space, control and format characters in front are looked through. A text that had such an apostrophe already
    stays, so the apostrophe cannot be told from one that was written.
    Source: OWASP ASVS 5.0, 1.2.10; OWASP, CSV Injection.
    """
    for char in text:
        if char in _RUNS:
            return f"'{text}"
        if not (char.isspace() or unicodedata.category(char) in _SKIPPED):
            break
    return text


def withhold(rows: Sequence[Group], *, k: int) -> Withheld:
    """Leave out the groups of fewer than `k` comments, for readers who may see aggregates only.

    Where only one group with comments would be left out, whoever knows the total of all could subtract the others from
    it; so the smallest of the others (of equal ones the first by keys) is left out too. A group that has no other
    beside it is not hidden by this: its total is the group. Nor are groups of several keys hidden from who knows totals
    by one of the keys: withhold each such part by itself.

    Raises:
        ValueError: `k` is below 1.

    Source: Hundepool et al., Statistical Disclosure Control, 2012, on minimum frequency and secondary suppression.
    """
    if k < 1:
        raise ValueError(f"k is {k}; a group that is shown has at least 1 comment.")
    hidden = [one for one in rows if one.comments < k]
    shown = [one for one in rows if one.comments >= k]
    if shown and sum(one.comments > 0 for one in hidden) == 1:
        second = min(shown, key=lambda one: (one.comments, one.keys))
        shown.remove(second)
        hidden.append(second)
    # A sum of k or more is never that of one group: alone, a group is hidden only because it has fewer.
    comments = sum(one.comments for one in hidden)
    return Withheld(tuple(shown), len(hidden), comments if comments >= k else None)


def _finite(cell: Cell) -> Cell:
    return None if isinstance(cell, float) and not math.isfinite(cell) else cell


def _check_room(table: Table) -> None:
    room = ((len(table.rows), _SHEET_ROWS, "rows below its header"), (len(table.columns), _SHEET_COLUMNS, "columns"))
    for found, most, what in room:
        if found > most:
            raise InputError(f"{found:,} are too many: an Excel sheet has at most {most:,} {what}. Use CSV (.csv).")


def _sheet_value(cell: Cell) -> Cell:
    if isinstance(cell, int) and abs(cell) >= _EXACT:
        cell = str(cell)
    return _sheet_text(cell) if isinstance(cell, str) else _finite(cell)


def _sheet_text(text: str) -> str:
    marked = neutral(text)
    if marked.startswith("<r>") and marked.endswith("</r>"):
        # xlsxwriter takes such a text for its own rich text and would write it into the sheet as XML, unescaped.
        marked = f"'{marked}"
    held = _UNHELD.sub("\ufffd", marked.replace("\r\n", "\n").replace("\r", "\n"))
    units = held.encode("utf-16-le")
    if len(units) <= 2 * _SHEET_CELL:
        return held
    return units[: 2 * (_SHEET_CELL - 1)].decode("utf-16-le", "ignore") + "…"


def _width(table: Table, column: int) -> int:
    """Return the width of a column in characters: of its longest first line near the top, within limits."""
    cells = (table.columns[column], *(row[column] for row in table.rows[:_MEASURED_ROWS]))
    longest = max(len(str(cell).split("\n", 1)[0]) for cell in cells if cell is not None)
    low, high = _WIDTHS
    return min(high, max(low, longest + 2))
