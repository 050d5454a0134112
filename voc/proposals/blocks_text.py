"""Blocks as Markdown for files and as text for a terminal; in neither can a quoted text become markup."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import singledispatch
from typing import TYPE_CHECKING, Final

from voc.proposals.blocks import (
    Block,
    Change,
    Chips,
    Clause,
    Facts,
    Fold,
    Grid,
    Heading,
    Items,
    Notice,
    Paragraph,
    Run,
    Saying,
)
from voc.standards.redline import Span, as_rich, as_text, redline
from voc.standards.visible import visible

if TYPE_CHECKING:
    from rich.text import Text

_MARKUP: Final = re.compile(r"([\\`*_{}\[\]<>|#~&])")
_LINE_START: Final = re.compile(r"(?m)^(\s*\d*)([-+=.)])")

Escape = Callable[[str], str]


def markdown(blocks: Iterable[Block]) -> str:
    """Return blocks as Markdown; struck out is [-so-], put in is {+so+}."""
    return "\n\n".join(part for block in blocks if (part := _told(block, _escaped, "#"))).rstrip() + "\n"


def terminal(blocks: Iterable[Block]) -> Text:
    """Return blocks as text with a few styles, which a console shows or leaves away as it can."""
    from rich.text import Text

    shown = Text()
    for block in blocks:
        if isinstance(block, Change):
            shown.append_text(as_rich(redline(block.old, block.new)))
        elif isinstance(block, Saying):
            shown.append("\n".join(f"  {line}" for line in visible(block.text).split("\n")), "italic")
            shown.append(f"\n    {visible(block.source)}", "dim")
        elif isinstance(block, Heading):
            shown.append(visible(block.text), "bold underline" if block.level == 1 else "bold")
        else:
            style = {Notice: "yellow", Chips: "bold"}.get(type(block), "")
            shown.append(_told(block, visible, ""), style)
        shown.append("\n" if isinstance(block, Heading | Chips) else "\n\n")
    shown.rstrip()
    return shown


@singledispatch
def _told(block: Block, escape: Escape, mark: str) -> str:
    raise NotImplementedError(type(block).__name__)


@_told.register
def _(block: Heading, escape: Escape, mark: str) -> str:
    return f"{mark * block.level} {_line(escape(block.text))}".strip()


@_told.register
def _(block: Chips, escape: Escape, mark: str) -> str:
    return " · ".join(_line(escape(run.text)) for run in block.runs)


@_told.register
def _(block: Notice, escape: Escape, mark: str) -> str:
    return f"Notice: {_line(escape(block.text))}"


@_told.register
def _(block: Paragraph, escape: Escape, mark: str) -> str:
    return _runs(block.runs, escape)


@_told.register
def _(block: Change, escape: Escape, mark: str) -> str:
    spans = tuple(Span(span.kind, escape(span.text)) for span in redline(block.old, block.new))
    return as_text(spans).replace("](", "]\\(")


@_told.register
def _(block: Clause, escape: Escape, mark: str) -> str:
    return _quoted(escape(block.text))


@_told.register
def _(block: Saying, escape: Escape, mark: str) -> str:
    return f"{_quoted(escape(block.text))}\n>\n> ({_line(escape(block.source))})"


@_told.register
def _(block: Facts, escape: Escape, mark: str) -> str:
    return "\n".join(f"- {_line(escape(name))}: {_line(escape(told))}" for name, told in block.rows)


@_told.register
def _(block: Items, escape: Escape, mark: str) -> str:
    return "\n".join(f"- {_runs(item, escape)}" for item in block.items)


@_told.register
def _(block: Grid, escape: Escape, mark: str) -> str:
    rows = ["| " + " | ".join(_line(escape(column.title)) for column in block.columns) + " |"]
    rows.append("|" + "|".join("--:" if column.number else "---" for column in block.columns) + "|")
    rows += ["| " + " | ".join(_line(escape(cell)) for cell in row) + " |" for row in block.rows]
    return "\n".join([escape(block.caption), "", *rows] if block.caption else rows)


@_told.register
def _(block: Fold, escape: Escape, mark: str) -> str:
    inner = (_told(one, escape, mark) for one in block.blocks)
    return "\n\n".join([f"{mark * 2} {escape(block.title)}".strip(), *inner])


def _runs(runs: Iterable[Run], escape: Escape) -> str:
    return _line(escape("".join(run.text for run in runs)))


def _quoted(text: str) -> str:
    return "\n".join(f"> {line}" for line in text.split("\n"))


def _line(text: str) -> str:
    return " ".join(text.split())


def _escaped(text: str) -> str:
    marked = _MARKUP.sub(r"\\\1", visible(text))
    return _LINE_START.sub(r"\1\\\2", marked)
