"""A standard as a value: front matter and numbered clauses, the same whatever file it was read from."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from voc.errors import InputError
from voc.standards.visible import visible

MAX_CHARACTERS: Final = 4_000_000
"""Characters of one file; 400 dense pages have about 1,000,000."""

MAX_CLAUSES: Final = 10_000

MAX_NAME: Final = 60
"""Characters of an edition's name."""

MAX_FRONT: Final = 200
"""Characters of a title or an owner."""

_ALLOWED: Final = {
    "document": "2 to 61 small letters, digits and hyphens, such as delivery",
    "title": "one line of at most 200 characters",
    "edition": "one line of at most 60 characters, such as 2024-1",
    "owner": "one line of at most 200 characters that says who answers for the text",
    "effective": "a day such as 2024-09-30",
    "language": "two or three small letters, such as en",
    "market": "a market's code such as DE, or nothing for the global edition",
}
FIELDS: Final = tuple(_ALLOWED)
"""The names of the front matter."""

_DOCUMENT: Final = re.compile(r"[a-z][a-z0-9-]{1,60}")
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")


def _one_line(text: str) -> str:
    if len(text.splitlines()) > 1 or unkept(text):
        raise ValueError("not one line")
    return plain_line(text)


def _day(value: object) -> object:
    if not isinstance(value, date) and not (isinstance(value, str) and _DAY.fullmatch(value)):
        raise ValueError("not a day")
    return value


_Line = Annotated[str, AfterValidator(_one_line)]


class Front(BaseModel):
    """The front matter of a standard; `market` "" is the global edition."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    document: str = Field(pattern=rf"^{_DOCUMENT.pattern}$")
    title: _Line = Field(min_length=1, max_length=MAX_FRONT)
    edition: _Line = Field(min_length=1, max_length=MAX_NAME)
    owner: _Line = Field(min_length=1, max_length=MAX_FRONT)
    effective: Annotated[date, BeforeValidator(_day)]
    language: str = Field(pattern=r"^[a-z]{2,3}$")
    market: _Line = Field(default="", max_length=20)


@dataclass(frozen=True, slots=True)
class ParsedClause:
    """A clause as written; `line` is where it begins, `text` has lines without blanks around and none empty."""

    number: str
    chapter: str
    title: str
    action: str
    text: str
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Parsed:
    """A whole standard; `id` is the sha256 of `source`, which is Markdown."""

    id: str
    front: Front
    clauses: tuple[ParsedClause, ...]
    source: str


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong with a standard; `line` 0 is the whole file. An error stops an import, a warning does not."""

    line: int
    severity: Literal["error", "warning"]
    rule: str
    message: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What a file says, with everything that is wrong with it; `unit` is what `line` counts.

    `source` is the text as written where the file is Markdown.
    """

    place: str
    unit: str
    front: Front | None
    clauses: tuple[ParsedClause, ...]
    problems: tuple[Problem, ...]
    source: str | None = None


@dataclass(frozen=True, slots=True)
class Given:
    """Front matter that people give beside a file that lacks it; "" is not given."""

    document: str = ""
    title: str = ""
    edition: str = ""
    owner: str = ""
    effective: str = ""
    language: str = ""
    market: str = ""


NOTHING_GIVEN: Final = Given()


def plain_text(text: str) -> str:
    """Return a text as it is stored: its lines without blanks around them, none of them empty."""
    return "\n".join(line for raw in text.splitlines() if (line := raw.strip()))


def plain_line(text: str) -> str:
    """Return a title as it is stored: one line with single blanks."""
    return " ".join(text.split())


def unkept(text: str) -> str | None:
    """Return the first character that not every format can hold, as U+0007; None when there is none."""
    for one in text:
        if (unicodedata.category(one) in ("Cc", "Cs") and one not in "\t\n") or one in "\ufeff\ufffe\uffff":
            return f"U+{ord(one):04X}"
    return None


def document_id(name: str) -> str:
    """Return a document's id for a name: "PostG 1998" is postg-1998; "" when nothing is left of it."""
    if _DOCUMENT.fullmatch(name):
        return name
    bare = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    made = re.sub(r"[^a-z0-9]+", "-", bare).strip("-")[:60]
    return made if _DOCUMENT.fullmatch(made) else ""


def front_of(
    values: Mapping[str, object], lines: Mapping[str, int], given: Given = NOTHING_GIVEN
) -> tuple[Front | None, list[Problem]]:
    """Return the front matter with what was given beside it, and its problems; `lines` says where values stand."""
    merged = {name: value for name, value in values.items() if value not in ("", None)}
    problems = []
    for name in FIELDS:
        other = getattr(given, name)
        if other and str(merged.setdefault(name, other)) != other:
            message = f"{name} is '{merged[name]}' in the file, but --{name} says '{other}'. Leave the option out."
            problems.append(Problem(lines.get(name, 0), "error", "front", message))
    try:
        return Front.model_validate(merged), problems
    except ValidationError as error:
        seen = {str(one["loc"][0]): one["type"] for one in error.errors()}
    return None, problems + [_wrong(name, kind, merged.get(name), lines) for name, kind in seen.items()]


def _wrong(name: str, kind: str, value: object, lines: Mapping[str, int]) -> Problem:
    line = lines.get(name, 1)
    if kind == "missing":
        message = f"{name} is missing. Write it in the front matter, or give --{name}: {_ALLOWED[name]}."
        return Problem(line, "error", f"missing-{name}", message)
    if name not in _ALLOWED:
        message = f"'{name[:40]}' is no part of the front matter. Allowed: {', '.join(FIELDS)}."
        return Problem(line, "error", "front", message)
    return Problem(line, "error", "front", f"{name} is '{str(value)[:60]}'. Allowed: {_ALLOWED[name]}.")


def standard(front: Front, clauses: Sequence[ParsedClause], source: str | None = None) -> Parsed:
    """Return a standard whose source is Markdown: the one that is given, else the one that voc writes."""
    from voc.standards.markdown import write_markdown

    text = write_markdown(front, clauses) if source is None else source
    return Parsed(hashlib.sha256(text.encode()).hexdigest(), front, tuple(clauses), text)


def accepted_standard(reading: Reading) -> Parsed:
    """Return what was read as a standard.

    Raises:
        InputError: there are errors; the message names them all.
    """
    errors = [problem for problem in reading.problems if problem.severity == "error"]
    if errors or reading.front is None:
        raise InputError("\n".join(said(reading, problem) for problem in errors[:MOST_SAID] + _rest(errors)))
    return standard(reading.front, reading.clauses, reading.source)


MOST_SAID: Final = 200
"""Problems that are written out."""


def _rest(errors: Sequence[Problem]) -> list[Problem]:
    left = len(errors) - MOST_SAID
    return [Problem(0, "error", "more", f"and {left:,} more like these.")] if left > 0 else []


def said(reading: Reading, problem: Problem) -> str:
    """Return a problem in one line, with its place."""
    where = f"{reading.place}, {reading.unit} {problem.line}" if problem.line else reading.place
    return one_line(f"{where}: {problem.message}")


def one_line(text: str) -> str:
    """Return a text as one line in which nothing steers a terminal or turns the direction of reading."""
    return visible(" ".join(text.splitlines()))
