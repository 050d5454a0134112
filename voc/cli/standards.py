"""`voc standards`: import, list and show."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from voc.cli import place
from voc.cli.output import out

app = typer.Typer(no_args_is_help=True)


@app.command("import")
def import_standards(
    files: Annotated[list[Path], typer.Argument(help="Markdown files, the global edition first.")],
) -> None:
    """Import editions from Markdown; importing one again changes nothing."""
    with place.open_workspace() as workspace:
        for file in files:
            done = workspace.import_standard(file)
            state = "imported" if done.new else "known already"
            where = done.edition.market or "global"
            out.print(f"{done.edition.name} ({where}): {done.clauses} clauses, {state}")


@app.command("list")
def list_standards() -> None:
    """List every edition."""
    with place.open_workspace() as workspace:
        found = workspace.standards()
    if not found:
        out.print("No standards yet. Import one: voc standards import standards/global.md")
    for one in found:
        out.print(f"{one.document:<12} {one.name:<14} {one.market or 'global':<7} from {one.effective}  {one.title}")


@app.command("show")
def show_standard(
    document: Annotated[str, typer.Argument(help="The document, such as delivery.")] = "delivery",
    market: Annotated[str, typer.Option("--market", help="A market's code; without it, the global edition.")] = "",
    clause: Annotated[str, typer.Option("--clause", help="Only this clause's number.")] = "",
    on: Annotated[str, typer.Option("--on", help="In force on this day; without it, the newest.")] = "",
) -> None:
    """Show the clauses in force in a market."""
    from voc.errors import InputError, NotFoundError
    from voc.standards.registry import clauses_in_force

    try:
        day = date.fromisoformat(on).isoformat() if on else "9999-12-31"
    except ValueError as error:
        raise InputError(f"'{on}' is not a day such as 2024-09-30.") from error
    with place.open_workspace() as workspace:
        if market:
            workspace.services.settings.market_codes(market)
        found = clauses_in_force(workspace.services.database, document=document, market=market, on=day)
    shown = [one for one in found if clause in ("", one.number)]
    if not shown:
        raise NotFoundError(f"There is no clause {clause} in force. 'voc standards show {document}' shows them all.")
    for one in shown:
        out.print(f"{one.number} {one.title}" + (f"  ({one.edition})" if one.market else ""))
        out.print(f"    {one.text}\n")
