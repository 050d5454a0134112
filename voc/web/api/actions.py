"""Actions over HTTP: the list, one of them, and opening and closing them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from voc.access import Act
from voc.errors import InputError, NotFoundError
from voc.web.api.asked import Id, Sent, Text, Texts, Viewer, Written, allows, routes, writer
from voc.web.api.paged import PageQuestion, paged
from voc.web.api.proposals import seen as seen_proposal
from voc.web.visit import Visit

if TYPE_CHECKING:
    from voc.store.actions import ActionRow

_STATES = ("open", "done", "dropped")


class ActionsQuestion(PageQuestion):
    """Which actions, and which page of them."""

    state: Text = Field("", description="Only these: open, done or dropped.")


class Action(BaseModel):
    """What is to be done because a clause is right but not followed."""

    id: str = Field(description="Its id.")
    theme_id: str = Field(description="Id of the theme that it answers.")
    proposal_id: str | None = Field(description="Id of the proposal that asked for it; null without.")
    markets: list[str] = Field(description="Where it is to be done.")
    document: str = Field(description="The standard.")
    clause: str = Field(description="Number of the clause.")
    duty: str = Field(description="What is to be done.")
    owner: str = Field(description="Who does it.")
    due: str | None = Field(description="The day by which; null without.")
    week: str = Field(description="The ISO week from which it stands in the report.")
    state: str = Field(description="open, done or dropped.")
    result: str | None = Field(description="What came of it; null while it is open.")
    done_on: str | None = Field(description="The day on which it was done; null otherwise.")


class Actions(BaseModel):
    """A page of actions."""

    actions: list[Action] = Field(description="The actions by due day, those without a day last.")
    cursor: str = Field(description="Where the next page begins; empty at the end.")


class ActionStep(BaseModel):
    """Something that happened to an action."""

    before: str | None = Field(description="The state before; null for the first.")
    after: str = Field(description="The state after.")
    note: str = Field(description="What was said.")
    actor: str = Field(description="Who did it.")
    at: str = Field(description="When: ISO 8601, UTC.", json_schema_extra={"format": "date-time"})


class ActionPage(BaseModel):
    """An action with what happened to it."""

    action: Action = Field(description="The action.")
    steps: list[ActionStep] = Field(description="What happened to it, in order.")


class Opening(Sent):
    """An action: either the one that a proposal asks for, or one by hand."""

    owner: Text = Field(description="Who is to do it.")
    due: Text = Field("", description="The day by which, such as 2024-11-30.")
    proposal_id: Text = Field("", description="The proposal whose outcome is an action; then nothing below is needed.")
    theme_id: Text = Field("", description="By hand: the theme that it answers.")
    markets: Texts = Field([], description="By hand: where it is to be done.")
    clause: Text = Field("", description="By hand: the clause that is not followed.")
    duty: Written = Field("", description="By hand: what is to be done.")


class Closing(Sent):
    """What came of an action."""

    result: Written = Field(description="What came of it.")
    on: Text = Field("", description="The day on which it was done; empty: today.")


class Dropping(Sent):
    """Why an action will not be done."""

    why: Written = Field(description="The reason, which is kept.")


def actions(visit: Viewer, asked: Annotated[ActionsQuestion, Query()]) -> Actions:
    """Return the actions of the markets that the reader sees."""
    if asked.state not in ("", *_STATES):
        raise InputError(f"There is no state '{asked.state[:40]}'. Allowed: {', '.join(_STATES)}.")
    rows = [one for one in visit.workspace.actions() if asked.state in ("", one.state) and _sees(visit, one)]
    found = paged(rows, asked, lambda one: (one.due or "9999-12-31", one.id))
    return Actions(actions=[_action(one) for one in found.rows], cursor=found.cursor)


def action(visit: Viewer, action_id: Id) -> ActionPage:
    """Return one action."""
    own = _seen(visit, action_id)
    row, events = visit.workspace.action(own)
    return ActionPage(
        action=_action(row),
        steps=[
            ActionStep(before=one.from_state, after=one.to_state, note=one.note, actor=one.actor, at=one.at)
            for one in events
        ],
    )


def open_action(visit: Annotated[Visit, writer(Act.OPEN_ACTION)], sent: Opening) -> Action:
    """Open an action."""
    workspace = visit.workspace
    if sent.proposal_id:
        own = seen_proposal(visit, sent.proposal_id).id
        return _action(workspace.open_action(own, owner=sent.owner, due=sent.due))
    if not sent.theme_id:
        raise InputError("Name the proposal that asks for the action, or the theme that it answers.")
    markets = [workspace.seen_market(one) for one in sent.markets]
    return _action(
        workspace.open_action_by_hand(
            sent.theme_id, markets=markets, clause=sent.clause, duty=sent.duty, owner=sent.owner, due=sent.due
        )
    )


def close(visit: Annotated[Visit, writer(Act.CLOSE_ACTION)], action_id: Id, sent: Closing) -> Action:
    """Close an action as done."""
    own = _seen(visit, action_id)
    return _action(visit.workspace.close_action(own, result=sent.result, on=sent.on))


def drop(visit: Annotated[Visit, writer(Act.CLOSE_ACTION)], action_id: Id, sent: Dropping) -> Action:
    """Close an action that will not be done."""
    own = _seen(visit, action_id)
    return _action(visit.workspace.drop_action(own, why=sent.why))


def _seen(visit: Visit, action_id: str) -> str:
    row, _ = visit.workspace.action(action_id)
    if not _sees(visit, row):
        raise NotFoundError(f"There is no action '{action_id[:20]}' in the markets that you see.")
    return row.id


def _sees(visit: Visit, row: ActionRow) -> bool:
    return bool(set(row.markets) & set(visit.workspace.services.seen_markets))


def _action(row: ActionRow) -> Action:
    return Action(
        id=row.id,
        theme_id=row.theme_id,
        proposal_id=row.proposal_id,
        markets=list(row.markets),
        document=row.document,
        clause=row.clause_number,
        duty=row.duty,
        owner=row.owner,
        due=row.due,
        week=row.week,
        state=row.state,
        result=row.result,
        done_on=row.done_on,
    )


def router() -> APIRouter:
    """Return the addresses of actions."""
    found = routes("actions")
    found.add_api_route(
        "/actions",
        actions,
        operation_id="actions",
        summary="List actions",
        description="The actions of the markets that you see.",
        dependencies=[allows(ActionsQuestion.model_fields)],
    )
    found.add_api_route(
        "/actions",
        open_action,
        methods=["POST"],
        operation_id="open_action",
        summary="Open an action",
        description="Accept a proposal whose outcome is an action, or give somebody an action by hand.",
        dependencies=[allows({})],
    )
    found.add_api_route(
        "/actions/{action_id}",
        action,
        operation_id="action",
        summary="Show an action",
        description="One action with what happened to it.",
        dependencies=[allows({})],
    )
    for name, endpoint in (("close", close), ("drop", drop)):
        told = (endpoint.__doc__ or "").strip()
        found.add_api_route(
            f"/actions/{{action_id}}/{name}",
            endpoint,
            methods=["POST"],
            operation_id=f"{name}_action",
            summary=told.rstrip("."),
            description=told,
            dependencies=[allows({})],
        )
    return found
