"""`voc themes`: list and show."""

from __future__ import annotations

from typing import Annotated

import typer

from voc.cli import place
from voc.cli.output import out

app = typer.Typer(no_args_is_help=True)


@app.command("list")
def list_themes() -> None:
    """List the themes, the largest first."""
    with place.open_workspace() as workspace:
        found = workspace.themes()
    if not found:
        out.print("No themes yet. Run a week first: voc run --week 2024-W40")
    for entry in found:
        name = entry.label.name if entry.label else "(not named yet)"
        out.print(f"{entry.theme.id}  {entry.comments:6d} comments  since {entry.theme.born_week}  {name}")


@app.command("show")
def show_theme(theme_id: Annotated[str, typer.Argument(help="Its id, or the beginning of it.")]) -> None:
    """Show one theme: name, summary, words and what happened to it."""
    with place.open_workspace() as workspace:
        page = workspace.theme(theme_id)
    entry = page.entry
    out.print(f"{entry.theme.id}  {entry.label.name if entry.label else '(not named yet)'}")
    if entry.label:
        out.print(f"  {entry.label.summary}" if entry.label.summary else "  (no summary)")
        out.print(f"  words: {', '.join(entry.label.keywords)}   named by: {entry.label.method}")
    out.print(f"  {entry.comments} comments, {entry.theme.state}, threshold {entry.theme.threshold:.2f}")
    for event in page.events:
        out.print(f"  {event.week}  {event.kind:<10} {event.members} comments  {event.why}")
