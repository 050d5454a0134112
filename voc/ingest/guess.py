"""Propose a mapping for a file that was never seen, from the names and the contents of its columns."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from voc.errors import InputError
from voc.ingest.cells import Row
from voc.ingest.readers import form_of, open_table

LOOKED_AT: Final = 500
_NAMES: Final = {
    "text": r"text|comment|kommentar|comentario|review|feedback|message|body|bewertung|avis|verbatim|内容|コメント",
    "created_at": r"created|date|time|datum|fecha|data|submitted|timestamp|日付|日時",
    "market": r"market|country|land|pays|pais|region|markt|site",
    "source_id": r"^id$|_id$|ticket|case|uuid|review.?id|nummer",
    "language": r"^lang|language|sprache|langue|idioma|locale",
    "rating": r"rating|stars?|score|note|bewertung|nota|csat|sterne",
    "channel": r"channel|kanal|canal|medium|origin",
    "tracking": r"tracking|sendungsnummer|suivi|rastre|parcel.?(no|number)",
    "order": r"order|bestell|commande|pedido",
}
_ATTRIBUTES: Final = ("depot", "service", "mile", "brand", "product", "hub", "route", "carrier")
_FORMATS: Final = (
    "",
    "%d.%m.%Y %H:%M",
    "%d.%m.%Y",
    "%d/%m/%Y %H:%M",
    "%d/%m/%Y",
    "%m/%d/%Y %H:%M",
    "%m/%d/%Y",
    "%Y/%m/%d",
)


@dataclass(frozen=True, slots=True)
class Guess:
    """A proposed mapping as TOML text, and what could not be found."""

    toml: str
    missing: tuple[str, ...]


def guess_mapping(path: Path, *, markets: Sequence[str]) -> Guess:
    """Propose a mapping; a person looks it over before it is used.

    Raises:
        InputError: the file cannot be read or has no rows.
    """
    with open_table(path, form_of(path)) as table:
        return guess_columns(path.stem, table.columns, itertools.islice(table.rows, LOOKED_AT), markets=markets)


def guess_columns(name: str, columns: Sequence[str], looked_at: Iterable[Row], *, markets: Sequence[str]) -> Guess:
    """Propose a mapping for the columns of some rows of the file or source of that name.

    Raises:
        InputError: none of the rows can be read.
    """
    rows = [row.cells for row in looked_at if not row.problem]
    if not rows:
        raise InputError(f"{name} has column names but no rows that can be read.")
    samples = {column: [row.get(column, "").strip() for row in rows] for column in columns}
    found = _columns(samples, markets)
    toml = [f'source = "{_plain(name)}"', "", "[columns]"]
    toml += [f"{field} = {_quoted(found[field])}" for field in _NAMES if field in found]
    if "market" not in found:
        toml += [
            "",
            "[constants]",
            f'market = "{markets[0]}"  # no column names the market: is the whole file {markets[0]}?',
        ]
    if "created_at" in found and (date_format := _date_format(samples[found["created_at"]])):
        toml += ["", "[dates]", f'format = "{date_format}"']
    if "rating" in found:
        toml += _scale(samples[found["rating"]])
    attributes = [name for name in columns if name.casefold() in _ATTRIBUTES]
    if attributes:
        toml += ["", "[attributes]", *(f"{_plain(name.casefold())} = {_quoted(name)}" for name in attributes)]
    missing = tuple(field for field in ("text", "created_at") if field not in found)
    return Guess("\n".join(toml) + "\n", missing)


def _columns(samples: Mapping[str, Sequence[str]], markets: Sequence[str]) -> dict[str, str]:
    """Choose columns in the order of certainty; a column serves one field."""
    found: dict[str, str] = {}
    scorers: dict[str, Callable[[Sequence[str]], float]] = {
        "created_at": _dates,
        "market": lambda values: _share(values, lambda value: value.upper() in markets),
        "rating": lambda values: _share(values, lambda value: bool(re.fullmatch(r"-?\d{1,3}([.,]\d+)?", value))),
        "language": lambda values: _share(
            values, lambda value: bool(re.fullmatch(r"[a-z]{2}([-_][A-Za-z]{2})?", value))
        ),
        "source_id": lambda values: len(set(values)) / len(values),
        "text": lambda values: min(1.0, sum(map(len, values)) / len(values) / 40),
    }
    for field in ("created_at", "market", "language", "tracking", "order", "rating", "channel", "source_id", "text"):
        scorer = scorers.get(field, _named_only)
        ranked = sorted(
            (
                (scorer(values) * (1.0 if re.search(_NAMES[field], column, re.IGNORECASE) else 0.4), column)
                for column, values in samples.items()
                if column not in found.values() and any(values)
            ),
            reverse=True,
        )
        if ranked and ranked[0][0] >= (0.35 if field == "text" else 0.5):
            found[field] = ranked[0][1]
    return found


def _named_only(values: Sequence[str]) -> float:
    return 0.6 if any(values) else 0.0


def _share(values: Sequence[str], good: Callable[[str], bool]) -> float:
    filled = [value for value in values if value]
    return sum(good(value) for value in filled) / len(filled) if filled else 0.0


def _dates(values: Sequence[str]) -> float:
    return _share(values, lambda value: any(_is_date(value, form) for form in _FORMATS))


def _date_format(values: Sequence[str]) -> str:
    filled = [value for value in values if value]
    return max(_FORMATS, key=lambda form: (sum(_is_date(value, form) for value in filled), -_FORMATS.index(form)))


def _is_date(value: str, form: str) -> bool:
    if len(value) < 6:
        return False
    try:
        if form:
            datetime.strptime(value, form).date()
        else:
            datetime.fromisoformat(value)
    except ValueError:
        return False
    return True


def _scale(values: Sequence[str]) -> list[str]:
    numbers = [float(value.replace(",", ".")) for value in values if re.fullmatch(r"-?\d{1,3}([.,]\d+)?", value)]
    low, high = min(numbers, default=1), max(numbers, default=5)
    if low >= 1 and high <= 5:
        return []
    return ["", "[rating]", f"lowest = {low:g}  # look: is this the worst rating of the scale?", f"highest = {high:g}"]


def _plain(text: str) -> str:
    return re.sub(r"[^\w-]+", "-", text, flags=re.ASCII).strip("-") or "feedback"


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
