"""Default deny: an address that says neither what act it needs nor that it is open to all stops the app's making."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import iter_route_contexts

from voc.access import Act
from voc.web.visit import acts_of

OPEN: Final = frozenset(
    {
        "GET /sign-in",
        "POST /sign-in",
        "POST /sign-out",
        "GET /static/{version}/{name}",
        "GET /favicon.ico",
        "GET /healthz",
        "GET /readyz",
    }
)
"""What anybody may ask; nothing of a workspace can be read there."""


@dataclass(frozen=True, slots=True)
class Guarded:
    """One kind of request of one address, with the acts that it needs; none where it is open to all."""

    method: str
    path: str
    acts: frozenset[Act]

    @property
    def name(self) -> str:
        """Return both as one word."""
        return f"{self.method} {self.path}"


def guarded(app: FastAPI) -> tuple[Guarded, ...]:
    """Return every route of an app with what it needs."""
    found = []
    for route in iter_route_contexts(app.routes):
        acts = frozenset(acts_of(list(_calls(getattr(route, "dependant", None)))))
        found += [Guarded(method, route.path or "", acts) for method in sorted(route.methods or {"ANY"})]
    return tuple(found)


def check_guarded(app: FastAPI) -> None:
    """Refuse an app with an address that nobody guards.

    Raises:
        RuntimeError: a route has no act and is not open, which is a fault of the code.
    """
    bare = [one.name for one in guarded(app) if not one.acts and one.name not in OPEN]
    if bare:
        raise RuntimeError(
            f"Nobody guards {', '.join(bare)}. Give the route needs(Act...), posted(Act...) or writes(Act...), or put "
            "it into OPEN of voc/web/guard.py where it tells nothing of a workspace."
        )


def _calls(dependant: Dependant | None) -> Iterator[Callable[..., Any]]:
    if dependant is None:
        return
    for one in dependant.dependencies:
        if one.call is not None:
            yield one.call
        yield from _calls(one)
