"""Figures about the server for Prometheus; no label ever holds a name, an id or a text."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from fastapi import APIRouter, Depends, Request
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from starlette.responses import Response

from voc.access import Act
from voc.errors import NotAllowedError, VocError
from voc.web.visit import needs, visitor

if TYPE_CHECKING:
    from voc.web.door import Asked
    from voc.workspace import Workspace

TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
FORWARDED: Final = ("x-forwarded-for", "forwarded", "x-real-ip", "via")
"""What a proxy adds: who comes through one is not at this machine, whatever the address says."""


class Meters:
    """The counts of one app since it was made, in a registry of its own."""

    def __init__(self, workspace: Workspace) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "voc_requests", "Answers by address and status.", ["method", "route", "status"], registry=self.registry
        )
        self.seconds = Histogram(
            "voc_request_seconds",
            "Seconds until an answer was sent; streams are left out.",
            ["method", "route"],
            buckets=BUCKETS,
            registry=self.registry,
        )
        self.sign_ins = Counter("voc_sign_ins", "Tries to sign in by how they ended.", ["end"], registry=self.registry)
        for end in ("in", "wrong", "too_many"):
            self.sign_ins.labels(end)
        self.registry.register(_Held(workspace))

    def count(self, asked: Asked) -> None:
        """Count one answer."""
        self.requests.labels(asked.method, asked.route, str(asked.status)).inc()
        if not asked.route.endswith("/events"):
            self.seconds.labels(asked.method, asked.route).observe(asked.seconds)


class _Held(Collector):
    """What a workspace holds, read from the store whenever figures are asked for."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace

    def collect(self) -> Iterator[Metric]:
        """Yield the figures, or only that the store cannot be read."""
        from voc.store import state

        services = self.workspace.services
        readable = GaugeMetricFamily("voc_store_readable", "1 while the store can be read.")
        try:
            with services.database.read() as connection:
                held = state.vitals(connection)
        except VocError:
            readable.add_metric([], 0)
            yield readable
            return
        readable.add_metric([], 1)
        yield readable
        yield GaugeMetricFamily("voc_feedback", "Comments that are stored.", value=held.feedback)
        runs = GaugeMetricFamily("voc_runs", "Runs by how they ended.", labels=["state"])
        for name, count in held.runs.items():
            runs.add_metric([name], count)
        yield runs
        if held.newest_end is not None:
            age = (services.clock() - held.newest_end).total_seconds()
            yield GaugeMetricFamily(
                "voc_newest_run_age_seconds", "Seconds since a run last ended well.", value=max(0.0, age)
            )
        texts = index_texts(self.workspace)
        if texts is not None:
            yield GaugeMetricFamily("voc_index_texts", "Texts in the search index.", value=texts)


def index_texts(workspace: Workspace) -> int | None:
    """Return how many texts the search index holds, None where there is none that can be read."""
    from voc.index.tune import texts_held

    return texts_held(workspace.services.paths.index)


def router() -> APIRouter:
    """Return the address of the figures."""
    found = APIRouter(include_in_schema=False)
    found.add_api_route("/metrics", metrics, methods=["GET"], dependencies=[Depends(_let_in)])
    return found


def metrics(request: Request) -> Response:
    """Return the figures in the text form of Prometheus."""
    meters: Meters = request.app.state.meters
    return Response(generate_latest(meters.registry), media_type=TYPE)


def _let_in(request: Request) -> None:
    """Let in this machine, and whoever comes with a session or token that sees counts.

    Raises:
        NotAllowedError: neither.
    """
    if _is_here(request):
        return
    try:
        needs(Act.VIEW)(visitor(request))
    except VocError as error:
        raise NotAllowedError(
            "Figures are for this machine, or for a token of the scope 'counts': Authorization: Bearer ..."
        ) from error


_let_in.__dict__["act"] = Act.VIEW


def _is_here(request: Request) -> bool:
    if request.client is None or any(name in request.headers for name in FORWARDED):
        return False
    try:
        return ipaddress.ip_address(request.client.host).is_loopback
    except ValueError:
        return False
