"""Themes by market: each against its own past, and against each other only within one channel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from voc.access import Act
from voc.errors import NotFoundError
from voc.report.week_page import WeekPage
from voc.trends.rates import Change as Ratio
from voc.trends.rates import Counted, change
from voc.trends.table import ThemeWeek
from voc.trends.week import NETWORK, has_deliveries
from voc.web.show import page
from voc.web.views.overview import markets_of, told_of, week_of
from voc.web.visit import Visit, needs

Visitor = Annotated[Visit, Depends(needs(Act.VIEW))]


@dataclass(frozen=True, slots=True)
class Compared:
    """A market beside the reference: complaints through the channel, over deliveries, and the ratio of the rates."""

    market: str
    complaints: int
    deliveries: int
    ratio: Ratio | None


def router() -> APIRouter:
    """Return the address of the markets."""
    found = APIRouter(include_in_schema=False)
    found.add_api_route("/markets", markets, methods=["GET"])
    return found


def markets(
    request: Request, visit: Visitor, week: str = "", theme: str = "", channel: str = "", reference: str = ""
) -> Response:
    """Show every theme in every market of a week, and one of them beside each other within a channel.

    Raises:
        NotFoundError: there is no such week, theme, channel or market.
    """
    workspace = visit.workspace
    wanted = workspace.run_week(week)
    shown = week_of(request, visit, wanted, "")
    k = workspace.services.settings.workspace.k
    known = markets_of(visit)
    themes = [row.theme_id for row in shown.of_market(NETWORK) if row.complaints >= k]
    cells: dict[tuple[str, str], ThemeWeek] = {(row.theme_id, row.market): row for row in shown.rows}
    channels = workspace.channels()
    base = workspace.seen_market(reference) if reference else next(iter(known), "")
    if channel and channel not in channels:
        raise NotFoundError(f"No comment came through the channel '{channel[:40]}'. Channels: {', '.join(channels)}.")
    if channel and theme not in themes:
        raise NotFoundError(f"This theme has fewer than {k} complaints in {wanted}. Choose one of the list.")
    compared = _compared(visit, shown, theme, channel, base) if channel else ()
    return page(
        visit,
        "markets.html",
        weeks=workspace.weeks_run(),
        week=wanted,
        markets=known,
        themes=themes,
        cells=cells,
        told=told_of(request, visit, wanted),
        shown=shown,
        k=k,
        channels=channels,
        theme=theme,
        channel=channel,
        reference=base,
        compared=compared,
    )


def _compared(visit: Visit, shown: WeekPage, theme: str, channel: str, reference: str) -> tuple[Compared, ...]:
    """Return each market with deliveries beside the reference, over the weeks shown."""
    k = visit.workspace.services.settings.workspace.k
    weeks = shown.week.weeks
    counts = visit.workspace.complaints_through(theme, channel, weeks=(weeks[0], weeks[-1]))
    over = {
        market: sum(shown.week.deliveries[market, week] for week in weeks)
        for market in shown.week.markets
        if has_deliveries(shown.week, market)
    }
    if reference not in over:
        return ()
    base = Counted(counts.get(reference, 0), over[reference])
    return tuple(
        Compared(
            market,
            counts.get(market, 0),
            deliveries,
            None
            if market == reference or counts.get(market, 0) < k or base.count < k
            else change(Counted(counts.get(market, 0), deliveries), base),
        )
        for market, deliveries in over.items()
    )
