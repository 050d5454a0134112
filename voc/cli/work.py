"""The commands of the main job: init, ingest, run, report, lookup, propose, doctor and demo."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from voc.cli import place
from voc.cli.ingest import ingest, watch
from voc.cli.output import err, out, progress_bars

if TYPE_CHECKING:
    from voc.report.model import Report
    from voc.runner.job import Job

Market = Annotated[str | None, typer.Option("--market", help="Only this market's code.")]


def register(app: typer.Typer) -> None:
    """Add the commands in the order in which they are used."""
    for command in (init, ingest, watch, run, lookup, propose, doctor, demo):
        app.command()(command)


def init(
    directory: Annotated[Path, typer.Argument(help="Folder to make.")],
    sample: Annotated[bool, typer.Option("--sample", help="Put in the sample's feedback and figures too.")] = False,
) -> None:
    """Make a workspace with filled templates for settings, mapping, markets, deliveries and standards."""
    from voc.errors import ModelError
    from voc.workspace import Workspace

    with Workspace.init(directory, sample=sample) as workspace:
        out.print(f"Made the workspace {directory}. Look through voc.toml and mapping.toml, then:")
        out.print(f"  voc -C {directory} standards import {directory}/standards/global.md")
        out.print(f"  voc -C {directory} ingest FILE.csv {directory}/deliveries.csv")
        out.print(f"  voc -C {directory} run --week 2024-W40")
        try:
            out.print(f"Encoder: {workspace.services.embedder.model_id}")
        except ModelError as error:
            err.print(f"Note: {error}")


def run(
    week: Annotated[str, typer.Option("--week", help="ISO week such as 2024-W40.")],
    market: Market = None,
    backfill: Annotated[bool, typer.Option("--backfill", help="Go through all weeks before it one by one.")] = False,
) -> None:
    """Embed, find and name themes, index, draft proposals and write the report of a week."""
    signal.signal(signal.SIGTERM, stopped)
    with place.open_workspace() as workspace, progress_bars() as announce:
        job = workspace.run(week, market=market, pipeline="backfill" if backfill else "weekly", announce=announce)
    show_run(job)


def stopped(*_: object) -> None:
    """End the work of a command as by a cancel, when a signal asks for it.

    Raises:
        RunCancelledError: always.
    """
    from voc.errors import RunCancelledError

    raise RunCancelledError("Stopped by a signal. What its steps did is stored; the same command goes on.")


def lookup(number: Annotated[str, typer.Argument(help="A tracking or order number.")]) -> None:
    """Find the comments that came with a tracking or order number; the number itself is stored nowhere."""
    with place.open_workspace() as workspace:
        found = workspace.lookup(number)
    for one in found:
        out.print(f"{one.market} · {one.created_at:%Y-%m-%d} · {' '.join(one.text.split())}  [{one.id[:8]}]")
    if not found:
        out.print("No comment came with that number.")


def propose(
    week: Annotated[str | None, typer.Option("--week", help="ISO week; without it, the newest that was run.")] = None,
) -> None:
    """Draft changes of the standard for a week that was run."""
    with place.open_workspace() as workspace, progress_bars() as announce:
        job = workspace.propose(week, announce=announce)
    _show_proposed(job)


def doctor(
    repair: Annotated[bool, typer.Option("--repair", help="Rebuild whatever is derived and damaged.")] = False,
) -> None:
    """Look for what is wrong with store, vectors, index, reports and models; exit with 3 when something is."""
    with place.open_workspace() as workspace:
        before = list(workspace.problems()) if repair else []
        if repair:
            with progress_bars() as announce:
                workspace.repair(announce=announce)
        found = list(workspace.problems())
    for problem in before:
        if problem not in found:
            out.print(f"Mended: {problem.removesuffix(' Mend it: voc doctor --repair')}")
    for problem in found:
        out.print(f"- {problem}")
    if found:
        raise typer.Exit(3)
    out.print("Sound: store, audit log, vectors, index, reports and models.")


def demo(
    directory: Annotated[Path, typer.Argument(help="Folder of the demo workspace.")] = Path("demo"),
) -> None:
    """Run the whole job on the sample: ingest, themes week by week, report, three searches, a proposal."""
    from voc.cli.demo import play

    play(directory)


def show_report(found: Report) -> None:
    """Print the short result of a report."""
    out.print(f"\n{found.title}, week {found.week}")
    for line in found.headlines:
        out.print(f"  • {line}")
    network = found.scopes[0]
    share = network.coverage.share
    covered = "–" if share is None else f"{100 * share:.0f} %"
    out.print(f"\n  {network.coverage.comments} comments, {covered} in a theme. Top themes of the network:")
    for theme in network.themes[:8]:
        mark = "▲" if theme.row.rising else "▼" if theme.row.falling else " "
        out.print(f"  {theme.row.complaints:5d} {mark} {theme.name}")
    for note in found.notes:
        out.print(f"  Note: {note}")


def show_run(job: Job) -> None:
    """Print what a run did, and the short result of its report."""
    from voc.runner.steps import Written
    from voc.themes.update import ThemesReport

    for done in job.results.values():
        if isinstance(done, ThemesReport) and done.note:
            err.print(f"Note: {done.note}")
    written = job.results.get("write the report")
    if isinstance(written, Written):
        show_report(written.report)
        out.print(f"\nReport: {written.html}")
    _show_proposed(job)


def _show_proposed(job: Job) -> None:
    from voc.proposals.chain import ProposeReport

    done = job.results.get("draft proposals")
    if not isinstance(done, ProposeReport):
        return
    counts = {
        "revisions": done.revisions,
        "actions": done.actions,
        "evidence briefs": done.briefs,
        "failed drafts": done.failed,
    }
    said = ", ".join(f"{len(ids)} {name}" for name, ids in counts.items() if ids)
    out.print(f"Proposals: {said or 'nothing new'}. See them: voc proposals list")
    if done.problem:
        err.print(f"Note: {done.problem}")
