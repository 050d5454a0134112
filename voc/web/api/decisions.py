"""What people do with proposals over HTTP; who decides names the version that they looked at."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Final

from fastapi import APIRouter
from pydantic import BaseModel, Field

from voc.access import Act
from voc.errors import ConflictError
from voc.web.api.asked import Id, LongText, Nothing, Sent, Text, Texts, Written, allows, routes, writer
from voc.web.api.proposals import Proposal, Rule, as_proposal, as_rule, seen
from voc.web.api.standards import Edition, as_edition
from voc.web.visit import Visit

ON_VERSION: Final = "The version that you looked at; a newer one, or a decision since, is a conflict (409)."

OnVersion = Annotated[int, Field(ge=1, le=1_000_000, description=ON_VERSION)]
Why = Annotated[Written, Field(description="The reason, which is kept.")]


class Reason(Sent):
    """Why."""

    why: Why = ""


class Judged(Sent):
    """What should be changed, in which version."""

    on_version: OnVersion
    why: Why


class Rejection(Judged):
    """Why a version is rejected."""

    reason: Text = Field(
        description="wrong-clause, weak-evidence, not-a-text-matter, wording, not-feasible, duplicate or other."
    )


class Approving(Sent):
    """On what terms a version is approved."""

    on_version: OnVersion
    why: Why = ""
    override: Written = Field("", description="Why you go over missing answers or objections.")
    effective: Text = Field("", description="The day from which the new edition holds; empty: today.")
    edition: Text = Field("", description="Name of the new edition; empty: the next one.")


class Wording(Sent):
    """Another wording."""

    on_version: OnVersion
    text: LongText = Field(description="The whole new text of the clause.")
    why: Why


class Restoring(Sent):
    """Which version is brought back."""

    version: int = Field(ge=1, le=1_000_000, description="Its number.")
    why: Why


class Adopting(Sent):
    """Since when markets follow an approved proposal."""

    on: Text = Field(description="The day, such as 2024-11-04.")
    markets: Texts = Field([], description="Only these; empty: all that it is for.")
    why: Why = ""


class Asking(Sent):
    """Who is asked for an answer."""

    reviewer: Text = Field(description="Their name.")
    part: Text = Field("other", description="legal, operations, market or another part.")
    due: Text = Field(description="The day by which an answer is needed.")


class Answer(Sent):
    """An answer to a consultation."""

    on_version: OnVersion
    agrees: bool = Field(description="Whether you agree to the text.")
    text: Written = Field("", description="What you say beside it.")
    reviewer: Text = Field("", description="Whose answer an admin enters; empty: yours.")


class Assessing(Sent):
    """What a change costs, and whether it can be done."""

    cost: Written = Field("", description="What it costs.")
    feasibility: Written = Field("", description="Whether and when it can be done.")


class Done(BaseModel):
    """A proposal after something was done with it."""

    proposal: Proposal = Field(description="The proposal as it is now.")
    version: int = Field(description="Its newest version.")
    warnings: list[Rule] = Field(description="Rules of the gate that would stop the new text.")
    edition: Edition | None = Field(description="The edition that an approval published; null otherwise.")
    unreached: list[str] = Field(description="Markets in which an addendum stands in place of the clause.")


def submit(visit: Annotated[Visit, writer(Act.SUBMIT)], proposal_id: Id, sent: Reason) -> Done:
    """Hand a draft to its reviewers."""
    own = seen(visit, proposal_id).id
    visit.workspace.submit_proposal(own, why=sent.why)
    return _done(visit, own)


def changes(visit: Annotated[Visit, writer(Act.DECIDE)], proposal_id: Id, sent: Judged) -> Done:
    """Give a proposal back with what should be changed."""
    own = seen(visit, proposal_id).id
    visit.workspace.ask_changes(own, why=sent.why, on_version=sent.on_version)
    return _done(visit, own)


def reject(visit: Annotated[Visit, writer(Act.DECIDE)], proposal_id: Id, sent: Rejection) -> Done:
    """Reject a proposal for one of the listed reasons; the same gap is not drafted again unless evidence grows."""
    own = seen(visit, proposal_id).id
    visit.workspace.reject_proposal(own, reason=sent.reason, why=sent.why, on_version=sent.on_version)
    return _done(visit, own)


def supersede(visit: Annotated[Visit, writer(Act.DECIDE)], proposal_id: Id, sent: Reason) -> Done:
    """Set a proposal aside because something else takes its place."""
    own = seen(visit, proposal_id).id
    visit.workspace.supersede_proposal(own, why=sent.why)
    return _done(visit, own)


def approve(visit: Annotated[Visit, writer(Act.DECIDE)], proposal_id: Id, sent: Approving) -> Done:
    """Approve a revision and publish the edition that has it."""
    from voc.proposals.approve import Terms

    own = seen(visit, proposal_id).id
    terms = Terms(sent.why, sent.override, sent.effective, sent.edition, sent.on_version)
    found = visit.workspace.approve_proposal(own, terms)
    return _done(visit, own).model_copy(
        update={"edition": as_edition(found.edition), "unreached": list(found.unreached)}
    )


def adopt(visit: Annotated[Visit, writer(Act.ADOPT)], proposal_id: Id, sent: Adopting) -> Done:
    """Keep the day from which markets follow an approved proposal."""
    own = seen(visit, proposal_id).id
    markets = [visit.workspace.seen_market(one) for one in sent.markets]
    visit.workspace.adopt_proposal(own, on=sent.on, markets=markets, why=sent.why)
    return _done(visit, own)


def edit(visit: Annotated[Visit, writer(Act.EDIT)], proposal_id: Id, sent: Wording) -> Done:
    """Put another wording in place of the proposed one, as a new version."""
    own = seen(visit, proposal_id).id
    try:
        found = visit.workspace.edit_proposal(own, text=sent.text, why=sent.why, on_version=sent.on_version)
    except ConflictError as error:
        # Where the text is kept on the server helps nobody here: the sender has it.
        raise ConflictError(str(error).split("\nYour text is kept in")[0]) from error
    return _done(visit, own).model_copy(update={"warnings": [as_rule(one) for one in found.warnings]})


def restore(visit: Annotated[Visit, writer(Act.EDIT)], proposal_id: Id, sent: Restoring) -> Done:
    """Make an earlier version the newest again."""
    own = seen(visit, proposal_id).id
    visit.workspace.restore_proposal(own, version=sent.version, why=sent.why)
    return _done(visit, own)


def rebase(visit: Annotated[Visit, writer(Act.EDIT)], proposal_id: Id, sent: Nothing) -> Done:
    """Carry a proposal over to the clause now in force, as a new version."""
    own = seen(visit, proposal_id).id
    visit.workspace.rebase_proposal(own)
    return _done(visit, own)


def ask(visit: Annotated[Visit, writer(Act.ASK)], proposal_id: Id, sent: Asking) -> Done:
    """Ask somebody by name for an answer by a day."""
    own = seen(visit, proposal_id).id
    visit.workspace.ask_consultation(own, reviewer=sent.reviewer, part=sent.part, due=sent.due)
    return _done(visit, own)


def answer(visit: Annotated[Visit, writer(Act.ANSWER)], proposal_id: Id, sent: Answer) -> Done:
    """Answer the consultations that name you, or as an admin somebody's."""
    own = seen(visit, proposal_id).id
    visit.workspace.answer_consultation(
        own, agrees=sent.agrees, text=sent.text, reviewer=sent.reviewer, on_version=sent.on_version
    )
    return _done(visit, own)


def assess(visit: Annotated[Visit, writer(Act.ASSESS)], proposal_id: Id, sent: Assessing) -> Done:
    """Keep what a change costs and whether it can be done."""
    own = seen(visit, proposal_id).id
    visit.workspace.assess_proposal(own, cost=sent.cost, feasibility=sent.feasibility)
    return _done(visit, own)


def _done(visit: Visit, proposal_id: str) -> Done:
    row = seen(visit, proposal_id)
    newest = visit.workspace.proposal_versions(row.id)[-1].version
    return Done(proposal=as_proposal(row), version=newest, warnings=[], edition=None, unreached=[])


_ACTS: Final[tuple[tuple[str, Callable[..., Done]], ...]] = (
    ("submit", submit),
    ("ask", ask),
    ("answer", answer),
    ("assess", assess),
    ("edit", edit),
    ("restore", restore),
    ("rebase", rebase),
    ("changes", changes),
    ("approve", approve),
    ("reject", reject),
    ("supersede", supersede),
    ("adopt", adopt),
)


def router() -> APIRouter:
    """Return the addresses that change proposals."""
    found = routes("proposals")
    for name, endpoint in _ACTS:
        told = (endpoint.__doc__ or "").strip()
        found.add_api_route(
            f"/proposals/{{proposal_id}}/{name}",
            endpoint,
            methods=["POST"],
            operation_id=f"proposal_{name}",
            summary=told.rstrip("."),
            description=told,
            dependencies=[allows({})],
        )
    return found
