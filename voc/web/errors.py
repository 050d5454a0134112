"""Errors as JSON or as pages: the one place where the tree of errors is mapped to HTTP statuses."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote, urlsplit

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response
from starlette.types import Scope

from voc.errors import (
    BusyError,
    ConflictError,
    InputError,
    NotAllowedError,
    NotFoundError,
    SignInError,
    TooManyTriesError,
    VocError,
)
from voc.files import disk_full

_log = logging.getLogger(__name__)

API: Final = "/api/"

_STATUSES: Final[Mapping[type, int]] = {
    SignInError: 401,
    TooManyTriesError: 429,
    NotAllowedError: 403,
    NotFoundError: 404,
    ConflictError: 409,
    InputError: 422,
    BusyError: 409,
    VocError: 503,
}

_ABSENT: Final[Mapping[int, tuple[str, str]]] = {
    404: (NotFoundError.__name__, "There is nothing at this address."),
    405: (InputError.__name__, "This address does not take this kind of request."),
}

_TITLES: Final[Mapping[int, str]] = {
    401: "Please sign in",
    403: "Not for your role",
    404: "Not found",
    405: "Not this way",
    409: "Somebody was first",
    413: "Too large",
    422: "This cannot be used as it is",
    429: "Too many tries",
    500: "A fault of voc",
    503: "Not now",
}

WAIT_S: Final = 900

_FAULT: Final = "This is a fault of voc, not yours. What is stored is whole. The server's log says where it was."

_SHOWN: Final = 40


class Problem(BaseModel):
    """Why a question was not answered."""

    error: str = Field(description="What came, what is allowed and what to do, for people to read.")
    kind: str = Field(description="The kind of error, such as NotFoundError, for programs to go by.")


RESPONSES: Final[dict[int | str, dict[str, Any]]] = {
    401: {"model": Problem, "description": "Nobody is signed in, or the token is not valid."},
    403: {"model": Problem, "description": "The reader's role may not see it."},
    404: {"model": Problem, "description": "What was named does not exist, or there is no index yet."},
    409: {"model": Problem, "description": "Another run is at work."},
    422: {"model": Problem, "description": "A parameter cannot be used as it is."},
    500: {"model": Problem, "description": "A fault of voc."},
    503: {"model": Problem, "description": "The store, the index or a model cannot be used now."},
}


def install(app: FastAPI) -> None:
    """Let an app answer every expected error; what is unexpected is for its outermost layer and `fault`."""
    for kind in (VocError, RequestValidationError, HTTPException):
        app.add_exception_handler(kind, _answer)


def fault(scope: Scope, error: Exception) -> Response:
    """Return the answer to an error that nobody expected, which shows nothing of the inside, and log where it was.

    The error's own message is neither shown nor logged: it may hold what was asked.
    """
    full = disk_full(error)
    if full is not None:
        return refusal(scope, status_of(full), type(full).__name__, str(full))
    frames = traceback.extract_tb(error.__traceback__)
    place = "\n".join(f"  {one.filename}:{one.lineno} in {one.name}" for one in frames)
    _log.error("%s while a question was answered, at\n%s", type(error).__name__, place)
    return refusal(scope, 500, "UnexpectedError", _FAULT)


def refusal(
    scope: Scope, status: int, kind: str, said: str, *, headers: Mapping[str, str] | None = None, again: str = ""
) -> Response:
    """Return a refusal as the kind of answer that was asked for: JSON below /api/, else a page."""
    if scope["path"].startswith(API):
        told = said.encode("utf-8", "replace").decode()
        return JSONResponse(Problem(error=told, kind=kind).model_dump(), status_code=status, headers=headers)
    from voc.web.show import plain_page

    title = _TITLES.get(status, "This cannot be done")
    answer = plain_page(Request(scope), "error.html", status=status, title=title, said=said, again=again)
    answer.headers.update(headers or {})
    return answer


async def _answer(request: Request, error: Exception) -> Response:
    scope = request.scope
    if isinstance(error, SignInError) and not scope["path"].startswith(API):
        return await _sign_in_first(request)
    if isinstance(error, VocError):
        status = status_of(error)
        headers = {429: {"retry-after": str(WAIT_S)}, 401: {"www-authenticate": "Bearer"}}.get(status)
        return refusal(scope, status, type(error).__name__, str(error), headers=headers, again=_again(request))
    if isinstance(error, RequestValidationError):
        return refusal(scope, 422, InputError.__name__, " ".join(_sentence(one) for one in error.errors()))
    if isinstance(error, HTTPException):
        if error.status_code == 400 and scope["path"].startswith(API):
            return refusal(scope, 422, InputError.__name__, "The body cannot be read as JSON.")
        kind, said = _ABSENT.get(error.status_code, (InputError.__name__, str(error.detail)))
        return refusal(scope, error.status_code, kind, said, headers=error.headers)
    return fault(scope, error)


async def _sign_in_first(request: Request) -> Response:
    """Lead to the sign-in and back; what was typed into a form is kept in the page, never on the server."""
    from voc.web.show import local_path

    if request.method in {"GET", "HEAD"}:
        query = f"?{request.url.query}" if request.url.query else ""
        wanted = quote(local_path(request.url.path + query), safe="")
        return RedirectResponse(f"/sign-in?next={wanted}", status_code=303)
    from voc.web.signing import session_over

    return await session_over(request)


def _again(request: Request) -> str:
    """Return the page that a form was sent from, where it is one of ours."""
    from voc.web.show import local_path

    came = urlsplit(request.headers.get("referer", ""))
    return local_path(came.path) if came.netloc == request.headers.get("host") and came.path else ""


def status_of(error: VocError) -> int:
    """Return the HTTP status of an error."""
    return next(_STATUSES[kind] for kind in type(error).__mro__ if kind in _STATUSES)


def _sentence(error: Mapping[str, Any]) -> str:
    """Return one finding of FastAPI as a sentence."""
    name = ".".join(str(part) for part in error["loc"][1:])
    if error["type"] == "json_invalid":
        return f"The body is not JSON: {error['ctx']['error']}."
    is_field = error["loc"][0] == "body"
    what = f"{'field' if is_field else 'parameter'} '{name}'" if name else "body"
    if error["type"] == "missing":
        return f"The {what} is missing. " + ("Send it as JSON." if is_field else f"Add it to the address: ?{name}=...")
    if error["type"] == "extra_forbidden":
        return f"There is no {what[:_SHOWN]}. Leave it out."
    why = str(error["msg"]).removeprefix("Value error, ")
    came = "" if isinstance(error["input"], dict) else f" '{str(error['input'])[:_SHOWN]}'"
    return f"The {what} cannot be{came or ' as it is'}: {why}."
