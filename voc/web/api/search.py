"""Search over HTTP: the questions that can be asked, and what comes back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Final

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict, Field

from voc.access import Act
from voc.web.api.asked import LONGEST, Reader, Text, Texts, Viewer, allows, routes
from voc.web.visit import Visit, needs

if TYPE_CHECKING:
    from voc.search.filters import Asked

MODES: Final = ("hybrid", "dense", "lexical")
MOST_HITS: Final = 1000

PARAMETERS: Final[Mapping[str, str]] = {
    "markets": "market",
    "languages": "lang",
    "channels": "channel",
    "kinds": "kind",
}
"""The parameter of each field of `Asked` that is called otherwise."""


class CountQuestion(BaseModel):
    """What is asked, and of which comments; a field that is left out asks nothing."""

    model_config = ConfigDict(frozen=True)

    q: str = Field("", description="What to look for, in any language.")
    like: Text = Field("", description="Look for what is like this comment, by the beginning of its id, instead of q.")
    mode: Text = Field(
        "hybrid",
        description="What to go by: hybrid, dense (meaning) or lexical (words).",
        json_schema_extra={"enum": list(MODES)},
    )
    market: Texts = Field([], description="Only these markets, by code. May be repeated.")
    week: Text = Field("", description="Only this ISO week, or a span such as 2024-W36..2024-W40.")
    since: Text = Field("", description="First day, such as 2024-09-01.")
    until: Text = Field("", description="Last day, such as 2024-09-30.")
    theme: Text = Field("", description="Only this theme, by the beginning of its id or its name; none: without theme.")
    group: Text = Field("", description="Only themes of this group, by the beginning of its id or its name.")
    rating: Text = Field("", description="A rating from 1 to 5, or a span such as 1-2.")
    lang: Texts = Field([], description="Only these languages, such as en. May be repeated.")
    channel: Texts = Field([], description="Only these channels. May be repeated.")
    kind: Texts = Field([], description="Only these kinds: complaint, praise, request or other. May be repeated.")
    where: Texts = Field([], description="Only what has this declared attribute, such as depot=B3. May be repeated.")

    def asked(self) -> Asked:
        """Return the filter that is asked for."""
        from voc.search.filters import Asked

        return Asked(
            markets=self.market,
            week=self.week,
            since=self.since,
            until=self.until,
            theme=self.theme,
            group=self.group,
            rating=self.rating,
            languages=self.lang,
            channels=self.channel,
            kinds=self.kind,
            where=self.where,
        )


class SearchQuestion(CountQuestion):
    """What is asked, of which comments, and which page of the answer."""

    limit: int = Field(10, ge=1, le=MOST_HITS, description="How many hits a page has at most.")
    cursor: Text = Field("", description="Where the page before ended: its cursor. Empty: the first page.")


class LookupQuestion(BaseModel):
    """Which parcel or order is meant."""

    model_config = ConfigDict(frozen=True)

    number: str = Field(max_length=LONGEST, description="A tracking or order number; spaces and hyphens do not count.")


class Comment(BaseModel):
    """One customer's comment, redacted."""

    id: str = Field(description="Id of the comment; its beginning is enough where no other shares it.")
    market: str = Field(description="Code of the market.")
    created_at: str = Field(
        description="When it was written: ISO 8601, UTC.", json_schema_extra={"format": "date-time"}
    )
    week: str = Field(description="ISO week, such as 2024-W40.")
    language: str = Field(description="Language, such as en.")
    channel: str = Field(description="How it came; empty where that is not known.")
    rating: float | None = Field(description="Rating from 1 to 5; null where there is none.")
    text: str = Field(description="The redacted text as the customer wrote it. Plain text, never HTML.")
    source: str = Field(description="Name of the source.")
    source_id: str = Field(description="Id of the comment in its source.")
    source_url: str = Field(description="Address of the comment in its source, as the source gave it; empty without.")
    attributes: dict[str, str] = Field(description="Declared attributes, such as depot.")


class Hit(Comment):
    """A comment that was found, and why. Places in the text count Unicode characters, not UTF-16 units."""

    theme_id: str | None = Field(description="Id of the theme; null without one.")
    theme: str = Field(description="Name of the theme; empty without one.")
    kind: str | None = Field(description="complaint, praise, request or other; null where that is not known.")
    start: int = Field(description="Where the part that was found begins in the text.")
    end: int = Field(description="Where it ends: the place after its last character.")
    matched: list[tuple[int, int]] = Field(description="Begin and end of each place that stands for words of q.")
    copies: int = Field(description="How many other comments in the filter say the same.")
    score: float = Field(description="Orders the hits of one question; means nothing beside another's.")
    match: float | None = Field(description="Probability that it is about q, 0 to 1; null where it is not known.")
    cosine: float | None = Field(description="Nearness in meaning, -1 to 1; null while the text waits for its vector.")
    dense_rank: int | None = Field(description="Rank by meaning, from 1; null where meaning did not find it.")
    lexical_rank: int | None = Field(description="Rank by words, from 1; null where words did not find it.")
    why: str = Field(description="What found it, in a few words.")


class SearchPage(BaseModel):
    """One page of hits, the best first."""

    hits: list[Hit] = Field(description="The hits; comments that say the same are one.")
    cursor: str = Field(description="Where the next page begins; empty at the end.")
    notes: list[str] = Field(description="What people should know about the hits, such as why there are none.")


class Estimate(BaseModel):
    """A figure with its 90 % interval."""

    value: float = Field(description="The figure.")
    low: float | None = Field(description="Lower bound; null where the data cannot say.")
    high: float | None = Field(description="Upper bound; null where the data cannot say.")


class HomeTheme(BaseModel):
    """The theme that most matches are in; it has what says the same in other words too."""

    theme: str = Field(description="Its name.")
    comments: int = Field(description="All its comments in the filter.")


class CommentCount(BaseModel):
    """How many comments match, where and when."""

    comments: int = Field(description="Comments that match, copies among them counted.")
    different: int = Field(description="The same without copies.")
    right: Estimate | None = Field(description="How many of the different ones are likely right; null by words alone.")
    facets: dict[str, dict[str, int]] = Field(
        description="Comments by value of market, language, channel, rating, kind and theme, the most first; an empty "
        "value is none. A comment in several themes is counted in each."
    )
    weeks: dict[str, int] = Field(description="Comments by ISO week, the first week first.")
    home: HomeTheme | None = Field(description="The theme that most of them are in; null where none holds most.")


class LookupAnswer(BaseModel):
    """The comments that came with a number."""

    comments: list[Comment] = Field(description="The comments; none where no comment came with that number.")


class SavedSearch(BaseModel):
    """A search that people keep."""

    name: str = Field(description="Its name.")
    q: str = Field(description="What it looks for.")
    mode: str = Field(description="What it goes by: hybrid, dense or lexical.")
    filters: dict[str, str | list[str]] = Field(description="Its filters, as parameters of a search.")
    actor: str = Field(description="Who keeps it.")
    at: str = Field(description="Since when: ISO 8601, UTC.", json_schema_extra={"format": "date-time"})


class SavedSearches(BaseModel):
    """The searches that people keep."""

    searches: list[SavedSearch] = Field(description="The saved searches, by name.")


Finder = Annotated[Visit, Depends(needs(Act.LOOK_UP))]


def search(visit: Reader, asked: Annotated[SearchQuestion, Query()]) -> SearchPage:
    """Return the comments that answer a question best."""
    from voc.search.result import as_row

    workspace = visit.workspace
    wanted = workspace.filter(asked.asked())
    found = workspace.search(
        asked.q, like=asked.like, wanted=wanted, mode=asked.mode, limit=asked.limit, cursor=asked.cursor
    )
    rows = [as_row(hit) | {"matched": hit.matched, "why": hit.why} for hit in found.hits]
    hits = [Hit.model_validate(row) for row in rows]
    return SearchPage(hits=hits, cursor=found.cursor, notes=list(found.notes))


def count(visit: Viewer, asked: Annotated[CountQuestion, Query()]) -> CommentCount:
    """Return how many comments are about a question, with facets and weekly trend."""
    wanted = visit.workspace.filter(asked.asked())
    found = visit.workspace.count(asked.q, like=asked.like, wanted=wanted, mode=asked.mode)
    return CommentCount.model_validate(asdict(found))


def lookup(visit: Finder, asked: Annotated[LookupQuestion, Query()]) -> LookupAnswer:
    """Return the comments that came with a tracking or order number."""
    found = visit.workspace.lookup(asked.number)
    rows = [asdict(one) | {"created_at": one.created_at.isoformat()} for one in found]
    return LookupAnswer(comments=[Comment.model_validate(row) for row in rows])


def searches(visit: Viewer) -> SavedSearches:
    """Return the saved searches."""
    found = [
        SavedSearch.model_validate(asdict(one) | {"q": one.text, "filters": _parameters(one.asked)})
        for one in visit.workspace.saved_searches()
    ]
    return SavedSearches(searches=found)


def router() -> APIRouter:
    """Return the addresses of search, below the address of the API."""
    found = routes("search")
    found.add_api_route(
        "/search",
        search,
        operation_id="search",
        summary="Find comments",
        description="The comments that answer a text best, or that are like a stored comment; not for viewers.",
        dependencies=[allows(SearchQuestion.model_fields)],
    )
    found.add_api_route(
        "/search/count",
        count,
        operation_id="count",
        summary="Count comments",
        description="How many comments are about a text, or like a stored comment, where and when. A viewer sees no "
        "group of fewer comments than the workspace sets as least.",
        dependencies=[allows(CountQuestion.model_fields)],
    )
    found.add_api_route(
        "/lookup",
        lookup,
        operation_id="lookup",
        summary="Find the comments of a parcel",
        description="The comments that came with a tracking or order number; for operations, owner and admin only.",
        dependencies=[allows(LookupQuestion.model_fields)],
    )
    found.add_api_route(
        "/searches",
        searches,
        operation_id="searches",
        summary="List saved searches",
        description="The searches that people keep, with the parameters that ask them again.",
        dependencies=[allows({})],
    )
    return found


def _parameters(asked: Mapping[str, object]) -> dict[str, object]:
    return {PARAMETERS.get(name, name): value for name, value in asked.items()}
