"""What a proposal loses when comments that it rests on are erased."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Final, TypeVar

from voc.proposals.draft import Draft, Obligation, Sentence
from voc.proposals.states import MOVES, State
from voc.store import proposals, review
from voc.store.database import Connection
from voc.types import Stamp

_T = TypeVar("_T", Sentence, Obligation)

_UNDECIDED: Final = (State.DRAFT, State.IN_REVIEW, State.CHANGES_ASKED)


def without(draft: Mapping[str, object], feedback_ids: Collection[str], *, mark: str) -> dict[str, object]:
    """Return a draft that cites none of some comments; what rested on them alone, or was struck out, is gone.

    A text that was struck out holds the mark.
    """
    found = Draft.model_validate(draft)
    said: tuple[Sentence | Obligation, ...] = (*found.rationale, *found.obligations)
    cited = {one for each in said for one in each.evidence}
    kept = tuple(one for one in found.rationale if mark not in one.text and not _rested(one, feedback_ids))
    return found.model_copy(
        update={
            "rationale": tuple(_less(one, feedback_ids) for one in kept),
            "obligations": tuple(_less(one, feedback_ids) for one in found.obligations),
            "erased": found.erased + len(cited & set(feedback_ids)),
        }
    ).model_dump(mode="json")


def withdraw(
    connection: Connection,
    stamp: Stamp,
    proposal_ids: Sequence[str],
    feedback_ids: Collection[str],
    *,
    mark: str,
    k: int,
) -> int:
    """Take erased comments out of proposals, and return how many were withdrawn: undecided ones with fewer than k left.

    What was decided stays decided, with the evidence that is left.
    """
    withdrawn = 0
    for one in proposal_ids:
        proposals.redraft(connection, one, lambda draft: without(draft, feedback_ids, mark=mark))
        row = proposals.get(connection, one)
        left = sum(evidence.role == "evidence" for evidence in proposals.evidence_of(connection, one))
        if left < k and row.state in _UNDECIDED and State.SUPERSEDED in MOVES[State(row.state)]:
            why = f"comments that it rests on were erased; {left} are left and {k} are needed"
            review.move(connection, stamp, row, to_state=State.SUPERSEDED, why=why)
            withdrawn += 1
    return withdrawn


def _rested(said: Sentence, feedback_ids: Collection[str]) -> bool:
    return bool(said.evidence) and set(said.evidence) <= set(feedback_ids)


def _less(said: _T, feedback_ids: Collection[str]) -> _T:
    return said.model_copy(update={"evidence": tuple(one for one in said.evidence if one not in feedback_ids)})
