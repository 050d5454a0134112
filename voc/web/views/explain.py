"""Every figure opens its explanation."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from voc.access import Act
from voc.report.explained import Explained, explain, explain_coverage
from voc.web.show import page
from voc.web.views.overview import markets_of, told_of, week_of
from voc.web.visit import Visit, needs

Visitor = Annotated[Visit, Depends(needs(Act.VIEW))]


class FigureQuestion(BaseModel):
    """Which week and market a figure is of, and which page of its comments."""

    week: str = ""
    market: str = ""
    at: int = Field(1, ge=1, le=1_000_000)


def router() -> APIRouter:
    """Return the addresses of explanations."""
    found = APIRouter(include_in_schema=False)
    found.add_api_route("/explain/alerts", alerts, methods=["GET"])
    found.add_api_route("/explain/coverage", coverage, methods=["GET"])
    found.add_api_route("/explain/{figure}/{theme_id}", figure, methods=["GET"])
    return found


def alerts(request: Request, visit: Visitor, asked: Annotated[FigureQuestion, Query()]) -> Response:
    """Explain how alarms are found."""
    week = visit.workspace.run_week(asked.week)
    shown = week_of(request, visit, week, asked.market)
    return page(
        visit,
        "alerts.html",
        shown=shown,
        alerts=shown.alerts(visit.workspace.services.settings.workspace.k),
        least=_least(visit),
        told=told_of(request, visit, week).at(asked.market),
        week=week,
        market=asked.market,
        markets=markets_of(visit),
    )


def coverage(request: Request, visit: Visitor, asked: Annotated[FigureQuestion, Query()]) -> Response:
    """Explain the share of comments with a theme."""
    week = visit.workspace.run_week(asked.week)
    told = None if visit.may(Act.READ) else told_of(request, visit, week)
    found = explain_coverage(week_of(request, visit, week, ""), asked.market, told=told)
    return _page(visit, found, asked, week, theme_id="", name="")


def figure(
    request: Request, visit: Visitor, figure: str, theme_id: str, asked: Annotated[FigureQuestion, Query()]
) -> Response:
    """Explain a figure of a theme."""
    week = visit.workspace.run_week(asked.week)
    shown = week_of(request, visit, week, asked.market)
    counting = visit.workspace.counting(theme_id, market=asked.market, week=week) if figure == "complaints" else None
    told = None if visit.may(Act.READ) else told_of(request, visit, week).at(asked.market)
    found = explain(figure, shown, theme_id, asked.market, counting=counting, told=told)
    return _page(visit, found, asked, week, theme_id=theme_id, name=shown.name(theme_id))


def _least(visit: Visit) -> int:
    """Return the fewest comments that a figure may rest on, for those who see counts only."""
    return 0 if visit.may(Act.READ) else visit.workspace.services.settings.workspace.k


def _page(visit: Visit, found: Explained, asked: FigureQuestion, week: str, *, theme_id: str, name: str) -> Response:
    workspace = visit.workspace
    comments = None
    if theme_id and found.kind is not None and visit.may(Act.READ):
        comments = workspace.theme_comments(
            theme_id, market=asked.market, week=week, since=found.since, kind=found.kind, page=asked.at
        )
    return page(
        visit,
        "explain.html",
        found=found,
        theme_id=theme_id,
        name=name,
        week=week,
        market=asked.market,
        markets=markets_of(visit),
        comments=comments,
        brought=workspace.deliveries_brought(week=week) if found.over else {},
        run=workspace.run_of_week(week),
    )
