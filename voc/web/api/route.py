"""How every route of the API answers: with an ETag, and only to JSON."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Coroutine
from typing import Any, Final

from fastapi import Request
from fastapi.routing import APIRoute
from starlette.responses import Response

from voc.web.errors import refusal

_READS: Final = frozenset({"GET", "HEAD"})
_SHOWN: Final = 60


class ApiRoute(APIRoute):
    """A route whose GET answers carry an ETag of their body, and which takes bodies as JSON only.

    A page of another site can send forms and plain text to us with the cookies of a visitor, but no JSON without
    asking first, which nobody here allows.

    Source: RFC 9110, 8.8.3 and 13.1.2; OWASP, Cross-Site Request Forgery Prevention Cheat Sheet.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return what answers a request."""
        inner = super().get_route_handler()

        async def answer(request: Request) -> Response:
            if request.method in _READS:
                return _tagged(request, await inner(request))
            kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
            if kind != "application/json":
                said = f"A body must come as application/json; '{kind[:_SHOWN]}' came. Send JSON, {{}} for nothing."
                return refusal(request.scope, 415, "InputError", said)
            return await inner(request)

        return answer


def _tagged(request: Request, found: Response) -> Response:
    if found.status_code != 200 or not isinstance(found.body, bytes):
        return found
    tag = f'"{hashlib.sha256(found.body).hexdigest()[:32]}"'
    if _knows(request.headers.get("if-none-match", ""), tag):
        return Response(status_code=304, headers={"etag": tag})
    found.headers["etag"] = tag
    return found


def _knows(header: str, tag: str) -> bool:
    given = [one.strip().removeprefix("W/") for one in header.split(",")]
    return tag in given or given == ["*"]
