"""The outermost layer of the app: what every request passes and every answer carries."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from voc.web import errors

HEADERS: Final[Mapping[str, str]] = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "cache-control": "no-store",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}

_PAGE: Final = (
    "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; "
    "object-src 'none'"
)
_DATA: Final = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"

_GONE: Final = 499
"""The status that is told where nobody waited for an answer."""

_PREFIX: Final = "/api/v1"

MEGABYTE: Final = 1 << 20
SMALL_BODY: Final = 2 * MEGABYTE
_DIGITS: Final = 15

_TOO_LARGE: Final = "What was sent is larger than {most} MB, the most that is taken here. Send less, or in parts."


_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that was answered: its method, the pattern of its address, who asked ("" is nobody known), its end."""

    method: str
    route: str
    status: int
    seconds: float
    person: str


class Door:
    """Guard and dress every answer.

    It takes the query away from the server around the app, whose access log would keep what people ask. It sets the
    headers of every answer that has none of its own; pages get a policy that lets run only scripts and styles with the
    nonce of this one answer. It refuses bodies that are too large, counting what really comes. It answers unexpected
    errors, which Starlette would hand on to the server's log with their messages.

    Source: OWASP Application Security Verification Standard 5.0, chapters 3.4 and 5.2.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        upload_path: str = "",
        upload_bytes: int = SMALL_BODY,
        tls: bool = False,
        tell: Callable[[Asked], None] = lambda _: None,
    ) -> None:
        self.app = app
        self.upload_path = upload_path
        self.upload_bytes = upload_bytes
        self.tls = tls
        self.tell = tell

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        nonce = secrets.token_urlsafe(16)
        inner, begun = {**scope, "state": {**scope.get("state", {}), "nonce": nonce}}, False
        scope["query_string"] = b""
        status, start = _GONE, time.perf_counter()

        async def guarded(message: Message) -> None:
            nonlocal begun, status
            if message["type"] == "http.response.start":
                begun, status = True, message["status"]
                self._dress(MutableHeaders(scope=message), nonce)
            await send(message)

        most = self.upload_bytes if self.upload_path and scope["path"] == self.upload_path else SMALL_BODY
        limited = _Limited(receive, most)
        try:
            limited.check_told(Headers(scope=scope).get("content-length", ""))
            await self.app(inner, limited, guarded)
        except HTTPException as error:
            if not begun:
                answer = errors.refusal(inner, error.status_code, "InputError", error.detail)
                await answer(inner, receive, guarded)
        except Exception as error:  # noqa: BLE001  the door: nothing may reach people as a traceback
            answer = errors.fault(inner, error)
            if not begun:
                await answer(inner, receive, guarded)
        finally:
            self.tell(_asked(inner, status, time.perf_counter() - start))

    def _dress(self, headers: MutableHeaders, nonce: str) -> None:
        for name, value in HEADERS.items():
            headers.setdefault(name, value)
        is_page = headers.get("content-type", "").startswith("text/html")
        headers.setdefault("content-security-policy", _PAGE.format(nonce=nonce) if is_page else _DATA)
        if self.tls:
            headers.setdefault("strict-transport-security", "max-age=31536000")


def _asked(scope: Scope, status: int, seconds: float) -> Asked:
    """Return what a request was, without its query, its ids and its texts."""
    route = getattr(scope.get("route"), "path", "") or "unknown"
    if scope["path"].startswith(_PREFIX) and route.startswith("/") and not route.startswith(_PREFIX):
        route = _PREFIX + route
    method = scope["method"] if scope["method"] in _METHODS else "OTHER"
    return Asked(method, route, status, seconds, str(scope["state"].get("person", "")))


class _Limited:
    """Hands on what comes, up to so many bytes."""

    def __init__(self, receive: Receive, most: int) -> None:
        self.receive, self.most, self.left = receive, most, most

    def check_told(self, length: str) -> None:
        """Refuse a body whose told length is too large, or is none.

        Raises:
            HTTPException: it is; the frameworks inside hand it on as it is.
        """
        if length and not (length.isascii() and length.isdecimal()):
            raise HTTPException(400, "The length that came with the request is no number.")
        if length and (len(length) > _DIGITS or int(length) > self.most):
            raise self._too_large()

    async def __call__(self) -> Message:
        message = await self.receive()
        if message["type"] == "http.request":
            self.left -= len(message.get("body", b""))
            if self.left < 0:
                raise self._too_large()
        return message

    def _too_large(self) -> HTTPException:
        return HTTPException(413, _TOO_LARGE.format(most=self.most // MEGABYTE))
