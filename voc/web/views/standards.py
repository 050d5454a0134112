"""Standards: editions, the clause in force by market and day, comparison, export, and import after a look."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Annotated, Final

from fastapi import APIRouter, Depends
from markupsafe import Markup
from starlette.datastructures import UploadFile
from starlette.responses import Response

from voc.access import Act
from voc.errors import InputError, NotFoundError
from voc.standards.compare import Comparison, compare
from voc.standards.files import as_bytes
from voc.standards.intake import listing
from voc.standards.redline import as_html
from voc.standards.registry import in_force
from voc.standards.sides import read_day, read_side
from voc.web.show import after, page
from voc.web.views.overview import markets_of
from voc.web.visit import Posted, Visit, needs, posted

Visitor = Annotated[Visit, Depends(needs(Act.VIEW))]
Importer = Annotated[Posted, Depends(posted(Act.IMPORT_STANDARD))]

ENDINGS: Final = (".md", ".yaml", ".yml", ".docx", ".jsonl")
EXPORTS: Final = (".md", ".yaml", ".docx", ".jsonl")
_MOST_FILES: Final = 10


@dataclass(frozen=True, slots=True)
class Changed:
    """A clause that differs, with its redline as HTML."""

    heading: str
    marks: Markup


def router() -> APIRouter:
    """Return the addresses of standards."""
    found = APIRouter(include_in_schema=False)
    found.add_api_route("/standards", standards, methods=["GET"])
    found.add_api_route("/standards/compare", comparison, methods=["GET"])
    found.add_api_route("/standards/export", export, methods=["GET"])
    found.add_api_route("/standards/import", import_files, methods=["POST"])
    found.add_api_route("/standards/{document}", document, methods=["GET"])
    return found


def standards(visit: Visitor) -> Response:
    """List documents and editions."""
    return page(visit, "standards.html", editions=visit.workspace.standards(), markets=markets_of(visit))


def document(visit: Visitor, document: str, market: str = "", on: str = "") -> Response:
    """Show the clauses of a document in force in a market on a day."""
    if market:
        visit.workspace.seen_market(market)
    day = read_day(on)
    with visit.workspace.services.database.read() as connection:
        found = in_force(connection, document=document, market=market, on=day)
    editions = [one for one in visit.workspace.standards() if one.document == document]
    return page(
        visit,
        "standard.html",
        found=found,
        document=document,
        market=market,
        on=on,
        markets=markets_of(visit),
        editions=editions,
        exports=EXPORTS,
        side=f"{document}/{market}@{on}" if market and on else f"{document}/{market}" if market else found.base.name,
    )


def comparison(visit: Visitor, old: str = "", new: str = "") -> Response:
    """Compare two editions, or what is in force in two markets or on two days."""
    found, labels, changes = None, ("", ""), []
    if old and new:
        with visit.workspace.services.database.read() as connection:
            codes = visit.workspace.services.seen_markets
            before, after_ = (read_side(connection, one, markets=codes) for one in (old, new))
        found = compare(before.parsed.clauses, after_.parsed.clauses)
        labels = (before.label, after_.label)
        changes = _changes(found)
    return page(
        visit,
        "compare.html",
        old=old,
        new=new,
        found=found,
        labels=labels,
        changes=changes,
        editions=visit.workspace.standards(),
    )


def export(visit: Visitor, side: str, form: str = ".md") -> Response:
    """Return an edition, or what is in force, as a file that imports again as the same."""
    if form not in EXPORTS:
        raise NotFoundError(f"There is no form '{form[:10]}'. Forms: {', '.join(EXPORTS)}.")
    with visit.workspace.services.database.read() as connection:
        found = read_side(connection, side, markets=visit.workspace.services.seen_markets)
    name = "".join(char if char.isascii() and (char.isalnum() or char in "-_") else "-" for char in found.label)
    headers = {"content-disposition": f'attachment; filename="standard-{name}{form}"'}
    return Response(as_bytes(found.parsed, form), media_type="application/octet-stream", headers=headers)


def import_files(sent: Importer) -> Response:
    """Check files of standards and say what they would bring; take them in when that was looked at."""
    uploads = [one for one in sent.form.getlist("files") if isinstance(one, UploadFile) and one.filename]
    if not 1 <= len(uploads) <= _MOST_FILES:
        raise InputError(f"Choose 1 to {_MOST_FILES} files, the global edition before its addenda.")
    with tempfile.TemporaryDirectory() as folder:
        paths = [_kept(Path(folder), place, one) for place, one in enumerate(uploads)]
        if sent.text("accept"):
            done = sent.visit.workspace.import_standards(paths, accept=True)
            said = "; ".join(
                f"{one.edition.document} {one.edition.name}: {one.clauses} clauses, {'new' if one.new else 'known'}"
                for one in done
            )
            return after(sent.visit, "/standards", said)
        found = sent.visit.workspace.check_standards(paths)
    lines = [line for one in found for line in listing(one)]
    errors = sum(len(one.errors) for one in found)
    return page(
        sent.visit,
        "import.html",
        lines=[line.replace(f"{folder}/", "") for line in lines],
        errors=errors,
        names=[one.filename for one in uploads],
    )


def _kept(folder: Path, place: int, upload: UploadFile) -> Path:
    """Keep an upload under a name of ours: its place, and an ending that is allowed."""
    ending = PurePosixPath(str(upload.filename)).suffix.lower()
    if ending not in ENDINGS:
        raise InputError(
            f"'{str(upload.filename)[:80]}' is no standard that can be read. Endings: {', '.join(ENDINGS)}."
        )
    path = folder / f"file-{place + 1}{ending}"
    path.write_bytes(upload.file.read())
    return path


def _changes(found: Comparison) -> list[Changed]:
    changed = []
    for one in found.changed:
        heading = f"{one.old.number} → {one.new.number}" if one.moved else one.new.number
        heading += f" {one.old.title} → {one.new.title}" if one.renamed else f" {one.new.title}"
        marks = as_html(one.spans) if one.reworded else "The words are the same."
        changed.append(Changed(heading, Markup(marks)))  # noqa: S704  as_html escapes
    return changed
