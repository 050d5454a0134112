"""`voc audit`: who did what, and whether the record of it still holds."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from voc.cli import place
from voc.cli.output import out

app = typer.Typer(no_args_is_help=True)


@app.command("verify")
def verify_audit(
    expect: Annotated[str, typer.Option("--expect", help="A hash noted earlier, which must be in the log.")] = "",
) -> None:
    """Check every row of the audit log; exit code 3 names the first that is not as it was written."""
    with place.open_workspace() as workspace:
        found = workspace.verify_audit(expect=expect)
    out.print(f"The audit log holds: {found.count:,} rows, head {found.head}")
    if not expect:
        out.print("Note the head elsewhere: only with it can you see later that rows were cut off (--expect HASH).")


@app.command("list")
def list_audit(
    subject: Annotated[str, typer.Option("--subject", help="Only acts upon this id, or what begins with it.")] = "",
    limit: Annotated[int, typer.Option("--limit", help="How many, the newest first.", min=1, max=100_000)] = 50,
) -> None:
    """List acts, the newest first: when, who, what, upon which id. Texts stand in it as keyed hashes only."""
    with place.open_workspace() as workspace:
        found = workspace.audit(subject=subject, limit=limit)
    for one in found:
        told = json.dumps(dict(one.detail), ensure_ascii=False, sort_keys=True) if one.detail else ""
        when = one.at[:19].replace("T", " ")
        out.print(f"{one.seq:>6}  {when}  {one.actor:<14}  {one.action:<22}  {one.subject}  {told}".rstrip())
    if not found:
        out.print("Nothing." if subject else "Nothing was done yet.")
