"""Proposals over HTTP: the list, one with its evidence, its versions and its history."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from voc.errors import InputError, NotFoundError
from voc.web.api.asked import Id, Reader, Text, allows, routes
from voc.web.api.paged import PageQuestion, paged
from voc.web.visit import Visit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voc.proposals.shown import Shown
    from voc.store.proposals import GateRow, ProposalRow
    from voc.types import Quote as StoredQuote


class ProposalsQuestion(PageQuestion):
    """Which proposals, and which page of them."""

    state: Text = Field("", description="Only these: draft, in_review, changes_asked, approved, rejected, adopted, ...")
    week: Text = Field("", description="Only those drafted for this ISO week.")


class Proposal(BaseModel):
    """A drafted change of one clause, in one market or globally."""

    id: str = Field(description="Its id.")
    theme_id: str = Field(description="Id of the theme that it answers.")
    market: str = Field(description="The market whose addendum it changes; empty: the global edition.")
    markets: list[str] = Field(description="The markets whose feedback it rests on.")
    week: str = Field(description="The ISO week that it was drafted for.")
    document: str = Field(description="The standard.")
    clause: str = Field(description="Number of the clause; empty without one.")
    outcome: str = Field(description="revision, action, brief or failed (a draft that the gate stopped).")
    state: str = Field(
        description="draft, in_review, changes_asked, approved, rejected, adopted, superseded or failed."
    )


class Proposals(BaseModel):
    """A page of proposals."""

    proposals: list[Proposal] = Field(description="The proposals, the newest week first.")
    cursor: str = Field(description="Where the next page begins; empty at the end.")


class Quoted(BaseModel):
    """A verbatim span of a stored comment. Places count Unicode characters."""

    feedback_id: str = Field(description="Id of the comment.")
    start: int = Field(description="Where it begins in the comment.")
    end: int = Field(description="Where it ends.")
    text: str = Field(description="Its words. Plain text, never HTML.")
    language: str = Field(description="Language of the comment.")
    market: str = Field(description="Market of the comment.")


class Reasoned(BaseModel):
    """A sentence of the rationale, and what it rests on."""

    text: str = Field(description="The sentence.")
    evidence: list[str] = Field(description="Ids of the comments that it rests on.")
    support: float = Field(description="Probability that they bear it out, 0 to 1.")
    weak: bool = Field(description="Whether that is below the threshold.")


class Computed(BaseModel):
    """A figure as code computed it."""

    name: str = Field(description="Its name.")
    value: float | None = Field(description="Its value; null where the data cannot say.")
    text: str = Field(description="How it is said, with its unit.")


class Rule(BaseModel):
    """A rule of the gate, and how the draft fared."""

    rule: str = Field(description="Its name.")
    passed: bool = Field(description="Whether the draft passed.")
    reason: str = Field(description="Why not; empty where it passed.")


class ProposalPage(BaseModel):
    """A proposal with everything that its owner reads before deciding."""

    proposal: Proposal = Field(description="The proposal.")
    title: str = Field(description="What it is about, in one line.")
    version: int = Field(description="The newest version of its text; decisions name it as on_version.")
    old_text: str = Field(description="The clause as it was in force.")
    new_text: str = Field(description="The clause as it is proposed.")
    rationale: list[Reasoned] = Field(description="Why, sentence by sentence.")
    figures: list[Computed] = Field(description="The figures of the week that it was drafted for.")
    quotes: list[Quoted] = Field(description="What customers of the markets that you see said for it.")
    counter: list[Quoted] = Field(description="What customers said against it.")
    gate: list[Rule] = Field(description="Every rule of the gate.")
    questions: list[str] = Field(description="Open questions.")
    success: str = Field(description="How it will be seen whether it worked.")
    notices: list[str] = Field(description="What has changed since it was drafted.")


class Version(BaseModel):
    """A version of a proposal's text."""

    version: int = Field(description="Its number; 1 is the machine's.")
    text: str = Field(description="The proposed clause.")
    why: str = Field(description="Why it was written.")
    actor: str = Field(description="Who wrote it.")
    at: str = Field(description="When: ISO 8601, UTC.", json_schema_extra={"format": "date-time"})
    warnings: list[Rule] = Field(description="Rules of the gate that would stop it.")


class Versions(BaseModel):
    """Every version of a proposal."""

    versions: list[Version] = Field(description="The versions, the first one first.")


class Step(BaseModel):
    """A state that a proposal came into."""

    before: str | None = Field(description="The state before; null for the first.")
    after: str = Field(description="The state after.")
    reason: str | None = Field(description="The listed reason of a rejection; null otherwise.")
    why: str = Field(description="Why, in words.")
    actor: str = Field(description="Who did it.")
    at: str = Field(description="When: ISO 8601, UTC.", json_schema_extra={"format": "date-time"})


class History(BaseModel):
    """The states that a proposal went through."""

    steps: list[Step] = Field(description="The steps, the first one first.")


def proposals(visit: Reader, asked: Annotated[ProposalsQuestion, Query()]) -> Proposals:
    """Return proposals by state."""
    from voc.proposals.states import State
    from voc.weeks import parse_week

    if asked.state and asked.state not in list(State):
        raise InputError(f"There is no state '{asked.state[:40]}'. Allowed: {', '.join(State)}.")
    rows = visit.workspace.proposals(parse_week(asked.week) if asked.week else None)
    wanted = [row for row in rows if asked.state in ("", row.state)]
    found = paged(wanted, asked, lambda one: (one.week, one.id), down=True)
    return Proposals(proposals=[as_proposal(one) for one in found.rows], cursor=found.cursor)


def proposal(visit: Reader, proposal_id: Id) -> ProposalPage:
    """Return one proposal."""
    shown = visit.workspace.proposal(proposal_id)
    return as_page(shown, visit.workspace.proposal_versions(shown.row.id)[-1].version)


def versions(visit: Reader, proposal_id: Id) -> Versions:
    """Return every version of a proposal."""
    row = seen(visit, proposal_id)
    return Versions(
        versions=[
            Version(
                version=one.version,
                text=str(one.draft.get("new_text", "")),
                why=one.why,
                actor=one.actor,
                at=one.at,
                warnings=[as_rule(rule) for rule in one.gate if not rule.passed],
            )
            for one in visit.workspace.proposal_versions(row.id)
        ]
    )


def history(visit: Reader, proposal_id: Id) -> History:
    """Return the states that a proposal went through."""
    row = seen(visit, proposal_id)
    return History(
        steps=[
            Step(
                before=one.from_state,
                after=one.to_state,
                reason=one.reason,
                why=one.why,
                actor=one.actor,
                at=one.at,
            )
            for one in visit.workspace.proposal_history(row.id)
        ]
    )


def seen(visit: Visit, proposal_id: str) -> ProposalRow:
    """Return a proposal that concerns a market that the reader sees.

    Raises:
        NotFoundError: no proposal, or more than one, begins with that id, or it concerns other markets.
    """
    from voc.proposals.shown import concerns
    from voc.store import proposals as store

    workspace = visit.workspace
    with workspace.services.database.read() as connection:
        row = store.get(connection, proposal_id)
    if not concerns(row, workspace.services.seen_markets):
        raise NotFoundError(f"There is no proposal '{proposal_id[:20]}' in the markets that you see.")
    return row


def as_proposal(row: ProposalRow) -> Proposal:
    """Return a row of the list."""
    found = row.draft.get("markets", ())
    return Proposal(
        id=row.id,
        theme_id=row.theme_id,
        market=row.market,
        markets=[str(one) for one in found] if isinstance(found, list | tuple) else [],
        week=row.week,
        document=row.document,
        clause=row.clause_number or "",
        outcome=row.outcome,
        state=row.state,
    )


def as_page(shown: Shown, version: int) -> ProposalPage:
    """Return a proposal with everything beside it."""
    draft = shown.draft
    return ProposalPage(
        proposal=as_proposal(shown.row),
        title=shown.title,
        version=version,
        old_text=draft.old_text,
        new_text=draft.new_text,
        rationale=[
            Reasoned(text=one.text, evidence=list(one.evidence), support=one.support, weak=one.weak)
            for one in draft.rationale
        ],
        figures=[Computed(name=one.name, value=one.value, text=one.text) for one in draft.figures],
        quotes=_quotes(shown.quotes),
        counter=_quotes(shown.counter),
        gate=[as_rule(one) for one in shown.gate],
        questions=list(draft.questions),
        success=draft.success,
        notices=list(shown.notices),
    )


def as_rule(row: GateRow) -> Rule:
    """Return a rule of the gate."""
    return Rule(rule=row.rule, passed=row.passed, reason=row.reason)


def _quotes(quotes: Sequence[StoredQuote]) -> list[Quoted]:
    return [
        Quoted(
            feedback_id=one.feedback_id,
            start=one.start,
            end=one.end,
            text=one.text,
            language=one.language,
            market=one.market,
        )
        for one in quotes
    ]


def router() -> APIRouter:
    """Return the addresses that show proposals."""
    found = routes("proposals")
    found.add_api_route(
        "/proposals",
        proposals,
        operation_id="proposals",
        summary="List proposals",
        description="Proposals of the markets that you see, the newest week first; not for viewers.",
        dependencies=[allows(ProposalsQuestion.model_fields)],
    )
    found.add_api_route(
        "/proposals/{proposal_id}",
        proposal,
        operation_id="proposal",
        summary="Show a proposal",
        description="One proposal with its text, evidence, figures and gate; not for viewers.",
        dependencies=[allows({})],
    )
    found.add_api_route(
        "/proposals/{proposal_id}/versions",
        versions,
        operation_id="proposal_versions",
        summary="List the versions of a proposal",
        description="Every version of the proposed text, the machine's first; not for viewers.",
        dependencies=[allows({})],
    )
    found.add_api_route(
        "/proposals/{proposal_id}/history",
        history,
        operation_id="proposal_history",
        summary="Show what happened to a proposal",
        description="The states that a proposal went through, with who and why; not for viewers.",
        dependencies=[allows({})],
    )
    return found
