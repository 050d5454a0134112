"""The commands that bring feedback in: `voc ingest` and `voc watch`."""

from __future__ import annotations

import itertools
import signal
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from voc.cli import place
from voc.cli.output import err, out, progress_bars

if TYPE_CHECKING:
    from voc.ingest.load import IngestReport
    from voc.ingest.parts import Outcome
    from voc.workspace import Workspace

_GUESS_ROWS = 20
Mapping = Annotated[Path | None, typer.Option("--mapping", help="Mapping to use instead of mapping.toml.")]


def ingest(
    files: Annotated[
        list[str] | None,
        typer.Argument(help="Files (CSV, Excel, Parquet, JSON), folders, patterns, or addresses such as s3://...."),
    ] = None,
    guess: Annotated[bool, typer.Option("--guess", help="Propose a mapping and show rows; store nothing.")] = False,
    mapping: Mapping = None,
    source: Annotated[
        list[str] | None, typer.Option("--source", help="A source of [sources] in voc.toml; may be given again.")
    ] = None,
    again: Annotated[bool, typer.Option("--again", help="Read known files too, and sources from their start.")] = False,
) -> None:
    """Read feedback, deliveries or signals; reading a file twice changes nothing."""
    from voc.errors import InputError
    from voc.ingest.parts import is_many

    if not files and not source:
        raise InputError("Name a file, folder, pattern or address, or a source of voc.toml with --source NAME.")
    failed = 0
    with place.open_workspace() as workspace:
        for file in files or ():
            if guess:
                _guess(workspace, Path(file))
            elif is_many(file):
                failed += _ingest_many(workspace, file, mapping, again=again)
            else:
                _ingest(workspace, Path(file), mapping)
        for name in source or ():
            _ingest_source(workspace, name, again=again)
    if failed:
        raise typer.Exit(InputError.exit_code)


def watch(
    folder: Annotated[Path, typer.Argument(help="Folder that files are put into.")],
    every: Annotated[float, typer.Option("--every", min=1, help="Seconds between two looks.")] = 60,
    once: Annotated[bool, typer.Option("--once", help="Look until nothing is new, then end.")] = False,
    mapping: Mapping = None,
) -> None:
    """Take new files of a folder in as they come, until it is stopped; files stay where they are."""
    stop = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stop.set())
    with place.open_workspace() as workspace:
        for done in workspace.watch(folder, mapping=mapping, every_s=every, once=once, stop=stop):
            _show(done)
            if stop.is_set():
                break
    err.print("Stopped. What was read is whole; the same command goes on.")


def _ingest(workspace: Workspace, file: Path, mapping: Path | None) -> None:
    with progress_bars() as announce:
        done = workspace.take(file, mapping=mapping, progress=announce(f"read {file.name}"))
    _show(done)


def _ingest_many(workspace: Workspace, source: str, mapping: Path | None, *, again: bool) -> int:
    """Read the files of a source and return how many of them failed."""
    from voc.ingest.parts import Failed, Known
    from voc.scrub import scrub_url

    known = failed = 0
    with progress_bars() as announce:
        progress = announce(f"read {scrub_url(source)}")
        for done in workspace.ingest_many(source, mapping=mapping, again=again, progress=progress):
            known += isinstance(done, Known)
            failed += isinstance(done, Failed)
            _show(done)
    if known:
        some = "1 file was read before and is" if known == 1 else f"{known} files were read before and are"
        out.print(f"{some} passed by; --again reads what was read before too.")
    return failed


def _ingest_source(workspace: Workspace, name: str, *, again: bool) -> None:
    with progress_bars() as announce:
        done = workspace.ingest_source(name, again=again, progress=announce(f"read {name}"))
    if done is None:
        out.print(f"{name}: nothing new")
    else:
        _show(done)


def _show(done: Outcome) -> None:
    from voc.ingest.figures import FiguresReport
    from voc.ingest.parts import Failed, Known

    if isinstance(done, Known):
        return
    if isinstance(done, Failed):
        err.print(f"Not read: {done.reason}")
    elif isinstance(done, FiguresReport):
        out.print(f"{done.file_name}: {done.rows} rows of {done.kind}")
    else:
        _show_feedback(done)


def _show_feedback(done: IngestReport) -> None:
    tally = done.tally
    out.print(
        f"{done.file_name}: {tally.rows} rows, {tally.added} new, {tally.known} known, {tally.rejected} rejected"
        + (f", {tally.suppressed} erased before" if tally.suppressed else "")
    )
    if done.weeks:
        out.print(f"  weeks {done.weeks[0]} to {done.weeks[1]}; " + ", ".join(f"{m} {n}" for m, n in done.by_market))
    for letter in done.letters:
        out.print(f"  rejected row {letter.row_number}: {letter.reason}")
    if tally.rejected > len(done.letters):
        out.print(f"  and {tally.rejected - len(done.letters)} more; all are kept with their reasons in the store.")
    for one in done.checks:
        if one.is_warning:
            out.print(f"  look: {one.sentence}")
    if done.checks and not any(one.is_warning for one in done.checks):
        out.print("  checked: nothing strange")


def _guess(workspace: Workspace, file: Path) -> None:
    from voc.errors import InputError
    from voc.ingest.guess import LOOKED_AT, guess_columns
    from voc.ingest.load import row_reader
    from voc.ingest.mapping import parse_mapping
    from voc.ingest.readers import form_of, open_table
    from voc.ingest.rows import RowError

    services = workspace.services
    with open_table(file, form_of(file)) as table:
        rows = tuple(itertools.islice(table.rows, LOOKED_AT))
        found = guess_columns(file.stem, table.columns, rows, markets=services.settings.market_codes())
    out.print(f"# A proposal for {services.paths.mapping}; look it over, then save it there.")
    out.print(found.toml)
    if found.missing:
        raise InputError(f"No column of {file} looks like {' or '.join(found.missing)}. Write the mapping by hand.")
    reader = row_reader(parse_mapping(found.toml, "the proposal"), services.settings.markets, services.key)
    out.print(f"# The first {_GUESS_ROWS} rows as it would read them:")
    for row in rows[:_GUESS_ROWS]:
        try:
            comment = reader.read(row.cells).feedback
        except RowError as error:
            out.print(f"{row.number:4d}  rejected: {error.reason}")
            continue
        rating = "-" if comment.rating is None else f"{comment.rating:g}"
        text = " ".join(comment.text.split())[:80]
        out.print(f"{row.number:4d}  {comment.market} {comment.week} {comment.language} {rating}  {text}")
