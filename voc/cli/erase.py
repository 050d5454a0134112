"""`voc erase`: take comments out of everything that is kept."""

from __future__ import annotations

import sys
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from voc.cli import place
from voc.cli.output import err, out
from voc.errors import NotFoundError

if TYPE_CHECKING:
    from voc.erasure.act import Done
    from voc.erasure.plan import Plan

_MOST_SHOWN = 20


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("erase")(erase)


def erase(
    comments: Annotated[
        list[str] | None, typer.Option("--feedback", help="A comment, by its id or the beginning of it; several times.")
    ] = None,
    subject: Annotated[
        str, typer.Option("--subject", help="All comments with this tracking or order number, or id of their source.")
    ] = "",
    before: Annotated[
        datetime | None, typer.Option("--before", formats=["%Y-%m-%d"], help="All created before this day (UTC).")
    ] = None,
    expired: Annotated[bool, typer.Option("--expired", help="All that are older than [retention] says.")] = False,
    market: Annotated[str, typer.Option("--market", help="With a day: only of this market.")] = "",
    why: Annotated[str, typer.Option("--why", help="The reason, which is kept.")] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Do it without asking.")] = False,
    resume: Annotated[bool, typer.Option("--resume", help="Only complete an erasure that was stopped.")] = False,
) -> None:
    """Erase comments from store, vectors, index, themes, names, drafts, reports and caches, for good.

    Without --yes it shows what would go; on a terminal it then asks.
    """
    from voc.erasure.plan import Asked

    with place.open_workspace() as workspace:
        stopped = workspace.has_unfinished_erasure()
        if stopped:
            _show_done(workspace.resume_erasures())
        if resume:
            out.print("Completed." if stopped else "No erasure was stopped; there is nothing to complete.")
            return
        day = None if before is None else before.date()
        asked = Asked(tuple(comments or ()), subject, day, expired, market)
        try:
            found = workspace.plan_erasure(asked)
        except NotFoundError:
            if stopped:  # it was what is gone now
                return
            raise
        _show_plan(found)
        if not found.feedback_ids:
            return
        if not yes and not (sys.stdin.isatty() and typer.confirm("Erase all of this for good?")):
            err.print("Nothing was erased. To do it: the same command with --yes and --why TEXT.")
            return
        months = workspace.services.settings.retention.months
        done = workspace.erase(asked, why=why or (f"older than {months} months" if expired else ""))
    _show_done(done)
    _show_others(found)


def _show_plan(found: Plan) -> None:
    if not found.feedback_ids:
        out.print("No stored comment is asked for; there is nothing to erase.")
        return
    out.print(f"comments           {len(found.feedback_ids):>8,}")
    for one in found.feedback_ids[:_MOST_SHOWN]:
        out.print(f"                     {one[:8]}")
    out.print(f"texts of them only {found.texts:>8,}")
    out.print(f"vectors            {found.vectors:>8,}")
    out.print(f"themes touched     {found.themes:>8,}")
    out.print(f"versions of names  {found.names:>8,}")
    out.print(f"cached answers     {found.answers:>8,}")
    out.print(f"proposals          {found.proposals:>8,}")
    out.print(f"reports            {len(found.reports):>8,}  {', '.join(found.reports[:_MOST_SHOWN])}".rstrip())
    _show_others(found)


def _show_others(found: Plan) -> None:
    """Print the files that voc leaves alone."""
    from voc.erasure.plan import written_on

    if found.backups:
        out.print("Backups that hold them, which voc does not touch; delete them, and back up anew:")
    for path in found.backups:
        out.print(f"  {path}  ({written_on(path)})")
    if found.yours:
        out.print("Files of yours in the workspace that hold them, which voc does not touch:")
    for path in found.yours:
        out.print(f"  {path}")


def _show_done(done: Done) -> None:
    out.print(
        f"Erased: {done.comments:,} comments. Themes measured again: {done.themes:,}. Proposals withdrawn: "
        f"{done.withdrawn:,}. Reports written again: {done.written:,}, removed: {done.removed:,}."
    )
    for one in done.left:
        err.print(one)
