"""Actions: what is to be done because a clause is right and is not followed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field
from starlette.responses import RedirectResponse, Response

from voc.access import Act
from voc.errors import InputError, NotFoundError
from voc.standards.registry import clauses_in_force
from voc.store.actions import ActionRow
from voc.web.errors import status_of
from voc.web.show import after, page
from voc.web.spoken import spoken
from voc.web.views.effect import names_of
from voc.web.views.overview import markets_of
from voc.web.visit import Posted, Visit, needs, posted

Visitor = Annotated[Visit, Depends(needs(Act.VIEW))]
Opener = Annotated[Posted, Depends(posted(Act.OPEN_ACTION))]
Closer = Annotated[Posted, Depends(posted(Act.CLOSE_ACTION))]

_PAGE: Final = 50


def router() -> APIRouter:
    """Return the addresses of actions."""
    found = APIRouter(include_in_schema=False)
    found.add_api_route("/actions", actions, methods=["GET"])
    found.add_api_route("/actions", open_action, methods=["POST"])
    found.add_api_route("/actions/{action_id}", action, methods=["GET"])
    found.add_api_route("/actions/{action_id}/done", done, methods=["POST"])
    found.add_api_route("/actions/{action_id}/drop", drop, methods=["POST"])
    return found


class ActionsQuestion(BaseModel):
    """Which page of the closed actions; open ones are all on the first."""

    at: int = Field(1, ge=1, le=1_000_000)


def actions(visit: Visitor, asked: Annotated[ActionsQuestion, Query()]) -> Response:
    """List the actions, what is overdue first."""
    return _list(visit, at=asked.at)


def action(visit: Visitor, action_id: str) -> Response:
    """Show one action with what happened to it."""
    row = _seen(visit, action_id)
    if row.id != action_id:
        return RedirectResponse(f"/actions/{row.id}", status_code=303)
    return _one(visit, row.id)


def open_action(sent: Opener) -> Response:
    """Give somebody an action that no proposal asks for."""
    workspace = sent.visit.workspace
    try:
        markets = [workspace.seen_market(one) for one in sent.texts("market")]
        if not markets:
            raise InputError("Choose at least one market where it is to be done.")
        row = workspace.open_action_by_hand(
            sent.text("theme", most=64),
            markets=markets,
            clause=_needed(sent, "clause", "Choose the clause that is not followed."),
            duty=sent.text("duty", most=1000),
            owner=sent.text("owner", most=200),
            due=sent.text("due", most=10),
        )
    except InputError as error:
        return _list(sent.visit, error=error, typed=_typed(sent))
    return after(sent.visit, f"/actions/{row.id}", f"Given to {row.owner}. It stands in the report until it is closed.")


def done(sent: Closer, action_id: str) -> Response:
    """Close an action as done."""
    workspace = sent.visit.workspace

    def act(own: str) -> str:
        workspace.close_action(own, result=sent.text("result", most=2000), on=sent.text("on", most=10))
        return "Closed. The report of that week shows the result."

    return _close(sent, action_id, act)


def drop(sent: Closer, action_id: str) -> Response:
    """Close an action that will not be done."""
    workspace = sent.visit.workspace

    def act(own: str) -> str:
        workspace.drop_action(own, why=sent.text("why", most=2000))
        return "Closed as not to be done."

    return _close(sent, action_id, act)


def _close(sent: Posted, action_id: str, act: Callable[[str], str]) -> Response:
    """Close it and say so; what is refused comes back on the same page with what was typed."""
    own = _seen(sent.visit, action_id).id
    try:
        said = act(own)
    except InputError as error:
        return _one(sent.visit, own, error=error, typed=_typed(sent))
    return after(sent.visit, f"/actions/{own}", said)


def _list(
    visit: Visit, *, at: int = 1, error: InputError | None = None, typed: dict[str, str] | None = None
) -> Response:
    rows = [row for row in visit.workspace.actions() if _sees(visit, row)]
    today = visit.workspace.services.stamp.at.date().isoformat()
    opened = [row for row in rows if row.state == "open"]
    closed = sorted((row for row in rows if row.state != "open"), key=lambda row: row.done_on or row.due or "")[::-1]
    document = visit.workspace.services.settings.proposals.document
    k = visit.workspace.services.settings.workspace.k
    return page(
        visit,
        "actions.html",
        status=status_of(error) if error else 200,
        overdue=[row for row in opened if row.due and row.due < today],
        others=[row for row in opened if not (row.due and row.due < today)],
        closed=closed[(at - 1) * _PAGE : at * _PAGE],
        at=at,
        pages=-(-len(closed) // _PAGE),
        today=today,
        names=names_of(visit),
        offered=list(names_of(visit, least=k)),
        clauses=_clauses(visit, document) if visit.may(Act.OPEN_ACTION) else {},
        document=document,
        markets=markets_of(visit),
        problem=spoken(str(error)) if error else "",
        typed=typed or {},
    )


def _one(
    visit: Visit, action_id: str, *, error: InputError | None = None, typed: dict[str, str] | None = None
) -> Response:
    row, events = visit.workspace.action(action_id)
    return page(
        visit,
        "action.html",
        status=status_of(error) if error else 200,
        row=row,
        events=events,
        names=names_of(visit),
        today=visit.workspace.services.stamp.at.date().isoformat(),
        problem=spoken(str(error)) if error else "",
        typed=typed or {},
    )


def _clauses(visit: Visit, document: str) -> dict[str, str]:
    """Return the titles of the clauses in force anywhere that the visitor sees, by number."""
    found: dict[str, str] = {}
    try:
        for market in ("", *markets_of(visit)):
            on = visit.workspace.services.stamp.at.date().isoformat()
            rows = clauses_in_force(visit.workspace.services.database, document=document, market=market, on=on)
            for one in rows:
                found.setdefault(one.number, one.title)
    except NotFoundError:  # no standard is stored, or none is in force yet
        return found
    return found


def _seen(visit: Visit, action_id: str) -> ActionRow:
    """Return an action of a market that the visitor sees.

    Raises:
        NotFoundError: there is none.
    """
    row, _ = visit.workspace.action(action_id)
    if not _sees(visit, row):
        raise NotFoundError(f"There is no action '{action_id[:20]}' in the markets that you see.")
    return row


def _sees(visit: Visit, row: ActionRow) -> bool:
    return any(visit.who.sees(one) for one in row.markets)


def _needed(sent: Posted, name: str, why: str) -> str:
    found = sent.text(name, most=40).strip()
    if not found:
        raise InputError(why)
    return found


def _typed(sent: Posted) -> dict[str, str]:
    return {name: ", ".join(sent.texts(name)) for name in sent.form if name != "csrf"}
