"""A redline as a Word file with real tracked changes, which Word and LibreOffice accept or reject like their own.

python-docx knows nothing of tracked changes: it gives the package, the markup is written here.

Source: ECMA-376 part 1 (5th edition), 17.13.5.18 (w:ins), 17.13.5.14 (w:del), 17.13.5.15 and 17.13.5.20 (paragraph
marks), 17.3.3.7 (w:delText).
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import docx
from docx.document import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.oxml.ns import qn
from docx.oxml.parser import OxmlElement
from docx.oxml.xmlchemy import BaseOxmlElement

from voc.files import write_atomic
from voc.standards.redline import Kind, Span, redline
from voc.standards.visible import storable, visible

STYLE: Final = "Redline"
"""The paragraph style of every paragraph that tracked changes may be in."""
_STEERED: Final = (
    "Notice: this text holds characters that change the order in which it is shown. What is read may not be what is "
    "stored."
)
_WHEN: Final = (1980, 1, 1, 0, 0, 0)
_TAGS: Final = {"out": "w:del", "in": "w:ins"}
_PARTS: Final = re.compile(r"\t|[^\t]+")


@dataclass(frozen=True, slots=True)
class Line:
    """A paragraph of a redline: its spans, and whether the mark at its end is kept, struck out or put in."""

    spans: tuple[Span, ...]
    mark: Kind


@dataclass(frozen=True, slots=True)
class Tracker:
    """Who changes, when, and the first number that no change of the document has yet."""

    author: str
    at: datetime
    first_id: int = 1


def write_redline(path: Path, *, title: str, old: str, new: str, author: str, at: datetime) -> None:
    """Write a Word file in which accepting all changes gives `new` and rejecting all gives `old`.

    The same values give the same bytes. What XML cannot hold is written as `storable` says; what turns the direction
    of reading is kept, and a line above says so.

    Raises:
        DiskFullError: there is no room; an older file stays.
    """
    document = docx.Document()
    document.add_heading(storable(visible(title)), level=1)
    if any(visible(text) != storable(text) for text in (old, new)):
        document.add_paragraph(_STEERED)
    add_redline(document, old, new, tracker=Tracker(author, at))
    write_atomic(path, document_bytes(document, title=title, author=author, at=at))


def add_redline(document: Document, old: str, new: str, *, tracker: Tracker) -> int:
    """Add the paragraphs of a redline at the end of a python-docx document; return the next free number."""
    if STYLE not in document.styles:
        document.styles.add_style(STYLE, WD_STYLE_TYPE.PARAGRAPH).base_style = document.styles["Normal"]
    number = tracker.first_id
    for line in lines(redline(storable(old), storable(new))):
        paragraph = document.add_paragraph(style=STYLE)._p
        if line.mark != "same":
            paragraph.get_or_add_pPr().append(_mark(_change(line.mark, tracker, number)))
            number += 1
        for span in line.spans:
            number += _add_span(paragraph, span, tracker, number)
    return number


def lines(spans: Iterable[Span]) -> tuple[Line, ...]:
    """Return a redline cut into paragraphs at its line ends; the last paragraph's own mark is always kept."""
    found: list[Line] = []
    current: list[Span] = []
    for span in spans:
        *ended, rest = span.text.split("\n")
        for text in ended:
            current += [Span(span.kind, text)] if text else []
            found.append(Line(tuple(current), span.kind))
            current = []
        current += [Span(span.kind, rest)] if rest else []
    return (*found, Line(tuple(current), "same"))


def document_bytes(document: Document, *, title: str, author: str, at: datetime) -> bytes:
    """Return a python-docx document as a file whose bytes follow from its content: no clock, no order of chance."""
    about = document.core_properties
    about.title, about.author, about.last_modified_by = storable(title)[:255], storable(author)[:255], ""
    about.created = about.modified = at.astimezone(UTC).replace(tzinfo=None, microsecond=0)
    about.comments, about.revision = "", 1
    loose = io.BytesIO()
    document.save(loose)
    fixed = io.BytesIO()
    with zipfile.ZipFile(loose) as source, zipfile.ZipFile(fixed, "w", zipfile.ZIP_DEFLATED) as target:
        for name in _ordered(source.namelist()):
            target.writestr(zipfile.ZipInfo(name, _WHEN), source.read(name), zipfile.ZIP_DEFLATED)
    return fixed.getvalue()


def _ordered(names: Sequence[str]) -> list[str]:
    """Return the list of content types first, as readers expect, then every part by name."""
    return sorted(set(names), key=lambda name: (name != "[Content_Types].xml", name))


def _add_span(paragraph: BaseOxmlElement, span: Span, tracker: Tracker, number: int) -> int:
    """Add one span to a paragraph; return how many numbers that took."""
    run = _run(span)
    if span.kind == "same":
        paragraph.append(run)
        return 0
    change = _change(span.kind, tracker, number)
    change.append(run)
    paragraph.append(change)
    return 1


def _run(span: Span) -> BaseOxmlElement:
    run = OxmlElement("w:r")
    for element in _texts(span):
        run.append(element)
    return run


def _texts(span: Span) -> Iterator[BaseOxmlElement]:
    tag = "w:delText" if span.kind == "out" else "w:t"
    for part in _PARTS.findall(span.text):
        if part == "\t":
            yield OxmlElement("w:tab")
            continue
        element = OxmlElement(tag)
        element.text = part
        element.set(qn("xml:space"), "preserve")
        yield element


def _change(kind: Kind, tracker: Tracker, number: int) -> BaseOxmlElement:
    change = OxmlElement(_TAGS[kind])
    change.set(qn("w:id"), str(number))
    change.set(qn("w:author"), storable(tracker.author) or "voc")
    change.set(qn("w:date"), f"{tracker.at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}")
    return change


def _mark(change: BaseOxmlElement) -> BaseOxmlElement:
    properties = OxmlElement("w:rPr")
    properties.append(change)
    return properties
