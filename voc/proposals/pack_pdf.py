"""A decision pack as a tagged PDF: loads nothing, runs nothing, knows no clock."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final

from voc.errors import InputError
from voc.proposals.blocks_html import article, page, safe
from voc.proposals.fonts import charsets, undrawn
from voc.proposals.pack_blocks import pack_blocks
from voc.proposals.pack_model import Pack

VARIANT: Final = "pdf/ua-1"
"""Tagged, with a title and a language, so that a screen reader can read it. Source: ISO 14289-1."""


def pack_html(pack: Pack) -> str:
    """Return the page that the PDF is printed from."""
    shown = pack.shown
    about = f"{shown.title} · proposal {shown.row.id} · {shown.row.state.replace('_', ' ')}"
    body = f'<div class="about" aria-hidden="true">{safe(about)}</div>'
    return page(shown.title, body + article(pack_blocks(pack), anchor=f"p-{shown.row.id}"), extra_css=print_css())


def print_css() -> str:
    """Return the style of printed pages: their size and feet, and articles without frames."""
    return Path(__file__).with_name("pack.css").read_text(encoding="utf-8")


def pack_pdf(pack: Pack) -> bytes:
    """Return a pack as PDF; the same pack gives the same bytes with the same fonts.

    Raises:
        InputError: WeasyPrint is not installed.
    """
    return printed(pack_html(pack), instead="write FILE.docx")


def printed(text: str, *, instead: str) -> bytes:
    """Return a page of HTML as PDF; `instead` is what can be done where WeasyPrint is not installed.

    Raises:
        InputError: it is not.
    """
    try:
        from weasyprint import HTML, URLFetcher
    except ImportError as error:
        raise InputError(f"A PDF needs WeasyPrint: pip install 'voc[pdf]'. Without it, {instead} instead.") from error

    class Nothing(URLFetcher):  # type: ignore[misc]
        def fetch(self, url: str, headers: object = None) -> object:
            raise ValueError(f"A PDF loads nothing, and not {url[:60]}")

    identifier = hashlib.sha256(text.encode()).digest()[:16]
    return bytes(HTML(string=text, url_fetcher=Nothing()).write_pdf(pdf_variant=VARIANT, pdf_identifier=identifier))


def boxes(pack: Pack) -> tuple[str, ...]:
    """Return the scripts that stand as boxes in the PDF, because no font of this machine has them."""
    known = charsets()
    return undrawn(pack_html(pack), known) if known else ()
