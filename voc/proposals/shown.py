"""A proposal with everything that is read beside it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from voc.errors import NotFoundError
from voc.proposals.draft import Draft
from voc.store import proposals
from voc.store.database import Database
from voc.store.proposals import EvidenceRow, GateRow, ProposalRow
from voc.types import Quote


@dataclass(frozen=True, slots=True)
class Shown:
    """A proposal with everything beside it.

    `counter` says what the counter-evidence says; `notices` are what has changed since the draft was written, each in
    one sentence, and stand on top.
    """

    row: ProposalRow
    draft: Draft
    evidence: tuple[EvidenceRow, ...]
    quotes: tuple[Quote, ...]
    gate: tuple[GateRow, ...]
    counter: tuple[Quote, ...] = ()
    notices: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """Return what it is about, in one line."""
        draft = self.draft
        if self.row.outcome == "revision":
            return f"Revise clause {draft.clause_number} {draft.clause_title} ({draft.scope})"
        if self.row.outcome == "action":
            return f"Act on clause {draft.clause_number} {draft.clause_title} ({draft.scope}): the text is right"
        if self.row.outcome == "failed":
            return f"Failed draft for clause {draft.clause_number} ({draft.scope}): not a proposal"
        return f"Evidence brief: {draft.theme} ({draft.scope})"


def load(database: Database, proposal_id: str) -> Shown:
    """Return a proposal by the beginning of its id.

    Raises:
        NotFoundError: no proposal, or more than one, begins with it.
    """
    with database.read() as connection:
        row = proposals.get(connection, proposal_id)
        evidence = proposals.evidence_of(connection, row.id)
        against = {one.feedback_id for one in evidence if one.role == "counter"}
        return Shown(
            row,
            Draft.model_validate(row.draft),
            evidence,
            tuple(one for one in proposals.quotes_of(connection, row.id) if one.feedback_id not in against),
            proposals.gate_of(connection, row.id),
            proposals.counter_quotes(connection, row.id),
        )


def concerns(row: ProposalRow, markets: Collection[str]) -> bool:
    """Say whether a proposal concerns one of some markets; one of no market concerns all."""
    found = row.draft.get("markets", ())
    own = {str(one) for one in found} if isinstance(found, list | tuple) else set()
    return not own or bool(own & set(markets))


def within(shown: Shown, markets: Collection[str]) -> Shown:
    """Return a proposal as somebody may read it who sees some markets: without what customers of others said.

    Raises:
        NotFoundError: it concerns none of these markets.
    """
    if not concerns(shown.row, markets):
        raise NotFoundError(f"There is no proposal '{shown.row.id}' in the markets that you see.")
    quotes = tuple(one for one in shown.quotes if one.market in markets)
    counter = tuple(one for one in shown.counter if one.market in markets)
    gone = len(shown.quotes) + len(shown.counter) - len(quotes) - len(counter)
    if not gone:
        return shown
    said = f"{gone} quotes of markets that you do not see are left out."
    return replace(shown, quotes=quotes, counter=counter, notices=(*shown.notices, said))
