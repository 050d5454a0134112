"""Whether the server lives and can answer."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Final

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse

from voc.errors import VocError
from voc.web.metrics import index_texts

if TYPE_CHECKING:
    from voc.workspace import Workspace

LEAST_FREE: Final = 200 << 20
"""Bytes of the disk that must be free for a run to write its vectors and index."""


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
    """Say whether the store can be read, and what the first visitors would wait for is loaded.

    A missing index is told and is no reason to be kept from visitors: everything but search works.
    """
    from voc.store import runs

    if request.app.state.warming:
        return JSONResponse({"status": "warming up"}, status_code=503)
    workspace: Workspace = request.app.state.workspace
    try:
        with workspace.services.database.read() as connection:
            runs.newest(connection, limit=1)
    except VocError:
        return JSONResponse({"status": "the store cannot be read"}, status_code=503)
    if shutil.disk_usage(workspace.services.paths.folder).free < LEAST_FREE:
        return JSONResponse({"status": "the disk is nearly full"}, status_code=503)
    index = "none yet" if index_texts(workspace) is None else "there"
    return JSONResponse({"status": "ok", "index": index})
