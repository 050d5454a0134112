"""Weekly reports over HTTP: which there are, and one of them as it was published or would be now."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from voc.web.api.asked import Name, Text, Viewer, allows, routes
from voc.web.api.paged import PageQuestion, paged

if TYPE_CHECKING:
    from voc.report.authored import DraftReport, PublishedReport


class ReportQuestion(BaseModel):
    """Which report of a week."""

    model_config = ConfigDict(frozen=True)

    market: Text = Field("", description="A market by code. Empty: the network, for those who see every market.")
    edition: int | None = Field(None, ge=1, le=1_000_000, description="A published edition; without, the newest.")
    draft: bool = Field(False, description="What would be published now, instead of what was.")


class ReportLine(BaseModel):
    """A report that somebody wrote or published."""

    week: str = Field(description="The ISO week.")
    market: str = Field(description="Code of the market; empty: the network.")
    state: str = Field(description="draft or published.")
    version: int = Field(description="Grows with every change of the author.")
    edition: int = Field(description="The newest published edition; 0 without one.")
    headline: str = Field(description="What the author put on top.")
    actor: str = Field(description="Who changed it last.")
    at: str = Field(description="When: ISO 8601, UTC.", json_schema_extra={"format": "date-time"})


class Reports(BaseModel):
    """A page of reports."""

    reports: list[ReportLine] = Field(description="The reports, the newest week first.")
    cursor: str = Field(description="Where the next page begins; empty at the end.")


class RestatedFigure(BaseModel):
    """A figure that the store now gives otherwise than it was published."""

    market: str = Field(description="Code of the market.")
    theme_id: str = Field(description="Id of the theme; empty for the whole market.")
    about: str = Field(description="What it is about, in words.")
    figure: str = Field(description="Which figure.")
    published: str = Field(description="As it was published.")
    now: str = Field(description="As it is now.")
    reason: str = Field(description="Why, where the store knows it.")


class ReportPage(BaseModel):
    """A report: what its author says, and its figures."""

    week: str = Field(description="The ISO week.")
    market: str = Field(description="Code of the market; empty: the network.")
    edition: int = Field(description="The published edition that this is; 0 for a draft.")
    published_at: str | None = Field(description="When it was published: ISO 8601, UTC; null for a draft.")
    headline: str = Field(description="What the author put on top.")
    comment: str = Field(description="What the author says of the whole.")
    theme_comments: dict[str, str] = Field(description="What the author says of single themes, by their ids.")
    restated: list[RestatedFigure] = Field(description="Figures that differ now; none for a draft.")
    report: dict[str, Any] = Field(description="The whole report, in the form of `voc report show --format json`.")


def reports(visit: Viewer, asked: Annotated[PageQuestion, Query()]) -> Reports:
    """Return the reports that somebody wrote or published."""
    rows = visit.workspace.reports()
    found = paged(rows, asked, lambda one: (one.place.week, one.place.market), down=True)
    return Reports(
        reports=[
            ReportLine(
                week=one.place.week,
                market=one.place.market,
                state=one.state,
                version=one.version,
                edition=one.edition,
                headline=one.headline,
                actor=one.actor,
                at=one.at,
            )
            for one in found.rows
        ],
        cursor=found.cursor,
    )


def report(visit: Viewer, week: Name, asked: Annotated[ReportQuestion, Query()]) -> ReportPage:
    """Return a report as it was published, else as it would be now."""
    from voc.report.authored import PublishedReport

    workspace = visit.workspace
    shown: DraftReport | PublishedReport
    if asked.draft or (asked.edition is None and not workspace.report_editions(week, asked.market)):
        shown = workspace.report_draft(week, asked.market)
    else:
        shown = workspace.published_report(week, asked.market, edition=asked.edition)
    published = shown if isinstance(shown, PublishedReport) else None
    return ReportPage(
        week=shown.place.week,
        market=shown.place.market,
        edition=published.edition if published else 0,
        published_at=published.published_at if published else None,
        headline=shown.words.headline,
        comment=shown.words.comment,
        theme_comments=dict(shown.words.themes),
        restated=[
            RestatedFigure(
                market=one.market,
                theme_id=one.theme_id,
                about=one.about,
                figure=one.figure,
                published=one.published,
                now=one.now,
                reason=one.reason,
            )
            for one in (published.restated if published else ())
        ],
        report=_whole(shown),
    )


def _whole(shown: DraftReport | PublishedReport) -> dict[str, Any]:
    from voc.report.forms import files

    (file,) = files(shown.report, shown.cover, shown.place, ["json"])
    found: dict[str, Any] = json.loads(file.data)
    return found


def router() -> APIRouter:
    """Return the addresses of reports."""
    found = routes("reports")
    found.add_api_route(
        "/reports",
        reports,
        operation_id="reports",
        summary="List reports",
        description="The reports that somebody wrote or published, of the markets that you see.",
        dependencies=[allows(PageQuestion.model_fields)],
    )
    found.add_api_route(
        "/reports/{week}",
        report,
        operation_id="report",
        summary="Show a report",
        description="The report of a week as it was published, or as it would be published now.",
        dependencies=[allows(ReportQuestion.model_fields)],
    )
    return found
