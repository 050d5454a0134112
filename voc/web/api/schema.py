"""The description of the API, for those who may use it."""

from __future__ import annotations

from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRouter, iter_route_contexts
from starlette.responses import JSONResponse

from voc.web.api.asked import PREFIX, Viewer, allows, routes
from voc.web.visit import COOKIE

_SCHEMES: Final = {
    "token": {
        "type": "http",
        "scheme": "bearer",
        "description": "A token of a person: voc tokens add, or the page of people.",
    },
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": COOKIE,
        "description": "The session of a browser. Whoever changes something sends the header X-CSRF-Token too.",
    },
}


def router() -> APIRouter:
    """Return the address of the description."""
    found = routes("about")
    found.add_api_route(
        "/openapi.json",
        openapi,
        operation_id="openapi",
        summary="Describe the API",
        description="This description, as OpenAPI 3.1.",
        response_model=dict[str, Any],
        dependencies=[allows({})],
    )
    return found


def openapi(request: Request, visit: Viewer) -> JSONResponse:
    """Return the description of every route below the API's address."""
    app: FastAPI = request.app
    return JSONResponse(describe(app))


def describe(app: FastAPI) -> dict[str, Any]:
    """Return the OpenAPI description, made once."""
    found: dict[str, Any] | None = getattr(app.state, "description", None)
    if found is None:
        own = [one for one in iter_route_contexts(app.routes) if (one.path or "").startswith(PREFIX)]
        found = get_openapi(
            title=app.title, version=app.version, summary=app.summary, description=app.description, routes=own
        )
        found["components"]["securitySchemes"] = _SCHEMES
        found["security"] = [{name: []} for name in _SCHEMES]
        for path in found["paths"].values():
            for method, operation in path.items():
                _complete(method, operation)
        app.state.description = found
    return found


def _complete(method: str, operation: dict[str, Any]) -> None:
    """Tell of a route what every route of its kind does."""
    answers = operation["responses"]
    if method == "get":
        tag = {
            "etag": {"description": "Changes with the body; send it as If-None-Match.", "schema": {"type": "string"}}
        }
        answers["200"]["headers"] = tag
        answers["304"] = {"description": "Nothing changed since the ETag that came as If-None-Match.", "headers": tag}
    else:
        problem = answers["422"]
        answers["413"] = problem | {"description": "The body is larger than is taken."}
        answers["415"] = problem | {"description": "The body is not application/json."}
