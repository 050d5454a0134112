"""The web app over one workspace: guarded against other sites and other hosts, silent about what is asked."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import TYPE_CHECKING, Final

from fastapi import FastAPI
from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from voc.version import VERSION
from voc.web import errors, search

if TYPE_CHECKING:
    from voc.workspace import Workspace

API: Final = "/api/v1"

HOSTS: Final = ("127.0.0.1", "localhost", "::1", "testserver")
"""Names by which the server may be called. Others are refused: a web site that gives its own name the address of this
machine (DNS rebinding) would read through the reader's browser."""

HEADERS: Final = {
    "x-content-type-options": "nosniff",
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
}

_ABOUT: Final = (
    "Find comments by meaning and by words. Every question is a GET; a list is a parameter that is repeated. "
    "What cannot be answered is a `Problem` with a status."
)

_Life = Callable[[FastAPI], AbstractAsyncContextManager[None]]


class Door:
    """The outermost layer of the app: what every request passes and every answer carries.

    It takes the query away from the server around the app, whose access log would keep what people ask. It sets the
    headers of every answer that has none of its own. It answers unexpected errors, which Starlette would hand on to the
    server's log with their messages.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        inner, begun = dict(scope), False
        scope["query_string"] = b""

        async def guarded(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        try:
            await self.app(inner, receive, guarded)
        except Exception as error:  # noqa: BLE001  the door: nothing may reach people as a traceback
            answer = errors.fault(error)
            if not begun:
                await answer(inner, receive, guarded)


def create_app(workspace: Workspace, *, hosts: Sequence[str] = HOSTS) -> FastAPI:
    """Return the app that answers questions about a workspace, called by one of the names in `hosts`.

    The workspace stays the caller's to close.
    """
    return _app(workspace, hosts, None)


def from_environment() -> FastAPI:
    """Return the app for the workspace that VOC_WORKSPACE names, else the current folder; for `uvicorn --factory`.

    Raises:
        SettingsError: the folder is not a workspace.
    """
    from voc.workspace import Workspace

    workspace = Workspace.open(os.environ.get("VOC_WORKSPACE") or ".", compact=True)

    @asynccontextmanager
    async def life(app: FastAPI) -> AsyncIterator[None]:
        yield
        workspace.close()

    return _app(workspace, HOSTS, life)


def _app(workspace: Workspace, hosts: Sequence[str], life: _Life | None) -> FastAPI:
    # Starlette compares an address of IPv6 with its brackets.
    named = [f"[{one}]" if ":" in one else one for one in hosts]
    app = FastAPI(
        title="voc",
        summary="Voice-of-customer mining for the people who own delivery standards.",
        description=_ABOUT,
        version=VERSION,
        openapi_url=f"{API}/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=life,
        middleware=[Middleware(Door), Middleware(TrustedHostMiddleware, allowed_hosts=named, www_redirect=False)],
        # Traces would carry what people ask.
        telemetry={"tracing": False, "metrics": False, "logs": False, "auto_configure": False},
    )
    errors.install(app)
    app.include_router(search.router(workspace), prefix=API)
    return app
