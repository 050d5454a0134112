"""Standards as YAML: the front matter as fields, then `clauses` with number, chapter, title, action and text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import yaml

from voc.errors import InputError
from voc.standards.document import (
    FIELDS,
    MAX_CHARACTERS,
    NOTHING_GIVEN,
    Front,
    Given,
    ParsedClause,
    Problem,
    Reading,
    front_of,
)
from voc.standards.rules import Raw, checked
from voc.standards.yaml_events import Fields, Node, Rows, Word, read_tree

_CLAUSE: Final = ("number", "chapter", "title", "action", "text")
_LONG: Final = 60
"""Characters from which on a text stands in lines of its own."""


class _Dumper(yaml.SafeDumper):
    """Writes long texts as they are, in indented lines."""


def _text(dumper: _Dumper, text: str) -> yaml.Node:
    style = "|" if "\n" in text or len(text) > _LONG else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text)


def read_yaml(source: str, place: str, given: Given = NOTHING_GIVEN) -> Reading:
    """Read YAML with everything that is wrong with it."""
    if len(source) > MAX_CHARACTERS:
        told = f"it has {len(source):,} characters; at most {MAX_CHARACTERS:,} are read. Cut it into documents."
        return Reading(place, "line", None, (), (Problem(0, "error", "size", told),))
    try:
        tree = read_tree(source)
        if not isinstance(tree, Fields):
            raise InputError("line 1: a standard is a mapping with document, title, edition and so on.")
    except InputError as error:
        line, told = str(error).removeprefix("line ").split(": ", 1)
        return Reading(place, "line", None, (), (Problem(int(line), "error", "yaml", told),))
    problems: list[Problem] = []
    values = {name: _word(node, name, problems) for name, node in tree.items.items() if name != "clauses"}
    front, wrong = front_of(values, tree.lines, given)
    raws = _clauses(tree.items.get("clauses"), problems)
    clauses, more = checked(front, raws)
    problems += wrong + more
    if not raws:
        problems.append(Problem(0, "error", "no-clause", "it has no clause. Clauses stand in a list named 'clauses'."))
    problems.sort(key=lambda one: one.line)
    return Reading(place, "line", front, clauses, tuple(problems))


def write_yaml(front: Front, clauses: Sequence[ParsedClause]) -> str:
    """Return a standard as YAML."""
    head = {name: getattr(front, name) for name in FIELDS if getattr(front, name)}
    rows = [
        {
            name: value
            for name in _CLAUSE
            if (value := getattr(clause, name)) and not (name == "action" and value == "base")
        }
        for clause in clauses
    ]
    return yaml.dump(head | {"clauses": rows}, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=100_000)


def _clauses(node: Node | None, problems: list[Problem]) -> list[Raw]:
    if not isinstance(node, Rows):
        return []
    raws = []
    for item in node.items:
        if not isinstance(item, Fields):
            told = "a clause is a mapping with number, title and text."
            problems.append(Problem(item.line, "error", "clause", told))
            continue
        for name in item.items:
            if name not in _CLAUSE:
                told = f"'{name[:40]}' is no part of a clause. Allowed: {', '.join(_CLAUSE)}."
                problems.append(Problem(item.lines[name], "error", "clause", told))
        words = {name: _word(item.items[name], name, problems) for name in _CLAUSE if name in item.items}
        raws.append(Raw(**{name: words.get(name, "") for name in _CLAUSE}, line=item.line))
    return raws


def _word(node: Node, name: str, problems: list[Problem]) -> str:
    if isinstance(node, Word):
        return node.text
    problems.append(Problem(node.line, "error", "yaml", f"{name[:40]} is text, not a list or a mapping."))
    return ""
