"""Texts with labels that people gave, for measuring: redacted as in ingest, exact copies folded; nothing is stored."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from voc.errors import InputError
from voc.ingest.identity import clean, text_hash
from voc.ingest.readers import Row, form_of, open_table
from voc.ingest.redact import Redactor
from voc.ingest.rows import language_code

LEAST: Final = 20
"""Fewer labelled texts say nothing about themes: with ten labels that is two of each."""


@dataclass(frozen=True, slots=True)
class LabelledColumns:
    """Which columns hold text, label and language; without a language column it is guessed.

    `option` is what the column of labels is named with on the command line.
    """

    text: str
    label: str
    language: str = ""
    option: str = "--labels"


@dataclass(frozen=True, slots=True)
class LabelledText:
    """One distinct text with the label and the language that most of its copies have."""

    text_hash: str
    text: str
    label: str
    language: str


@dataclass(frozen=True, slots=True)
class LabelledTexts:
    """Distinct texts in canonical order, and what was read: rows, copies folded, rows without text or label."""

    texts: tuple[LabelledText, ...]
    rows: int
    copies: int
    left_out: int


def read_labelled(
    path: Path, columns: LabelledColumns, *, redactor: Redactor, guess: Callable[[str], str], least: int = LEAST
) -> LabelledTexts:
    """Read the labelled texts of a CSV or JSON-lines file.

    Args:
        path: the file.
        columns: which columns to read.
        redactor: takes personal data out of the texts.
        guess: returns the language of a text, used where the file does not say it.
        least: fewest different labelled texts.

    Raises:
        NotFoundError: there is no such file.
        InputError: it is empty or unreadable, lacks a column, or has fewer than `least` labelled texts.
    """
    form = form_of(path)
    with open_table(path, form) as table:
        rows = list(table.rows)
        names = table.columns if form.has_columns else _keys(rows)
    for option, name in ((columns.option, columns.label), ("--text", columns.text), ("--lang", columns.language)):
        if name and name not in names:
            raise InputError(
                f"{path} has no column '{name}'. Its columns: {', '.join(names) or 'none'}. Name one with {option}."
            )
    taken = [cells for row in rows if (cells := _read(row, columns, redactor)) is not None]
    texts = _folded(taken, guess)
    if len(texts) < least:
        raise InputError(
            f"{path} has {len(texts)} different labelled texts in {len(rows)} rows; at least {least} are needed. Label "
            f"more, or name other columns with {columns.option} and --text."
        )
    return LabelledTexts(texts, len(rows), len(taken) - len(texts), len(rows) - len(taken))


def _keys(rows: Iterable[Row]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for row in rows for name in row.cells))


def _read(row: Row, columns: LabelledColumns, redactor: Redactor) -> tuple[str, str, str] | None:
    text = redactor.redact(clean(row.cells.get(columns.text, ""))).text
    label = row.cells.get(columns.label, "").strip()
    if row.problem or not text or not label:
        return None
    return text, label, language_code(row.cells.get(columns.language, ""))


def _folded(taken: Iterable[tuple[str, str, str]], guess: Callable[[str], str]) -> tuple[LabelledText, ...]:
    texts: dict[str, str] = {}
    labels: dict[str, Counter[str]] = {}
    languages: dict[str, Counter[str]] = {}
    for text, label, language in taken:
        key = text_hash(text)
        texts.setdefault(key, text)
        labels.setdefault(key, Counter())[label] += 1
        languages.setdefault(key, Counter())[language] += 1
    return tuple(
        LabelledText(key, texts[key], _most(labels[key]), _most(languages[key]) or guess(texts[key]))
        for key in sorted(texts)
    )


def _most(found: Counter[str]) -> str:
    """Return what was counted most; ties go to the first in the alphabet, so that the order of rows does not matter."""
    return min(found, key=lambda one: (-found[one], one))
