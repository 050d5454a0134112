"""Open a Word document safely: limits on what it unpacks to, no document type, no entities, nothing fetched."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from docx.oxml.parser import parse_xml

from voc.errors import InputError

MAX_UNPACKED: Final = 100_000_000
"""Bytes of all parts together; 400 pages of text take about 10,000,000."""

MAX_PART: Final = 60_000_000
MAX_PARTS: Final = 5_000
_ALLOWED: Final = "Open it in Word or LibreOffice and save it as .docx without a password."

Element = Any
"""An lxml element; lxml has no types."""


@dataclass(frozen=True, slots=True)
class Package:
    """The parts of a Word document that are read; styles and numbering are None where it has none."""

    body: Element
    styles: Element | None
    numbering: Element | None


def open_package(data: bytes) -> Package:
    """Return the parts of a .docx file.

    Raises:
        InputError: it is no Word document, is too large unpacked, or holds what is refused.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            _check_size(archive)
            main = _main_part(archive)
            folder = main.rpartition("/")[0]
            document = _xml(archive, main)
            styles, numbering = (_optional(archive, f"{folder}/{name}.xml") for name in ("styles", "numbering"))
    except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, EOFError, RuntimeError) as error:
        raise InputError(f"this is not a Word document (.docx): {error}. {_ALLOWED}") from error
    body = next((one for one in document if local(one) == "body"), None)
    if body is None:
        raise InputError(f"this Word document has no body. {_ALLOWED}")
    return Package(body, styles, numbering)


def local(element: Element) -> str:
    """Return an element's name without its namespace; "" for comments and the like."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def child(element: Element | None, *names: str) -> Element | None:
    """Return the first child of a child of an element, by names from the outside in."""
    for name in names:
        element = None if element is None else next((one for one in element if local(one) == name), None)
    return element


def children(element: Element | None, name: str) -> Iterator[Element]:
    """Yield the children of that name."""
    yield from () if element is None else (one for one in element if local(one) == name)


def attribute(element: Element | None, name: str = "val") -> str:
    """Return an attribute by its name without namespace, "" where it is absent."""
    if element is None:
        return ""
    return next((str(value) for key, value in element.attrib.items() if key.rpartition("}")[2] == name), "")


def _check_size(archive: zipfile.ZipFile) -> None:
    parts = archive.infolist()
    total, largest = sum(one.file_size for one in parts), max((one.file_size for one in parts), default=0)
    if len(parts) > MAX_PARTS or total > MAX_UNPACKED or largest > MAX_PART:
        raise InputError(
            f"it unpacks to {len(parts):,} parts with {total:,} bytes; at most {MAX_PARTS:,} parts with "
            f"{MAX_UNPACKED:,} bytes, {MAX_PART:,} in one, are read. Take pictures out, or cut it into documents."
        )


def _main_part(archive: zipfile.ZipFile) -> str:
    names = set(archive.namelist())
    if "_rels/.rels" in names:
        for relation in _xml(archive, "_rels/.rels"):
            target = attribute(relation, "Target").lstrip("/")
            if attribute(relation, "Type").endswith("/officeDocument") and target in names:
                return target
    raise InputError(f"this is not a Word document (.docx). {_ALLOWED}")


def _optional(archive: zipfile.ZipFile, name: str) -> Element | None:
    return _xml(archive, name) if name in archive.namelist() else None


def _xml(archive: zipfile.ZipFile, name: str) -> Element:
    """Parse a part; python-docx's parser resolves no entities and fetches nothing."""
    try:
        root: Element = parse_xml(archive.read(name))
    except (SyntaxError, ValueError) as error:
        raise InputError(f"its part {name} is damaged: {str(error)[:120]}. {_ALLOWED}") from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise InputError(f"its part {name} declares a document type, which is refused. {_ALLOWED}")
    return root
