"""The paragraphs and table rows of a Word document in their order, with everything of them that is not text named."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from voc.standards.word_numbering import Numbering, outline_level, style_name
from voc.standards.word_package import Element, attribute, child, local

TRACKED = "a tracked change"
_PICTURES = ("drawing", "pict", "object")
_SKIPPED = (
    *("pPr", "rPr", "tblPr", "tblGrid", "trPr", "tcPr", "sdtPr", "sdtEndPr", "sectPr", "instrText", "delText"),
    *("softHyphen", "delInstrText", "Fallback", "lastRenderedPageBreak", "commentReference", "proofErr"),
)
_SIGNS = {"tab": "\t", "ptab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "\u2011"}
_NAMED = {"footnoteReference": "a footnote", "endnoteReference": "an endnote", "sym": "a symbol"}


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, or a row of a table (`cells`); `at` counts paragraphs from 1, `level` is that of a heading.

    `lost` names what is in it and cannot be kept as text.
    """

    at: int
    text: str
    label: str = ""
    level: int | None = None
    style: str = ""
    cells: tuple[str, ...] = ()
    table: int = 0
    lost: tuple[str, ...] = ()


@dataclass(slots=True)
class _Run:
    text: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Walk:
    numbering: Numbering
    paragraphs: int = 0
    tables: int = 0


def read_blocks(body: Element, numbering: Numbering) -> tuple[Block, ...]:
    """Return all blocks from top to bottom; those of a table of contents are left out."""
    return tuple(_blocks(body, _Walk(numbering)))


def _blocks(parent: Element, walk: _Walk) -> Iterator[Block]:
    for element in parent:
        kind = local(element)
        if kind == "p":
            yield from _paragraph(element, walk)
        elif kind == "tbl":
            walk.tables += 1
            yield from _table(element, walk)
        elif kind in ("ins", "moveTo", "del", "moveFrom"):
            yield Block(walk.paragraphs, "", lost=(TRACKED,))
        elif kind not in _SKIPPED:
            yield from _blocks(element, walk)


def _paragraph(element: Element, walk: _Walk) -> Iterator[Block]:
    walk.paragraphs += 1
    run, styles = _Run(), walk.numbering.styles
    mark = child(element, "pPr", "rPr")
    if mark is not None and any(local(one) in ("ins", "del", "moveFrom", "moveTo") for one in mark):
        run.lost.append(TRACKED)
    _inline(element, run)
    name, text = style_name(element, styles), "".join(run.text)
    if name.startswith("toc"):
        return
    empty = not text.strip()
    level = None if empty else outline_level(element, styles)
    label = "" if empty else walk.numbering.label(element)
    yield Block(walk.paragraphs, text, label, level, name, lost=tuple(dict.fromkeys(run.lost)))


def _inline(element: Element, run: _Run) -> None:
    for one in element:
        kind = local(one)
        if kind == "t":
            run.text.append(one.text or "")
        elif kind in _SIGNS:
            run.text.append(_SIGNS[kind])
        elif (what := _no_text(one, kind)) is not None:
            run.lost.append(what)
        elif kind and kind not in _SKIPPED:
            if kind in ("ins", "moveTo"):
                run.lost.append(TRACKED)
            _inline(one, run)


def _no_text(element: Element, kind: str) -> str | None:
    """Return what an element is that cannot be kept as text; None for all others."""
    if kind in ("del", "moveFrom"):
        return TRACKED
    if kind in _PICTURES:
        return _picture(element)
    if kind == "oMath":
        return f"a formula ({_all_text(element)[:60]})"
    if kind == "r" and _hidden(element):
        return f"hidden text ('{_all_text(element)[:60]}')"
    return _NAMED.get(kind)


def _hidden(run: Element) -> bool:
    mark = child(run, "rPr", "vanish")
    return mark is not None and attribute(mark) not in ("0", "false", "off") and bool(_all_text(run).strip())


def _picture(element: Element) -> str:
    text = " ".join(_all_text(element).split())
    return f"a text box ('{text[:60]}')" if text else "a picture"


def _all_text(element: Element) -> str:
    return " ".join(one.text or "" for one in element.iter() if local(one) == "t")


def _table(element: Element, walk: _Walk) -> Iterator[Block]:
    """Yield the rows of a table; what stands in a cell becomes one line, a table within it too."""
    table = walk.tables
    for row in _rows(element):
        first, cells = walk.paragraphs + 1, list[str]()
        changed = any(child(row, "trPr", kind) is not None for kind in ("ins", "del"))
        lost = [TRACKED] if changed else []
        for cell in _cells(row):
            inner = list(_blocks(cell, walk))
            cells.append(" ".join(" ".join(_line(one).split()) for one in inner if _line(one).strip()))
            lost += [what for one in inner for what in one.lost]
        text = " | ".join(cells) if any(cells) else ""
        yield Block(first, text, cells=tuple(cells), table=table, lost=tuple(dict.fromkeys(lost)))


def _line(block: Block) -> str:
    return f"{block.label} {block.text}" if block.label and not block.cells else block.text


def _rows(table: Element) -> Iterator[Element]:
    for one in table:
        if local(one) == "tr":
            yield one
        elif local(one) in ("sdt", "sdtContent", "ins", "customXml"):
            yield from _rows(one)


def _cells(row: Element) -> Iterator[Element]:
    for one in row:
        if local(one) == "tc":
            merged = child(one, "tcPr", "vMerge")
            if merged is None or any(True for _ in merged.attrib):
                yield one
        elif local(one) in ("sdt", "sdtContent", "customXml"):
            yield from _cells(one)
