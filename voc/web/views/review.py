"""What people do with proposals: hand in, ask, answer, assess, edit, decide, adopt."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Annotated, Final

from fastapi import APIRouter, Depends
from starlette.responses import RedirectResponse, Response

from voc.access import Act
from voc.errors import InputError
from voc.web.show import after
from voc.web.views.proposal_page import proposal_page, refused
from voc.web.views.proposals import approval_page
from voc.web.visit import Posted, Visit, needs, posted

if TYPE_CHECKING:
    from voc.proposals.edits import Edited

_MOST: Final = 20_000


def router() -> APIRouter:
    """Return the addresses that change proposals, each for those who may."""
    found = APIRouter(include_in_schema=False)
    for name, endpoint in _FORMS.items():
        found.add_api_route(f"/proposals/{{proposal_id}}/{name}", endpoint, methods=["POST"])
        if endpoint is not approve:
            found.add_api_route(f"/proposals/{{proposal_id}}/{name}", back, methods=["GET"])
    return found


def back(visit: Annotated[Visit, Depends(needs(Act.READ))], proposal_id: str) -> Response:
    """Lead to the proposal, whoever comes back to the address of a form."""
    return RedirectResponse(f"/proposals/{visit.workspace.proposal(proposal_id).row.id}", status_code=303)


def submit(sent: Annotated[Posted, Depends(posted(Act.SUBMIT))], proposal_id: str) -> Response:
    """Hand a draft to its reviewers."""

    def act(own: str) -> str:
        sent.visit.workspace.submit_proposal(own, why=sent.text("why"))
        return "Handed to its reviewers."

    return _done(sent, proposal_id, "submit", act)


def ask(sent: Annotated[Posted, Depends(posted(Act.ASK))], proposal_id: str) -> Response:
    """Ask somebody by name for an answer."""

    def act(own: str) -> str:
        part = sent.text("other", most=60).strip() or sent.text("part", most=60)
        row = sent.visit.workspace.ask_consultation(
            own, reviewer=sent.text("reviewer", most=200), part=part, due=sent.text("due", most=10)
        )
        return f"{row.reviewer} is asked for {row.part}, by {row.due}."

    return _done(sent, proposal_id, "ask", act)


def answer(sent: Annotated[Posted, Depends(posted(Act.ANSWER))], proposal_id: str) -> Response:
    """Answer the consultations that name the visitor, or as the admin somebody's."""

    def act(own: str) -> str:
        if sent.text("answer") not in {"agree", "object"}:
            raise InputError("Say whether you agree or object.")
        found = sent.visit.workspace.answer_consultation(
            own,
            agrees=sent.text("answer") == "agree",
            text=sent.text("text"),
            reviewer=sent.text("reviewer", most=200),
            on_version=_version(sent),
        )
        return f"Kept for {', '.join(one.part for one in found)}."

    return _done(sent, proposal_id, "answer", act)


def assess(sent: Annotated[Posted, Depends(posted(Act.ASSESS))], proposal_id: str) -> Response:
    """Keep what a change costs and whether it can be done."""

    def act(own: str) -> str:
        sent.visit.workspace.assess_proposal(own, cost=sent.text("cost"), feasibility=sent.text("feasibility"))
        return "Cost and feasibility are kept."

    return _done(sent, proposal_id, "assess", act)


def edit(sent: Annotated[Posted, Depends(posted(Act.EDIT))], proposal_id: str) -> Response:
    """Put another wording in place, as a new version."""

    def act(own: str) -> str:
        return _edited(
            sent.visit.workspace.edit_proposal(
                own,
                text=sent.text("text", most=_MOST),
                why=sent.text("why"),
                on_version=_version(sent),
            )
        )

    return _done(sent, proposal_id, "edit", act)


def restore(sent: Annotated[Posted, Depends(posted(Act.EDIT))], proposal_id: str) -> Response:
    """Make an earlier version the newest again."""

    def act(own: str) -> str:
        version = sent.number("version")
        if version is None:
            raise InputError("Say which version.")
        return _edited(sent.visit.workspace.restore_proposal(own, version=version, why=sent.text("why")))

    return _done(sent, proposal_id, "restore", act)


def rebase(sent: Annotated[Posted, Depends(posted(Act.EDIT))], proposal_id: str) -> Response:
    """Carry a proposal over to the clause now in force."""
    return _done(sent, proposal_id, "rebase", lambda own: _edited(sent.visit.workspace.rebase_proposal(own)))


def changes(sent: Annotated[Posted, Depends(posted(Act.DECIDE))], proposal_id: str) -> Response:
    """Give a proposal back with what should be changed."""

    def act(own: str) -> str:
        sent.visit.workspace.ask_changes(own, why=sent.text("why"), on_version=_version(sent))
        return "Given back with what should be changed."

    return _done(sent, proposal_id, "changes", act)


def reject(sent: Annotated[Posted, Depends(posted(Act.DECIDE))], proposal_id: str) -> Response:
    """Reject a proposal for one of the listed reasons."""

    def act(own: str) -> str:
        sent.visit.workspace.reject_proposal(
            own,
            reason=sent.text("reason", most=40),
            why=sent.text("why"),
            on_version=_version(sent),
        )
        return "Rejected, with its reason. The same gap is not drafted again unless evidence grows."

    return _done(sent, proposal_id, "reject", act)


def supersede(sent: Annotated[Posted, Depends(posted(Act.DECIDE))], proposal_id: str) -> Response:
    """Set a proposal aside."""

    def act(own: str) -> str:
        sent.visit.workspace.supersede_proposal(own, why=sent.text("why"))
        return "Set aside."

    return _done(sent, proposal_id, "supersede", act)


def approve(sent: Annotated[Posted, Depends(posted(Act.DECIDE))], proposal_id: str) -> Response:
    """Approve a revision and publish the edition that has it."""
    from voc.proposals.approve import Terms

    workspace = sent.visit.workspace
    own = workspace.proposal(proposal_id).row.id
    try:
        terms = Terms(
            why=sent.text("why"),
            override=sent.text("override"),
            effective=sent.text("effective", most=10),
            edition=sent.text("edition", most=80),
            on_version=_version(sent),
        )
        done = workspace.approve_proposal(own, terms)
    except InputError as error:
        return approval_page(sent.visit, workspace.proposal(own), refused=refused(sent, "approve", error))
    said = f"Approved. Edition {done.edition.name} has it, in force from {done.edition.effective}."
    if done.unreached:
        said += f" In {', '.join(done.unreached)} an addendum stands in its place."
    return after(sent.visit, f"/proposals/{own}", said)


def adopt(sent: Annotated[Posted, Depends(posted(Act.ADOPT))], proposal_id: str) -> Response:
    """Keep the day from which markets follow an approved proposal."""

    def act(own: str) -> str:
        markets = [sent.visit.workspace.seen_market(one) for one in sent.texts("market")]
        if not markets:
            raise InputError("Choose at least one market that follows it.")
        done = sent.visit.workspace.adopt_proposal(
            own, on=sent.text("on", most=10), markets=markets, why=sent.text("why")
        )
        places = ", ".join(one.market for one in done.adoptions)
        return f"Kept: {places} follow it from {done.adoptions[0].since}. Its effect can be measured from then on."

    return _done(sent, proposal_id, "adopt", act)


def action(sent: Annotated[Posted, Depends(posted(Act.OPEN_ACTION))], proposal_id: str) -> Response:
    """Accept a proposal that says act, and give it to somebody."""

    def act(own: str) -> str:
        row = sent.visit.workspace.open_action(own, owner=sent.text("owner", most=200), due=sent.text("due", most=10))
        return f"Given to {row.owner}. It stands in the weekly report until it is closed."

    return _done(sent, proposal_id, "action", act)


_FORMS: Final[Mapping[str, Callable[..., Response]]] = {
    "submit": submit,
    "ask": ask,
    "answer": answer,
    "assess": assess,
    "edit": edit,
    "restore": restore,
    "rebase": rebase,
    "changes": changes,
    "reject": reject,
    "supersede": supersede,
    "approve": approve,
    "adopt": adopt,
    "action": action,
}


def _done(sent: Posted, proposal_id: str, form: str, act: Callable[[str], str]) -> Response:
    """Do it and say so; what is refused comes back on the same page with all that was typed.

    Who does not see the proposal cannot act on it either.
    """
    workspace = sent.visit.workspace
    own = workspace.proposal(proposal_id).row.id
    try:
        said = act(own)
    except InputError as error:
        return proposal_page(sent.visit, workspace.proposal(own), refused=refused(sent, form, error))
    return after(sent.visit, f"/proposals/{own}", said)


def _version(sent: Posted) -> int:
    """Return the version that the sender looked at.

    Raises:
        InputError: the form does not say which.
    """
    version = sent.number("on_version")
    if version is None:
        raise InputError(
            "The form does not say which version you looked at. Open the page again and send it from there."
        )
    return version


def _edited(done: Edited) -> str:
    said = f"Kept as version {done.version.version}."
    if done.warnings:
        said += f" The gate warns: {'; '.join(one.rule for one in done.warnings)}. See below."
    return said
