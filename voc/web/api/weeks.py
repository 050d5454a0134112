"""Weeks over HTTP: which there are, and one of them as the first page shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from voc.web.api.asked import Text, Viewer, allows, routes
from voc.web.api.figures import Interval, at_least, interval, ratio
from voc.web.api.paged import PageQuestion, paged
from voc.web.views.overview import markets_of, told_of, week_of

if TYPE_CHECKING:
    from voc.report.week_page import WeekPage
    from voc.report.week_told import Told
    from voc.store.themes import ThemeEvent
    from voc.trends.table import Coverage, ThemeWeek


class WeekQuestion(BaseModel):
    """Which week, and which market of it."""

    model_config = ConfigDict(frozen=True)

    week: Text = Field("", description="An ISO week that was run, such as 2024-W40. Empty: the newest.")
    market: Text = Field("", description="A market by code. Empty: all that you see, together.")


class Weeks(BaseModel):
    """A page of weeks that were run."""

    weeks: list[str] = Field(description="ISO weeks, the newest first.")
    cursor: str = Field(description="Where the next page begins; empty at the end.")


class Market(BaseModel):
    """A configured country or region."""

    code: str = Field(description="Its code.")
    name: str = Field(description="Its name.")
    languages: list[str] = Field(description="Languages of its customers.")
    time_zone: str = Field(description="The time zone of its weeks, such as Europe/Berlin.")


class Markets(BaseModel):
    """The markets that you see."""

    markets: list[Market] = Field(description="The markets, in the configured order.")


class Covered(BaseModel):
    """How much of a market's feedback of the week has a theme."""

    market: str = Field(description="Code of the market; empty: all that you see.")
    comments: int | None = Field(description="Comments of the week; null where they are too few to be told.")
    assigned: int | None = Field(description="Those that have a theme; null where they are too few to be told.")
    share: float | None = Field(description="The share that has a theme, 0 to 1; null without feedback.")
    deliveries: int | None = Field(description="Deliveries of the week; null where they are not known.")


class ThemeOfWeek(BaseModel):
    """What a theme did in a market in the week. Counts too small to be told are null."""

    theme_id: str = Field(description="Id of the theme.")
    theme: str = Field(description="Its name; its id where it has none yet.")
    market: str = Field(description="Code of the market; empty: all that you see.")
    complaints: int = Field(description="Complaints of the week.")
    comments: int | None = Field(description="Comments of the week, of every kind.")
    praise: int | None = Field(description="Praise of the week.")
    rate: Interval | None = Field(description="Complaints per 1,000 deliveries (per 1,000 comments without those).")
    change: Interval | None = Field(description="Ratio to the usual rate; 1 is as usual. Null where none is known.")
    usual: float | None = Field(description="Complaints that the usual rate leads to expect; null where unknown.")
    rising: bool = Field(description="Whether it rose beyond chance.")
    falling: bool = Field(description="Whether it fell beyond chance.")
    moved_weeks: int = Field(description="For how many weeks it has done so.")
    impact: Interval | None = Field(description="What it does to the mean rating, in rating points.")
    mean_rating: float | None = Field(description="Mean rating of its comments of the week, 1 to 5.")
    series: list[int | None] = Field(description="Complaints of each of the weeks of the overview, oldest first.")


class Happened(BaseModel):
    """What happened to a theme, from the ledger."""

    theme_id: str = Field(description="Id of the theme.")
    kind: str = Field(description="born, continued, split, merged, dormant, revived, renamed or another act.")
    week: str = Field(description="ISO week; empty where it belongs to none.")
    parents: list[str] = Field(description="Ids of the themes that it came from.")
    children: list[str] = Field(description="Ids of the themes that came from it.")
    why: str = Field(description="The reason.")
    by_person: bool = Field(description="Whether a person decided it.")


class Overview(BaseModel):
    """A week: coverage, what moved, themes and news."""

    week: str = Field(description="The ISO week.")
    weeks: list[str] = Field(description="The weeks of every series, oldest first; the last is the week itself.")
    market: str = Field(description="Code of the market; empty: all that you see.")
    coverage: list[Covered] = Field(description="All markets that you see together, then each.")
    headlines: list[str] = Field(description="What there is to say, in sentences.")
    alerts: list[ThemeOfWeek] = Field(description="What rose or fell beyond chance, in any market that you see.")
    themes: list[ThemeOfWeek] = Field(description="Themes of the market, those with the most complaints first.")
    hidden: int = Field(description="How many themes have complaints too few to be told.")
    events: list[Happened] = Field(description="What happened to themes in the week.")
    least: int = Field(description="The least number of comments of which a figure is told.")


def weeks(visit: Viewer, asked: Annotated[PageQuestion, Query()]) -> Weeks:
    """Return the weeks that were run."""
    found = paged(visit.workspace.weeks_run(), asked, lambda one: (one,), down=True)
    return Weeks(weeks=list(found.rows), cursor=found.cursor)


def markets(visit: Viewer) -> Markets:
    """Return the markets that the reader sees."""
    seen = markets_of(visit)
    found = [one for one in visit.workspace.services.settings.markets if one.code in seen]
    return Markets(
        markets=[
            Market(code=one.code, name=one.name, languages=list(one.languages), time_zone=one.time_zone)
            for one in found
        ]
    )


def overview(request: Request, visit: Viewer, asked: Annotated[WeekQuestion, Query()]) -> Overview:
    """Return a week as the first page shows it."""
    k = visit.workspace.services.settings.workspace.k
    wanted = visit.workspace.run_week(asked.week)
    shown = week_of(request, visit, wanted, asked.market)
    told, rows = told_of(request, visit, wanted).at(asked.market), shown.of_market(asked.market)
    return Overview(
        week=wanted,
        weeks=list(shown.week.weeks),
        market=asked.market,
        coverage=[_covered(one, told) for one in shown.coverage],
        headlines=list(shown.headlines),
        alerts=[theme_of_week(shown, one, told) for one in shown.alerts(k) if told.tells(one)],
        themes=[theme_of_week(shown, one, told) for one in rows if told.tells(one)],
        hidden=sum(1 for one in rows if one.complaints and not told.tells(one)),
        events=[happened(one) for one in shown.events],
        least=k,
    )


def theme_of_week(shown: WeekPage, row: ThemeWeek, told: Told) -> ThemeOfWeek:
    """Return a row of a week whose complaints may be told."""
    praise = at_least(row.praise, told.k)
    rest = row.comments - row.complaints - (praise or 0)
    return ThemeOfWeek(
        theme_id=row.theme_id,
        theme=shown.name(row.theme_id),
        market=row.market,
        complaints=row.complaints,
        comments=None if 0 < rest < told.k else row.comments,
        praise=praise,
        rate=interval(row.rate),
        change=ratio(row.change),
        usual=row.usual,
        rising=row.rising,
        falling=row.falling,
        moved_weeks=row.moved_weeks,
        impact=interval(row.impact),
        mean_rating=row.mean_rating,
        series=list(told.series(row)),
    )


def happened(event: ThemeEvent) -> Happened:
    """Return an event of the ledger."""
    return Happened(
        theme_id=event.theme_id,
        kind=event.kind,
        week=event.week,
        parents=list(event.parents),
        children=list(event.children),
        why=event.why,
        by_person=event.by_person,
    )


def _covered(row: Coverage, told: Told) -> Covered:
    return Covered(
        market=row.market,
        comments=told.comments(row),
        assigned=told.assigned(row),
        share=told.share(row),
        deliveries=row.deliveries,
    )


def router() -> APIRouter:
    """Return the addresses of weeks and markets."""
    found = routes("weeks")
    found.add_api_route(
        "/weeks",
        weeks,
        operation_id="weeks",
        summary="List weeks",
        description="The weeks that were run and can be shown, the newest first.",
        dependencies=[allows(PageQuestion.model_fields)],
    )
    found.add_api_route(
        "/markets",
        markets,
        operation_id="markets",
        summary="List markets",
        description="The markets that you see.",
        dependencies=[allows({})],
    )
    found.add_api_route(
        "/overview",
        overview,
        operation_id="overview",
        summary="Show a week",
        description="A week of all markets that you see, or of one: coverage, what moved, themes and what happened to "
        "them. Groups of fewer comments than the workspace sets as least are withheld.",
        dependencies=[allows(WeekQuestion.model_fields)],
    )
    return found
