"""Who may sign in, under which role and for which markets; and everybody's tokens."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Final

from fastapi import APIRouter, Depends
from starlette.responses import Response

from voc.access import MAY, Act, Role
from voc.errors import InputError
from voc.store.people import PersonRow
from voc.web.show import after, page
from voc.web.visit import Posted, Visit, needs, posted

Visitor = Annotated[Visit, Depends(needs(Act.MANAGE_PEOPLE))]
Sender = Annotated[Posted, Depends(posted(Act.MANAGE_PEOPLE))]

ROLE_WORDS: Final = {
    "viewer": "sees counts, never a comment",
    "operations": "reads comments, looks up parcels, takes actions",
    "analyst": "brings in feedback, runs weeks, changes themes, drafts",
    "consulted": "reads, and answers when asked about a proposal",
    "owner": "decides on proposals, imports standards",
    "admin": "everything, and people",
}


def router() -> APIRouter:
    """Return the addresses of people and tokens."""
    found = APIRouter(include_in_schema=False)
    found.add_api_route("/admin", admin, methods=["GET"])
    found.add_api_route("/admin/people", add, methods=["POST"])
    found.add_api_route("/admin/people/{name}", person, methods=["GET"])
    found.add_api_route("/admin/people/{name}", change, methods=["POST"])
    found.add_api_route("/admin/people/{name}/state", switch, methods=["POST"])
    found.add_api_route("/admin/people/{name}/password", password, methods=["POST"])
    found.add_api_route("/admin/tokens/{token_id}/revoke", revoke, methods=["POST"])
    return found


def admin(visit: Visitor) -> Response:
    """List people and tokens."""
    return _admin(visit)


def add(sent: Sender) -> Response:
    """Take somebody in; where it cannot be done, all but the password stays typed."""
    visit = sent.visit
    name, role, markets = sent.text("name", most=80).strip(), sent.text("role", most=20), sent.texts("market")
    try:
        row = visit.workspace.add_person(name, password=sent.text("password", most=1000), role=role, markets=markets)
    except InputError as error:
        typed = {"name": name, "role": role, "markets": markets}
        return _admin(visit, status=422, problem=str(error), typed=typed)
    return after(visit, "/admin", f"{row.name} may sign in as {row.role}. Hand over the password by another way.")


def person(visit: Visitor, name: str) -> Response:
    """Show one person with what may be changed."""
    row = visit.workspace.person(name)
    return _person(visit, row, role=row.role, markets=row.markets)


def change(sent: Sender, name: str) -> Response:
    """Change role and markets; not upon what somebody else changed meanwhile."""
    visit, role, markets = sent.visit, sent.text("role", most=20), sent.texts("market")
    row = visit.workspace.person(name)
    if sent.text("seen", most=2000) != _seen(row):
        said = "Somebody changed this person while you looked. Below is how it is now, and what you chose: save again."
        return _person(visit, row, role=role, markets=markets, status=409, problem=said)
    try:
        done = visit.workspace.change_person(name, role=role, markets=markets, why=sent.text("why", most=500).strip())
    except InputError as error:
        return _person(visit, row, role=role, markets=markets, status=422, problem=str(error))
    return after(visit, f"/admin/people/{name}", f"{done.name} is {done.role} from the next click on.")


def switch(sent: Sender, name: str) -> Response:
    """Let somebody sign in no longer, or again; with the reason."""
    visit, to, why = sent.visit, sent.text("to", most=20), " ".join(sent.text("why", most=500).split())
    if to not in {"disable", "enable"}:
        raise InputError(f"Somebody can be disabled or enabled; '{to}' came.")
    if not why:
        raise InputError("Say why: the reason goes into the audit log.")
    visit.workspace.change_person(name, active=to == "enable", why=why)
    if to == "enable":
        return after(visit, f"/admin/people/{name}", f"{name} may sign in again.")
    return after(visit, f"/admin/people/{name}", f"{name} can no longer sign in; sessions are ended, tokens refused.")


def password(sent: Sender, name: str) -> Response:
    """Give somebody another password, which ends their sessions."""
    sent.visit.workspace.person(name)
    sent.visit.workspace.set_password(name, sent.text("password", most=1000))
    said = f"{name} has a new password and is signed out. Hand it over by another way."
    return after(sent.visit, f"/admin/people/{name}", said)


def revoke(sent: Sender, token_id: str) -> Response:
    """End anybody's token."""
    sent.visit.workspace.revoke_token(token_id)
    return after(sent.visit, "/admin", f"The token {token_id} is no longer valid.")


def _admin(
    visit: Visit, *, status: int = 200, problem: str = "", typed: Mapping[str, object] | None = None
) -> Response:
    workspace = visit.workspace
    tokens = workspace.tokens(everybodys=True)
    return page(
        visit,
        "admin.html",
        status=status,
        problem=problem,
        typed=typed or {"name": "", "role": "viewer", "markets": ()},
        people=workspace.people(),
        tokens=[one for one in tokens if one.revoked_at is None],
        revoked=sum(1 for one in tokens if one.revoked_at),
        now=workspace.services.clock().isoformat(),
        roles=ROLE_WORDS,
        markets={one.code: one.name for one in workspace.services.settings.markets},
        table=[(str(act), [role for role in Role if role in MAY[act]]) for act in MAY],
        all_roles=list(Role),
    )


def _person(
    visit: Visit, row: PersonRow, *, role: str, markets: tuple[str, ...], status: int = 200, problem: str = ""
) -> Response:
    tokens = visit.workspace.tokens(everybodys=True)
    return page(
        visit,
        "person.html",
        status=status,
        problem=problem,
        row=row,
        role=role,
        chosen=markets,
        seen=_seen(row),
        roles=ROLE_WORDS,
        markets={one.code: one.name for one in visit.workspace.services.settings.markets},
        tokens=[one for one in tokens if one.person == row.name and one.revoked_at is None],
    )


def _seen(row: PersonRow) -> str:
    return f"{row.role} {' '.join(sorted(row.markets))}".strip()
