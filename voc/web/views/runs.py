"""Runs: what ran on what, how far the one at work is, and what could not be read of which file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request
from starlette.responses import RedirectResponse, Response, StreamingResponse

from voc.access import Act
from voc.errors import NotAllowedError, NotFoundError
from voc.store.batches import BatchRow
from voc.web.show import after, fragment, page
from voc.web.streams import follow, streams_of
from voc.web.visit import Posted, Visit, needs, posted
from voc.workspace_runs import RunNow

Visitor = Annotated[Visit, Depends(needs(Act.VIEW))]
Reader = Annotated[Visit, Depends(needs(Act.INGEST))]
Starter = Annotated[Posted, Depends(posted(Act.RUN))]

A_PAGE: Final = 25
_MOST: Final = 1000
_LETTERS: Final = 100


def router() -> APIRouter:
    """Return the addresses of runs and imports."""
    found = APIRouter(include_in_schema=False)
    found.add_api_route("/runs", runs, methods=["GET"])
    found.add_api_route("/runs", start, methods=["POST"])
    found.add_api_route("/runs/{run_id}", run, methods=["GET"])
    found.add_api_route("/runs/{run_id}/events", events, methods=["GET"])
    found.add_api_route("/runs/{run_id}/cancel", cancel, methods=["POST"])
    found.add_api_route("/runs/imports/{batch_id}", letters, methods=["GET"])
    found.add_api_route("/runs/imports/{batch_id}/rejected.csv", download, methods=["GET"])
    return found


def runs(visit: Visitor, at: int = 1) -> Response:
    """List runs and imports, the newest first."""
    workspace = visit.workspace
    number = max(1, min(at, _MOST // A_PAGE))
    rows = workspace.runs(limit=number * A_PAGE + 1)[(number - 1) * A_PAGE :]
    return page(
        visit,
        "runs.html",
        rows=rows[:A_PAGE],
        number=number,
        more=len(rows) > A_PAGE,
        live=workspace.running(),
        imports=workspace.batches(limit=50) if visit.may(Act.INGEST) else (),
    )


def run(visit: Visitor, run_id: str) -> Response:
    """Show one run with its steps, live while it is at work."""
    now = visit.workspace.run_of(run_id)
    if now.run.id != run_id:
        return RedirectResponse(f"/runs/{now.run.id}", status_code=303)
    market, kept = str(now.run.manifest.get("market") or ""), dict(now.run.manifest)
    kept.pop("market", None)
    return page(
        visit,
        "run.html",
        now=now,
        is_lost=_is_lost(visit, now),
        steps=_steps(now),
        market=market,
        made_with={name: str(value) for name, value in kept.items()},
        resumes=now.run.pipeline in {"weekly", "backfill"} and now.run.state in {"failed", "cancelled"},
    )


def events(request: Request, visit: Visitor, run_id: str) -> StreamingResponse:
    """Send how far a run is, twice a second where something changed, until it ends."""
    known = visit.workspace.run_of(run_id).run.id

    def look() -> Mapping[str, object]:
        now = visit.workspace.run_of(known)
        ended = not now.is_at_work or _is_lost(visit, now)
        return {"html": str(_steps(now)), "said": _said(now), "ended": ended}

    return follow(streams_of(request.app), visit.who.name, look)


def start(sent: Starter) -> Response:
    """Start a run, or go on with one that was stopped: what it did is stored and is not done again."""
    visit = sent.visit
    week, market = sent.text("week", most=20).strip(), sent.text("market", most=20)
    made = visit.workspace.start_run(week, market=market or None, backfill=bool(sent.text("backfill", most=5)))
    return after(visit, f"/runs/{made.id}", f"Started: {made.week}. You can leave this page; the run goes on.")


def cancel(sent: Starter, run_id: str) -> Response:
    """Ask a run to stop."""
    now = sent.visit.workspace.run_of(run_id)
    sent.visit.workspace.cancel_run(now.run.id)
    return after(sent.visit, f"/runs/{now.run.id}", "It stops at its next sign of progress. What it did stays.")


def letters(visit: Reader, batch_id: str) -> Response:
    """Show what became of a file; rows that could not be taken only to those who see every market."""
    batch = _batch(visit, batch_id)
    found = visit.workspace.dead_letters(batch.id, limit=_LETTERS) if _sees_rejected(visit) else ()
    checks = visit.workspace.batch_checks(batch.id)
    return page(visit, "batch.html", found=batch, letters=found, checks=checks, most=_LETTERS)


def download(visit: Reader, batch_id: str) -> Response:
    """Return what of a file could not be taken as CSV, in which no spreadsheet finds a formula."""
    batch = _batch(visit, batch_id)
    if not _sees_rejected(visit):
        raise NotAllowedError(
            "Rows that could not be read belong to no market, so only those who see every market may see them."
        )
    headers = {"content-disposition": f'attachment; filename="rejected-{batch.id}.csv"'}
    return Response(visit.workspace.dead_letters_csv(batch.id), media_type="text/csv", headers=headers)


def _batch(visit: Visit, batch_id: str) -> BatchRow:
    found = next((one for one in visit.workspace.batches(limit=100_000) if one.id == batch_id), None)
    if found is None:
        raise NotFoundError(f"There is no import '{batch_id[:40]}'. Imports are listed on the page Runs.")
    return found


def _sees_rejected(visit: Visit) -> bool:
    return visit.may(Act.INGEST) and visit.who.markets is None


def _is_lost(visit: Visit, now: RunNow) -> bool:
    """Say whether a run that is marked as running is nobody's any more."""
    if not now.is_at_work:
        return False
    live = visit.workspace.running()
    return live is None or live.run.id != now.run.id


def _steps(now: RunNow) -> object:
    return fragment("run_steps.html", now=now)


def _said(now: RunNow) -> str:
    if not now.is_at_work:
        return f"The run is {now.run.state}."
    return f"At work: {now.progress.step}." if now.progress else "At work."
