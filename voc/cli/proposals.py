"""`voc proposals`: list and show."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from voc.cli import pack, place
from voc.cli.output import out

app = typer.Typer(no_args_is_help=True)
app.command("pack")(pack.pack)


@app.command("list")
def list_proposals(
    failed: Annotated[bool, typer.Option("--failed", help="List the drafts that failed the gate instead.")] = False,
) -> None:
    """List proposals; a draft that failed the gate is not one and is listed only with --failed."""
    from voc.proposals.render import load

    with place.open_workspace() as workspace:
        rows = [row for row in workspace.proposals() if (row.outcome == "failed") is failed]
        shown = [load(workspace.services.database, row.id) for row in rows]
    if not shown:
        out.print("None." if failed else "No proposals yet. Draft some: voc propose")
    for one in shown:
        out.print(f"{one.row.id}  {one.row.week}  {one.row.state:<8}  {one.title}")


@app.command("show")
def show_proposal(
    proposal_id: Annotated[str, typer.Argument(help="Its id, or the beginning of it.")],
    html: Annotated[Path | None, typer.Option("--html", help="Write it as an HTML page too.")] = None,
    docx: Annotated[Path | None, typer.Option("--docx", help="Write its redline as a Word file too.")] = None,
) -> None:
    """Show one proposal with its redline, evidence, figures and gate."""
    from voc.files import write_atomic
    from voc.proposals.render import as_page, as_terminal, write_docx

    with place.open_workspace() as workspace:
        shown = workspace.proposal(proposal_id)
        out.print(as_terminal(shown))
        if docx is not None:
            write_docx(docx, shown, workspace.services.database)
            out.print(f"Written: {docx}")
    if html is not None:
        write_atomic(html, as_page(shown).encode())
        out.print(f"Written: {html}")
