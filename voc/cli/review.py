"""`voc proposals`: what people do with proposals, from submitting to adopting."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from voc.cli import place
from voc.cli.output import out

if TYPE_CHECKING:
    from voc.proposals.edits import Edited
    from voc.store.proposals import ProposalRow

Proposal = Annotated[str, typer.Argument(help="The proposal's id, or the beginning of it.")]
Why = Annotated[str, typer.Option("--why", help="The reason, which is kept.")]
NeededWhy = Annotated[str, typer.Option("--why", help="The reason, which is kept.", show_default=False)]
OnVersion = Annotated[int | None, typer.Option("--on-version", help="The version that you looked at; else the newest.")]

_MOST_BYTES = 200_000


def register(app: typer.Typer) -> None:
    """Add the commands in the order in which a proposal meets them."""
    commands = (submit, ask, answer, assess, edit, restore, rebase, changes, approve, reject, supersede, adopt)
    for command in commands:
        app.command()(command)


def submit(proposal_id: Proposal, why: Why = "") -> None:
    """Hand a draft to its reviewers."""
    with place.open_workspace() as workspace:
        _moved(workspace.submit_proposal(proposal_id, why=why))


def ask(
    proposal_id: Proposal,
    reviewer: Annotated[str, typer.Option("--reviewer", help="Who is asked, as VOC_ACTOR names them.")],
    due: Annotated[str, typer.Option("--due", help="The day by which an answer is needed, such as 2024-10-21.")],
    part: Annotated[str, typer.Option("--part", help="legal, operations, market or another part.")] = "other",
) -> None:
    """Ask somebody by name whether they agree."""
    with place.open_workspace() as workspace:
        asked = workspace.ask_consultation(proposal_id, reviewer=reviewer, part=part, due=due)
    out.print(f"Asked {asked.reviewer} ({asked.part}) about {asked.proposal_id} by {asked.due}.")


def answer(
    proposal_id: Proposal,
    agree: Annotated[bool, typer.Option("--agree", help="Agree to the text.")] = False,
    oppose: Annotated[bool, typer.Option("--object", help="Object to it; say why with --text.")] = False,
    text: Annotated[str, typer.Option("--text", help="What you say beside it.")] = "",
    reviewer: Annotated[str, typer.Option("--reviewer", help="Whose answer an admin enters; else yours.")] = "",
    on_version: OnVersion = None,
) -> None:
    """Answer a consultation that names you; a later answer takes the place of an earlier one."""
    from voc.errors import InputError

    if agree == oppose:
        raise InputError("Say one of --agree and --object.")
    with place.open_workspace() as workspace:
        found = workspace.answer_consultation(
            proposal_id, agrees=agree, text=text, reviewer=reviewer, on_version=on_version
        )
    for one in found:
        out.print(f"{one.reviewer} ({one.part}): {one.answer} to version {one.answered_version} of {one.proposal_id}.")


def assess(
    proposal_id: Proposal,
    cost: Annotated[str, typer.Option("--cost", help="What it costs.")] = "",
    feasibility: Annotated[str, typer.Option("--feasibility", help="Whether and when it can be done.")] = "",
) -> None:
    """Keep what a change costs and whether it can be done."""
    with place.open_workspace() as workspace:
        found = workspace.assess_proposal(proposal_id, cost=cost, feasibility=feasibility)
    out.print(f"Cost: {found.cost or 'not said'}. Feasibility: {found.feasibility or 'not said'}.")


def edit(
    proposal_id: Proposal,
    text: Annotated[str, typer.Option("--text", help="File with the whole new text of the clause, or - for input.")],
    why: NeededWhy = "",
    on_version: OnVersion = None,
) -> None:
    """Put another wording in place of the proposed one; earlier ones are kept as versions."""
    with place.open_workspace() as workspace:
        # What is newest now is what was edited, however long the text takes to come.
        version = on_version or workspace.proposal_versions(proposal_id)[-1].version
        _edited(workspace.edit_proposal(proposal_id, text=_text(text), why=why, on_version=version))


def restore(
    proposal_id: Proposal,
    version: Annotated[int, typer.Option("--version", help="The version to bring back.")],
    why: NeededWhy = "",
) -> None:
    """Bring an earlier version back, as a new one."""
    with place.open_workspace() as workspace:
        _edited(workspace.restore_proposal(proposal_id, version=version, why=why))


def rebase(proposal_id: Proposal) -> None:
    """Carry a proposal over to the clause now in force, after that was changed by something else."""
    with place.open_workspace() as workspace:
        done = workspace.rebase_proposal(proposal_id)
    _edited(done)
    out.print(f"{done.version.why[0].upper()}{done.version.why[1:]}.")


def changes(proposal_id: Proposal, why: NeededWhy = "", on_version: OnVersion = None) -> None:
    """Give a proposal back with what should be changed."""
    with place.open_workspace() as workspace:
        _moved(workspace.ask_changes(proposal_id, why=why, on_version=on_version))


def approve(
    proposal_id: Proposal,
    why: Why = "",
    override: Annotated[str, typer.Option("--override", help="Why you go over missing answers or objections.")] = "",
    effective: Annotated[str, typer.Option("--effective", help="From when the new edition holds; else today.")] = "",
    edition: Annotated[str, typer.Option("--edition", help="The new edition's name; else the next one.")] = "",
    on_version: OnVersion = None,
) -> None:
    """Approve a proposal, which publishes a new edition of the standard."""
    from voc.proposals.approve import Terms

    terms = Terms(why, override, effective, edition, on_version)
    with place.open_workspace() as workspace:
        done = workspace.approve_proposal(proposal_id, terms)
    made = done.edition
    out.print(f"{done.proposal.id} is approved: edition {made.name} ({made.market or 'global'}) from {made.effective}.")
    for one in done.overridden:
        out.print(f"Went over {one.reviewer} ({one.part}), with your reason in the record.")
    if done.unreached:
        out.print(
            f"It changes nothing in {', '.join(done.unreached)}: addenda there stand in place of the clause. "
            "Change those by proposals of their own."
        )
    out.print(f"Say when it is followed: voc proposals adopt {done.proposal.id} --on DAY")


def reject(
    proposal_id: Proposal,
    reason: Annotated[
        str,
        typer.Option(
            "--reason",
            help="wrong-clause, weak-evidence, not-a-text-matter, wording, not-feasible, duplicate or other.",
        ),
    ],
    why: NeededWhy = "",
    on_version: OnVersion = None,
) -> None:
    """Reject a proposal for a reason; the same gap is not drafted again unless evidence grows."""
    with place.open_workspace() as workspace:
        _moved(workspace.reject_proposal(proposal_id, reason=reason, why=why, on_version=on_version))


def supersede(proposal_id: Proposal, why: NeededWhy = "") -> None:
    """Set a proposal aside because something else takes its place."""
    with place.open_workspace() as workspace:
        _moved(workspace.supersede_proposal(proposal_id, why=why))


def adopt(
    proposal_id: Proposal,
    on: Annotated[str, typer.Option("--on", help="The day from which it is followed, such as 2024-11-04.")],
    market: Annotated[list[str] | None, typer.Option("--market", help="Only this market; more than once.")] = None,
    why: Why = "",
) -> None:
    """Say since when the markets of an approved proposal follow it, so that its effect can be measured."""
    with place.open_workspace() as workspace:
        done = workspace.adopt_proposal(proposal_id, on=on, markets=market or (), why=why)
    places = ", ".join(one.market for one in done.adoptions)
    out.print(f"{done.proposal.id} is adopted in {places} from {done.adoptions[0].since}.")
    if done.in_future:
        out.print("That day is still to come; until then nothing is compared.")


def _moved(proposal: ProposalRow) -> None:
    out.print(f"{proposal.id} is now {proposal.state}.")


def _edited(done: Edited) -> None:
    out.print(f"{done.proposal.id} has version {done.version.version}.")
    for row in done.warnings:
        out.print(f"Warning, the gate would stop this: {row.rule}: {row.reason}")


def _text(source: str) -> str:
    """Return the text of a file, or of standard input for "-"."""
    from voc.errors import InputError, NotFoundError

    try:
        content = sys.stdin.buffer.read(_MOST_BYTES + 1) if source == "-" else _bytes(Path(source))
    except OSError as error:
        raise NotFoundError(
            f"{source} cannot be read. Name a file with the new text, or - for standard input."
        ) from error
    if len(content) > _MOST_BYTES:
        raise InputError(f"The text has more than {_MOST_BYTES:,} bytes, which no clause has.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{source} is not UTF-8 text. Save it as UTF-8.") from error


def _bytes(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(_MOST_BYTES + 1)
