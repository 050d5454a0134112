"""Themes over HTTP: the list, one of them with its week, and single comments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field

from voc.errors import InputError
from voc.trends.week import NETWORK
from voc.types import Polarity
from voc.web.api.asked import Id, Reader, Text, Viewer, allows, routes
from voc.web.api.figures import at_least
from voc.web.api.paged import PageQuestion, paged, read_cursor, write_cursor
from voc.web.api.search import Comment
from voc.web.api.weeks import Happened, ThemeOfWeek, WeekQuestion, happened, theme_of_week
from voc.web.views.overview import told_of, week_of
from voc.web.visit import Visit
from voc.weeks import parse_week

if TYPE_CHECKING:
    from voc.runner.pages import ThemeEntry


class Theme(BaseModel):
    """A cluster of feedback about one issue."""

    id: str = Field(description="Its id, which never changes.")
    name: str = Field(description="Its name; empty before it is named.")
    summary: str = Field(description="What it is about, in a sentence; empty where nobody wrote one.")
    keywords: list[str] = Field(description="Words that tell it from the others.")
    state: str = Field(description="active, dormant, or how it ended.")
    born_week: str = Field(description="The ISO week in which it was found.")
    group: str = Field(description="Name of the group that it belongs to; empty without one.")
    locked: bool = Field(description="Whether no run ends it.")
    muted: bool = Field(description="Whether it is counted, but neither reported nor alarmed.")
    into: str | None = Field(description="Id of the theme that it was merged into; null without.")
    comments: int | None = Field(
        description="Comments in all; null where they are too few to be told, or you do not see every market."
    )


class Themes(BaseModel):
    """A page of themes."""

    themes: list[Theme] = Field(description="The themes by id.")
    cursor: str = Field(description="Where the next page begins; empty at the end.")


class ThemePage(BaseModel):
    """One theme, what it did in a week, and its history."""

    theme: Theme = Field(description="The theme.")
    week: str = Field(description="The ISO week of `rows`.")
    weeks: list[str] = Field(description="The weeks of every series, oldest first.")
    rows: list[ThemeOfWeek] = Field(description="All markets that you see together, then each, where it can be told.")
    history: list[Happened] = Field(description="What happened to it, in order.")


class CommentsQuestion(PageQuestion):
    """Which comments of a theme, and which page of them."""

    market: Text = Field("", description="Only this market, by code.")
    week: Text = Field("", description="Only this ISO week.")
    kind: Text = Field("", description="Only these: complaint, praise, request or other.")
    lang: Text = Field("", description="Only this language, such as en.")


class ThemeComment(BaseModel):
    """A redacted comment of a theme."""

    id: str = Field(description="Its id.")
    market: str = Field(description="Code of the market.")
    week: str = Field(description="ISO week.")
    created_at: str = Field(
        description="When it was written: ISO 8601, UTC.", json_schema_extra={"format": "date-time"}
    )
    language: str = Field(description="Language, such as en.")
    channel: str = Field(description="How it came; empty where that is not known.")
    rating: float | None = Field(description="Rating from 1 to 5; null where there is none.")
    text: str = Field(description="The redacted text as the customer wrote it. Plain text, never HTML.")
    spans: list[tuple[int, int]] = Field(
        description="Begin and end of each part that belongs to the theme, in Unicode characters."
    )
    kinds: list[str] = Field(description="What these parts are: complaint, praise, request or other.")


class ThemeComments(BaseModel):
    """A page of the comments of a theme."""

    comments: list[ThemeComment] = Field(description="The comments, the newest first.")
    cursor: str = Field(description="Where the next page begins; empty at the end.")


class Part(BaseModel):
    """A part of a comment, and what it belongs to. Places count Unicode characters."""

    start: int = Field(description="Where it begins in the text.")
    end: int = Field(description="Where it ends.")
    theme_id: str | None = Field(description="Id of its theme; null without one.")
    score: float | None = Field(description="What decided it; null without one.")
    method: str | None = Field(description="machine or person; null without a theme.")


class CommentPage(BaseModel):
    """A comment with its parts."""

    comment: Comment = Field(description="The comment.")
    parts: list[Part] = Field(description="Its parts, in order.")


def themes(visit: Viewer, asked: Annotated[PageQuestion, Query()]) -> Themes:
    """Return the themes of the fit in force."""
    k = visit.workspace.services.settings.workspace.k
    entries = [one for one in visit.workspace.themes() if one.comments >= k]
    found = paged(entries, asked, lambda one: (one.theme.id,))
    return Themes(themes=[_theme(visit, one) for one in found.rows], cursor=found.cursor)


def theme(request: Request, visit: Viewer, theme_id: Id, asked: Annotated[WeekQuestion, Query()]) -> ThemePage:
    """Return one theme as of a week."""
    workspace = visit.workspace
    if asked.market:
        workspace.seen_market(asked.market)
    found = workspace.theme(theme_id)
    wanted = workspace.run_week(asked.week)
    shown = week_of(request, visit, wanted, NETWORK)
    told = told_of(request, visit, wanted)
    own = [one for one in shown.rows if one.theme_id == found.entry.theme.id and told.tells(one)]
    return ThemePage(
        theme=_theme(visit, found.entry),
        week=wanted,
        weeks=list(shown.week.weeks),
        rows=[theme_of_week(shown, one, told) for one in own if asked.market in ("", one.market)],
        history=[happened(one) for one in found.events],
    )


def comments(visit: Reader, theme_id: Id, asked: Annotated[CommentsQuestion, Query()]) -> ThemeComments:
    """Return comments of a theme."""
    after = read_cursor(asked.cursor, [str, str]) if asked.cursor else None
    if asked.kind not in ("", *Polarity):
        raise InputError(f"There is no kind '{asked.kind[:40]}'. Allowed: {', '.join(Polarity)}.")
    rows = visit.workspace.comments_of_theme(
        theme_id,
        market=asked.market,
        week=parse_week(asked.week) if asked.week else "",
        kind=asked.kind,
        language=asked.lang,
        limit=asked.limit + 1,
        after=None if after is None else (str(after[0]), str(after[1])),
    )
    shown = rows[: asked.limit]
    return ThemeComments(
        comments=[
            ThemeComment(
                id=one.id,
                market=one.market,
                week=one.week,
                created_at=one.created_at,
                language=one.language,
                channel=one.channel,
                rating=one.rating,
                text=one.text,
                spans=list(one.spans),
                kinds=list(one.kinds),
            )
            for one in shown
        ],
        cursor=write_cursor((shown[-1].created_at, shown[-1].id)) if len(rows) > len(shown) else "",
    )


def comment(visit: Reader, feedback_id: Id) -> CommentPage:
    """Return one comment."""
    found, units = visit.workspace.comment(feedback_id)
    return CommentPage(
        comment=Comment(
            id=found.id,
            market=found.market,
            created_at=found.created_at.isoformat(),
            week=found.week,
            language=found.language,
            channel=found.channel,
            rating=found.rating,
            text=found.text,
            source=found.source,
            source_id=found.source_id,
            source_url=found.source_url,
            attributes=dict(found.attributes),
        ),
        parts=[
            Part(start=one.start, end=one.end, theme_id=one.theme_id, score=one.score, method=one.method)
            for one in units
        ],
    )


def _theme(visit: Visit, entry: ThemeEntry) -> Theme:
    own, label = entry.theme, entry.label
    k = visit.workspace.services.settings.workspace.k
    return Theme(
        id=own.id,
        name=label.name if label else "",
        summary=label.summary if label else "",
        keywords=list(label.keywords) if label else [],
        state=own.state,
        born_week=own.born_week,
        group=entry.group,
        locked=own.locked,
        muted=own.muted,
        into=own.into,
        comments=at_least(entry.comments, k) if visit.who.markets is None else None,
    )


def router() -> APIRouter:
    """Return the addresses of themes and comments."""
    found = routes("themes")
    found.add_api_route(
        "/themes",
        themes,
        operation_id="themes",
        summary="List themes",
        description="The themes in force that have comments enough to be told.",
        dependencies=[allows(PageQuestion.model_fields)],
    )
    found.add_api_route(
        "/themes/{theme_id}",
        theme,
        operation_id="theme",
        summary="Show a theme",
        description="One theme, what it did in a week in the markets that you see, and its history.",
        dependencies=[allows(WeekQuestion.model_fields)],
    )
    found.add_api_route(
        "/themes/{theme_id}/comments",
        comments,
        operation_id="theme_comments",
        summary="List the comments of a theme",
        description="The redacted comments of a theme, the newest first; not for viewers.",
        dependencies=[allows(CommentsQuestion.model_fields)],
    )
    found.add_api_route(
        "/comments/{feedback_id}",
        comment,
        operation_id="comment",
        summary="Show a comment",
        description="One redacted comment and what each part of it belongs to; not for viewers.",
        dependencies=[allows({})],
    )
    return found
