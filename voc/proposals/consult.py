"""Consultation: named reviewers are asked by a day, agree or object, and an approval waits for them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from voc.access import Act, Role, may
from voc.errors import InputError, NotAllowedError
from voc.proposals.desk import Desk, check_seen, day, plain
from voc.proposals.states import EDITABLE, State, check_editable
from voc.store import proposals, review
from voc.store.database import Connection
from voc.store.proposals import ProposalRow
from voc.store.review import Authored, ConsultationRow

PARTS: Final = ("legal", "operations", "market")
_LONGEST_PART: Final = 60
_LONGEST_NAME: Final = 120


@dataclass(frozen=True, slots=True)
class Waiting:
    """What stands between a proposal and its approval: whom nobody asked, who has not answered, who objects."""

    unasked: tuple[str, ...]
    unanswered: tuple[ConsultationRow, ...]
    objections: tuple[ConsultationRow, ...]

    @property
    def open(self) -> tuple[ConsultationRow, ...]:
        """Return what an approval would go over."""
        return (*self.unanswered, *self.objections)


def ask(desk: Desk, proposal_id: str, *, reviewer: str, part: str, due: str) -> ConsultationRow:
    """Ask somebody by name for an answer by a day.

    Raises:
        NotAllowedError: the role may not.
        InputError: the day is over, somebody of that name was asked for that part, or the proposal was decided.
    """
    desk.check(Act.ASK)
    name, area = plain(reviewer, need="Name who is asked: --reviewer NAME."), plain(part).casefold()
    if not area or len(area) > _LONGEST_PART or len(name) > _LONGEST_NAME:
        raise InputError(
            f"A part is {', '.join(PARTS)} or another of at most {_LONGEST_PART} characters; a name has at most "
            f"{_LONGEST_NAME}."
        )
    last = day(due)
    if last < desk.today:
        raise InputError(f"{last} is over. Give a day from {desk.today} on: --due DAY.")
    with desk.database.write() as connection:
        proposal = review.hold(connection, proposal_id)
        check_editable(proposal)
        known = review.consultations(connection, proposal_id=proposal.id)
        same = [one for one in known if (one.reviewer.casefold(), one.part) == (name.casefold(), area)]
        if same:
            raise InputError(f"{name} was asked for {area} already, by {same[0].due}: voc proposals show {proposal.id}")
        return review.ask(connection, desk.stamp, proposal.id, reviewer=name, part=area, due=last.isoformat())


def answer(
    desk: Desk, proposal_id: str, *, agrees: bool, text: str = "", reviewer: str = "", on_version: int | None = None
) -> tuple[ConsultationRow, ...]:
    """Answer every consultation that names the actor; the admin may enter what `reviewer` said.

    The answer is about `on_version`, the version in force without it.

    Raises:
        NotAllowedError: the role may not, or the actor was not asked.
        InputError: an objection has no text, or the proposal was decided.
        ConflictError: the text was edited since the version that was looked at.
    """
    desk.check(Act.ANSWER)
    said = plain(text, need="" if agrees else "Say what you object to: --text TEXT.")
    who = plain(reviewer) or desk.stamp.actor
    if who.casefold() != desk.stamp.actor.casefold() and desk.role is not Role.ADMIN:
        raise NotAllowedError(f"Only the admin enters answers of others. You are {desk.stamp.actor} (VOC_ACTOR).")
    with desk.database.write() as connection:
        proposal = review.hold(connection, proposal_id)
        check_editable(proposal)
        check_seen(connection, proposal, on_version)
        mine = _addressed(connection, proposal, who)
        for one in mine:
            review.answer(
                connection,
                desk.stamp,
                one,
                answer="agree" if agrees else "object",
                text=said,
                detail=desk.sealed(text=said),
            )
        numbers = {one.id for one in mine}
        found = review.consultations(connection, proposal_id=proposal.id)
        return tuple(one for one in found if one.id in numbers)


def _addressed(connection: Connection, proposal: ProposalRow, who: str) -> tuple[ConsultationRow, ...]:
    asked = review.consultations(connection, proposal_id=proposal.id)
    mine = tuple(one for one in asked if one.reviewer.casefold() == who.casefold())
    if mine:
        return mine
    names = ", ".join(dict.fromkeys(one.reviewer for one in asked)) or "nobody"
    raise NotAllowedError(f"{who} was not asked about proposal {proposal.id}; asked: {names}.")


def waiting(connection: Connection, proposal: ProposalRow, *, wanted: tuple[str, ...]) -> Waiting:
    """Return what an approval of the newest version has to wait for, or to go over."""
    version = review.newest_version(connection, proposal.id)
    asked = review.consultations(connection, proposal_id=proposal.id)
    named = {name.casefold() for one in asked for name in (one.reviewer, one.part)}
    return Waiting(
        tuple(one for one in wanted if one.casefold() not in named),
        tuple(one for one in asked if one.answer != "object" and not one.agreed(version)),
        tuple(one for one in asked if one.answer == "object"),
    )


def overdue(desk: Desk) -> tuple[ConsultationRow, ...]:
    """Return consultations of open proposals that were due before today and have no answer."""
    with desk.database.read() as connection:
        return tuple(one for one in open_consultations(connection) if date.fromisoformat(one.due) < desk.today)


def open_consultations(connection: Connection) -> tuple[ConsultationRow, ...]:
    """Return consultations of open proposals that wait for an answer to the newest version, the oldest due first."""
    still = {row.id for row in proposals.every(connection) if row.state in EDITABLE}
    return _unanswered(connection, still, review.authors(connection))


def mine(desk: Desk) -> tuple[ProposalRow, ...]:
    """Return open proposals that the actor wrote the newest version of, or is asked about and has not answered."""
    me = desk.stamp.actor.casefold()
    with desk.database.read() as connection:
        rows = [row for row in proposals.every(connection) if row.state in EDITABLE]
        wrote = review.authors(connection)
        asked = _asked(_unanswered(connection, {row.id for row in rows}, wrote), me)
        return tuple(row for row in rows if row.id in asked or wrote[row.id].newest.casefold() == me)


@dataclass(frozen=True, slots=True)
class Duty:
    """A proposal that waits for somebody, and what for."""

    proposal: ProposalRow
    what: str


def duties(desk: Desk) -> tuple[Duty, ...]:
    """Return what waits for the actor: answers, decisions, and drafts of their own that nobody has handed in."""
    me = desk.stamp.actor.casefold()
    with desk.database.read() as connection:
        rows = [row for row in proposals.every(connection) if row.state in EDITABLE]
        wrote = review.authors(connection)
        asked = _asked(_unanswered(connection, {row.id for row in rows}, wrote), me)
    found = []
    for row in rows:
        told = [f"your answer for {one.part}, by {one.due}" for one in asked.get(row.id, ())]
        told += _own_turn(desk, row, wrote[row.id])
        if told:
            found.append(Duty(row, "; ".join(told)))
    return tuple(found)


def _own_turn(desk: Desk, row: ProposalRow, wrote: Authored) -> list[str]:
    me = desk.stamp.actor.casefold()
    own = {wrote.first.casefold(), wrote.newest.casefold()}
    may_decide = may(desk.role, Act.DECIDE) and not (desk.rules.four_eyes and me in own)
    if row.state == State.IN_REVIEW and may_decide:
        return ["your decision"]
    if wrote.newest.casefold() != me:
        return []
    return ["your draft, to be handed in" if row.state == State.DRAFT else "your wording"]


def _unanswered(
    connection: Connection, still: Collection[str], wrote: Mapping[str, Authored]
) -> tuple[ConsultationRow, ...]:
    return tuple(
        one
        for one in review.consultations(connection)
        if one.proposal_id in still and (one.answer is None or one.answered_version != wrote[one.proposal_id].version)
    )


def _asked(rows: Sequence[ConsultationRow], me: str) -> dict[str, list[ConsultationRow]]:
    """Return the consultations that name somebody, by proposal."""
    found: dict[str, list[ConsultationRow]] = {}
    for one in rows:
        if one.reviewer.casefold() == me:
            found.setdefault(one.proposal_id, []).append(one)
    return found
