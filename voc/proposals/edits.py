"""Edits of a draft by people: each is a version, goes through the same gate as a warning, and none is ever lost."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Final

from voc.access import Act
from voc.errors import ConflictError, InputError, NotFoundError
from voc.proposals.desk import Desk, plain
from voc.proposals.draft import Draft, Offered
from voc.proposals.gate import check
from voc.proposals.rebase import rebase as carry_over
from voc.proposals.states import EDITABLE, check_editable
from voc.standards.document import plain_text, unkept
from voc.standards.redline import as_text, redline
from voc.standards.registry import Clause
from voc.store import feedback, proposals, review
from voc.store.database import Connection
from voc.store.proposals import GateRow, ProposalRow
from voc.store.review import VersionRow

_TURNS: Final = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
"""Characters that turn the direction of text, so that it reads otherwise than it is."""
MOST_CHARACTERS: Final = 20_000
"""The longest text of a clause that is taken."""


@dataclass(frozen=True, slots=True)
class Edited:
    """A new version; `warnings` are the rules of the gate that it does not pass."""

    proposal: ProposalRow
    version: VersionRow

    @property
    def warnings(self) -> tuple[GateRow, ...]:
        """Return the rules that the version does not pass."""
        return tuple(row for row in self.version.gate if not row.passed)


def edit(desk: Desk, proposal_id: str, *, text: str, why: str, on_version: int | None = None) -> Edited:
    """Put another wording in place of the proposed one, as a new version.

    Raises:
        NotAllowedError: the role may not.
        InputError: the text cannot be the text of a clause, changes nothing, or has no reason.
        ConflictError: another version or a decision came since the version that was edited.
    """
    desk.check(Act.EDIT)
    said = plain(why, need="Say why: --why TEXT. An edit is kept with its reason.")
    wording = clause_text(text)
    with desk.database.write() as connection:
        proposal = review.hold(connection, proposal_id)
        newest = review.versions(connection, proposal.id)[-1]
        _check_base(connection, proposal, newest, wording, on_version)
        check_editable(proposal)
        draft = Draft.model_validate(newest.draft)
        if proposal.outcome != "revision":
            raise InputError(f"Proposal {proposal.id} is no revision of a text; there is nothing to edit in it.")
        if wording == draft.new_text:
            raise InputError(f"That is word for word version {newest.version}; nothing was changed.")
        return _keep(desk, connection, proposal, draft.model_copy(update={"new_text": wording}), said)


def restore(desk: Desk, proposal_id: str, *, version: int, why: str) -> Edited:
    """Make an earlier version the newest again; what came between stays as it is.

    Raises:
        NotAllowedError: the role may not.
        NotFoundError: there is no such version.
        InputError: it is the newest already, it was written against another text of the clause, or no reason is given.
    """
    desk.check(Act.EDIT)
    said = plain(why, need="Say why: --why TEXT. An edit is kept with its reason.")
    with desk.database.write() as connection:
        proposal = review.hold(connection, proposal_id)
        check_editable(proposal)
        known = review.versions(connection, proposal.id)
        found = next((one for one in known if one.version == version), None)
        if found is None:
            raise NotFoundError(f"Proposal {proposal.id} has the versions 1 to {known[-1].version}, not {version}.")
        old, now = Draft.model_validate(found.draft), Draft.model_validate(known[-1].draft)
        if old.new_text == now.new_text:
            raise InputError(f"Version {version} says what the newest says; there is nothing to restore.")
        if old.old_text != now.old_text:
            raise InputError(
                f"Version {version} was written against another text of the clause. Take what you need from it: "
                f"voc proposals versions {proposal.id}"
            )
        kept = now.model_copy(update={"new_text": old.new_text})
        return _keep(desk, connection, proposal, kept, f"version {version} again: {said}")


def rebase_onto(desk: Desk, connection: Connection, proposal: ProposalRow, clause: Clause) -> Edited:
    """Carry the proposed change over to the clause now in force, as a new version."""
    draft = Draft.model_validate(proposal.draft)
    done = carry_over(draft.old_text, draft.new_text, clause.text)
    said = "rebased onto the clause in force: "
    said += "every change found its place" if done.clean else _marked(len(done.added), len(done.kept))
    changed = {
        "old_text": clause.text,
        "new_text": done.text,
        "edition": clause.edition,
        "clause_title": clause.title,
        "note": "" if done.clean else said,
    }
    onto = dataclasses.replace(proposal, edition_id=clause.edition_id)
    return _keep(desk, connection, onto, draft.model_copy(update=changed), said)


def _marked(added: int, kept: int) -> str:
    parts = []
    if added:
        parts.append(f"{added} proposed sentences stand at the end, because what they replaced has changed")
    if kept:
        parts.append(f"{kept} sentences that were to go have stayed")
    return " and ".join(parts) + "; look at them"


def clause_text(text: str) -> str:
    """Return a wording as clauses are kept: lines trimmed, none empty.

    Raises:
        InputError: it is empty, too long, or holds control characters or such that turn its direction.
    """
    found = plain_text(text)
    if not found:
        raise InputError("The text is empty. To take a clause out of force, publish an edition without it.")
    if len(found) > MOST_CHARACTERS:
        raise InputError(f"The text has {len(found):,} characters; a clause has at most {MOST_CHARACTERS:,}.")
    odd = unkept(found) or next((f"U+{ord(one):04X}" for one in found if one in _TURNS), None)
    if odd is not None:
        raise InputError(f"The text holds the invisible character {odd}. Take it out.")
    return found


def regate(desk: Desk, connection: Connection, proposal: ProposalRow, draft: Draft) -> tuple[GateRow, ...]:
    """Return how a version fares at the gate that the machine's drafts pass."""
    ids = [one.feedback_id for one in proposals.evidence_of(connection, proposal.id) if one.role == "evidence"]
    texts = {one.id: one.text for one in feedback.get(connection, ids)}
    offered = Offered(
        texts=texts, clause_number=proposal.clause_number or "", old_text=draft.old_text, language=draft.language
    )
    quotes = [one for one in proposals.quotes_of(connection, proposal.id) if one.feedback_id in texts]
    return check(draft, offered, quotes, regions=desk.markets, k=desk.rules.k)


def _keep(desk: Desk, connection: Connection, proposal: ProposalRow, draft: Draft, why: str) -> Edited:
    version = review.add_version(
        connection,
        desk.stamp,
        proposal,
        draft=draft.model_dump(mode="json"),
        gate=regate(desk, connection, proposal, draft),
        why=why,
        detail=desk.sealed(text=draft.new_text, why=why),
    )
    return Edited(proposals.get(connection, proposal.id), version)


def _check_base(
    connection: Connection, proposal: ProposalRow, newest: VersionRow, wording: str, on_version: int | None
) -> None:
    if on_version is None or on_version == newest.version:
        decided = review.events_of(connection, proposal.id)[-1]
        if on_version is not None and proposal.state not in EDITABLE:
            raise ConflictError(
                f"Proposal {proposal.id} became {proposal.state} by {decided.actor} before your edit came "
                f"({decided.why})."
            )
        return
    if not 1 <= on_version < newest.version:
        raise NotFoundError(f"Proposal {proposal.id} has the versions 1 to {newest.version}, not {on_version}.")
    there = str(newest.draft.get("new_text", ""))
    raise ConflictError(
        f"Proposal {proposal.id} was edited meanwhile. You edited version {on_version}; the newest is "
        f"{newest.version} by {newest.actor} ({newest.why}).\n\nVersion {newest.version}:\n{there}\n\nYours:\n{wording}"
        f"\n\nFrom theirs to yours ([-out-], {{+in+}}):\n{as_text(redline(there, wording))}\n\nBring both together and "
        f"edit again with --on-version {newest.version}."
    )
