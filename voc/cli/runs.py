"""`voc runs`: what ran on what, what is at work, and stopping it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated

import typer

from voc.cli import place
from voc.cli.output import out, progress_bars

if TYPE_CHECKING:
    from voc.workspace_runs import RunNow

app = typer.Typer(no_args_is_help=True)

Run = Annotated[str, typer.Argument(help="Beginning of the run's id.")]

_LOOK_S = 0.5


@app.command("list")
def every(limit: Annotated[int, typer.Option("--limit", min=1, help="How many at most.")] = 20) -> None:
    """List runs, the newest first."""
    with place.open_workspace() as workspace:
        found = workspace.runs(limit=limit)
    for run in found:
        out.print(f"{run.id}  {run.started_at[:16]}  {run.pipeline:9} {run.week:9} {run.state:10} {run.actor}")
    if not found:
        out.print("Nothing was run yet. Run a week: voc run --week 2024-W40")


@app.command("show")
def show(run: Run) -> None:
    """Show one run: its steps with seconds and memory, and what it was made with."""
    with place.open_workspace() as workspace:
        _show(workspace.run_of(run))


@app.command("cancel")
def cancel(run: Run) -> None:
    """Ask a run to stop; what its steps did is stored, and the same command goes on where it stopped."""
    with place.open_workspace() as workspace:
        workspace.cancel_run(run)
    out.print("Asked to stop. It does at its next sign of progress.")


@app.command("watch")
def watch() -> None:
    """Follow the run that another process is at, until it ends."""
    with place.open_workspace() as workspace, progress_bars() as announce:
        now = workspace.running()
        if now is None:
            out.print("No run is at work.")
            return
        step, advance = "", None
        while now.is_at_work:
            told = now.progress
            if told is not None:
                if told.step != step or advance is None:
                    step, advance = told.step, announce(told.step)
                advance(told.done, told.total)
            time.sleep(_LOOK_S)
            now = workspace.run_of(now.run.id)
    _show(now)


def _show(now: RunNow) -> None:
    run = now.run
    out.print(f"{run.pipeline} of {run.week} by {run.actor}: {run.state}" + (f" ({run.error})" if run.error else ""))
    out.print(f"{run.started_at[:19]} to {(run.finished_at or 'now')[:19]}")
    for step in now.steps:
        seconds = f"{step.seconds:8.1f} s" if step.seconds is not None else ""
        memory = f"{step.peak_bytes / 1e6:7.0f} MB" if step.peak_bytes else ""
        out.print(f"  {step.name:26} {step.state:10} {seconds} {memory}")
    if now.progress is not None:
        out.print(f"  now: {now.progress.step}, {now.progress.done} of {now.progress.total or '?'}")
    out.print("  ".join(f"{name} {value}" for name, value in run.manifest.items() if value))
