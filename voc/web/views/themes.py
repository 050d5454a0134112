"""Themes: the list, and one theme with its trend, its words and its neighbours."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, Field
from starlette.responses import RedirectResponse, Response

from voc.access import Act
from voc.errors import VocError
from voc.report.week_page import WeekPage
from voc.report.week_told import Told
from voc.trends.rates import Counted, rate
from voc.trends.table import ThemeWeek
from voc.trends.told import untold
from voc.trends.week import NETWORK, exposure_of
from voc.types import Estimate, Polarity
from voc.web.charts import Point, trend
from voc.web.kept import Kept
from voc.web.show import page
from voc.web.views.overview import markets_of, told_of, week_of
from voc.web.visit import Visit, needs
from voc.workspace_pages import CommentPage

if TYPE_CHECKING:
    from voc.proposals.locate import Places
    from voc.workspace import Workspace

Visitor = Annotated[Visit, Depends(needs(Act.VIEW))]


@dataclass(frozen=True, slots=True)
class Week:
    """One week of a theme: complaints over an exposure, and their rate; None where there are too few to be told."""

    week: str
    complaints: int | None
    exposure: float
    point: Point


@dataclass(frozen=True, slots=True)
class Language:
    """Complaints of a theme in one language, over all comments in it, and their rate per 1,000 of these."""

    code: str
    complaints: int
    comments: int
    rate: Estimate | None


def router() -> APIRouter:
    """Return the addresses of themes."""
    found = APIRouter(include_in_schema=False)
    found.add_api_route("/themes", themes, methods=["GET"])
    found.add_api_route("/themes/{theme_id}", theme, methods=["GET"])
    return found


def themes(visit: Visitor) -> Response:
    """List the themes, the largest first."""
    entries = visit.workspace.themes()
    k = visit.workspace.services.settings.workspace.k
    return page(visit, "themes.html", entries=[one for one in entries if one.comments >= k], k=k, all=len(entries))


class ThemeQuestion(BaseModel):
    """Which week and market of a theme, and which of its comments; "" is any, `only` those of the week."""

    week: str = ""
    market: str = ""
    kind: str = ""
    language: str = ""
    only: str = ""
    at: int = Field(1, ge=1, le=1_000_000)


def theme(request: Request, visit: Visitor, theme_id: str, asked: Annotated[ThemeQuestion, Query()]) -> Response:
    """Show one theme as of a week, in all markets that the visitor sees or in one."""
    workspace, market = visit.workspace, asked.market
    wanted = workspace.run_week(asked.week)
    shown = week_of(request, visit, wanted, "")
    kept = request.app.state.kept
    beside = workspace.theme_beside(theme_id, market=market, week=wanted, places=lambda: _places(kept, workspace))
    found = beside.page.entry.theme
    if found.id != theme_id:
        return RedirectResponse(f"/themes/{found.id}?{urlencode({'week': wanted, 'market': market})}", status_code=303)
    own = {row.market: row for row in shown.rows if row.theme_id == found.id}
    row = own.get(market or NETWORK)
    k = workspace.services.settings.workspace.k
    told = told_of(request, visit, wanted)
    weeks = weeks_of(shown, row, market, told=None if visit.may(Act.READ) else told)
    languages = _languages(request, visit, found.id, market, (shown.week.weeks[0], wanted))
    return page(
        visit,
        "theme.html",
        beside=beside,
        entry=beside.page.entry,
        theme=found,
        name=shown.name(found.id),
        shown=shown,
        row=row,
        own=own,
        weeks=weeks,
        chart=trend([one.point for one in weeks], _usual(shown, row, market), _label(weeks)),
        week=wanted,
        market=market,
        markets=markets_of(visit),
        weeks_run=workspace.weeks_run(),
        languages=languages,
        sees_all=visit.who.markets is None,
        comments=_comments(visit, found.id, asked, wanted) if visit.may(Act.READ) else None,
        asked=asked,
        document=workspace.services.settings.proposals.document,
        placed=kept.has(("places",)),
        signals=workspace.signals_beside(market=market, weeks=(shown.week.weeks[0], wanted)),
        kinds=[one.value for one in Polarity],
        k=k,
        told=told,
        few_languages=_few(visit, {one.code: one.complaints for one in languages}, k),
    )


def _few(visit: Visit, counts: Mapping[str, int], k: int) -> frozenset[str]:
    """Return the parts of a whole that are not told: small ones, and who reads no comments is told of no difference."""
    if visit.may(Act.READ):
        return frozenset(name for name, count in counts.items() if count < k)
    return untold(counts, k)


def _comments(visit: Visit, theme_id: str, asked: ThemeQuestion, week: str) -> CommentPage:
    return visit.workspace.theme_comments(
        theme_id,
        market=asked.market,
        week=week if asked.only else "",
        kind=asked.kind if asked.kind in {one.value for one in Polarity} else "",
        language=asked.language,
        page=asked.at,
    )


def _languages(
    request: Request, visit: Visit, theme_id: str, market: str, weeks: tuple[str, str]
) -> tuple[Language, ...]:
    """Return the complaints of a theme by language; over what they are counted is kept for all themes."""
    workspace = visit.workspace
    key = ("languages", market, weeks, visit.who.markets)
    over: dict[str, int] = request.app.state.kept.get(
        key, lambda: workspace.texts_by_language(market=market, weeks=weeks)
    )
    own = workspace.texts_by_language(market=market, weeks=weeks, theme_id=theme_id)
    return tuple(Language(one, own[one], over[one], rate(Counted(own[one], over[one]))) for one in own if own[one])


def _places(kept: Kept, workspace: Workspace) -> Places | None:
    """Return the clauses as vectors, None while they are read; a theme is shown without them where they cannot be."""
    with contextlib.suppress(VocError):
        return kept.soon(("places",), workspace.clause_places)
    return None


def weeks_of(shown: WeekPage, row: ThemeWeek | None, market: str, *, told: Told | None) -> tuple[Week, ...]:
    """Return the weeks of a theme with complaints, exposure and rate, without what is not told; None tells all."""
    found = []
    last = len(shown.week.weeks) - 1
    known = told.series(row) if told is not None and row is not None else None
    for place, week in enumerate(shown.week.weeks):
        complaints = row.series[place] if row else 0
        exposure = exposure_of(shown.week, market or NETWORK, week)
        alarmed = row is not None and (row.rising or row.falling) and place > last - max(1, row.moved_weeks)
        withheld = known is not None and known[place] is None
        value = None if withheld else rate(Counted(complaints, exposure))
        found.append(Week(week, None if withheld else complaints, exposure, Point(week, value, alarmed)))
    return tuple(found)


def _usual(shown: WeekPage, row: ThemeWeek | None, market: str) -> float | None:
    """Return the usual rate per 1,000 of the newest week."""
    exposure = exposure_of(shown.week, market or NETWORK, shown.week.week)
    return None if row is None or row.usual is None or exposure <= 0 else 1000 * row.usual / exposure


def _label(weeks: tuple[Week, ...]) -> str:
    said = ", ".join(
        f"{one.week}: {'no rate' if one.point.rate is None else f'{one.point.rate.value:.2f}'}" for one in weeks
    )
    return f"Complaints per 1,000 a week. {said}"
