"""Standards as Markdown: TOML front matter between +++, `# 1 Chapter`, `## 1.1 Title`, then the clause.

An addendum names its market and marks each clause `[add]`, `[replace]` or `[exempt]`. A line of text that begins like a
heading has a backslash before it.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Sequence

from voc.standards.collect import Collector
from voc.standards.document import (
    FIELDS,
    MAX_CHARACTERS,
    NOTHING_GIVEN,
    Front,
    Given,
    Parsed,
    ParsedClause,
    Problem,
    Reading,
    accepted_standard,
    front_of,
)
from voc.standards.numbers import read_heading, write_heading
from voc.standards.rules import checked

_ESCAPED = re.compile(r"\\+#{1,2} ")
_LIKE_HEADING = re.compile(r"\\*#{1,2} ")


def parse(source: str, place: str) -> Parsed:
    """Read a standard.

    Raises:
        InputError: something is not what it must be; the message names every such line.
    """
    return accepted_standard(read_markdown(source, place))


def read_markdown(source: str, place: str, given: Given = NOTHING_GIVEN) -> Reading:
    """Read Markdown with everything that is wrong with it."""
    if len(source) > MAX_CHARACTERS:
        told = f"it has {len(source):,} characters; at most {MAX_CHARACTERS:,} are read. Cut it into documents."
        return Reading(place, "line", None, (), (Problem(0, "error", "size", told),))
    lines = source.replace("\r\n", "\n").split("\n")
    front, start, problems = _front(lines, given)
    body = _body(lines, start, lost=start == 0)
    clauses, wrong = checked(front, body.raws)
    problems += body.problems + wrong
    if not body.raws:
        told = "it has no clause. A clause begins with a line such as '## 1.1 Delivery date'."
        problems.append(Problem(0, "error", "no-clause", told))
    problems.sort(key=lambda one: one.line)
    return Reading(place, "line", front, clauses, tuple(problems), None if front is None else "\n".join(lines))


def write_markdown(front: Front, clauses: Sequence[ParsedClause]) -> str:
    """Return a standard as Markdown."""
    order = ("document", "title", "market", "edition", "owner", "effective", "language")
    out = ["+++"]
    for name in order:
        value = getattr(front, name)
        if value:
            out.append(
                f"{name} = {value.isoformat() if name == 'effective' else json.dumps(value, ensure_ascii=False)}"
            )
    out += ["+++", ""]
    chapter = ""
    for clause in clauses:
        if clause.chapter != chapter:
            chapter = clause.chapter
            out += [f"# {chapter}", ""]
        out += [f"## {write_heading(clause.number, clause.title, clause.action)}", ""]
        out += [*(_safe(line) for line in clause.text.split("\n")), ""] if clause.text else []
    return "\n".join(out)


def _safe(line: str) -> str:
    return "\\" + line if _LIKE_HEADING.match(line) else line


def _front(lines: list[str], given: Given) -> tuple[Front | None, int, list[Problem]]:
    marks = [index for index, line in enumerate(lines) if line.strip() == "+++"][:2]
    if len(marks) < 2 or marks[0] != 0:
        told = "a standard begins with +++, front matter and +++ (see the sample's global.md)."
        return None, 0, [Problem(1, "error", "front", told)]
    inner = lines[1 : marks[1]]
    places = {name: at for at, line in enumerate(inner, 2) for name in FIELDS if re.match(rf"\s*{name}\s*=", line)}
    try:
        values = tomllib.loads("\n".join(inner))
    except tomllib.TOMLDecodeError as error:
        return None, marks[1] + 1, [Problem(1, "error", "front", f"the front matter is not TOML: {error}.")]
    front, problems = front_of(values, places, given)
    return front, marks[1] + 1, problems


def _body(lines: list[str], start: int, *, lost: bool) -> Collector:
    """Return the clauses as they stand, and what is no clause."""
    found = Collector(lost=lost)
    for at, line in enumerate(lines[start:], start + 1):
        if line.startswith("# "):
            found.chapter(line[2:], at)
        elif not line.startswith("## "):
            found.text(_unsafe(line), at)
        elif (heading := read_heading(line[3:])) is not None:
            found.clause(heading, at)
        else:
            found.wrong("number", f"'{line[:60]}' is not a clause such as '## 1.1 Delivery date'.", at)
    found.end()
    return found


def _unsafe(line: str) -> str:
    bare = line.strip()
    return bare[1:] if _ESCAPED.match(bare) else bare
