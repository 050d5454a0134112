"""A report in the forms that people take away: HTML, PDF, Markdown, JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from voc.errors import InputError
from voc.proposals.fonts import charsets, undrawn
from voc.proposals.pack_pdf import printed
from voc.report.authored import ReportFile
from voc.report.cover import Cover
from voc.report.model import Report
from voc.report.render import Medium, as_html, as_json, as_markdown
from voc.store.reports import Place

FORMS: Final = {
    "html": "text/html; charset=utf-8",
    "pdf": "application/pdf",
    "md": "text/markdown; charset=utf-8",
    "json": "application/json",
}
"""Media type by form."""


def check_forms(wanted: Sequence[str]) -> None:
    """Let only forms pass that there are.

    Raises:
        InputError: one is not, or none is named.
    """
    odd = [one for one in wanted if one not in FORMS]
    if odd or not wanted:
        raise InputError(f"There is no form '{', '.join(odd)}' of a report. Allowed: {', '.join(FORMS)}.")


def files(report: Report, cover: Cover | None, place: Place, wanted: Sequence[str]) -> tuple[ReportFile, ...]:
    """Return a report in some forms.

    Raises:
        InputError: there is no such form, or WeasyPrint is not installed for a PDF.
    """
    check_forms(wanted)
    stem = stem_of(place)
    found = []
    for form in dict.fromkeys(wanted):
        if form == "pdf":
            text = as_html(report, cover, medium=Medium.PRINT)
            data, boxes = printed(text, instead="take the HTML"), _boxes(text)
        else:
            data, boxes = _TEXTS[form](report, cover).encode(), ()
        found.append(ReportFile(f"{stem}.{form}", FORMS[form], data, boxes))
    return tuple(found)


def stem_of(place: Place) -> str:
    """Return the name of a report's files without their ending."""
    return f"{place.week}-{place.market}" if place.market else place.week


_TEXTS: Final = {"html": as_html, "md": as_markdown, "json": as_json}


def _boxes(text: str) -> tuple[str, ...]:
    known = charsets()
    return undrawn(text, known) if known else ()
