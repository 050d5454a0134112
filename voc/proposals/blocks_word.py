"""Blocks as a Word document: headings, lists and tables of its own, redlines as tracked changes."""

from __future__ import annotations

from collections.abc import Iterable
from functools import singledispatch
from typing import Final

import docx
from docx.document import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.oxml.parser import OxmlElement
from docx.shared import Cm, Pt, RGBColor
from docx.table import _Row
from docx.text.paragraph import Paragraph as WordParagraph

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
    Tone,
)
from voc.standards.redline import redline
from voc.standards.visible import storable, visible
from voc.standards.word_redline import Tracker, add_redline

_FONT: Final = "Noto Sans"
_EAST_ASIAN: Final = "Noto Sans CJK JP"
_RIGHT_TO_LEFT: Final = ("ar", "fa", "he", "ur")
_COLOURS: Final = {
    "soft": RGBColor(0x55, 0x61, 0x6F),
    "good": RGBColor(0x0F, 0x5A, 0x33),
    "warn": RGBColor(0x8A, 0x4B, 0x00),
    "out": RGBColor(0x8F, 0x1D, 0x22),
}
_FACT_WIDTHS: Final = (Cm(4.5), Cm(12.5))
_FACT_TONES: Final[tuple[Tone, ...]] = ("soft", "plain")
_INDENT: Final = Cm(0.8)
_BOLD: Final = ("strong", "warn")


class Writer:
    """Writes blocks into a document, and numbers its tracked changes through."""

    def __init__(self, document: Document, tracker: Tracker) -> None:
        self.document = document
        self.tracker = tracker

    def change(self, block: Change) -> None:
        """Add a redline that can be accepted or rejected."""
        old, new = visible(block.old), visible(block.new)
        number = add_redline(self.document, old, new, tracker=self.tracker)
        self.tracker = Tracker(self.tracker.author, self.tracker.at, number)


def write_blocks(blocks: Iterable[Block], *, footer: str, tracker: Tracker) -> Document:
    """Return a new document of blocks, with `footer` and the page number below every page."""
    document = docx.Document()
    _style(document)
    _footer(document, footer)
    writer = Writer(document, tracker)
    for block in blocks:
        _add(block, writer)
    return document


@singledispatch
def _add(block: Block, writer: Writer) -> None:
    raise NotImplementedError(type(block).__name__)


@_add.register
def _(block: Heading, writer: Writer) -> None:
    writer.document.add_heading(_plain(block.text), level=block.level)


@_add.register
def _(block: Chips, writer: Writer) -> None:
    _runs(writer.document.add_paragraph(), tuple(_spaced(block.runs)))


@_add.register
def _(block: Facts, writer: Writer) -> None:
    table = writer.document.add_table(rows=0, cols=len(_FACT_WIDTHS))
    table.autofit = False
    for column, width in zip(table.columns, _FACT_WIDTHS, strict=True):
        column.width = width
    for pair in block.rows:
        row = table.add_row()
        _property(row, "w:cantSplit")
        for cell, told, width, tone in zip(row.cells, pair, _FACT_WIDTHS, _FACT_TONES, strict=True):
            cell.width = width
            _runs(cell.paragraphs[0], (Run(told, tone),))
    writer.document.add_paragraph()


@_add.register
def _(block: Notice, writer: Writer) -> None:
    _runs(writer.document.add_paragraph(), (Run("Notice: ", "warn"), Run(block.text)))


@_add.register
def _(block: Paragraph, writer: Writer) -> None:
    paragraph = writer.document.add_paragraph()
    paragraph.paragraph_format.keep_with_next = block.leads
    _runs(paragraph, block.runs)


@_add.register
def _(block: Items, writer: Writer) -> None:
    for item in block.items:
        _runs(writer.document.add_paragraph(style="List Bullet"), item)


@_add.register
def _(block: Saying, writer: Writer) -> None:
    paragraph = writer.document.add_paragraph(style="Quote")
    _text(paragraph, _plain(block.text), block.language)
    source = writer.document.add_paragraph()
    source.paragraph_format.left_indent = _INDENT
    against = "speaks against it · " if block.against else ""
    _runs(source, (Run(against, "warn"), Run(block.source, "soft")))


@_add.register
def _(block: Change, writer: Writer) -> None:
    if block.tracked:
        writer.change(block)
        return
    paragraph = writer.document.add_paragraph()
    for span in redline(block.old, block.new):
        run = paragraph.add_run(_plain(span.text))
        if span.kind == "out":
            run.font.strike, run.font.color.rgb = True, _COLOURS["out"]
        elif span.kind == "in":
            run.font.underline, run.font.bold, run.font.color.rgb = True, True, _COLOURS["good"]


@_add.register
def _(block: Clause, writer: Writer) -> None:
    for line in _plain(block.text).split("\n"):
        paragraph = writer.document.add_paragraph()
        paragraph.paragraph_format.left_indent = _INDENT
        _text(paragraph, line, block.language)


@_add.register
def _(block: Grid, writer: Writer) -> None:
    if block.caption:
        _runs(writer.document.add_paragraph(), (Run(block.caption, "soft"),))
    table = writer.document.add_table(rows=1, cols=len(block.columns), style="Table Grid")
    for cell, column in zip(table.rows[0].cells, block.columns, strict=True):
        _runs(cell.paragraphs[0], (Run(column.title, "strong"),))
    _property(table.rows[0], "w:tblHeader")
    for told_row in block.rows:
        row = table.add_row()
        _property(row, "w:cantSplit")
        for cell, told, column in zip(row.cells, told_row, block.columns, strict=True):
            _runs(cell.paragraphs[0], (Run(told),))
            cell.paragraphs[0].alignment = WD_ALIGN_PARAGRAPH.RIGHT if column.number else None
    writer.document.add_paragraph()


@_add.register
def _(block: Fold, writer: Writer) -> None:
    writer.document.add_heading(_plain(block.title), level=2)
    for one in block.blocks:
        _add(one, writer)


def _spaced(runs: Iterable[Run]) -> Iterable[Run]:
    for place, run in enumerate(runs):
        yield from (Run(" · ", "soft"), run) if place else (run,)


def _runs(paragraph: WordParagraph, runs: Iterable[Run]) -> None:
    for one in runs:
        run = paragraph.add_run(_plain(one.text))
        run.bold = one.tone in _BOLD or None
        if one.tone in _COLOURS:
            run.font.color.rgb = _COLOURS[one.tone]


def _text(paragraph: WordParagraph, text: str, language: str) -> None:
    """Add a text in its own language and direction."""
    run = paragraph.add_run(text)
    properties = run._r.get_or_add_rPr()
    spoken = OxmlElement("w:lang")
    for name in ("w:val", "w:eastAsia", "w:bidi"):
        spoken.set(qn(name), language if language.isascii() and language.isalpha() else "und")
    properties.append(spoken)
    if language in _RIGHT_TO_LEFT:
        paragraph._p.get_or_add_pPr().insert_element_before(
            OxmlElement("w:bidi"), "w:adjustRightInd", "w:snapToGrid", "w:spacing", "w:ind", "w:jc", "w:rPr"
        )
        properties.insert_element_before(OxmlElement("w:rtl"), "w:lang")


def _plain(text: str) -> str:
    return storable(visible(text))


def _style(document: Document) -> None:
    for name in ("Normal", "Quote", "List Bullet", *(f"Heading {level}" for level in (1, 2, 3))):
        style = document.styles[name]
        style.font.name = _FONT
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for theme in ("w:asciiTheme", "w:hAnsiTheme", "w:eastAsiaTheme", "w:cstheme"):
            fonts.attrib.pop(qn(theme), None)
        fonts.set(qn("w:eastAsia"), _EAST_ASIAN)
        fonts.set(qn("w:cs"), _FONT)
        if name.startswith("Heading"):
            style.font.color.rgb = RGBColor(0x1B, 0x24, 0x30)
    quote = document.styles["Quote"]
    quote.font.italic, quote.paragraph_format.left_indent = False, _INDENT
    quote.paragraph_format.keep_with_next = True
    document.styles["Normal"].font.size = Pt(10)
    document.styles["Normal"].paragraph_format.space_after = Pt(4)
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = Cm(2)


def _footer(document: Document, text: str) -> None:
    paragraph = document.sections[0].footer.paragraphs[0]
    _runs(paragraph, (Run(f"{text} · page ", "soft"),))
    for code, after in (("PAGE", " of "), ("NUMPAGES", "")):
        field = OxmlElement("w:fldSimple")
        field.set(qn("w:instr"), code)
        shown = OxmlElement("w:r")
        number = OxmlElement("w:t")
        number.text = "1"
        shown.append(number)
        field.append(shown)
        paragraph._p.append(field)
        _runs(paragraph, (Run(after, "soft"),))


def _property(row: _Row, name: str) -> None:
    """Give a table row a property: `w:tblHeader` repeats it on every page, `w:cantSplit` keeps it on one."""
    row._tr.get_or_add_trPr().append(OxmlElement(name))
