"""Whether the server lives and can answer."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse

from voc.errors import VocError


def router() -> APIRouter:
    """Return the addresses that watch the server; anybody may ask them, and they tell nothing."""
    found = APIRouter(include_in_schema=False)
    found.add_api_route("/healthz", healthz, methods=["GET"])
    found.add_api_route("/readyz", readyz, methods=["GET"])
    return found


def healthz() -> JSONResponse:
    """Say that the process answers."""
    return JSONResponse({"status": "ok"})


def readyz(request: Request) -> JSONResponse:
    """Say whether the store can be read, and what the first visitors would wait for is loaded."""
    from voc.store import runs

    if request.app.state.warming:
        return JSONResponse({"status": "warming up"}, status_code=503)
    try:
        with request.app.state.workspace.services.database.read() as connection:
            runs.newest(connection, limit=1)
    except VocError:
        return JSONResponse({"status": "the store cannot be read"}, status_code=503)
    return JSONResponse({"status": "ok"})
