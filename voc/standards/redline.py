"""Redline: what is struck out and what is put in, word by word; rejecting all gives the old text, accepting the new.

Source: longest matching blocks (Ratcliff and Obershelp), Python's difflib.
"""

from __future__ import annotations

import difflib
import html
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

_PIECE: Final = re.compile(r"\[[^\[\]\n]{1,120}\]|\w+|\s+|[^\w\s]")


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of a redline."""

    kind: Literal["same", "out", "in"]
    text: str


def redline(old: str, new: str) -> tuple[Span, ...]:
    """Return spans whose "same" and "out" texts join to `old`, and "same" and "in" texts to `new`."""
    before, after = _PIECE.findall(old), _PIECE.findall(new)
    spans: list[Span] = []
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    for kind, i1, i2, j1, j2 in matcher.get_opcodes():
        if kind == "equal":
            spans.append(Span("same", "".join(before[i1:i2])))
            continue
        if i2 > i1:
            spans.append(Span("out", "".join(before[i1:i2])))
        if j2 > j1:
            spans.append(Span("in", "".join(after[j1:j2])))
    return tuple(spans)


def rejected(spans: Sequence[Span]) -> str:
    """Return the text when every change is rejected."""
    return "".join(span.text for span in spans if span.kind != "in")


def accepted(spans: Sequence[Span]) -> str:
    """Return the text when every change is accepted."""
    return "".join(span.text for span in spans if span.kind != "out")


def as_html(spans: Sequence[Span]) -> str:
    """Return HTML with `<del>` and `<ins>`; text is escaped."""
    tags = {"same": ("", ""), "out": ("<del>", "</del>"), "in": ("<ins>", "</ins>")}
    return "".join(tags[span.kind][0] + html.escape(span.text) + tags[span.kind][1] for span in spans)


def as_text(spans: Sequence[Span]) -> str:
    """Return plain text in which `[-…-]` is struck out and `{+…+}` put in."""
    marks = {"same": ("", ""), "out": ("[-", "-]"), "in": ("{+", "+}")}
    return "".join(marks[span.kind][0] + span.text + marks[span.kind][1] for span in spans)
