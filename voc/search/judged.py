"""Queries, passages and which passages answer which query, as people judged it: read from files, nothing is stored."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from voc.errors import InputError, NotFoundError
from voc.ingest.identity import clean
from voc.ingest.readers import Row, form_of, read_rows
from voc.ingest.rows import language_code

MAX_GRADE: Final = 1_000_000
"""Highest grade: far above every scale in use (TREC's end at 4), and low enough that sums of gains stay finite."""

_SHOWN: Final = 80
_ALLOWED: Final = (
    "Write one judgement a line: 'query doc grade' or 'query 0 doc grade', with tabs or spaces between the columns."
)


@dataclass(frozen=True, slots=True)
class Query:
    """A question with its id; the language is empty where the file does not say it."""

    id: str
    text: str
    language: str


@dataclass(frozen=True, slots=True)
class Passage:
    """A text that may be found, with its id; the language is empty where the file does not say it."""

    id: str
    text: str
    language: str


@dataclass(frozen=True, slots=True)
class Judged:
    """Queries in the order of their file, and the grades of passages by the id of each query, above 0 for relevant.

    Each query has its entry, empty where nothing was judged for it. `unknown_queries` other queries were judged that
    are not in the file of queries; they are left out.
    """

    queries: tuple[Query, ...]
    relevant: Mapping[str, Mapping[str, float]]
    unknown_queries: int


def read_judged(queries: Path, qrels: Path) -> Judged:
    """Read a judged set: its queries (see `read_queries`) and its judgements (see `read_qrels`).

    Raises:
        NotFoundError: there is no such file.
        InputError: a file is empty or unreadable, or no query has a relevant passage.
    """
    asked, grades = read_queries(queries), read_qrels(qrels)
    known = {query.id for query in asked}
    relevant = {query.id: grades.get(query.id, {}) for query in asked}
    if not any(grade > 0 for found in relevant.values() for grade in found.values()):
        raise InputError(
            f"No query of {queries} has a relevant passage in {qrels}: {len(known & set(grades))} of {len(asked)} "
            f"queries are judged there, none with a grade above 0. Ids must be the same in both files; the first are "
            f"'{_short(asked[0].id)}' and '{_short(next(iter(grades)))}'."
        )
    return Judged(asked, relevant, len(set(grades) - known))


def read_queries(path: Path) -> tuple[Query, ...]:
    """Read the queries of a CSV or JSON-lines file with the columns id, text and, if known, lang.

    Raises:
        NotFoundError: there is no such file.
        InputError: it is empty or unreadable, a row lacks id or text, or an id is there twice.
    """
    return tuple(Query(*one) for one in _texts(path))


def read_corpus(path: Path) -> tuple[Passage, ...]:
    """Read the passages of a CSV or JSON-lines file with the columns id, text and, if known, lang.

    Raises:
        NotFoundError: there is no such file.
        InputError: it is empty or unreadable, a row lacks id or text, or an id is there twice.
    """
    return tuple(Passage(*one) for one in _texts(path))


def read_qrels(path: Path) -> Mapping[str, Mapping[str, float]]:
    """Read the grades of documents by query from lines of `query doc grade` or, as TREC has it, `query 0 doc grade`.

    Columns are separated by tabs, or by spaces where no id holds one. TREC's second column is a number or Q0 and says
    nothing. A document that is judged twice alike counts once.

    Raises:
        NotFoundError: there is no such file.
        InputError: it has no judgement, or a line that is not read, has a grade that is no number from 0 to
            `MAX_GRADE`, or grades a document otherwise than a line before.
    """
    grades: dict[str, dict[str, float]] = {}
    for number, line in _lines(path):
        query, document, grade = _judgement(path, number, line)
        before = grades.setdefault(query, {}).setdefault(document, grade)
        if before != grade:
            raise InputError(
                f"{path} line {number} gives document '{_short(document)}' the grade {grade:g} for query "
                f"'{_short(query)}', an earlier line {before:g}. Keep one of them."
            )
    if not grades:
        raise InputError(f"{path} is empty: it has no judgement. {_ALLOWED}")
    return grades


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    if not path.is_file():
        what = "is a folder" if path.is_dir() else "does not exist"
        raise NotFoundError(f"{path} {what}. Name a file of judgements.")
    try:
        with path.open(encoding="utf-8-sig") as handle:
            for number, line in enumerate(handle, start=1):
                if line.strip():
                    yield number, line
    except UnicodeError as error:
        raise InputError(f"{path} is not UTF-8 text ({error}). Save it as UTF-8.") from error


def _judgement(path: Path, number: int, line: str) -> tuple[str, str, float]:
    columns = _columns(line)
    if columns is None:
        raise InputError(f"{path} line {number} is not a judgement: '{_short(line.strip())}'. {_ALLOWED}")
    query, document, told = columns
    grade = _number(told)
    if grade is None or not 0 <= grade <= MAX_GRADE:
        raise InputError(
            f"{path} line {number} has the grade '{_short(told)}'; a number from 0, for not relevant, to {MAX_GRADE:,} "
            "is allowed. Mend it, or take the line out if it holds column names."
        )
    return query, document, grade


def _columns(line: str) -> tuple[str, str, str] | None:
    """Return query, document and grade as written, by tabs if there are enough of them; None if there are not three."""
    columns = [column.strip() for column in line.split("\t")]
    if len(columns) not in (3, 4):
        columns = line.split()
    if len(columns) == 4 and (columns[1] == "Q0" or _number(columns[1]) is not None):
        del columns[1]
    return (columns[0], columns[1], columns[2]) if len(columns) == 3 and all(columns) else None


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _texts(path: Path) -> list[tuple[str, str, str]]:
    rows: dict[str, int] = {}
    found = []
    for row in read_rows(path, form_of(path)):
        if row.problem:
            raise InputError(f"{path} row {row.number} {row.problem}. Mend the row, or take it out.")
        key, text = _cell(path, row, "id").strip(), clean(_cell(path, row, "text"))
        if key in rows:
            raise InputError(
                f"{path} has the id '{_short(key)}' twice, in rows {rows[key]} and {row.number}. Give each its own id."
            )
        rows[key] = row.number
        found.append((key, text, language_code(row.cells.get("lang", ""))))
    if not found:
        raise InputError(f"{path} has no row. At least one with id and text is needed.")
    return found


def _cell(path: Path, row: Row, name: str) -> str:
    value = row.cells.get(name, "")
    if not clean(value):
        held = ", ".join(key for key, cell in row.cells.items() if cell.strip())
        raise InputError(
            f"{path} row {row.number} has no '{name}'; filled are: {_short(held) or 'none'}. Each row needs id and "
            "text, and may have lang."
        )
    return value


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"
