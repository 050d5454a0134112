"""`voc actions`: what is to be done where a clause is right and is not followed."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated

import typer

from voc.cli import place
from voc.cli.output import out

if TYPE_CHECKING:
    from voc.store.actions import ActionRow

app = typer.Typer(no_args_is_help=True)

Action = Annotated[str, typer.Argument(help="The action's id, or the beginning of it.")]


@app.command("open")
def open_action(
    owner: Annotated[str, typer.Option("--owner", help="Who sees to it.")],
    proposal_id: Annotated[str, typer.Argument(help="A proposal that says act; without it, name the rest.")] = "",
    due: Annotated[str, typer.Option("--due", help="The day by which it is to be done, such as 2024-11-04.")] = "",
    theme: Annotated[str, typer.Option("--theme", help="The theme that it is about, by id.")] = "",
    market: Annotated[list[str] | None, typer.Option("--market", help="Where; more than once for several.")] = None,
    clause: Annotated[str, typer.Option("--clause", help="The clause that is not followed.")] = "",
    duty: Annotated[str, typer.Option("--duty", help="What is to be done.")] = "",
) -> None:
    """Give somebody an action: from a proposal, which is accepted by it, or for a theme, markets and a clause."""
    from voc.errors import InputError

    by_hand = {"--theme": theme, "--market": market, "--clause": clause, "--duty": duty}
    if bool(proposal_id) == any(by_hand.values()):
        raise InputError(f"Name a proposal, or without one {', '.join(by_hand)}.")
    with place.open_workspace() as workspace:
        if proposal_id:
            made = workspace.open_action(proposal_id, owner=owner, due=due)
        else:
            made = workspace.open_action_by_hand(
                theme, markets=market or (), clause=clause, duty=duty, owner=owner, due=due
            )
    out.print(f"{made.id} is open: {made.owner} sees to it{f' by {made.due}' if made.due else ''}.")


@app.command("list")
def list_actions(
    only_open: Annotated[bool, typer.Option("--open", help="Only those that are not closed.")] = False,
) -> None:
    """List actions, those that are due first on top."""
    with place.open_workspace() as workspace:
        found, today = workspace.actions(only_open=only_open), workspace.services.stamp.at.date()
    for one in found:
        out.print(_line(one, today))
    if not found:
        out.print("No actions. Proposals that say act become some: voc actions open PROPOSAL --owner NAME --due DAY")


@app.command("show")
def show_action(action_id: Action) -> None:
    """Show one action with what happened to it."""
    with place.open_workspace() as workspace:
        found, events = workspace.action(action_id)
        today = workspace.services.stamp.at.date()
    out.print(_line(found, today))
    out.print(f"  {found.duty}")
    out.print(f"  clause {found.clause_number} of {found.document} · theme {found.theme_id} · since {found.week}")
    if found.proposal_id:
        out.print(f"  from proposal {found.proposal_id}")
    if found.result:
        out.print(f"  done on {found.done_on}: {found.result}")
    for event in events:
        out.print(f"  {event.at[:10]}  {event.to_state:<8} {event.actor}: {event.note}")


@app.command("done")
def close_action(
    action_id: Action,
    result: Annotated[str, typer.Option("--result", help="What was done, and what came of it.")],
    on: Annotated[str, typer.Option("--on", help="The day on which it was done; else today.")] = "",
) -> None:
    """Close an action that was done; the report of that week shows its result."""
    with place.open_workspace() as workspace:
        done = workspace.close_action(action_id, result=result, on=on)
    out.print(f"{done.id} is done on {done.done_on}.")


@app.command("drop")
def drop_action(action_id: Action, why: Annotated[str, typer.Option("--why", help="Why it will not be done.")]) -> None:
    """Close an action that will not be done."""
    with place.open_workspace() as workspace:
        done = workspace.drop_action(action_id, why=why)
    out.print(f"{done.id} is dropped.")


def _line(one: ActionRow, today: date) -> str:
    late = one.state == "open" and one.due is not None and date.fromisoformat(one.due) < today
    due = f"due {one.due}{' OVERDUE' if late else ''}" if one.due else "no day"
    when = f"done {one.done_on}" if one.state == "done" else due if one.state == "open" else ""
    return (
        f"{one.id}  {one.state:<7}  {when:<22}  {one.owner:<14}  {', '.join(one.markets)}  clause {one.clause_number}"
    )
