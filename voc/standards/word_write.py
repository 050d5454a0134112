"""Write a standard as a Word document: front matter in a table, chapters as Heading 1, clauses as Heading 2."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import cast

from docx import Document
from docx.document import Document as Word
from docx.oxml.parser import OxmlElement
from docx.oxml.text.paragraph import CT_P
from docx.styles.style import ParagraphStyle

from voc.standards.document import FIELDS, Front, ParsedClause
from voc.standards.numbers import write_heading


def write_word(front: Front, clauses: Sequence[ParsedClause]) -> bytes:
    """Return the bytes of a .docx file; the same standard gives the same text, styles and properties."""
    document = Document()
    _properties(document, front)
    document.add_paragraph(front.title, style="Title")
    _front(document, front)
    heading_1, heading_2, normal = (_style(document, name) for name in ("Heading 1", "Heading 2", "Normal"))
    chapter = ""
    for clause in clauses:
        if clause.chapter != chapter:
            chapter = clause.chapter
            _paragraph(document, chapter, heading_1)
        _paragraph(document, write_heading(clause.number, clause.title, clause.action), heading_2)
        for line in clause.text.split("\n") if clause.text else ():
            _paragraph(document, line, normal)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _style(document: Word, name: str) -> ParagraphStyle:
    style = document.styles[name]
    if not isinstance(style, ParagraphStyle):
        raise TypeError(f"{name} is no style of paragraphs")
    return style


def _paragraph(document: Word, text: str, style: ParagraphStyle) -> None:
    """Add a paragraph at the end; python-docx looks through all paragraphs to add one, which takes quadratic time."""
    paragraph = cast(CT_P, OxmlElement("w:p"))
    paragraph.style = style.style_id
    paragraph.add_r().text = text
    document.element.body[-1].addprevious(paragraph)


def _front(document: Word, front: Front) -> None:
    shown = [(name, str(getattr(front, name))) for name in FIELDS if getattr(front, name)]
    table = document.add_table(rows=len(shown), cols=2, style="Table Grid")
    for row, (name, value) in zip(table.rows, shown, strict=True):
        row.cells[0].text, row.cells[1].text = name.capitalize(), value


def _properties(document: Word, front: Front) -> None:
    """Fill in the properties of the file; the times are those of the edition, so that nothing depends on the clock."""
    held = datetime(front.effective.year, front.effective.month, front.effective.day, tzinfo=UTC)
    properties = document.core_properties
    properties.title, properties.author, properties.language = front.title, front.owner, front.language
    properties.last_modified_by, properties.comments, properties.revision = front.owner, "", 1
    properties.created = properties.modified = held
    properties.version = front.edition
