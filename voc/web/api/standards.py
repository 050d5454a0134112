"""Standards over HTTP: documents and their editions, and the clauses in force in a market on a day."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from voc.web.api.asked import Name, Text, Viewer, allows, routes
from voc.web.api.paged import PageQuestion, paged

if TYPE_CHECKING:
    from voc.store.editions import EditionRow


class ClausesQuestion(BaseModel):
    """Where and when clauses hold."""

    model_config = ConfigDict(frozen=True)

    market: Text = Field("", description="A market by code. Empty: the global edition.")
    on: Text = Field("", description="A day, such as 2024-10-07. Empty: the newest editions.")


class Edition(BaseModel):
    """An immutable version of a standard."""

    id: str = Field(description="Its id.")
    document: str = Field(description="The standard that it is of.")
    name: str = Field(description="Its name, such as 2024-1.")
    title: str = Field(description="Its title.")
    market: str = Field(description="The market that it is an addendum for; empty: global.")
    owner: str = Field(description="Who answers for it.")
    language: str = Field(description="Its language.")
    effective: str = Field(description="The day from which it holds, ISO 8601.")
    proposal_id: str | None = Field(description="Id of the proposal that made it; null where it was imported.")


class Editions(BaseModel):
    """A page of editions."""

    editions: list[Edition] = Field(description="The editions, by document, market and day.")
    cursor: str = Field(description="Where the next page begins; empty at the end.")


class Clause(BaseModel):
    """A clause in force."""

    number: str = Field(description="Its number, such as 4.2.")
    chapter: str = Field(description="Its chapter.")
    title: str = Field(description="Its title.")
    text: str = Field(description="Its words.")
    market: str = Field(description="The market whose addendum it comes from; empty: the global edition.")
    edition: str = Field(description="Name of the edition that it comes from.")
    edition_id: str = Field(description="Id of that edition.")


class Clauses(BaseModel):
    """What holds in a market on a day."""

    base: Edition = Field(description="The edition that holds.")
    addendum: Edition | None = Field(description="The market's addendum to it; null without.")
    clauses: list[Clause] = Field(description="The clauses of both together, in order of number.")
    exempt: list[str] = Field(description="Numbers of clauses that do not hold in the market.")


def standards(visit: Viewer, asked: Annotated[PageQuestion, Query()]) -> Editions:
    """Return every edition."""
    rows = visit.workspace.standards()
    found = paged(rows, asked, lambda one: (one.document, one.market, one.effective, one.id))
    return Editions(editions=[as_edition(one) for one in found.rows], cursor=found.cursor)


def clauses(visit: Viewer, document: Name, asked: Annotated[ClausesQuestion, Query()]) -> Clauses:
    """Return the clauses in force."""
    from voc.standards.registry import in_force
    from voc.standards.sides import read_day

    workspace, day = visit.workspace, read_day(asked.on)
    market = workspace.seen_market(asked.market) if asked.market else ""
    with workspace.services.database.read() as connection:
        found = in_force(connection, document=document, market=market, on=day)
    return Clauses(
        base=as_edition(found.base),
        addendum=None if found.addendum is None else as_edition(found.addendum),
        clauses=[
            Clause(
                number=one.number,
                chapter=one.chapter,
                title=one.title,
                text=one.text,
                market=one.market,
                edition=one.edition,
                edition_id=one.edition_id,
            )
            for one in found.clauses
        ],
        exempt=list(found.exempt),
    )


def as_edition(row: EditionRow) -> Edition:
    """Return an edition without its clauses."""
    return Edition(
        id=row.id,
        document=row.document,
        name=row.name,
        title=row.title,
        market=row.market,
        owner=row.owner,
        language=row.language,
        effective=row.effective,
        proposal_id=row.proposal_id,
    )


def router() -> APIRouter:
    """Return the addresses of standards."""
    found = routes("standards")
    found.add_api_route(
        "/standards",
        standards,
        operation_id="standards",
        summary="List editions",
        description="Every edition of every standard, global ones and addenda.",
        dependencies=[allows(PageQuestion.model_fields)],
    )
    found.add_api_route(
        "/standards/{document}/clauses",
        clauses,
        operation_id="clauses",
        summary="Show what is in force",
        description="The clauses of a standard that hold in a market on a day.",
        dependencies=[allows(ClausesQuestion.model_fields)],
    )
    return found
