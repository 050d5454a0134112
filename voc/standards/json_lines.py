"""Clauses as JSON lines: doc, clause, title, text, lang, market, and where known what else a standard has.

One file may hold several documents, and the global edition beside addenda: lines that share doc, market and edition
belong together.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Final

from voc.standards.document import (
    MAX_CHARACTERS,
    NOTHING_GIVEN,
    Front,
    Given,
    ParsedClause,
    Problem,
    Reading,
    document_id,
    front_of,
)
from voc.standards.rules import Raw, checked

_FRONT: Final = {
    "doc": "document",
    "document_title": "title",
    "edition": "edition",
    "owner": "owner",
    "effective": "effective",
    "lang": "language",
    "market": "market",
}
_CLAUSE: Final = {"clause": "number", "chapter": "chapter", "title": "title", "action": "action", "text": "text"}
_IGNORED: Final = ("id",)
_MOST_DOCUMENTS: Final = 1_000

Row = Mapping[str, str]
Key = tuple[str, str, str]


def read_json_lines(source: str, place: str, given: Given = NOTHING_GIVEN) -> tuple[Reading, ...]:
    """Read JSON lines, one reading for each document, in the order in which they begin."""
    if len(source) > MAX_CHARACTERS:
        told = f"it has {len(source):,} characters; at most {MAX_CHARACTERS:,} are read. Cut it into files."
        return (Reading(place, "line", None, (), (Problem(0, "error", "size", told),)),)
    problems: list[Problem] = []
    groups: dict[Key, list[tuple[int, Row]]] = {}
    for at, line in enumerate(source.split("\n"), 1):
        row = _row(line, at, problems) if line.strip() else None
        if row is not None:
            key = (row.get("doc", ""), row.get("market", ""), row.get("edition", ""))
            groups.setdefault(key, []).append((at, row))
    if len(groups) > _MOST_DOCUMENTS:
        problems.append(Problem(0, "error", "size", f"it has more than {_MOST_DOCUMENTS:,} documents. Cut it up."))
    if not groups or len(groups) > _MOST_DOCUMENTS:
        problems.append(Problem(0, "error", "no-clause", "it has no clause: no line such as {'doc': …, 'clause': …}."))
        return (Reading(place, "line", None, (), tuple(problems)),)
    found = [_reading(rows, place, given) for rows in groups.values()]
    first = found[0]
    whole = tuple(sorted((*problems, *first.problems), key=lambda one: one.line))
    found[0] = Reading(place, "line", first.front, first.clauses, whole)
    return tuple(found)


def write_json_lines(front: Front, clauses: Sequence[ParsedClause]) -> str:
    """Return a standard as JSON lines; each line holds the front matter too."""
    head = {key: value for key, name in _FRONT.items() if (value := str(getattr(front, name)))}
    lines = []
    for clause in clauses:
        own = {key: getattr(clause, name) for key, name in _CLAUSE.items() if getattr(clause, name)}
        if clause.action == "base":
            del own["action"]
        lines.append(json.dumps(head | own, ensure_ascii=False))
    return "".join(line + "\n" for line in lines)


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name stands there twice")
    return found


def _row(line: str, at: int, problems: list[Problem]) -> Row | None:
    try:
        found = json.loads(line, object_pairs_hook=_once)
        json.dumps(found, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        problems.append(Problem(at, "error", "json", "it has half a character (a lone surrogate such as \\ud800)."))
        return None
    except (RecursionError, ValueError) as error:
        problems.append(Problem(at, "error", "json", f"this is not JSON: {str(error)[:120]}."))
        return None
    if not isinstance(found, dict):
        problems.append(Problem(at, "error", "json", "a line is an object such as {'doc': …, 'clause': …}."))
        return None
    row: dict[str, str] = {}
    for key, value in found.items():
        if key not in (*_FRONT, *_CLAUSE, *_IGNORED):
            told = f"'{key[:40]}' is not kept. Known: {', '.join((*_FRONT, *_CLAUSE))}."
            problems.append(Problem(at, "warning", "json", told))
        elif value is not None and not isinstance(value, str):
            problems.append(Problem(at, "error", "json", f"'{key}' is {json.dumps(value)[:40]}; it must be text."))
        else:
            row[key] = value or ""
    return row


def _reading(rows: Sequence[tuple[int, Row]], place: str, given: Given) -> Reading:
    """Return the one document that rows make; its front matter is that of its first row."""
    first_at, first = rows[0]
    values = {name: first[key] for key, name in _FRONT.items() if first.get(key)}
    problems = []
    if doc := values.get("document"):
        values["document"] = document_id(doc) or doc
        if not given.title:
            values.setdefault("title", doc)
    for at, row in rows[1:]:
        for key in _FRONT:
            if row.get(key, "") != first.get(key, ""):
                told = f"'{key}' is '{row.get(key, '')[:40]}', but '{first.get(key, '')[:40]}' in line {first_at}."
                problems.append(Problem(at, "error", "front", told))
    front, wrong = front_of(values, dict.fromkeys(_FRONT.values(), first_at), given)
    raws = [Raw(**{name: row.get(key, "") for key, name in _CLAUSE.items()}, line=at) for at, row in rows]
    clauses, more = checked(front, raws)
    problems = sorted([*problems, *wrong, *more], key=lambda one: one.line)
    return Reading(place, "line", front, clauses, tuple(problems))
