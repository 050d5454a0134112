"""What somebody keeps about themselves: their password, their tokens, and where they are signed in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Final

from fastapi import APIRouter, Depends
from starlette.responses import Response

from voc.access import Act
from voc.errors import InputError, NotAllowedError
from voc.people.tokens import MOST_DAYS, SCOPES
from voc.web.show import after, page
from voc.web.signing import keep_session
from voc.web.visit import COOKIE, Posted, Visit, needs, posted

Visitor = Annotated[Visit, Depends(needs(Act.VIEW))]
Sender = Annotated[Posted, Depends(posted(Act.VIEW))]

SCOPE_WORDS: Final = {
    "counts": "counts, themes and standards",
    "comments": "also single comments",
    "work": "everything you may do, but people and settings",
}


def router() -> APIRouter:
    """Return the addresses of one's own account."""
    found = APIRouter(include_in_schema=False)
    found.add_api_route("/account", account, methods=["GET"])
    found.add_api_route("/account/password", change_password, methods=["POST"])
    found.add_api_route("/account/tokens", add_token, methods=["POST"])
    found.add_api_route("/account/tokens/{token_id}/revoke", revoke, methods=["POST"])
    found.add_api_route("/account/sessions/end", end_sessions, methods=["POST"])
    return found


def account(visit: Visitor) -> Response:
    """Show who one is here."""
    return _account(visit)


def change_password(sent: Sender) -> Response:
    """Change one's own password; the old one is asked for, and a wrong one counts as a failed sign-in."""
    visit = _at_a_browser(sent.visit)
    new = sent.text("new", most=1000)
    if new != sent.text("again", most=1000):
        raise InputError("The new password was typed in two ways. Type the same one twice.")
    address = visit.request.client.host if visit.request.client else ""
    token = visit.workspace.change_password(sent.text("old", most=1000), new, address=address)
    answer = after(visit, "/account", "Your password is changed. You are signed out everywhere but here.")
    keep_session(answer, token)
    return answer


def add_token(sent: Sender) -> Response:
    """Make a token for oneself; its text is on this one answer and nowhere else."""
    visit = _at_a_browser(sent.visit)
    title, scope, days = sent.text("title", most=200), sent.text("scope", most=20), sent.number("days") or 0
    try:
        row, text = visit.workspace.add_token(title=title, scopes=[scope] if scope else [], days=days)
    except InputError as error:
        typed = {"title": title, "scope": scope, "days": days}
        return _account(visit, status=422, problem=str(error), typed=typed)
    return _account(visit, made=row.title, text=text)


def revoke(sent: Sender, token_id: str) -> Response:
    """End a token of one's own."""
    visit = _at_a_browser(sent.visit)
    if token_id not in {one.id for one in visit.workspace.tokens()}:
        raise NotAllowedError("This token is not yours. An admin ends tokens of others under Admin.")
    visit.workspace.revoke_token(token_id)
    return after(visit, "/account", "The token is no longer valid.")


def end_sessions(sent: Sender) -> Response:
    """Sign oneself out everywhere but here."""
    visit = _at_a_browser(sent.visit)
    workspace, here = visit.workspace, visit.request.cookies.get(COOKIE, "")
    ended = workspace.doorkeeper.sign_out_others(visit.who.name, here, now=workspace.services.clock())
    return after(visit, "/account", f"Signed out of {ended} other browsers." if ended else "There was no other.")


def _account(
    visit: Visit,
    *,
    status: int = 200,
    problem: str = "",
    typed: Mapping[str, object] | None = None,
    made: str = "",
    text: str = "",
) -> Response:
    workspace = visit.workspace
    now = workspace.services.clock()
    return page(
        visit,
        "account.html",
        status=status,
        problem=problem,
        typed=typed or {"title": "", "scope": "counts", "days": 90},
        made=made,
        text=text,
        tokens=[one for one in workspace.tokens() if one.revoked_at is None],
        today=now.isoformat(),
        sessions=workspace.doorkeeper.sessions(visit.who.name, visit.request.cookies.get(COOKIE, ""), now=now),
        scopes={name: SCOPE_WORDS[name] for name in SCOPES},
        most_days=MOST_DAYS,
        markets=", ".join(workspace.services.seen_markets),
    )


def _at_a_browser(visit: Visit) -> Visit:
    """Let pass only people: a token that makes tokens could make itself a better one.

    Raises:
        NotAllowedError: a program asks.
    """
    if not visit.is_signed_in:
        raise NotAllowedError("A token cannot change an account. Sign in with your password.")
    return visit
