"""What people do with a proposal: versions of its text, decisions, consultations, cost, adoptions.

Every write stands in the audit log too, in the same transaction, with ids and whatever `detail` the caller adds; the
caller hashes text with the workspace key before it hands it over.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Final, TypeVar

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from voc.errors import ConflictError
from voc.store import audit, proposals, schema
from voc.store.proposals import GateRow, ProposalRow
from voc.store.times import to_text
from voc.types import Stamp

Detail = Mapping[str, object]
_NOTHING: Final[Detail] = {}


@dataclass(frozen=True, slots=True)
class VersionRow:
    """A draft as it was: version 1 is the machine's, later ones are people's; `gate` is how it fared."""

    proposal_id: str
    version: int
    draft: Mapping[str, object]
    gate: tuple[GateRow, ...]
    why: str
    actor: str
    at: str


@dataclass(frozen=True, slots=True)
class Authored:
    """The number of the newest version of a draft, and who wrote the first and the newest."""

    version: int
    first: str
    newest: str


@dataclass(frozen=True, slots=True)
class EventRow:
    """A step from one state to another; `reason` is the code of a rejection."""

    proposal_id: str
    from_state: str | None
    to_state: str
    why: str
    reason: str | None
    actor: str
    at: str


@dataclass(frozen=True, slots=True)
class ConsultationRow:
    """A named reviewer who was asked, what was answered (agree, object), and who overrode it and why."""

    id: int
    proposal_id: str
    reviewer: str
    part: str
    due: str
    actor: str
    at: str
    answer: str | None
    text: str | None
    answered_by: str | None
    answered_at: str | None
    answered_version: int | None
    override_why: str | None
    override_by: str | None
    override_at: str | None

    def agreed(self, version: int) -> bool:
        """Say whether the reviewer agrees to this version; who agreed to an earlier one has not seen it."""
        return self.answer == "agree" and self.answered_version == version


@dataclass(frozen=True, slots=True)
class AssessmentRow:
    """What a change costs, and whether it can be done."""

    proposal_id: str
    ordinal: int
    cost: str
    feasibility: str
    actor: str
    at: str


@dataclass(frozen=True, slots=True)
class AdoptionRow:
    """Since when (ISO date) an approved edition is in force in a market."""

    proposal_id: str
    market: str
    since: str
    edition_id: str | None
    actor: str
    at: str


_Kept = TypeVar("_Kept", EventRow, ConsultationRow, AssessmentRow, AdoptionRow)


def hold(connection: Connection, proposal_id: str) -> ProposalRow:
    """Return a proposal that nobody else decides on until the transaction ends.

    Raises:
        NotFoundError: no proposal, or more than one, begins with that id.
    """
    audit.hold(connection)
    return proposals.get(connection, proposal_id)


def move(
    connection: Connection,
    stamp: Stamp,
    proposal: ProposalRow,
    *,
    to_state: str,
    why: str,
    reason: str | None = None,
    detail: Detail = _NOTHING,
) -> None:
    """Bring a proposal from the state it was read in into another, and write the event.

    Raises:
        ConflictError: it is no longer in that state.
    """
    table = schema.proposal
    there = (table.c.id == proposal.id) & (table.c.state == proposal.state)
    if connection.execute(update(table).where(there).values(state=to_state)).rowcount != 1:
        now = proposals.get(connection, proposal.id).state
        raise ConflictError(f"Proposal {proposal.id} was {proposal.state} when it was read and is {now} now.")
    connection.execute(
        insert(schema.proposal_event).values(
            proposal_id=proposal.id,
            from_state=proposal.state,
            to_state=to_state,
            why=why,
            reason=reason,
            actor=stamp.actor,
            at=to_text(stamp.at),
        )
    )
    told: dict[str, object] = {"from": proposal.state, "to": to_state, **({"reason": reason} if reason else {})}
    audit.record(connection, stamp, action="move proposal", subject=proposal.id, detail=told | dict(detail))


def events_of(connection: Connection, proposal_id: str) -> tuple[EventRow, ...]:
    """Return the steps of a proposal in the order in which they were taken."""
    table = schema.proposal_event
    rows = connection.execute(select(table).where(table.c.proposal_id == proposal_id).order_by(table.c.id))
    return tuple(_row(EventRow, row) for row in rows)


def versions(connection: Connection, proposal_id: str) -> tuple[VersionRow, ...]:
    """Return every version of a draft, the machine's first; a proposal that nobody edited has that one only."""
    table = schema.proposal_version
    rows = connection.execute(select(table).where(table.c.proposal_id == proposal_id).order_by(table.c.version)).all()
    if not rows:
        return (_drafted(connection, proposal_id),)
    return tuple(_version(row) for row in rows)


def newest_version(connection: Connection, proposal_id: str) -> int:
    """Return the number of the version in force."""
    table = schema.proposal_version
    found = connection.execute(select(func.max(table.c.version)).where(table.c.proposal_id == proposal_id)).scalar()
    return int(found or 1)


def authors(connection: Connection) -> dict[str, Authored]:
    """Return who wrote each proposal, by its id."""
    drafted, table = schema.proposal, schema.proposal_version
    found = {
        row.id: Authored(1, row.actor, row.actor) for row in connection.execute(select(drafted.c.id, drafted.c.actor))
    }
    query = select(table.c.proposal_id, table.c.version, table.c.actor).order_by(table.c.proposal_id, table.c.version)
    for row in connection.execute(query):
        found[row.proposal_id] = Authored(row.version, found[row.proposal_id].first, row.actor)
    return found


def add_version(
    connection: Connection,
    stamp: Stamp,
    proposal: ProposalRow,
    *,
    draft: Mapping[str, object],
    gate: Sequence[GateRow],
    why: str,
    detail: Detail = _NOTHING,
) -> VersionRow:
    """Keep a draft as the next version, which is from now on what the proposal says; no version is ever changed."""
    known = versions(connection, proposal.id)
    first = () if newest_version(connection, proposal.id) > 1 else known
    number = known[-1].version + 1
    new = VersionRow(proposal.id, number, dict(draft), tuple(gate), why, stamp.actor, to_text(stamp.at))
    connection.execute(insert(schema.proposal_version), [_values(one) for one in (*first, new)])
    connection.execute(
        update(schema.proposal)
        .where(schema.proposal.c.id == proposal.id)
        .values(
            draft=dict(draft),
            clause_number=proposal.clause_number,
            edition_id=proposal.edition_id,
        )
    )
    connection.execute(delete(schema.gate_result).where(schema.gate_result.c.proposal_id == proposal.id))
    rows = [{"proposal_id": proposal.id, "rule": g.rule, "passed": int(g.passed), "reason": g.reason} for g in gate]
    if rows:
        connection.execute(insert(schema.gate_result), rows)
    told = {"version": number, "edition": proposal.edition_id, "warnings": sum(not row.passed for row in gate)}
    audit.record(connection, stamp, action="edit proposal", subject=proposal.id, detail=told | dict(detail))
    return new


def consultations(connection: Connection, *, proposal_id: str | None = None) -> tuple[ConsultationRow, ...]:
    """Return who was asked, of one proposal or of all, by due date."""
    table = schema.consultation
    query = select(table).order_by(table.c.due, table.c.id)
    if proposal_id is not None:
        query = query.where(table.c.proposal_id == proposal_id)
    return tuple(_row(ConsultationRow, row) for row in connection.execute(query))


def ask(
    connection: Connection, stamp: Stamp, proposal_id: str, *, reviewer: str, part: str, due: str
) -> ConsultationRow:
    """Ask a reviewer for an answer by a day."""
    values = {"proposal_id": proposal_id, "reviewer": reviewer, "part": part, "due": due}
    done = connection.execute(
        insert(schema.consultation).values(**values, actor=stamp.actor, at=to_text(stamp.at))
    ).inserted_primary_key
    number = int(done[0]) if done else 0
    told = {"consultation": number, "reviewer": reviewer, "part": part, "due": due}
    audit.record(connection, stamp, action="ask for consultation", subject=proposal_id, detail=told)
    return next(one for one in consultations(connection, proposal_id=proposal_id) if one.id == number)


def answer(
    connection: Connection, stamp: Stamp, asked: ConsultationRow, *, answer: str, text: str, detail: Detail = _NOTHING
) -> None:
    """Keep the answer (agree, object) to the newest version; an answer that is there already is taken back by it."""
    version = newest_version(connection, asked.proposal_id)
    given = {"answered_by": stamp.actor, "answered_at": to_text(stamp.at)}
    _change(connection, asked, answer=answer, text=text, answered_version=version, **given)
    told: dict[str, object] = {"consultation": asked.id, "answer": answer, "version": version}
    told |= {"instead of": asked.answer} if asked.answer else {}
    audit.record(connection, stamp, action="answer consultation", subject=asked.proposal_id, detail=told | dict(detail))


def override(
    connection: Connection, stamp: Stamp, asked: ConsultationRow, *, why: str, detail: Detail = _NOTHING
) -> None:
    """Keep that an approval went over a consultation, and why."""
    _change(connection, asked, override_why=why, override_by=stamp.actor, override_at=to_text(stamp.at))
    told = {"consultation": asked.id, "answer": asked.answer}
    audit.record(
        connection, stamp, action="override consultation", subject=asked.proposal_id, detail=told | dict(detail)
    )


def assessments(connection: Connection, proposal_id: str) -> tuple[AssessmentRow, ...]:
    """Return every assessment of cost and feasibility, the oldest first."""
    table = schema.assessment
    rows = connection.execute(select(table).where(table.c.proposal_id == proposal_id).order_by(table.c.ordinal))
    return tuple(_row(AssessmentRow, row) for row in rows)


def latest_assessment(connection: Connection, proposal_id: str) -> AssessmentRow | None:
    """Return the assessment that counts, None where there is none."""
    found = assessments(connection, proposal_id)
    return found[-1] if found else None


def assess(
    connection: Connection, stamp: Stamp, proposal_id: str, *, cost: str, feasibility: str, detail: Detail = _NOTHING
) -> AssessmentRow:
    """Keep an assessment; earlier ones stay."""
    ordinal = len(assessments(connection, proposal_id)) + 1
    new = AssessmentRow(proposal_id, ordinal, cost, feasibility, stamp.actor, to_text(stamp.at))
    connection.execute(insert(schema.assessment).values(**_fields(new)))
    told = {"assessment": ordinal} | dict(detail)
    audit.record(connection, stamp, action="assess proposal", subject=proposal_id, detail=told)
    return new


def adoptions(connection: Connection, *, proposal_id: str | None = None) -> tuple[AdoptionRow, ...]:
    """Return since when which market adopted, of one proposal or of all, in order of day, proposal and market."""
    table = schema.adoption
    query = select(table).order_by(table.c.since, table.c.proposal_id, table.c.market)
    if proposal_id is not None:
        query = query.where(table.c.proposal_id == proposal_id)
    return tuple(_row(AdoptionRow, row) for row in connection.execute(query))


def adopt(
    connection: Connection,
    stamp: Stamp,
    proposal_id: str,
    *,
    markets: Sequence[str],
    since: str,
    edition_id: str | None,
) -> tuple[AdoptionRow, ...]:
    """Keep since when markets follow a proposal."""
    rows = [AdoptionRow(proposal_id, one, since, edition_id, stamp.actor, to_text(stamp.at)) for one in markets]
    connection.execute(insert(schema.adoption), [_fields(row) for row in rows])
    told = {"since": since, "markets": list(markets), "edition": edition_id}
    audit.record(connection, stamp, action="adopt proposal", subject=proposal_id, detail=told)
    return tuple(rows)


def _change(connection: Connection, asked: ConsultationRow, **values: str | int) -> None:
    table = schema.consultation
    connection.execute(update(table).where(table.c.id == asked.id).values(**values))


def _drafted(connection: Connection, proposal_id: str) -> VersionRow:
    table = schema.proposal
    row = connection.execute(select(table).where(table.c.id == proposal_id)).one()
    gate = proposals.gate_of(connection, proposal_id)
    return VersionRow(proposal_id, 1, row.draft, gate, "drafted", row.actor, row.at)


def _version(row: Row[Any]) -> VersionRow:
    gate = tuple(GateRow(one["rule"], one["passed"], one["reason"]) for one in row.gate)
    return VersionRow(row.proposal_id, row.version, row.draft, gate, row.why, row.actor, row.at)


def _values(version: VersionRow) -> dict[str, object]:
    gate = [{"rule": one.rule, "passed": one.passed, "reason": one.reason} for one in version.gate]
    return _fields(version) | {"draft": dict(version.draft), "gate": gate}


def _row(kind: type[_Kept], row: Row[Any]) -> _Kept:
    return kind(**{one.name: row._mapping[one.name] for one in fields(kind)})


def _fields(kept: VersionRow | AssessmentRow | AdoptionRow) -> dict[str, object]:
    return {one.name: getattr(kept, one.name) for one in fields(kept)}
