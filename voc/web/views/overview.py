"""The first page: one week, alerts first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from markupsafe import Markup
from starlette.responses import RedirectResponse, Response

from voc.access import Act
from voc.report.week_page import WeekPage
from voc.report.week_told import Told
from voc.trends.week import NETWORK
from voc.web.charts import weekly_spark
from voc.web.show import fragment, page
from voc.web.visit import Visit, needs

Visitor = Annotated[Visit, Depends(needs(Act.VIEW))]


def router() -> APIRouter:
    """Return the addresses of the first page."""
    found = APIRouter(include_in_schema=False)
    found.add_api_route("/", home, methods=["GET"])
    found.add_api_route("/overview", overview, methods=["GET"])
    return found


def home(visit: Visitor) -> Response:
    """Lead to the newest week, or to the start where nothing was run yet."""
    return RedirectResponse("/overview" if visit.workspace.weeks_run() else "/start", status_code=303)


def overview(request: Request, visit: Visitor, week: str = "", market: str = "") -> Response:
    """Show a week of the network, or of one market."""
    key = ("overview", week, market, visit.who.markets, visit.may(Act.READ))
    kept: _Kept = request.app.state.kept.get(key, lambda: _make(request, visit, week, market))
    return page(visit, "overview.html", week=kept.week, body=kept.body)


@dataclass(frozen=True, slots=True)
class _Kept:
    """The page of a week without what belongs to one visit."""

    week: str
    body: Markup


def _make(request: Request, visit: Visit, week: str, market: str) -> _Kept:
    workspace = visit.workspace
    wanted = workspace.run_week(week)
    shown = week_of(request, visit, wanted, market)
    k = workspace.services.settings.workspace.k
    told = told_of(request, visit, wanted).at(market)
    rows = shown.of_market(market or NETWORK)
    body = fragment(
        "overview_body.html",
        weeks=workspace.weeks_run(),
        week=wanted,
        market=market,
        markets=markets_of(visit),
        shown=shown,
        rows=[row for row in rows if told.tells(row)],
        hidden=sum(1 for row in rows if row.complaints and not told.tells(row)),
        told=told,
        reads=visit.may(Act.READ),
        alerts=shown.alerts(k),
        k=k,
        spark=weekly_spark,
    )
    return _Kept(wanted, body)


def week_of(request: Request, visit: Visit, week: str, market: str) -> WeekPage:
    """Return a week as a page shows it, kept while the store stays as it is."""
    key = ("week", week, market, visit.who.markets)
    found: WeekPage = request.app.state.kept.get(key, lambda: visit.workspace.week_page(week, market=market))
    return found


def told_of(request: Request, visit: Visit, week: str) -> Told:
    """Return what of a week may be told, all markets that somebody sees taken together."""
    k = visit.workspace.services.settings.workspace.k
    if visit.may(Act.READ):
        return Told.plain(k)
    key = ("told", week, visit.who.markets)
    found: Told = request.app.state.kept.get(key, lambda: Told.of(week_of(request, visit, week, ""), k))
    return found


def markets_of(visit: Visit) -> dict[str, str]:
    """Return the names of the markets that somebody sees, by code."""
    seen = set(visit.workspace.services.seen_markets)
    return {one.code: one.name for one in visit.workspace.services.settings.markets if one.code in seen}
