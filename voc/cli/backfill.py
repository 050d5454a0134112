"""The command that brings in history with many workers."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from voc.cli import place
from voc.cli.output import err, out, progress_bars
from voc.cli.work import show_run, stopped

if TYPE_CHECKING:
    from voc.backfill.keeping import Brought

_SET_ASIDE = 3


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(backfill)


def backfill(
    sources: Annotated[
        list[str] | None, typer.Argument(help="Files, or folders of them: Parquet, CSV, JSON, Excel.")
    ] = None,
    source: Annotated[str, typer.Option("--source", help="A query of [sources] in voc.toml instead of files.")] = "",
    engine: Annotated[str, typer.Option("--engine", help="local (processes of this machine) or ray.")] = "local",
    workers: Annotated[int, typer.Option("--workers", min=0, help="How many; 0 is half the cores.")] = 0,
    address: Annotated[str, typer.Option("--address", help="Ray cluster to join, such as HOST:6379.")] = "",
    mapping: Annotated[Path | None, typer.Option("--mapping", help="Mapping to use instead of mapping.toml.")] = None,
    bring_only: Annotated[bool, typer.Option("--bring-only", help="Store and embed; run no week.")] = False,
) -> None:
    """Bring in history with many workers, then find its themes; the same command goes on after any crash."""
    from voc.errors import InputError
    from voc.ingest.remote import is_remote
    from voc.workspace_backfill import Workers

    signal.signal(signal.SIGTERM, stopped)
    if bool(sources) == bool(source):
        raise InputError("Name files or folders, or a query with --source NAME; one of both.")
    if any(map(is_remote, sources or [])):
        raise InputError(
            "A backfill reads files that all workers see, no addresses. Copy them into a folder first or mount them, "
            "or let 'voc ingest' read the address."
        )
    files, given = [Path(name) for name in sources or []], Workers(engine, workers, address)
    with place.open_workspace() as workspace, progress_bars() as announce:
        brought = workspace.bring(files, named=source, workers=given, mapping=mapping, announce=announce)
        _show(brought)
        job = None if bring_only else workspace.run_history(workers=given, announce=announce)
    if job is not None:
        show_run(job)
    if brought.quarantined:
        raise typer.Exit(_SET_ASIDE)


def _show(brought: Brought) -> None:
    tally = brought.tally
    out.print(
        f"{brought.partitions} partitions: {tally.rows:,} rows, {tally.added:,} new, {tally.known:,} known, "
        f"{tally.rejected:,} rejected, {tally.suppressed:,} erased before"
    )
    if tally.rejected:
        out.print("Rejected rows and their reasons: the page Runs, under Imports")
    for one in brought.strange:
        out.print(f"  look: {one}")
    for one in brought.quarantined:
        err.print(f"Set aside after three tries: {one}")
    if brought.quarantined:
        err.print("Everything else is stored. Mend what is said above and run the same command again.")
