"""Who asks: the session or token of a request, what it may do, and the proof that a form is ours."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from fastapi import Depends, Request
from starlette.datastructures import FormData, UploadFile

from voc.access import MAY, Act, Who, check, may
from voc.errors import InputError, NotAllowedError, SignInError

if TYPE_CHECKING:
    from voc.workspace import Workspace

COOKIE: Final = "__Host-voc"
"""The browser keeps it for this host alone and sends it only over what it trusts: TLS, or this machine."""

MOST_FIELDS: Final = 300

_FOREIGN: Final = (
    "This form was not sent from a page of voc, or the page is from before you signed in. Open the page again and send "
    "it from there."
)


@dataclass(frozen=True, slots=True)
class Visit:
    """One request of somebody: the workspace as they may use it, and the token that their forms carry."""

    workspace: Workspace
    who: Who
    csrf: str
    request: Request
    acts: frozenset[Act] | None = None

    def may(self, act: Act) -> bool:
        """Say whether they may do something."""
        return may(self.who.role, act) and (self.acts is None or act in self.acts)

    @property
    def is_signed_in(self) -> bool:
        """Say whether a person sits at a browser; a program comes with a token."""
        return self.acts is None


@dataclass(frozen=True, slots=True)
class Posted:
    """A form that somebody sent from a page of ours."""

    visit: Visit
    form: FormData

    def text(self, name: str, *, most: int = 20_000) -> str:
        """Return a field as text, "" where it did not come.

        Raises:
            InputError: it is longer than allowed, or is a file.
        """
        value = self.form.get(name, "")
        if isinstance(value, UploadFile):
            raise InputError(f"The field '{name}' is text, and a file came.")
        plain = value.replace("\r\n", "\n")
        if len(plain) > most:
            raise InputError(f"The field '{name}' has {len(plain)} characters; at most {most} are taken.")
        return plain

    def texts(self, name: str) -> tuple[str, ...]:
        """Return every value of a field that may come more than once."""
        return tuple(str(one) for one in self.form.getlist(name) if isinstance(one, str))

    def number(self, name: str) -> int | None:
        """Return a field as a whole number, None where it is empty.

        Raises:
            InputError: it is no whole number.
        """
        text = self.text(name, most=20).strip()
        if not text:
            return None
        try:
            return int(text)
        except ValueError as error:
            raise InputError(f"The field '{name}' takes a whole number; '{text}' came.") from error


def visitor(request: Request) -> Visit:
    """Return who asks.

    Raises:
        SignInError: nobody is signed in, or the token is not valid.
    """
    from voc.people.tokens import bearer

    workspace: Workspace = request.app.state.workspace
    now, keeper = workspace.services.clock(), workspace.doorkeeper
    kind, _, text = request.headers.get("authorization", "").partition(" ")
    if kind:
        found = bearer(keeper, text.strip(), now=now) if kind.lower() == "bearer" else None
        if found is None:
            raise SignInError("The token is not valid: unknown, revoked or expired. Make one: voc tokens add")
        request.state.person = found.who.name
        return Visit(workspace.acting(found.who), found.who, "", request, found.acts)
    session = keeper.session(request.cookies.get(COOKIE, ""), now=now) if COOKIE in request.cookies else None
    if session is None:
        raise SignInError("Nobody is signed in. Sign in first, or send a token: Authorization: Bearer ...")
    who = session.person.who
    request.state.person = who.name
    return Visit(workspace.acting(who), who, session.csrf, request)


def needs(act: Act) -> Callable[[Visit], Visit]:
    """Return the dependency that lets in only those who may do something, and hands on who they are.

    `acts_of` reads from it what a route asks for.
    """

    def let_in(visit: Visit = Depends(visitor)) -> Visit:  # noqa: B008  FastAPI's form
        check(visit.who.role, act)
        if not visit.may(act):
            raise NotAllowedError(f"This token is not good for it: it may not {act}.")
        return visit

    let_in.__dict__["act"] = act
    return let_in


def posted(act: Act) -> Callable[[Request, Visit], AsyncIterator[Posted]]:
    """Return the dependency that reads a form, once it is sure who sent it, that they may, and from where.

    The form is read after the person is known, so that strangers cannot make the server take files.
    """
    let_in = needs(act)

    async def read(request: Request, visit: Visit = Depends(let_in)) -> AsyncIterator[Posted]:  # noqa: B008
        _from_here(request)
        async with request.form(max_files=20, max_fields=MOST_FIELDS, max_part_size=1 << 20) as form:
            given = request.headers.get("x-csrf-token") or form.get("csrf") or ""
            prove(visit, given if isinstance(given, str) else "")
            yield Posted(visit, form)

    read.__dict__["act"] = act
    return read


def writes(act: Act) -> Callable[[Request, Visit], Visit]:
    """Return the dependency of a JSON route that changes something: who sent it may, and it came from a page of ours.

    A program that comes with a token needs no more; a browser's session sends its token as the header X-CSRF-Token.
    """
    let_in = needs(act)

    def sent(request: Request, visit: Visit = Depends(let_in)) -> Visit:  # noqa: B008  FastAPI's form
        _from_here(request)
        prove(visit, request.headers.get("x-csrf-token", ""))
        return visit

    sent.__dict__["act"] = act
    return sent


def prove(visit: Visit, given: str) -> None:
    """Let pass only what carries the session's own token; programs with a token of theirs need none.

    Raises:
        NotAllowedError: it does not.
    """
    if visit.is_signed_in and not secrets.compare_digest(given.encode(), visit.csrf.encode()):
        raise NotAllowedError(_FOREIGN)


def _from_here(request: Request) -> None:
    """Refuse what a browser says comes from another site.

    Source: Fetch Metadata Request Headers, W3C; ASVS 5.0, 3.5.
    """
    if request.headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
        raise NotAllowedError(_FOREIGN)


def acts_of(endpoint_dependencies: list[Callable[..., Any]]) -> set[Act]:
    """Return the acts that dependencies ask for."""
    found = (getattr(one, "act", None) for one in endpoint_dependencies)
    return {act for act in found if isinstance(act, Act) and act in MAY}
