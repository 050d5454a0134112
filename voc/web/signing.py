"""Signing in and out, and what happens to a form whose sender is no longer signed in."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from typing import TYPE_CHECKING, Final

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile
from starlette.responses import RedirectResponse, Response

from voc.errors import InputError, NotAllowedError, SignInError, TooManyTriesError
from voc.web.door import SMALL_BODY
from voc.web.errors import WAIT_S
from voc.web.show import local_path, plain_page
from voc.web.visit import COOKIE, MOST_FIELDS

if TYPE_CHECKING:
    from voc.workspace import Workspace

BEFORE: Final = "__Host-voc-before"
"""Ties the sign-in form to the browser that asked for it, so that nobody signs another in as themselves."""

_KEPT: Final = "kept-"
_LONG_S: Final = 7 * 24 * 3600


def router() -> APIRouter:
    """Return the addresses that anybody may open."""
    found = APIRouter(include_in_schema=False)
    found.add_api_route("/sign-in", form, methods=["GET"])
    found.add_api_route("/sign-in", sign_in, methods=["POST"])
    found.add_api_route("/sign-out", sign_out, methods=["POST"])
    return found


def form(request: Request, next: str = "/") -> Response:
    """Return the page to sign in."""
    return _form(request, local_path(next), status=200)


async def sign_in(request: Request) -> Response:
    """Take a name and a password; a form that was kept is shown again, to be sent by its author."""
    fields = await request.form(max_files=0, max_fields=MOST_FIELDS)
    wanted = local_path(_text(fields, "next") or "/")
    kept = [(name.removeprefix(_KEPT), str(value)) for name, value in fields.multi_items() if name.startswith(_KEPT)]
    target = local_path(_text(fields, "target"))
    if not _is_ours(request, _text(fields, "csrf")):
        said = "Your browser did not send the form's own cookie. Allow cookies for this site, then sign in again."
        return _form(request, wanted, status=403, said=said, kept=kept, target=target)
    workspace: Workspace = request.app.state.workspace
    address = request.client.host if request.client else ""
    try:
        token = await run_in_threadpool(
            workspace.doorkeeper.sign_in,
            _text(fields, "name").strip(),
            _text(fields, "password"),
            address=address,
            now=workspace.services.clock(),
        )
    except (SignInError, TooManyTriesError) as error:
        request.app.state.meters.sign_ins.labels("too_many" if isinstance(error, TooManyTriesError) else "wrong").inc()
        status = 429 if isinstance(error, TooManyTriesError) else 401
        refused = _form(request, wanted, status=status, said=str(error), kept=kept, target=target)
        if status == 429:
            refused.headers["retry-after"] = str(WAIT_S)
        return refused
    request.app.state.meters.sign_ins.labels("in").inc()
    answer: Response
    if target != "/" and kept:
        session = await run_in_threadpool(workspace.doorkeeper.session, token, now=workspace.services.clock())
        csrf = session.csrf if session else ""
        answer = plain_page(request, "send_again.html", kept=kept, target=target, csrf=csrf)
    else:
        answer = RedirectResponse(wanted, status_code=303)
    keep_session(answer, token)
    answer.delete_cookie(BEFORE, path="/", secure=True, httponly=True, samesite="strict")
    return answer


def keep_session(answer: Response, token: str) -> None:
    """Let the browser keep a session."""
    answer.set_cookie(COOKIE, token, max_age=_LONG_S, path="/", secure=True, httponly=True, samesite="lax")


async def sign_out(request: Request) -> Response:
    """End the session of this browser."""
    if request.headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
        raise NotAllowedError("Sign out from a page of voc.")
    workspace: Workspace = request.app.state.workspace
    token = request.cookies.get(COOKIE, "")
    if token:
        await run_in_threadpool(workspace.doorkeeper.sign_out, token)
    answer = RedirectResponse("/sign-in", status_code=303)
    answer.delete_cookie(COOKIE, path="/", secure=True, httponly=True, samesite="lax")
    return answer


async def session_over(request: Request) -> Response:
    """Return the sign-in page for a form that came without a session, with all that was typed inside.

    A form that is large, or does not say how large it is, has files: nobody knows its sender, so it is not read.
    """
    told, target = request.headers.get("content-length", ""), local_path(request.url.path)
    if not told.isdecimal() or int(told) > SMALL_BODY:
        said = "Your session is over, and what you sent was not taken. Sign in again, then choose the file again."
        return _form(request, "/", status=401, said=said)
    async with request.form(max_files=20, max_fields=MOST_FIELDS) as fields:
        kept = [
            (name, value)
            for name, value in fields.multi_items()
            if name not in {"csrf", "password"} and not isinstance(value, UploadFile)
        ]
    said = "Your session is over. Sign in again: nothing that you typed is lost, you can send it right after."
    return _form(request, "/", status=401, said=said, kept=kept, target=target)


def _form(
    request: Request,
    wanted: str,
    *,
    status: int,
    said: str = "",
    kept: list[tuple[str, str]] | None = None,
    target: str = "/",
) -> Response:
    before = request.cookies.get(BEFORE) or secrets.token_urlsafe(24)
    answer = plain_page(
        request,
        "sign_in.html",
        status=status,
        wanted=wanted,
        said=said,
        kept=kept or [],
        target=target,
        csrf=_seal(request, before),
        prefix=_KEPT,
    )
    answer.set_cookie(BEFORE, before, max_age=3600, path="/", secure=True, httponly=True, samesite="strict")
    return answer


def _is_ours(request: Request, given: str) -> bool:
    before = request.cookies.get(BEFORE, "")
    return bool(before) and hmac.compare_digest(given.encode(), _seal(request, before).encode())


def _seal(request: Request, before: str) -> str:
    key: bytes = request.app.state.workspace.services.key
    return hmac.new(key, b"sign in\0" + before.encode(), hashlib.sha256).hexdigest()


def _text(fields: FormData, name: str) -> str:
    value = fields.get(name, "")
    if isinstance(value, UploadFile):
        raise InputError(f"The field '{name}' is text, and a file came.")
    return value
