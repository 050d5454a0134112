"""Actions people open and close: from a proposal that says so, or by hand for a theme, markets and a clause."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date

from voc.access import Act
from voc.errors import InputError
from voc.proposals.desk import Desk, day, plain, step
from voc.proposals.draft import Draft
from voc.proposals.states import State
from voc.store import actions, review, themes
from voc.store.actions import ActionRow
from voc.store.database import Connection
from voc.store.proposals import ProposalRow
from voc.weeks import week_of_date


@dataclass(frozen=True, slots=True)
class ByHand:
    """An action that no proposal asks for: what is to be done about a theme, where, and by which clause."""

    theme_id: str
    markets: tuple[str, ...]
    document: str
    clause_number: str
    duty: str
    week: str


def open_for_proposal(desk: Desk, proposal_id: str, *, owner: str, due: str = "") -> ActionRow:
    """Accept a proposal whose outcome is an action, and open that action for somebody to see to.

    Raises:
        NotAllowedError: the role may not.
        InputError: the proposal is none of that kind, was decided, or nobody is named.
    """
    desk.check(Act.OPEN_ACTION)
    who, last = _owner(owner), _due(desk, due)
    with desk.database.write() as connection:
        proposal = review.hold(connection, proposal_id)
        if proposal.outcome != "action":
            raise InputError(
                f"Proposal {proposal.id} is a {proposal.outcome}, not an action. Actions by hand: voc actions open "
                "--theme THEME --market M --clause N --duty TEXT --owner NAME"
            )
        draft = Draft.model_validate(proposal.draft)
        _accept(desk, connection, proposal)
        action = ActionRow(
            id=_id(proposal.id),
            theme_id=proposal.theme_id,
            proposal_id=proposal.id,
            market=proposal.market,
            markets=draft.markets,
            document=proposal.document,
            clause_number=proposal.clause_number or "",
            duty=" ".join(one.sentence for one in draft.obligations) or draft.old_text,
            owner=who,
            due=last,
            week=proposal.week,
        )
        actions.add(connection, desk.stamp, action, note=f"from proposal {proposal.id}")
        return action


def open_by_hand(desk: Desk, task: ByHand, *, owner: str, due: str = "") -> ActionRow:
    """Open an action that no proposal asks for.

    Raises:
        NotAllowedError: the role may not.
        NotFoundError: no theme begins with that id.
        InputError: markets, clause, duty or owner are missing.
    """
    desk.check(Act.OPEN_ACTION)
    who, last = _owner(owner), _due(desk, due)
    duty = plain(task.duty, need="Say what is to be done: --duty TEXT.")
    if not task.markets or not task.clause_number:
        raise InputError("Name where and by which clause: --market M (more than once for several) and --clause N.")
    with desk.database.write() as connection:
        theme = themes.get(connection, task.theme_id)
        action = ActionRow(
            id=_id(theme.id, *task.markets, task.document, task.clause_number, duty, desk.stamp.at.isoformat()),
            theme_id=theme.id,
            proposal_id=None,
            market=task.markets[0] if len(task.markets) == 1 else "",
            markets=task.markets,
            document=task.document,
            clause_number=task.clause_number,
            duty=duty,
            owner=who,
            due=last,
            week=task.week,
        )
        actions.add(connection, desk.stamp, action, note="by hand", detail=desk.sealed(duty=duty))
        return action


def done(desk: Desk, action_id: str, *, result: str, on: str = "") -> ActionRow:
    """Close an action as done on a day (today without one), with what came of it.

    Raises:
        NotAllowedError: the role may not.
        InputError: the day is in the future, or no result is told.
        ConflictError: it is closed already.
    """
    desk.check(Act.CLOSE_ACTION)
    said = plain(result, need="Say what was done: --result TEXT.")
    when = day(on) if on else desk.today
    if when > desk.today:
        raise InputError(f"{when} is in the future. Close the action once it is done: --on DAY, at the latest today.")
    with desk.database.write() as connection:
        action = actions.get(connection, action_id)
        closed = actions.close(
            connection,
            desk.stamp,
            action,
            state="done",
            note=said,
            done_on=when.isoformat(),
            detail=desk.sealed(result=said),
        )
        _follow(desk, connection, closed, State.ADOPTED, f"action done on {when}")
        return closed


def drop(desk: Desk, action_id: str, *, why: str) -> ActionRow:
    """Close an action that will not be done, with the reason.

    Raises:
        NotAllowedError: the role may not.
        InputError: no reason is given.
        ConflictError: it is closed already.
    """
    desk.check(Act.CLOSE_ACTION)
    said = plain(why, need="Say why it is dropped: --why TEXT.")
    with desk.database.write() as connection:
        action = actions.get(connection, action_id)
        closed = actions.close(connection, desk.stamp, action, state="dropped", note=said, detail=desk.sealed(why=said))
        _follow(desk, connection, closed, State.SUPERSEDED, "action dropped")
        return closed


def is_overdue(action: ActionRow, on: date) -> bool:
    """Say whether an open action should have been done before a day."""
    return action.state == "open" and action.due is not None and date.fromisoformat(action.due) < on


def week_today(desk: Desk) -> str:
    """Return the week of the act, for actions that no week of feedback asked for."""
    return week_of_date(desk.today)


def _accept(desk: Desk, connection: Connection, proposal: ProposalRow) -> None:
    """Take a proposal through review to approved; it changes no text, so one person is enough."""
    if proposal.state in (State.DRAFT, State.CHANGES_ASKED):
        proposal = step(desk, connection, proposal, State.IN_REVIEW, why="taken up as an action")
    step(desk, connection, proposal, State.APPROVED, why="accepted as an action")


def _follow(desk: Desk, connection: Connection, action: ActionRow, to: State, why: str) -> None:
    """Let the proposal that an action came from say what became of it."""
    if action.proposal_id is None:
        return
    proposal = review.hold(connection, action.proposal_id)
    if proposal.state == State.APPROVED:
        step(desk, connection, proposal, to, why=why)


def _owner(owner: str) -> str:
    return plain(owner, need="Name who sees to it: --owner NAME.")


def _due(desk: Desk, due: str) -> str | None:
    if not due:
        return None
    last = day(due)
    if last < desk.today:
        raise InputError(f"{last} is over. Give a day from {desk.today} on: --due DAY.")
    return last.isoformat()


def _id(*parts: str) -> str:
    return hashlib.sha256("\x1f".join(("action", *parts)).encode()).hexdigest()[:12]
