"""Bring in feedback and figures, look before anything is stored, and run a week."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Depends
from starlette.datastructures import UploadFile
from starlette.responses import Response

from voc.access import Act, check
from voc.errors import InputError, NotFoundError
from voc.ingest.assign import FIELDS, assign, columns_in
from voc.ingest.figures import FiguresReport
from voc.web.show import after, page
from voc.web.views.overview import markets_of
from voc.web.visit import Posted, Visit, needs, posted

Visitor = Annotated[Visit, Depends(needs(Act.INGEST))]
Sender = Annotated[Posted, Depends(posted(Act.INGEST))]
Runner = Annotated[Posted, Depends(posted(Act.RUN))]


FIELD_WORDS: Final = {
    "text": "Comment (needed)",
    "created_at": "When (needed)",
    "market": "Market",
    "source_id": "Id at its source",
    "language": "Language",
    "rating": "Rating",
    "channel": "Channel",
    "tracking": "Tracking number",
    "order": "Order number",
}


def router() -> APIRouter:
    """Return the addresses of the start."""
    found = APIRouter(include_in_schema=False)
    found.add_api_route("/start", start, methods=["GET"])
    found.add_api_route("/start/upload", upload, methods=["POST"])
    found.add_api_route("/start/preview", preview, methods=["POST"])
    found.add_api_route("/start/take", take, methods=["POST"])
    found.add_api_route("/start/run", run, methods=["POST"])
    return found


def start(visit: Visitor) -> Response:
    """Show what there is, what is missing, and the forms that bring it."""
    workspace = visit.workspace
    return page(
        visit,
        "start.html",
        held=workspace.holdings_now(),
        seen=markets_of(visit),
        k=workspace.services.settings.workspace.k,
        markets=workspace.services.settings.markets,
        running=workspace.running(),
        most_mb=workspace.services.settings.web.upload_mb,
        batches=workspace.batches(limit=5),
        weeks_run=workspace.weeks_run(),
    )


def upload(sent: Sender) -> Response:
    """Take a file for a look; nothing of it is stored yet."""
    file = sent.form.get("file")
    if not isinstance(file, UploadFile) or not file.filename:
        raise InputError("Choose a file first.")
    kept = sent.visit.workspace.keep_upload(file.file, file.filename)
    own = sent.visit.workspace.services.paths.mapping
    mapping = own.read_text(encoding="utf-8") if sent.text("by") == "own" and own.is_file() else ""
    return _look(sent.visit, kept, file.filename, mapping)


def preview(sent: Sender) -> Response:
    """Look again, by another mapping, or with other columns for its fields."""
    kept, name, mapping = sent.text("kept", most=80), sent.text("name", most=200), sent.text("mapping")
    try:
        if sent.text("assign", most=5):
            mapping = assign(mapping, {field: sent.text(f"column-{field}", most=200) for field in FIELDS})
    except InputError as error:
        return _look(sent.visit, kept, name, mapping, problem=str(error))
    return _look(sent.visit, kept, name, mapping)


def take(sent: Sender) -> Response:
    """Take a file in as it was looked at."""
    workspace, kept, mapping = sent.visit.workspace, sent.text("kept", most=80), sent.text("mapping")
    name, saves = sent.text("name", most=200), bool(sent.text("save", most=5)) and bool(mapping)
    if saves:
        check(sent.visit.who.role, Act.SET_UP)
    try:
        done = workspace.take_upload(kept, name=name, mapping=mapping)
    except NotFoundError:
        raise
    except InputError as error:
        return _look(sent.visit, kept, name, mapping, problem=str(error))
    if saves:
        workspace.save_mapping(mapping)
    workspace.drop_upload(kept)
    if isinstance(done, FiguresReport):
        return after(sent.visit, "/start", f"{done.rows} rows of {done.kind} are taken in.")
    tally = done.tally
    said = f"{tally.rows} rows: {tally.added} new, {tally.known} known, {tally.rejected} rejected."
    if tally.suppressed:
        said += f" {tally.suppressed} were erased before and stay so."
    return after(sent.visit, f"/runs/imports/{done.batch_id}", said)


def run(sent: Runner) -> Response:
    """Start a run in a process of its own."""
    done = sent.visit.workspace.start_run(
        sent.text("week", most=20).strip(),
        market=sent.text("market", most=20) or None,
        backfill=bool(sent.text("backfill")),
    )
    return after(sent.visit, f"/runs/{done.id}", "Started. This page shows how far it is.")


def _look(visit: Visit, kept: str, name: str, mapping: str, *, problem: str = "") -> Response:
    """Return the page that shows twenty rows as they would be read."""
    name = "".join(char for char in name if char.isprintable())[:120]
    status, found = 200, None
    try:
        found = visit.workspace.preview_upload(kept, mapping, name=name)
    except NotFoundError:
        raise
    except InputError as error:
        status, problem = 422, problem or str(error)
    return page(
        visit,
        "preview.html",
        status=422 if problem else status,
        found=found,
        kept=kept,
        name=name,
        mapping=found.mapping if found else mapping,
        fields=FIELDS,
        field_words=FIELD_WORDS,
        given=columns_in(found.mapping if found else mapping),
        problem=problem,
    )
