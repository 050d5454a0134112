"""`voc proposals`: list and show; what people do with proposals stands in `review`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from voc.cli import pack, place, review
from voc.cli.output import out
from voc.cli.review import Proposal

if TYPE_CHECKING:
    from voc.proposals.shown import Shown
    from voc.store.review import ConsultationRow
    from voc.workspace import Workspace

app = typer.Typer(no_args_is_help=True)


@app.command("list")
def list_proposals(
    failed: Annotated[bool, typer.Option("--failed", help="List the drafts that failed the gate instead.")] = False,
    state: Annotated[str, typer.Option("--state", help="Only these, such as in_review.")] = "",
    mine: Annotated[bool, typer.Option("--mine", help="Only what waits for you, or what you edited.")] = False,
) -> None:
    """List proposals by state; a draft that failed the gate is not one and is listed only with --failed."""
    from voc.errors import InputError
    from voc.proposals.render import load
    from voc.proposals.states import State

    if state and state not in list(State):
        raise InputError(f"There is no state '{state}'. Allowed: {', '.join(State)}.")
    order = list(State)
    with place.open_workspace() as workspace:
        rows = workspace.my_proposals() if mine else workspace.proposals()
        kept = [row for row in rows if (row.outcome == "failed") is failed and state in ("", row.state)]
        kept.sort(key=lambda row: order.index(State(row.state)))
        shown = [load(workspace.services.database, row.id) for row in kept]
        late = workspace.overdue_consultations()
    if not shown:
        out.print("None." if failed or state or mine else "No proposals yet. Draft some: voc propose")
    for one in shown:
        out.print(f"{one.row.id}  {one.row.week}  {one.row.state:<13}  {one.title}")
    for waiting in late:
        out.print(f"Overdue since {waiting.due}: {waiting.reviewer} ({waiting.part}) about {waiting.proposal_id}")


@app.command("show")
def show_proposal(
    proposal_id: Proposal,
    html: Annotated[Path | None, typer.Option("--html", help="Write it as an HTML page too.")] = None,
    docx: Annotated[Path | None, typer.Option("--docx", help="Write its redline as a Word file too.")] = None,
) -> None:
    """Show one proposal with its redline, evidence, figures, gate, and how its review stands."""
    from voc.files import write_atomic
    from voc.proposals.render import as_page, as_terminal, write_docx

    with place.open_workspace() as workspace:
        shown = workspace.proposal(proposal_id)
        standing = _standing(workspace, shown)
        if docx is not None:
            write_docx(docx, shown, workspace.services.database)
    out.print(as_terminal(shown))
    for line in standing:
        out.print(line)
    if html is not None:
        write_atomic(html, as_page(shown).encode())
    for path in (html, docx):
        if path is not None:
            out.print(f"Written: {path}")


@app.command("versions")
def list_versions(proposal_id: Proposal) -> None:
    """Show every version of a proposal's text, each as what it changed in the one before."""
    from voc.standards.redline import as_text, redline

    with place.open_workspace() as workspace:
        found = workspace.proposal_versions(proposal_id)
    before = str(found[0].draft.get("old_text", ""))
    for one in found:
        text = str(one.draft.get("new_text", ""))
        out.print(f"Version {one.version} by {one.actor}, {one.at[:10]}: {one.why}")
        out.print(as_text(redline(before, text)))
        for row in one.gate:
            if not row.passed:
                out.print(f"Warning, the gate would stop this: {row.rule}: {row.reason}")
        out.print("")
        before = text


@app.command("history")
def show_history(proposal_id: Proposal) -> None:
    """Show what happened to a proposal: states, edits and answers, with who and why."""
    with place.open_workspace() as workspace:
        steps = [
            (event.at, event.actor, event.to_state + (f" ({event.reason})" if event.reason else ""), event.why)
            for event in workspace.proposal_history(proposal_id)
        ]
        edits = workspace.proposal_versions(proposal_id)[1:]
        steps += [(one.at, one.actor, f"version {one.version}", one.why) for one in edits]
        for asked in workspace.consultations(proposal_id):
            steps.append((asked.at, asked.actor, "asked", f"{asked.reviewer} ({asked.part}) by {asked.due}"))
            if asked.answered_at:
                said = f"{asked.answer} to version {asked.answered_version}. {asked.text or ''}"
                steps.append((asked.answered_at, asked.answered_by or "", "answered", f"{asked.reviewer}: {said}"))
            if asked.override_at:
                told = f"{asked.reviewer} ({asked.part}): {asked.override_why}"
                steps.append((asked.override_at, asked.override_by or "", "overridden", told))
    for at, actor, what, why in sorted(steps, key=lambda one: one[0]):
        out.print(f"{at[:16].replace('T', ' ')}  {actor:<14}  {what:<16}  {why}".rstrip())


review.register(app)
app.command("pack")(pack.pack)


def _standing(workspace: Workspace, shown: Shown) -> list[str]:
    proposal_id = shown.row.id
    newest = workspace.proposal_versions(proposal_id)[-1]
    lines = [f"Version {newest.version} by {newest.actor}: {newest.why}. State: {shown.row.state}."]
    elsewhere = workspace.unreached_markets(proposal_id)
    if elsewhere:
        lines.append(f"It changes nothing in {', '.join(elsewhere)}: addenda there stand in place of the clause.")
    lines += [_asked(one, newest.version) for one in workspace.consultations(proposal_id)]
    assessed = workspace.assessment(proposal_id)
    if assessed is not None:
        lines.append(f"Cost: {assessed.cost or 'not said'}. Feasibility: {assessed.feasibility or 'not said'}.")
    lines += [f"Adopted in {one.market} from {one.since}." for one in workspace.adoptions(proposal_id)]
    return lines


def _asked(one: ConsultationRow, version: int) -> str:
    if one.answer is None:
        said = f"asked, due {one.due}"
    else:
        said = one.answer + (f": {one.text}" if one.text else "")
        said += "" if one.answered_version == version else f" (to version {one.answered_version})"
    over = f"; overridden by {one.override_by}: {one.override_why}" if one.override_why else ""
    return f"{one.reviewer} ({one.part}): {said}{over}"
