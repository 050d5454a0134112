"""The `voc` command."""

from __future__ import annotations

import os
import sys
import traceback
from pathlib import Path
from typing import Annotated

import typer

from voc import __version__
from voc.cli import (
    actions,
    audit,
    backfill,
    backup,
    effect,
    erase,
    evaluate,
    index,
    models,
    proposals,
    report,
    runs,
    search,
    serve,
    standards,
    themes,
    users,
    work,
)
from voc.errors import VocError, out_of_memory
from voc.files import disk_full

app = typer.Typer(
    name="voc",
    help="Voice-of-customer mining for the people who own delivery standards.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
work.register(app)
backfill.register(app)
effect.register(app)
serve.register(app)
backup.register(app)
erase.register(app)
app.add_typer(report.app, name="report", help="Write, publish and send the report of a week.")
app.add_typer(search.app, name="search", help="Find comments by meaning and by words.")
app.add_typer(themes.app, name="themes", help="List and show themes.")
app.add_typer(standards.app, name="standards", help="Check, import, compare and export standards.")
app.add_typer(proposals.app, name="proposals", help="List, show, review and adopt proposals.")
app.add_typer(actions.app, name="actions", help="Give, list and close actions.")
app.add_typer(runs.app, name="runs", help="List, follow and stop runs.")
app.add_typer(users.app, name="users", help="Say who may sign in to the pages.")
app.add_typer(users.tokens, name="tokens", help="Make and end tokens for programs.")
app.add_typer(audit.app, name="audit", help="Check and list who did what.")
app.add_typer(evaluate.app, name="evaluate", help="Measure voc on your own labelled data.")
app.add_typer(index.app, name="index", help="Look at the search index, write it anew, compare its tiers.")
app.add_typer(models.app, name="models", help="List, pull and verify models.")

_UNEXPECTED = 70
_INTERRUPTED = 130


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"voc {__version__}")
        raise typer.Exit


@app.callback()
def start(
    workspace: Annotated[
        Path | None, typer.Option("--workspace", "-C", help="Folder of the workspace; else VOC_WORKSPACE or here.")
    ] = None,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Remember which workspace is meant."""
    if workspace is not None:
        os.environ["VOC_WORKSPACE"] = str(workspace)


def run() -> None:
    """Run the command; every error becomes a message on standard error and an exit code."""
    try:
        app(standalone_mode=True)
    except VocError as error:
        _say(str(error))
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        _say("Stopped. What was stored is whole; run the same command again to go on.")
        sys.exit(_INTERRUPTED)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)
    except Exception as error:  # noqa: BLE001  the door: nothing may reach people as a traceback
        known = disk_full(error) or out_of_memory(error)
        if known is not None:
            _say(str(known))
            sys.exit(known.exit_code)
        _unexpected(error)
        sys.exit(_UNEXPECTED)


def _unexpected(error: Exception) -> None:
    _say(
        f"This is a fault of voc, not yours: {type(error).__name__} at {_place(error)}. What was stored is whole. Set "
        "VOC_DEBUG=1 and run the command again for the details to report."
    )
    if os.environ.get("VOC_DEBUG"):
        traceback.print_exception(error)


def _place(error: Exception) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if f"{os.sep}voc{os.sep}" in frame.filename] or list(frames)
    return f"{Path(own[-1].filename).name}:{own[-1].lineno}" if own else "an unknown place"


def _say(message: str) -> None:
    sys.stderr.write(f"voc: {message}\n")


if __name__ == "__main__":
    run()
