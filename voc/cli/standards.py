"""`voc standards`: check, import, list, show, compare and export."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from voc.cli import place
from voc.cli.output import out

if TYPE_CHECKING:
    from voc.standards.document import Given
    from voc.standards.registry import InForce

app = typer.Typer(no_args_is_help=True)

Files = Annotated[
    list[Path], typer.Argument(help="Files (.md, .yaml, .docx, .jsonl), the global edition before its addenda.")
]
Document = Annotated[str, typer.Option("--document", help="The document's id, where the file has none.")]
Title = Annotated[str, typer.Option("--title", help="Its title, where the file has none.")]
Edition = Annotated[str, typer.Option("--edition", help="Name of the edition, where the file has none.")]
Owner = Annotated[str, typer.Option("--owner", help="Who answers for it, where the file does not say.")]
Effective = Annotated[str, typer.Option("--effective", help="The day from which it holds, where the file has none.")]
Language = Annotated[str, typer.Option("--language", help="Its language such as en, where the file has none.")]
OfMarket = Annotated[str, typer.Option("--market", help="The market that it is for, where the file does not say.")]

_FAILED = 2


@app.command("check")
def check_standards(
    files: Files,
    document: Document = "",
    title: Title = "",
    edition: Edition = "",
    owner: Owner = "",
    effective: Effective = "",
    language: Language = "",
    market: OfMarket = "",
) -> None:
    """List what an import would bring and every problem with its line; store nothing. Exit with 2 on errors."""
    from voc.standards.intake import listing

    given = _given(document, title, edition, owner, effective, language, market)
    with place.open_workspace() as workspace:
        found = workspace.check_standards(files, given=given)
    for one in found:
        for line in listing(one):
            out.print(line)
    if any(one.errors for one in found):
        raise typer.Exit(_FAILED)


@app.command("import")
def import_standards(
    files: Files,
    accept: Annotated[
        bool, typer.Option("--accept", help="Import Word documents whose listing was looked at.")
    ] = False,
    document: Document = "",
    title: Title = "",
    edition: Edition = "",
    owner: Owner = "",
    effective: Effective = "",
    language: Language = "",
    market: OfMarket = "",
) -> None:
    """Import editions, all or none; importing one again changes nothing. Word asks for --accept after a look."""
    given = _given(document, title, edition, owner, effective, language, market)
    with place.open_workspace() as workspace:
        for done in workspace.import_standards(files, given=given, accept=accept):
            state = "imported" if done.new else "known already"
            where = done.edition.market or "global"
            out.print(f"{done.edition.document} {done.edition.name} ({where}): {done.clauses} clauses, {state}")


@app.command("list")
def list_standards() -> None:
    """List every edition."""
    with place.open_workspace() as workspace:
        found = workspace.standards()
    if not found:
        out.print("No standards yet. Import one: voc standards import standards/global.md")
    for one in found:
        where = one.market or "global"
        out.print(f"{one.id[:8]}  {one.document:<12} {one.name:<14} {where:<7} from {one.effective}  {one.title}")


@app.command("show")
def show_standard(
    document: Annotated[str, typer.Argument(help="The document, such as delivery.")] = "delivery",
    market: Annotated[str, typer.Option("--market", help="A market's code; without it, the global edition.")] = "",
    clause: Annotated[str, typer.Option("--clause", help="Only this clause's number.")] = "",
    on: Annotated[str, typer.Option("--on", help="In force on this day; without it, the newest.")] = "",
) -> None:
    """Show the clauses in force in a market on a day, and the editions that they come from."""
    from voc.standards.numbers import normal_number
    from voc.standards.registry import in_force
    from voc.standards.sides import read_day

    day = read_day(on)
    with place.open_workspace() as workspace:
        if market:
            workspace.services.settings.market_codes(market)
        with workspace.services.database.read() as connection:
            found = in_force(connection, document=document, market=market, on=day)
    number = normal_number(clause) or clause
    shown = [one for one in found.clauses if number in ("", one.number)]
    if not shown:
        _no_clause(found, document, number)
    for part in (found.base, found.addendum):
        if part is not None:
            out.print(f"{part.name} ({part.market or 'global'}), in force from {part.effective}: {part.title}")
    out.print("")
    for one in shown:
        out.print(f"{one.number} {one.title}" + (f"  ({one.edition})" if one.market else ""))
        for line in one.text.split("\n"):
            out.print(f"    {line}")
        out.print("")


@app.command("compare")
def compare_standards(
    old: Annotated[str, typer.Argument(help="An edition (2024-1), or what is in force: DOCUMENT/MARKET@DAY.")],
    new: Annotated[str, typer.Argument(help="The other one, named in the same way.")],
) -> None:
    """Compare two editions, two days of a document or two markets: what was added, removed, moved, renamed, changed."""
    from voc.standards.compare import as_lines, compare
    from voc.standards.sides import read_side

    with place.open_workspace() as workspace, workspace.services.database.read() as connection:
        markets = workspace.services.settings.market_codes()
        before, after = (read_side(connection, spec, markets=markets) for spec in (old, new))
    out.print(f"{before.label} ({before.parsed.front.effective}) -> {after.label} ({after.parsed.front.effective})\n")
    for line in as_lines(compare(before.parsed.clauses, after.parsed.clauses)):
        out.print(line)


@app.command("export")
def export_standard(
    edition: Annotated[str, typer.Argument(help="An edition (2024-1), or what is in force: DOCUMENT/MARKET@DAY.")],
    to: Annotated[Path, typer.Option("--to", help="File to write: .md, .yaml, .docx or .jsonl.")],
) -> None:
    """Write an edition, or what is in force in a market on a day, to a file that imports again as the same."""
    from voc.standards.files import write_file
    from voc.standards.sides import read_side

    with place.open_workspace() as workspace, workspace.services.database.read() as connection:
        side = read_side(connection, edition, markets=workspace.services.settings.market_codes())
    write_file(to, side.parsed)
    out.print(f"Written: {to} ({side.label}, {len(side.parsed.clauses)} clauses)")


def _given(*values: str) -> Given:
    from voc.standards.document import Given

    return Given(*values)


def _no_clause(found: InForce, document: str, number: str) -> None:
    from voc.errors import NotFoundError

    if found.addendum is not None and number in found.exempt:
        raise NotFoundError(
            f"Clause {number} does not hold in {found.addendum.market}: {found.addendum.name} exempts it."
        )
    raise NotFoundError(f"There is no clause {number} in force. 'voc standards show {document}' shows them all.")
