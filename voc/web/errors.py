"""Errors as JSON: the one place where the tree of errors is mapped to HTTP statuses."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Mapping
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from voc.errors import BusyError, ConflictError, InputError, NotAllowedError, NotFoundError, VocError
from voc.files import disk_full

_log = logging.getLogger(__name__)

_STATUSES: Final[Mapping[type, int]] = {
    NotAllowedError: 403,
    NotFoundError: 404,
    ConflictError: 409,
    InputError: 422,
    BusyError: 409,
    VocError: 503,
}

_ABSENT: Final[Mapping[int, tuple[str, str]]] = {
    404: (NotFoundError.__name__, "There is nothing at this address. /api/v1/openapi.json lists the addresses."),
    405: (InputError.__name__, "This address answers GET only. Ask again with GET."),
}

_FAULT: Final = "This is a fault of voc, not yours. What is stored is whole. The server's log says where it was."

_SHOWN: Final = 40


class Problem(BaseModel):
    """Why a question was not answered."""

    error: str = Field(description="What came, what is allowed and what to do, for people to read.")
    kind: str = Field(description="The kind of error, such as NotFoundError, for programs to go by.")


RESPONSES: Final[dict[int | str, dict[str, Any]]] = {
    403: {"model": Problem, "description": "The reader's role may not see it."},
    404: {"model": Problem, "description": "What was named does not exist, or there is no index yet."},
    409: {"model": Problem, "description": "Another run is at work."},
    422: {"model": Problem, "description": "A parameter cannot be used as it is."},
    500: {"model": Problem, "description": "A fault of voc."},
    503: {"model": Problem, "description": "The store, the index or a model cannot be used now."},
}


def install(app: FastAPI) -> None:
    """Let an app answer every expected error as JSON; what is unexpected is for its outermost layer and `fault`."""
    for kind in (VocError, RequestValidationError, HTTPException):
        app.add_exception_handler(kind, _answer)


def fault(error: Exception) -> JSONResponse:
    """Return the answer to an error that nobody expected, which shows nothing of the inside, and log where it was.

    The error's own message is neither shown nor logged: it may hold what was asked.
    """
    full = disk_full(error)
    if full is not None:
        return _problem(_status(full), type(full).__name__, str(full))
    frames = traceback.extract_tb(error.__traceback__)
    place = "\n".join(f"  {one.filename}:{one.lineno} in {one.name}" for one in frames)
    _log.error("%s while a question was answered, at\n%s", type(error).__name__, place)
    return _problem(500, "UnexpectedError", _FAULT)


async def _answer(request: Request, error: Exception) -> JSONResponse:
    if isinstance(error, VocError):
        return _problem(_status(error), type(error).__name__, str(error))
    if isinstance(error, RequestValidationError):
        return _problem(422, InputError.__name__, " ".join(_sentence(one) for one in error.errors()))
    if isinstance(error, HTTPException):
        kind, said = _ABSENT.get(error.status_code, (InputError.__name__, str(error.detail)))
        return _problem(error.status_code, kind, said, headers=error.headers)
    return fault(error)


def _status(error: VocError) -> int:
    return next(_STATUSES[kind] for kind in type(error).__mro__ if kind in _STATUSES)


def _problem(status: int, kind: str, said: str, *, headers: Mapping[str, str] | None = None) -> JSONResponse:
    return JSONResponse(Problem(error=said, kind=kind).model_dump(), status_code=status, headers=headers)


def _sentence(error: Mapping[str, Any]) -> str:
    """Return one finding of FastAPI as a sentence."""
    name = ".".join(str(part) for part in error["loc"][1:])
    if error["type"] == "missing":
        return f"The parameter '{name}' is missing. Add it to the address: ?{name}=..."
    why = str(error["msg"]).removeprefix("Value error, ")
    return f"The parameter '{name}' cannot be '{str(error['input'])[:_SHOWN]}': {why}."
