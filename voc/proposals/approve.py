"""Approval: a proposal becomes the next edition of its standard, in the one transaction that decides it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

from voc.access import Act
from voc.errors import ConflictError, InputError, NotAllowedError
from voc.proposals.consult import Waiting, waiting
from voc.proposals.desk import Desk, allow_move, check_seen, day, plain, step
from voc.proposals.draft import Draft
from voc.proposals.edits import Edited, rebase_onto
from voc.proposals.states import State, check_editable
from voc.standards.publish import Revision, next_name_within, revise_within
from voc.standards.redline import as_text, redline
from voc.standards.registry import Clause, in_force
from voc.store import editions, proposals, review
from voc.store.database import Connection
from voc.store.editions import EditionRow
from voc.store.proposals import ProposalRow
from voc.store.review import ConsultationRow

NEWEST: Final = "9999-12-31"
"""A day on which the newest edition is in force, whenever it begins."""

_TARGET: Final = re.compile(r"\[TARGET\b[^\]\n]*\]")


@dataclass(frozen=True, slots=True)
class Approval:
    """What an approval did.

    `unreached` are the markets of the proposal where an addendum stands in place of the clause, so that the new edition
    changes nothing there; `overridden` the consultations that it went over.
    """

    proposal: ProposalRow
    edition: EditionRow
    unreached: tuple[str, ...]
    overridden: tuple[ConsultationRow, ...]


@dataclass(frozen=True, slots=True)
class Terms:
    """How an approval is given: why, over which objections, from which day, and under which name of the edition."""

    why: str = ""
    override: str = ""
    effective: str = ""
    edition: str = ""
    on_version: int | None = None


@dataclass(frozen=True, slots=True)
class Prospect:
    """What an approval would publish if nothing else is wished for, and what stands in its way now.

    `hindrances` refuse every approval by the actor; a reason can go over what `waits` has open.
    """

    version: int
    edition: str
    effective: str
    unreached: tuple[str, ...]
    waits: Waiting
    hindrances: tuple[str, ...]


_PLAINLY: Final = Terms()


def approve(desk: Desk, proposal_id: str, terms: Terms = _PLAINLY) -> Approval:
    """Approve a revision that is in review, and publish the edition that has it.

    Raises:
        NotAllowedError: the role may not, or the actor drafted or edited it and four eyes are asked for.
        InputError: it is not in review, holds a target that nobody set, or answers of consultations are missing.
        ConflictError: it was edited meanwhile, or the clause it was drafted against is no longer in force.
    """
    desk.check(Act.DECIDE)
    why, override = plain(terms.why), plain(terms.override)
    with desk.database.write() as connection:
        proposal = review.hold(connection, proposal_id)
        allow_move(desk, connection, proposal, State.APPROVED)
        check_seen(connection, proposal, terms.on_version)
        draft = Draft.model_validate(proposal.draft)
        _check_kind(proposal, draft)
        _check_four_eyes(desk, connection, proposal)
        open_still = waiting(connection, proposal, wanted=desk.rules.consult)
        _check_answers(proposal, open_still, override)
        clause = _check_clause(connection, proposal, draft)
        for one in open_still.open:
            review.override(connection, desk.stamp, one, why=override, detail=desk.sealed(why=override))
        edition = _publish(desk, connection, proposal, draft, clause, terms)
        elsewhere = unreached(connection, proposal)
        done = step(desk, connection, proposal, State.APPROVED, why=why or f"published as edition {edition.name}")
    return Approval(done, edition, elsewhere, open_still.open)


def prospect(desk: Desk, proposal_id: str) -> Prospect:
    """Return what an approval of a revision would publish, and what stands in its way.

    Raises:
        NotAllowedError: the role may not decide.
        NotFoundError: no proposal, or more than one, begins with that id.
    """
    desk.check(Act.DECIDE)
    with desk.database.read() as connection:
        proposal = proposals.get(connection, proposal_id)
        draft = Draft.model_validate(proposal.draft)
        waits = waiting(connection, proposal, wanted=desk.rules.consult)
        name, day_planned = _planned(desk, connection, proposal)
        return Prospect(
            review.newest_version(connection, proposal.id),
            name,
            day_planned.isoformat(),
            unreached(connection, proposal),
            waits,
            tuple(_hindrances(desk, connection, proposal, draft, waits)),
        )


def _hindrances(
    desk: Desk, connection: Connection, proposal: ProposalRow, draft: Draft, waits: Waiting
) -> Iterator[str]:
    checks: tuple[Callable[[], object], ...] = (
        lambda: allow_move(desk, connection, proposal, State.APPROVED),
        lambda: _check_kind(proposal, draft),
        lambda: _check_four_eyes(desk, connection, proposal),
        lambda: _check_answers(proposal, waits, "any reason"),
        lambda: _check_clause(connection, proposal, draft),
    )
    for one in checks:
        try:
            one()
        except InputError as error:
            yield str(error)


def rebase(desk: Desk, proposal_id: str) -> Edited:
    """Carry a proposal over to the clause now in force, as a new version.

    Raises:
        NotAllowedError: the role may not.
        InputError: it was decided, or the clause it was drafted against is in force still, or is no more.
    """
    desk.check(Act.EDIT)
    with desk.database.write() as connection:
        proposal = review.hold(connection, proposal_id)
        check_editable(proposal)
        draft = Draft.model_validate(proposal.draft)
        clause = clause_now(connection, proposal, proposal.market)
        if clause is None:
            raise InputError(_gone(proposal))
        if clause.text == draft.old_text:
            raise InputError(f"Clause {clause.number} still says what proposal {proposal.id} was drafted against.")
        return rebase_onto(desk, connection, proposal, clause)


def clause_now(connection: Connection, proposal: ProposalRow, market: str) -> Clause | None:
    """Return the clause of a proposal as the newest edition has it in a market, None where it is not in force."""
    found = in_force(connection, document=proposal.document, market=market, on=NEWEST)
    return next((one for one in found.clauses if one.number == proposal.clause_number), None)


def _check_kind(proposal: ProposalRow, draft: Draft) -> None:
    if proposal.outcome == "action":
        raise InputError(
            f"Proposal {proposal.id} is an action, no change of a text. Accept it by giving it to somebody: "
            f"voc actions open {proposal.id} --owner NAME --due DAY"
        )
    if proposal.outcome != "revision":
        raise InputError(f"Proposal {proposal.id} is a {proposal.outcome}; it proposes no text that could be approved.")
    targets = _TARGET.findall(draft.new_text)
    if targets:
        raise InputError(
            f"Proposal {proposal.id} holds {', '.join(dict.fromkeys(targets))}. The owner sets it by an edit: "
            f"voc proposals edit {proposal.id} --text FILE --why TEXT"
        )


def _check_four_eyes(desk: Desk, connection: Connection, proposal: ProposalRow) -> None:
    if not desk.rules.four_eyes:
        return
    known = review.versions(connection, proposal.id)
    wrote = {known[0].actor: "drafted", known[-1].actor: "drafted" if len(known) == 1 else "edited"}
    if desk.stamp.actor in wrote:
        raise NotAllowedError(
            f"{desk.stamp.actor} {wrote[desk.stamp.actor]} proposal {proposal.id}, and nobody approves their own draft."
            " Let somebody else approve it, or set review.four_eyes to false in voc.toml."
        )


def _check_answers(proposal: ProposalRow, found: Waiting, override: str) -> None:
    if found.unasked:
        raise InputError(
            f"Approval needs the answer of {', '.join(found.unasked)} (review.consult). Ask first: voc proposals ask "
            f"{proposal.id} --reviewer NAME --part {found.unasked[0]} --due DAY"
        )
    if not found.open or override:
        return
    said = [f"{one.reviewer} ({one.part}) has not answered to this version" for one in found.unanswered]
    said += [f"{one.reviewer} ({one.part}) objects: {one.text}" for one in found.objections]
    raise InputError(
        f"Proposal {proposal.id} waits: {'; '.join(said)}. Approve over it with a reason that is kept: --override TEXT"
    )


def _check_clause(connection: Connection, proposal: ProposalRow, draft: Draft) -> Clause:
    clause = clause_now(connection, proposal, proposal.market)
    if clause is None:
        raise ConflictError(_gone(proposal))
    if clause.text != draft.old_text:
        raise ConflictError(
            f"Clause {clause.number} was superseded since proposal {proposal.id} was drafted: edition {clause.edition} "
            f"has another text.\n\nDrafted against:\n{draft.old_text}\n\nIn force now:\n{clause.text}\n\nWhat changed:"
            f"\n{as_text(redline(draft.old_text, clause.text))}\n\nCarry the proposal over to it: "
            f"voc proposals rebase {proposal.id}"
        )
    return clause


def _gone(proposal: ProposalRow) -> str:
    where = f"in {proposal.market}" if proposal.market else "in the global edition"
    return (
        f"Clause {proposal.clause_number} of {proposal.document} is no longer in force {where}. There is nothing to "
        f"change; set the proposal aside: voc proposals supersede {proposal.id} --why TEXT"
    )


def _publish(
    desk: Desk, connection: Connection, proposal: ProposalRow, draft: Draft, clause: Clause, terms: Terms
) -> EditionRow:
    next_name, earliest = _planned(desk, connection, proposal)
    wanted = day(terms.effective) if terms.effective else earliest
    name = terms.edition or next_name
    revision = Revision(
        base_edition_id=clause.edition_id,
        market=proposal.market,
        number=clause.number,
        new_text=draft.new_text,
        edition_name=name,
        effective=wanted,
        proposal_id=proposal.id,
    )
    return revise_within(connection, revision, stamp=desk.stamp)


def _planned(desk: Desk, connection: Connection, proposal: ProposalRow) -> tuple[str, date]:
    """Return the name and the first day of the edition if nobody wishes for others."""
    newest = [editions.newest(connection, document=proposal.document, market=one) for one in ("", proposal.market)]
    earliest = [date.fromisoformat(one.effective) for one in newest if one is not None]
    name = next_name_within(connection, document=proposal.document, market=proposal.market)
    return name, max([desk.today, *earliest])


def unreached(connection: Connection, proposal: ProposalRow) -> tuple[str, ...]:
    """Return the markets of a global revision where an addendum replaces the clause or is exempt from it."""
    if proposal.market or proposal.outcome != "revision":
        return ()
    if editions.newest(connection, document=proposal.document, market="") is None:
        return ()
    markets = Draft.model_validate(proposal.draft).markets
    there = {market: clause_now(connection, proposal, market) for market in markets}
    return tuple(code for code, found in there.items() if found is None or found.market)
