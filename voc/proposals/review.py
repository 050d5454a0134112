"""Decisions on proposals: submit, ask for changes, reject, supersede; and their cost and feasibility."""

from __future__ import annotations

from voc.access import Act
from voc.errors import InputError
from voc.proposals.desk import Desk, check_seen, plain, step
from voc.proposals.states import State, check_editable, reason_named
from voc.store import review
from voc.store.proposals import ProposalRow
from voc.store.review import AssessmentRow

_NEED_WHY = "Say why: --why TEXT. What people decide is kept with its reason."


def submit(desk: Desk, proposal_id: str, *, why: str = "") -> ProposalRow:
    """Hand a draft to its reviewers.

    Raises:
        NotAllowedError: the role may not.
        InputError: it is not a draft, or it is a brief or failed the gate.
    """
    desk.check(Act.SUBMIT)
    said = plain(why)
    with desk.database.write() as connection:
        proposal = review.hold(connection, proposal_id)
        if proposal.outcome in ("brief", "failed"):
            raise InputError(
                f"Proposal {proposal.id} proposes nothing: {_WHAT_IT_IS[proposal.outcome]}. Only revisions and actions "
                "can be reviewed."
            )
        return step(desk, connection, proposal, State.IN_REVIEW, why=said or "submitted")


_WHAT_IT_IS = {"brief": "it shows evidence that was insufficient for a draft", "failed": "its draft failed the gate"}


def ask_changes(desk: Desk, proposal_id: str, *, why: str, on_version: int | None = None) -> ProposalRow:
    """Give a proposal back with what should be changed.

    Raises:
        NotAllowedError: the role may not.
        InputError: it is not in review, or no reason is given.
        ConflictError: the text was edited since the version that was looked at.
    """
    desk.check(Act.DECIDE)
    said = plain(why, need=_NEED_WHY)
    with desk.database.write() as connection:
        proposal = review.hold(connection, proposal_id)
        check_seen(connection, proposal, on_version)
        return step(desk, connection, proposal, State.CHANGES_ASKED, why=said)


def reject(desk: Desk, proposal_id: str, *, reason: str, why: str, on_version: int | None = None) -> ProposalRow:
    """Reject a proposal for one of the listed reasons; it is not drafted again unless evidence grows.

    Raises:
        NotAllowedError: the role may not.
        InputError: it is not in review, the reason is not of the list, or nothing is said beside it.
        ConflictError: the text was edited since the version that was looked at.
    """
    desk.check(Act.DECIDE)
    code, said = reason_named(reason), plain(why, need=_NEED_WHY)
    with desk.database.write() as connection:
        proposal = review.hold(connection, proposal_id)
        check_seen(connection, proposal, on_version)
        return step(desk, connection, proposal, State.REJECTED, why=said, reason=code)


def supersede(desk: Desk, proposal_id: str, *, why: str) -> ProposalRow:
    """Set a proposal aside because something else takes its place.

    Raises:
        NotAllowedError: the role may not.
        InputError: it was decided already, or no reason is given.
    """
    desk.check(Act.DECIDE)
    said = plain(why, need=_NEED_WHY)
    with desk.database.write() as connection:
        return step(desk, connection, review.hold(connection, proposal_id), State.SUPERSEDED, why=said)


def assess(desk: Desk, proposal_id: str, *, cost: str = "", feasibility: str = "") -> AssessmentRow:
    """Keep what a change costs and whether it can be done; what is not said anew stays as it was.

    Raises:
        NotAllowedError: the role may not.
        InputError: neither is said, or the proposal was decided.
    """
    desk.check(Act.ASSESS)
    spent, feasible = plain(cost), plain(feasibility)
    if not spent and not feasible:
        raise InputError("Say what it costs (--cost TEXT), whether it can be done (--feasibility TEXT), or both.")
    with desk.database.write() as connection:
        proposal = review.hold(connection, proposal_id)
        check_editable(proposal)
        before = review.latest_assessment(connection, proposal.id)
        spent = spent or (before.cost if before else "")
        feasible = feasible or (before.feasibility if before else "")
        return review.assess(
            connection,
            desk.stamp,
            proposal.id,
            cost=spent,
            feasibility=feasible,
            detail=desk.sealed(cost=spent, feasibility=feasible),
        )
