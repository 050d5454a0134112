"""Read a standard from Markdown: TOML front matter between +++, `# 1 Chapter`, `## 1.1 Title`, then the clause.

An addendum names its market and marks each clause `[add]`, `[replace]` or `[exempt]`.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from dataclasses import dataclass
from datetime import date
from typing import Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from voc.errors import InputError

MAX_CHARACTERS: Final = 1_000_000
_CHAPTER = re.compile(r"# (?P<number>\d{1,3}) (?P<title>\S.*)")
_CLAUSE = re.compile(
    r"## (?P<number>\d{1,3}(?:\.\d{1,3}){1,3}) (?P<title>[^\[\]]*[^\[\]\s])(?:\s+\[(?P<action>\w+)\])?\s*"
)
_ACTIONS: Final = ("add", "replace", "exempt")


class Front(BaseModel):
    """The front matter of a standard."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    document: str = Field(pattern=r"^[a-z][a-z0-9-]{1,60}$")
    title: str = Field(min_length=1, max_length=200)
    edition: str = Field(min_length=1, max_length=60)
    owner: str = Field(min_length=1, max_length=200)
    effective: date
    language: str = Field(pattern=r"^[a-z]{2,3}$")
    market: str = ""


@dataclass(frozen=True, slots=True)
class ParsedClause:
    """A clause as written, with the line that it begins on."""

    number: str
    chapter: str
    title: str
    action: str
    text: str
    line: int


@dataclass(frozen=True, slots=True)
class Parsed:
    """A whole standard; `id` is the sha256 of its text."""

    id: str
    front: Front
    clauses: tuple[ParsedClause, ...]
    source: str


def parse(source: str, place: str) -> Parsed:
    """Read a standard.

    Raises:
        InputError: a line is not what it must be; the message names it.
    """
    if len(source) > MAX_CHARACTERS:
        raise InputError(f"{place} has {len(source):,} characters; at most {MAX_CHARACTERS:,} are read.")
    lines = source.replace("\r\n", "\n").split("\n")
    front, first = _front(lines, place)
    clauses = _clauses(lines, first, place, addendum=bool(front.market))
    if not clauses:
        raise InputError(f"{place} has no clause. A clause begins with a line such as '## 1.1 Delivery date'.")
    normal = "\n".join(lines)
    return Parsed(hashlib.sha256(normal.encode()).hexdigest(), front, tuple(clauses), normal)


def _front(lines: list[str], place: str) -> tuple[Front, int]:
    if lines[0].strip() != "+++" or "+++" not in (line.strip() for line in lines[1:]):
        raise InputError(
            f"{place}, line 1: a standard begins with +++, front matter and +++ (see the sample's global.md)."
        )
    end = next(index for index, line in enumerate(lines) if index and line.strip() == "+++")
    try:
        return Front.model_validate(tomllib.loads("\n".join(lines[1:end]))), end + 1
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{place}: the front matter is not TOML: {error}.") from error
    except ValidationError as error:
        found = error.errors()[0]
        raise InputError(f"{place}: front matter: {'.'.join(map(str, found['loc']))}: {found['msg']}.") from error


def _clauses(lines: list[str], first: int, place: str, *, addendum: bool) -> list[ParsedClause]:
    chapter, found = "", list[ParsedClause]()
    body: list[str] = []
    head: tuple[re.Match[str], int] | None = None

    def close() -> None:
        if head is not None:
            found.append(_clause(head[0], head[1], chapter, body, place, addendum=addendum))

    for number, line in enumerate(lines[first:], first + 1):
        if line.startswith("## "):
            close()
            match = _CLAUSE.fullmatch(line.rstrip())
            if match is None:
                raise InputError(
                    f"{place}, line {number}: '{line[:60]}' is not a clause such as '## 1.1 Delivery date'."
                )
            if match["number"] in {clause.number for clause in found}:
                raise InputError(f"{place}, line {number}: clause {match['number']} stands there twice.")
            head, body = (match, number), []
        elif line.startswith("# "):
            close()
            head = None
            match = _CHAPTER.fullmatch(line.rstrip())
            if match is None:
                raise InputError(f"{place}, line {number}: '{line[:60]}' is not a chapter such as '# 1 Promise'.")
            chapter = f"{match['number']} {match['title']}"
        elif head is None and line.strip():
            raise InputError(f"{place}, line {number}: text stands before the first clause of its chapter.")
        else:
            body.append(line.strip())
    close()
    return found


def _clause(
    head: re.Match[str], line: int, chapter: str, body: list[str], place: str, *, addendum: bool
) -> ParsedClause:
    action = head["action"] or "base"
    if addendum and action not in _ACTIONS:
        raise InputError(f"{place}, line {line}: a clause of an addendum ends in [add], [replace] or [exempt].")
    if not addendum and action != "base":
        raise InputError(f"{place}, line {line}: [{action}] is for addenda; this standard names no market.")
    if not chapter or head["number"].split(".")[0] != chapter.split(" ")[0]:
        raise InputError(f"{place}, line {line}: clause {head['number']} does not stand in its chapter.")
    text = re.sub(r"\n{2,}", "\n", "\n".join(body).strip())
    if not text and action != "exempt":
        raise InputError(f"{place}, line {line}: clause {head['number']} has no text.")
    return ParsedClause(head["number"], chapter, head["title"].strip(), action, text, line)
