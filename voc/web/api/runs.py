"""Runs over HTTP: what ran on what, how far the one at work is, starting and stopping."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from voc.access import Act
from voc.web.api.asked import Id, Nothing, Sent, Text, Viewer, allows, routes, writer
from voc.web.api.paged import PageQuestion, paged
from voc.web.visit import Visit

if TYPE_CHECKING:
    from voc.store.runs import RunRow
    from voc.workspace_runs import RunNow

_MOST = 10_000


class Run(BaseModel):
    """One execution of a pipeline."""

    id: str = Field(description="Its id.")
    pipeline: str = Field(description="weekly, backfill or another pipeline.")
    week: str = Field(description="The ISO week; empty where it is of none.")
    state: str = Field(description="running, done, failed or cancelled.")
    started_at: str = Field(description="ISO 8601, UTC.", json_schema_extra={"format": "date-time"})
    finished_at: str | None = Field(description="ISO 8601, UTC; null while it is at work.")
    actor: str = Field(description="Who started it.")
    error: str | None = Field(description="Why it ended early, for those who may read comments; null otherwise.")


class Runs(BaseModel):
    """A page of runs."""

    runs: list[Run] = Field(description="The runs, the newest first.")
    cursor: str = Field(description="Where the next page begins; empty at the end.")


class RunStep(BaseModel):
    """A step of a run."""

    name: str = Field(description="Its name.")
    state: str = Field(description="running, done, failed or cancelled.")
    seconds: float | None = Field(description="How long it took, in seconds; null while it is at work.")
    peak_bytes: int | None = Field(description="The most memory that it held, in bytes; null where unknown.")


class Progress(BaseModel):
    """How far a run is."""

    step: str = Field(description="The step at work.")
    done: int = Field(description="How much of it is done.")
    total: int = Field(description="How much there is; 0 where that is not known.")


class RunPage(BaseModel):
    """A run with its steps."""

    run: Run = Field(description="The run.")
    steps: list[RunStep] = Field(description="Its steps, in order.")
    progress: Progress | None = Field(description="How far it is; null where it has ended, or said nothing yet.")
    is_asked_to_stop: bool = Field(description="Whether somebody asked it to stop.")
    manifest: dict[str, Any] = Field(description="What it was made with: versions, models, configuration.")


class Starting(Sent):
    """What is to be run."""

    week: Text = Field(description="The ISO week, such as 2024-W40.")
    market: Text = Field("", description="Only this market; empty: all.")
    backfill: bool = Field(False, description="Every week up to it that was not run yet.")


def runs(visit: Viewer, asked: Annotated[PageQuestion, Query()]) -> Runs:
    """Return runs."""
    rows = visit.workspace.runs(limit=_MOST)
    found = paged(rows, asked, lambda one: (one.started_at, one.id), down=True)
    return Runs(runs=[_run(visit, one) for one in found.rows], cursor=found.cursor)


def run(visit: Viewer, run_id: Id) -> RunPage:
    """Return one run."""
    return _page(visit, visit.workspace.run_of(run_id))


def start(visit: Annotated[Visit, writer(Act.RUN)], sent: Starting) -> RunPage:
    """Start a run of a week, which goes on behind the scenes."""
    workspace = visit.workspace
    market = workspace.seen_market(sent.market) if sent.market else None
    begun = workspace.start_run(sent.week, market=market, backfill=sent.backfill)
    return _page(visit, workspace.run_of(begun.id))


def cancel(visit: Annotated[Visit, writer(Act.RUN)], run_id: Id, sent: Nothing) -> RunPage:
    """Ask a run to stop; what its steps did is stored."""
    own = visit.workspace.run_of(run_id).run.id
    visit.workspace.cancel_run(own)
    return _page(visit, visit.workspace.run_of(own))


def _page(visit: Visit, found: RunNow) -> RunPage:
    far = found.progress
    return RunPage(
        run=_run(visit, found.run),
        steps=[
            RunStep(name=one.name, state=one.state, seconds=one.seconds, peak_bytes=one.peak_bytes)
            for one in found.steps
        ],
        progress=None if far is None else Progress(step=far.step, done=far.done, total=far.total),
        is_asked_to_stop=found.wish is not None,
        manifest=dict(found.run.manifest),
    )


def _run(visit: Visit, row: RunRow) -> Run:
    return Run(
        id=row.id,
        pipeline=row.pipeline,
        week=row.week,
        state=row.state,
        started_at=row.started_at,
        finished_at=row.finished_at,
        actor=row.actor,
        error=row.error if visit.may(Act.READ) else None,
    )


def router() -> APIRouter:
    """Return the addresses of runs."""
    found = routes("runs")
    found.add_api_route(
        "/runs",
        runs,
        operation_id="runs",
        summary="List runs",
        description="What ran on what, the newest first.",
        dependencies=[allows(PageQuestion.model_fields)],
    )
    found.add_api_route(
        "/runs",
        start,
        methods=["POST"],
        operation_id="start_run",
        summary="Start a run",
        description="Start a run of a week, which goes on behind the scenes; for those who may run a pipeline.",
        dependencies=[allows({})],
    )
    found.add_api_route(
        "/runs/{run_id}",
        run,
        operation_id="run",
        summary="Show a run",
        description="One run with its steps, and how far it is.",
        dependencies=[allows({})],
    )
    found.add_api_route(
        "/runs/{run_id}/cancel",
        cancel,
        methods=["POST"],
        operation_id="cancel_run",
        summary="Stop a run",
        description="Ask a run to stop at its next sign of progress; what its steps did is stored.",
        dependencies=[allows({})],
    )
    return found
