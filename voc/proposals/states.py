"""The way of a proposal: one table of states and moves, and the reasons for which one is rejected."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from voc.errors import InputError
from voc.store.proposals import ProposalRow


class State(StrEnum):
    """Where a proposal is."""

    DRAFT = "draft"
    IN_REVIEW = "in_review"
    CHANGES_ASKED = "changes_asked"
    APPROVED = "approved"
    REJECTED = "rejected"
    ADOPTED = "adopted"
    SUPERSEDED = "superseded"
    FAILED = "failed"


class Reason(StrEnum):
    """Why a proposal was rejected; what is learned from these is learned per code."""

    WRONG_CLAUSE = "wrong-clause"
    WEAK_EVIDENCE = "weak-evidence"
    NOT_A_TEXT_MATTER = "not-a-text-matter"
    WORDING = "wording"
    NOT_FEASIBLE = "not-feasible"
    DUPLICATE = "duplicate"
    OTHER = "other"


MOVES: Final[Mapping[State, tuple[State, ...]]] = MappingProxyType(
    {
        State.DRAFT: (State.IN_REVIEW, State.SUPERSEDED),
        State.IN_REVIEW: (State.CHANGES_ASKED, State.APPROVED, State.REJECTED, State.SUPERSEDED),
        State.CHANGES_ASKED: (State.IN_REVIEW, State.SUPERSEDED),
        State.APPROVED: (State.ADOPTED, State.SUPERSEDED),
        State.REJECTED: (),
        State.ADOPTED: (),
        State.SUPERSEDED: (),
        State.FAILED: (),
    }
)

EDITABLE: Final = (State.DRAFT, State.IN_REVIEW, State.CHANGES_ASKED)
"""States in which a proposal may still be edited, and its reviewers asked."""

_COMMANDS: Final[Mapping[State, str]] = {
    State.IN_REVIEW: "voc proposals submit",
    State.CHANGES_ASKED: "voc proposals changes",
    State.APPROVED: "voc proposals approve",
    State.REJECTED: "voc proposals reject",
    State.ADOPTED: "voc proposals adopt",
    State.SUPERSEDED: "voc proposals supersede",
}


def check_move(proposal: ProposalRow, to: State) -> None:
    """Let only moves of the table pass.

    Raises:
        InputError: there is no such move from the state that the proposal is in; those that there are are named.
    """
    now = State(proposal.state)
    if to in MOVES[now]:
        return
    onward = [f"{one} ({_COMMANDS[one]} {proposal.id})" for one in MOVES[now]]
    allowed = f"From there it can become: {', '.join(onward)}." if onward else "Nothing follows from there."
    raise InputError(f"Proposal {proposal.id} is {now} and cannot become {to}. {allowed}")


def check_editable(proposal: ProposalRow) -> None:
    """Let only proposals pass that are still open for changes.

    Raises:
        InputError: it was decided, or it is no proposal.
    """
    if State(proposal.state) not in EDITABLE:
        raise InputError(
            f"Proposal {proposal.id} is {proposal.state}; only what is {', '.join(EDITABLE)} can still be changed. "
            f"What happened to it: voc proposals history {proposal.id}"
        )


def reason_named(code: str) -> Reason:
    """Return the reason with that code.

    Raises:
        InputError: there is none.
    """
    try:
        return Reason(code)
    except ValueError as error:
        raise InputError(f"There is no reason '{code}' for a rejection. Allowed: {', '.join(Reason)}.") from error
