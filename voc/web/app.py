"""The web app over one workspace: guarded against other sites and other hosts, silent about what is asked."""

from __future__ import annotations

import contextlib
import gc
import os
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import cache
from typing import TYPE_CHECKING, Final

from fastapi import APIRouter, FastAPI
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware

from voc.errors import VocError
from voc.version import VERSION
from voc.web import api, errors, health, metrics, signing, static_files, views
from voc.web.door import MEGABYTE, Asked, Door
from voc.web.guard import check_guarded
from voc.web.kept import Kept
from voc.web.logs import log
from voc.web.metrics import Meters
from voc.web.streams import Streams

if TYPE_CHECKING:
    from voc.workspace import Workspace

HOSTS: Final = ("127.0.0.1", "localhost", "::1", "testserver")
"""Names by which the server may be called. Others are refused: a web site that gives its own name the address of this
machine (DNS rebinding) would read through the reader's browser."""

UPLOAD: Final = "/start/upload"

_ABOUT: Final = (
    "What the pages show, for programs. Send a token: `Authorization: Bearer voc_...`. A list is a parameter that is "
    "repeated. What cannot be answered is a `Problem` with a status."
)

_Life = Callable[[FastAPI], AbstractAsyncContextManager[None]]


def create_app(workspace: Workspace, *, hosts: Sequence[str] = HOSTS, tls: bool = False) -> FastAPI:
    """Return the app over a workspace, called by one of the names in `hosts`; with `tls`, only ever by https.

    The workspace stays the caller's to close.
    """
    return _app(workspace, hosts, None, tls=tls)


def warm(app: FastAPI) -> None:
    """Load behind the scenes what the first visitors would wait for: the encoder, the index and the clauses."""
    workspace: Workspace = app.state.workspace

    def load() -> None:
        try:
            with contextlib.suppress(VocError):
                workspace.services.desk.reader.now()
                app.state.kept.get(("places",), workspace.clause_places)
        finally:
            # What was loaded stays: looking for garbage among half a million objects held every answer for .3 s.
            gc.collect()
            gc.freeze()
            app.state.warming = False

    app.state.warming = True
    threading.Thread(target=load, daemon=True).start()


def from_environment() -> FastAPI:
    """Return the app for the workspace that VOC_WORKSPACE names, else the current folder; for `uvicorn --factory`.

    VOC_HOSTS are more names that it may be called by, with commas between; VOC_TLS=1 says that it is reached by https.

    Raises:
        SettingsError: the folder is not a workspace.
    """
    from voc.workspace import Workspace

    workspace = Workspace.open(os.environ.get("VOC_WORKSPACE") or ".", compact=True)
    more = [one.strip() for one in os.environ.get("VOC_HOSTS", "").split(",") if one.strip()]

    @asynccontextmanager
    async def life(app: FastAPI) -> AsyncIterator[None]:
        yield
        workspace.close()

    return _app(workspace, (*HOSTS, *more), life, tls=os.environ.get("VOC_TLS") == "1")


def _app(workspace: Workspace, hosts: Sequence[str], life: _Life | None, *, tls: bool) -> FastAPI:
    # Starlette compares an address of IPv6 with its brackets.
    named = [f"[{one}]" if ":" in one else one for one in hosts]
    upload_bytes = workspace.services.settings.web.upload_mb * MEGABYTE
    meters = Meters(workspace)

    def tell(asked: Asked) -> None:
        meters.count(asked)
        log(asked)

    app = FastAPI(
        title="voc",
        summary="Voice-of-customer mining for the people who own delivery standards.",
        description=_ABOUT,
        version=VERSION,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=life,
        middleware=[
            Middleware(Door, upload_path=UPLOAD, upload_bytes=upload_bytes, tls=tls, tell=tell),
            Middleware(TrustedHostMiddleware, allowed_hosts=named, www_redirect=False),
        ],
        # Traces would carry what people ask.
        telemetry={"tracing": False, "metrics": False, "logs": False, "auto_configure": False},
    )
    app.state.workspace, app.state.warming = workspace, False
    app.state.kept = Kept(workspace.services.database)
    app.state.streams, app.state.meters = Streams(), meters
    errors.install(app)
    for one in routers():
        app.router.routes.extend(one.routes)  # as they are: including a router reads every route's parameters again
    check_guarded(app)
    return app


@cache
def routers() -> tuple[APIRouter, ...]:
    """Return every address of the server, made once a process."""
    own = (signing.router(), static_files.router(), health.router(), metrics.router())
    return (*own, *views.routers(), *api.routers())
