"""Actions: what is to be done because a clause is right and is not followed."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.responses import RedirectResponse, Response

from voc.access import Act
from voc.errors import NotFoundError
from voc.store.actions import ActionRow
from voc.web.show import after, page
from voc.web.views.overview import markets_of
from voc.web.visit import Posted, Visit, needs, posted

Visitor = Annotated[Visit, Depends(needs(Act.VIEW))]
Opener = Annotated[Posted, Depends(posted(Act.OPEN_ACTION))]
Closer = Annotated[Posted, Depends(posted(Act.CLOSE_ACTION))]


def router() -> APIRouter:
    """Return the addresses of actions."""
    found = APIRouter(include_in_schema=False)
    found.add_api_route("/actions", actions, methods=["GET"])
    found.add_api_route("/actions", open_action, methods=["POST"])
    found.add_api_route("/actions/{action_id}", action, methods=["GET"])
    found.add_api_route("/actions/{action_id}/done", done, methods=["POST"])
    found.add_api_route("/actions/{action_id}/drop", drop, methods=["POST"])
    return found


def actions(visit: Visitor) -> Response:
    """List the actions, what is overdue first."""
    rows = [row for row in visit.workspace.actions() if _sees(visit, row)]
    return page(
        visit,
        "actions.html",
        open_rows=[row for row in rows if row.state == "open"],
        closed=[row for row in rows if row.state != "open"],
        today=visit.workspace.services.stamp.at.date().isoformat(),
        names=_names(visit),
        markets=markets_of(visit),
    )


def action(visit: Visitor, action_id: str) -> Response:
    """Show one action with what happened to it."""
    row, events = visit.workspace.action(action_id)
    if not _sees(visit, row):
        raise NotFoundError(f"There is no action '{action_id[:20]}' in the markets that you see.")
    if row.id != action_id:
        return RedirectResponse(f"/actions/{row.id}", status_code=303)
    today = visit.workspace.services.stamp.at.date().isoformat()
    return page(visit, "action.html", row=row, events=events, names=_names(visit), today=today)


def open_action(sent: Opener) -> Response:
    """Give somebody an action that no proposal asks for."""
    row = sent.visit.workspace.open_action_by_hand(
        sent.text("theme", most=64),
        markets=[sent.visit.workspace.seen_market(one) for one in sent.texts("market")],
        clause=sent.text("clause", most=40),
        duty=sent.text("duty", most=1000),
        owner=sent.text("owner", most=200),
        due=sent.text("due", most=10),
    )
    return after(sent.visit, f"/actions/{row.id}", f"Given to {row.owner}. It stands in the report until it is closed.")


def done(sent: Closer, action_id: str) -> Response:
    """Close an action as done."""
    _check(sent.visit, action_id)
    row = sent.visit.workspace.close_action(
        action_id, result=sent.text("result", most=2000), on=sent.text("on", most=10)
    )
    return after(sent.visit, f"/actions/{row.id}", "Closed. The report of that week shows the result.")


def drop(sent: Closer, action_id: str) -> Response:
    """Close an action that will not be done."""
    _check(sent.visit, action_id)
    row = sent.visit.workspace.drop_action(action_id, why=sent.text("why", most=2000))
    return after(sent.visit, f"/actions/{row.id}", "Closed as not to be done.")


def _check(visit: Visit, action_id: str) -> None:
    row, _ = visit.workspace.action(action_id)
    if not _sees(visit, row):
        raise NotFoundError(f"There is no action '{action_id[:20]}' in the markets that you see.")


def _sees(visit: Visit, row: ActionRow) -> bool:
    return bool(set(row.markets) & set(visit.workspace.services.seen_markets))


def _names(visit: Visit) -> dict[str, str]:
    return {one.theme.id: one.label.name if one.label else one.theme.id for one in visit.workspace.themes()}
