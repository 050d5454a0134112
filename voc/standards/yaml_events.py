"""Read YAML as plain text with line numbers: mappings, lists and words only, whatever a word looks like.

Nothing is built from tags, "1.10" stays "1.10" and "no" stays "no". Anchors, aliases, deep nesting and repeated keys
are refused, so that a small file cannot grow into a large one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import yaml

from voc.errors import InputError

MAX_DEPTH: Final = 8
_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Word:
    """A piece of text and the line that it begins on."""

    text: str
    line: int


@dataclass(frozen=True, slots=True)
class Rows:
    """A list."""

    items: tuple[Node, ...]
    line: int


@dataclass(frozen=True, slots=True)
class Fields:
    """A mapping; keys in the order in which they stand, each with its line."""

    items: dict[str, Node]
    lines: dict[str, int]
    line: int


Node = Word | Rows | Fields


def read_tree(source: str) -> Node:
    """Return the one document of a YAML text.

    Raises:
        InputError: it is not YAML, or uses what is refused; the message begins with the line.
    """
    try:
        events = iter(yaml.parse(source, Loader=_LOADER))
        _expect(next(events), yaml.StreamStartEvent)
        first = next(events)
        if isinstance(first, yaml.StreamEndEvent):
            raise InputError("line 1: the file is empty.")
        found = _node(next(events), events, 0)
        _expect(next(events), yaml.DocumentEndEvent)
        _expect(next(events), yaml.StreamEndEvent)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        raise InputError(f"line {line}: this is not YAML: {error.problem or error.context}.") from error
    except yaml.YAMLError as error:
        raise InputError(f"line 1: this is not YAML: {' '.join(str(error).split())[:200]}.") from error
    return found


def _expect(event: yaml.Event, kind: type[yaml.Event]) -> None:
    if not isinstance(event, kind):
        raise InputError(f"line {_line(event)}: one file holds one document; here another begins.")


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 1


def _node(event: yaml.Event, events: Iterator[yaml.Event], depth: int) -> Node:
    line = _line(event)
    if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
        raise InputError(f"line {line}: anchors (&) and aliases (*) are not read. Write the text itself.")
    if depth > MAX_DEPTH:
        raise InputError(f"line {line}: lists and mappings stand more than {MAX_DEPTH} deep.")
    if isinstance(event, yaml.ScalarEvent):
        nothing = event.style is None and event.value in ("", "~", "null")
        return Word("" if nothing else event.value, line)
    if isinstance(event, yaml.SequenceStartEvent):
        items = []
        while not isinstance(inner := next(events), yaml.SequenceEndEvent):
            items.append(_node(inner, events, depth + 1))
        return Rows(tuple(items), line)
    return _fields(events, line, depth)


def _fields(events: Iterator[yaml.Event], line: int, depth: int) -> Fields:
    items, lines = dict[str, Node](), dict[str, int]()
    while not isinstance(inner := next(events), yaml.MappingEndEvent):
        key = _node(inner, events, depth + 1)
        if not isinstance(key, Word) or key.text in items:
            told = f"'{key.text[:40]}' stands there twice" if isinstance(key, Word) else "a key is one word"
            raise InputError(f"line {key.line}: {told}.")
        items[key.text], lines[key.text] = _node(next(events), events, depth + 1), key.line
    return Fields(items, lines, line)
