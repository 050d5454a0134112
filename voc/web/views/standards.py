"""Standards: editions, the clause in force by market and day, comparison, export, and import after a look."""

from __future__ import annotations

import base64
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path, PurePosixPath
from typing import Annotated, Final

from fastapi import APIRouter, Depends
from markupsafe import Markup
from starlette.datastructures import UploadFile
from starlette.responses import RedirectResponse, Response

from voc.access import Act
from voc.errors import InputError, NotFoundError
from voc.standards.compare import Comparison, compare
from voc.standards.document import Given
from voc.standards.files import as_bytes
from voc.standards.intake import listing
from voc.standards.redline import as_html
from voc.standards.registry import Imported, in_force
from voc.standards.sides import Side, read_day, read_side
from voc.store.editions import EditionRow
from voc.web.errors import status_of
from voc.web.show import after, page
from voc.web.spoken import spoken
from voc.web.views.overview import markets_of
from voc.web.visit import Posted, Visit, needs, posted

Visitor = Annotated[Visit, Depends(needs(Act.VIEW))]
Importer = Annotated[Posted, Depends(posted(Act.IMPORT_STANDARD))]

ENDINGS: Final = (".md", ".yaml", ".yml", ".docx", ".jsonl")
EXPORTS: Final = (".md", ".yaml", ".docx", ".jsonl")
_MOST_FILES: Final = 10
_MOST_BYTES: Final = 700_000
"""A file that comes back from its check is written with four characters for three bytes, and a form takes 2 MB."""
_GIVEN: Final = tuple(one.name for one in fields(Given))


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
    found.add_api_route("/standards/import", import_form, methods=["GET"])
    found.add_api_route("/standards/import", import_files, methods=["POST"])
    found.add_api_route("/standards/{document}", document, methods=["GET"])
    return found


def standards(visit: Visitor) -> Response:
    """List documents and editions."""
    editions = _editions(visit)
    return page(
        visit,
        "standards.html",
        documents={name: _with_before(editions, name) for name in sorted({one.document for one in editions})},
        markets=markets_of(visit),
        given=_GIVEN,
        endings=ENDINGS,
    )


def document(visit: Visitor, document: str, market: str = "", on: str = "") -> Response:
    """Show the clauses of a document in force in a market on a day."""
    market = visit.workspace.seen_market(market) if market else ""
    with visit.workspace.services.database.read() as connection:
        found = in_force(connection, document=document, market=market, on=read_day(on))
    place = f"{document}/{market}" if market else document
    return page(
        visit,
        "standard.html",
        found=found,
        document=document,
        market=market,
        on=on,
        markets=markets_of(visit),
        rows=_with_before(_editions(visit), document),
        exports=EXPORTS,
        side=f"{place}@{on}" if on else place,
    )


def comparison(visit: Visitor, old: str = "", new: str = "") -> Response:
    """Compare two editions, or what is in force in two markets or on two days."""
    found, labels, changes, problem, status = None, ("", ""), [], "", 200
    if old and new:
        try:
            before, after_ = _side(visit, old.strip()), _side(visit, new.strip())
            found = compare(before.parsed.clauses, after_.parsed.clauses)
            labels, changes = (before.label, after_.label), _changes(found)
        except InputError as error:
            problem, status = spoken(str(error)), status_of(error)
    return page(
        visit,
        "compare.html",
        status=status,
        old=old,
        new=new,
        found=found,
        labels=labels,
        changes=changes,
        problem=problem,
        editions=_editions(visit),
    )


def export(visit: Visitor, side: str, form: str = ".md") -> Response:
    """Return an edition, or what is in force, as a file that imports again as the same."""
    if form not in EXPORTS:
        raise NotFoundError(f"There is no form '{form[:10]}'. Forms: {', '.join(EXPORTS)}.")
    found = _side(visit, side)
    name = "".join(char if char.isascii() and (char.isalnum() or char in "-_") else "-" for char in found.label)
    headers = {"content-disposition": f'attachment; filename="standard-{name}{form}"'}
    return Response(as_bytes(found.parsed, form), media_type="application/octet-stream", headers=headers)


@dataclass(frozen=True, slots=True)
class Listed:
    """An edition, and the one before it in the same place, "" where it is the first."""

    row: EditionRow
    before: str


def _with_before(editions: Sequence[EditionRow], document: str) -> tuple[Listed, ...]:
    """Return the editions of a document, the newest first."""
    own = sorted((one for one in editions if one.document == document), key=lambda one: (one.effective, one.market))
    found = []
    for place, row in enumerate(own):
        earlier = [one.name for one in own[:place] if one.market == row.market]
        found.append(Listed(row, earlier[-1] if earlier else ""))
    return tuple(reversed(found))


def _editions(visit: Visit) -> tuple[EditionRow, ...]:
    """Return the editions of everywhere and of the markets that somebody sees."""
    return tuple(one for one in visit.workspace.standards() if not one.market or visit.who.sees(one.market))


def _side(visit: Visit, word: str) -> Side:
    """Return what a word names, where it is not of a market that they do not see.

    Raises:
        NotFoundError: it is, or nothing has that name.
    """
    with visit.workspace.services.database.read() as connection:
        found = read_side(connection, word, markets=visit.workspace.services.seen_markets)
    market = found.parsed.front.market
    if market and not visit.who.sees(market):
        raise NotFoundError(f"There is no edition '{word[:80]}' in the markets that you see.")
    return found


def import_form(visit: Visitor) -> Response:
    """Lead to the form, whoever comes back to the address of its answer."""
    return RedirectResponse("/standards#import", status_code=303)


def import_files(sent: Importer) -> Response:
    """Check files of standards and say what they would bring; take them in when that was looked at.

    The check's page carries the files back, so that what is taken in is what was looked at.
    """
    uploads, given = _uploads(sent), Given(**{one: sent.text(one, most=200).strip() for one in _GIVEN})
    workspace = sent.visit.workspace
    with tempfile.TemporaryDirectory() as folder:
        paths = [_kept(Path(folder), place, one) for place, one in enumerate(uploads)]
        try:
            checked = workspace.check_standards(paths, given=given)
            errors = sum(len(one.errors) for one in checked)
            if sent.text("accept") and not errors:
                done = workspace.import_standards(paths, given=given, accept=True)
                return after(sent.visit, "/standards", "; ".join(_done(one) for one in done))
        except InputError as error:
            raise InputError(_named(spoken(str(error)), paths, uploads)) from error
        lines = [_named(line, paths, uploads) for one in checked for line in listing(one)]
    return page(
        sent.visit,
        "import.html",
        status=422 if sent.text("accept") else 200,
        lines=lines,
        errors=errors,
        known=all(one.known for one in checked),
        uploads=[(one.name, base64.b64encode(one.content).decode()) for one in uploads],
        given={name: getattr(given, name) for name in _GIVEN},
    )


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it came; its name is only ever shown."""

    name: str
    content: bytes

    @property
    def ending(self) -> str:
        """Return the ending that says how it is read.

        Raises:
            InputError: standards are not read from such files.
        """
        found = PurePosixPath(self.name).suffix.lower()
        if found not in ENDINGS:
            raise InputError(f"'{self.name}' is no standard that can be read. Endings: {', '.join(ENDINGS)}.")
        return found


def _uploads(sent: Posted) -> tuple[Upload, ...]:
    """Return the files that were chosen, or those that come back from the page of a check."""
    came = [one for one in sent.form.getlist("files") if isinstance(one, UploadFile) and one.filename]
    found = [Upload(str(one.filename)[-80:], one.file.read()) for one in came]
    if not found:
        try:
            contents = [base64.b64decode(one, validate=True) for one in sent.texts("content")]
            found = [Upload(name[-80:], one) for name, one in zip(sent.texts("name"), contents, strict=True)]
        except ValueError as error:
            raise InputError("The checked files did not come back whole. Choose them again.") from error
    if not 1 <= len(found) <= _MOST_FILES:
        raise InputError(f"Choose 1 to {_MOST_FILES} files, the global edition before its addenda.")
    sizes = [len(one.content) for one in found]
    if max(sizes) > _MOST_BYTES or sum(sizes) > 2 * _MOST_BYTES:
        raise InputError(
            f"A file has at most {_MOST_BYTES // 1000} kB here, all together twice that; {max(sizes) // 1000} kB and "
            f"{sum(sizes) // 1000} kB came. Take pictures out, or import it on the server: voc standards import FILE"
        )
    return tuple(found)


def _kept(folder: Path, place: int, upload: Upload) -> Path:
    """Keep an upload under a name of ours: its place, and an ending that is allowed."""
    path = folder / f"file-{place + 1}{upload.ending}"
    path.write_bytes(upload.content)
    return path


def _named(text: str, paths: Sequence[Path], uploads: Sequence[Upload]) -> str:
    """Return what is said of files with the names that people gave them."""
    for path, upload in zip(paths, uploads, strict=True):
        text = text.replace(str(path), upload.name)
    return text


def _done(one: Imported) -> str:
    return f"{one.edition.document} {one.edition.name}: {one.clauses} clauses, {'new' if one.new else 'known'}"


def _changes(found: Comparison) -> list[Changed]:
    changed = []
    for one in found.changed:
        heading = f"{one.old.number} → {one.new.number}" if one.moved else one.new.number
        heading += f" {one.old.title} → {one.new.title}" if one.renamed else f" {one.new.title}"
        heading += f" [{one.old.action}] → [{one.new.action}]" if one.acts_otherwise else ""
        marks = as_html(one.spans) if one.reworded else "The words are the same."
        changed.append(Changed(heading, Markup(marks)))  # noqa: S704  as_html escapes
    return changed
