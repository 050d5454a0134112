"""Proposals with their evidence, quotes, gate results and the states they went through."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, insert, select, update

from voc.errors import NotFoundError
from voc.store import audit, schema
from voc.store.times import to_text
from voc.types import Polarity, Quote, Stamp


@dataclass(frozen=True, slots=True)
class ProposalRow:
    """A proposal; `outcome` is revision, action, brief or failed; market "" is the global edition."""

    id: str
    theme_id: str
    market: str
    week: str
    document: str
    clause_number: str | None
    edition_id: str | None
    outcome: str
    state: str
    draft: Mapping[str, object]
    basis_hash: str
    run_id: str | None


@dataclass(frozen=True, slots=True)
class EvidenceRow:
    """A feedback that a proposal rests on ("evidence") or that speaks against it ("counter"), and its duty."""

    feedback_id: str
    role: str
    duty: str | None


@dataclass(frozen=True, slots=True)
class GateRow:
    """One rule of the gate and how the draft fared."""

    rule: str
    passed: bool
    reason: str


def add(
    connection: Connection,
    stamp: Stamp,
    proposal: ProposalRow,
    *,
    evidence: Sequence[EvidenceRow],
    quotes: Sequence[Quote],
    gate: Sequence[GateRow],
) -> None:
    """Store a proposal with everything that it rests on."""
    values = {name: getattr(proposal, name) for name in ProposalRow.__slots__} | {"draft": dict(proposal.draft)}
    connection.execute(insert(schema.proposal).values(**values, actor=stamp.actor, at=to_text(stamp.at)))
    rows = [
        {"proposal_id": proposal.id, "feedback_id": e.feedback_id, "role": e.role, "duty": e.duty} for e in evidence
    ]
    if rows:
        connection.execute(insert(schema.proposal_evidence), rows)
    spans = [
        {"proposal_id": proposal.id, "feedback_id": q.feedback_id, "start": q.start, "end": q.end, "text": q.text}
        for q in quotes
    ]
    if spans:
        connection.execute(insert(schema.proposal_quote), spans)
    results = [{"proposal_id": proposal.id, "rule": g.rule, "passed": int(g.passed), "reason": g.reason} for g in gate]
    if results:
        connection.execute(insert(schema.gate_result), results)
    connection.execute(
        insert(schema.proposal_event).values(
            proposal_id=proposal.id,
            from_state=None,
            to_state=proposal.state,
            why="drafted",
            actor=stamp.actor,
            at=to_text(stamp.at),
        )
    )
    audit.record(connection, stamp, action="draft proposal", subject=proposal.id, detail={"outcome": proposal.outcome})


def every(connection: Connection, *, week: str | None = None) -> tuple[ProposalRow, ...]:
    """Return proposals of a week or all, newest week first, then by outcome and id."""
    table = schema.proposal
    query = select(table).order_by(table.c.week.desc(), table.c.outcome.desc(), table.c.id)
    if week is not None:
        query = query.where(table.c.week == week)
    return tuple(_proposal(row) for row in connection.execute(query))


def get(connection: Connection, proposal_id: str) -> ProposalRow:
    """Return one proposal; the beginning of its id is enough when no other shares it.

    Raises:
        NotFoundError: no proposal, or more than one, begins with that id.
    """
    table = schema.proposal
    found = connection.execute(
        select(table).where(table.c.id.startswith(proposal_id, autoescape=True)).order_by(table.c.id).limit(2)
    ).all()
    if len(found) != 1:
        several = "More than one proposal begins" if found else "No proposal begins"
        raise NotFoundError(f"{several} with '{proposal_id}'. 'voc proposals list' shows the ids.")
    return _proposal(found[0])


def evidence_of(connection: Connection, proposal_id: str) -> tuple[EvidenceRow, ...]:
    """Return evidence and counter-evidence in order of role and feedback id."""
    table = schema.proposal_evidence
    rows = connection.execute(
        select(table).where(table.c.proposal_id == proposal_id).order_by(table.c.role.desc(), table.c.feedback_id)
    )
    return tuple(EvidenceRow(row.feedback_id, row.role, row.duty) for row in rows)


def quotes_of(connection: Connection, proposal_id: str) -> tuple[Quote, ...]:
    """Return the quotes of a proposal as they stand in the stored feedback."""
    table, feedback = schema.proposal_quote, schema.feedback
    rows = connection.execute(
        select(table, feedback.c.language, feedback.c.market)
        .join(feedback, feedback.c.id == table.c.feedback_id)
        .where(table.c.proposal_id == proposal_id)
        .order_by(feedback.c.market, table.c.feedback_id, table.c.start)
    )
    return tuple(Quote(row.feedback_id, row.start, row.end, row.text, row.language, row.market) for row in rows)


def counter_quotes(connection: Connection, proposal_id: str, *, most: int = 280) -> tuple[Quote, ...]:
    """Return what the counter-evidence of a proposal says, at most so many characters of each comment.

    That is the span stored with the proposal, else the praise in the comment, else its beginning.
    """
    evidence, feedback, unit = schema.proposal_evidence, schema.feedback, schema.unit
    praise = (schema.assignment.c.unit_id == unit.c.id) & (schema.assignment.c.polarity == Polarity.PRAISE.value)
    rows = connection.execute(
        select(feedback, unit.c.start, unit.c.end)
        .join(evidence, evidence.c.feedback_id == feedback.c.id)
        .outerjoin(unit.join(schema.assignment, praise), unit.c.feedback_id == feedback.c.id)
        .where(evidence.c.proposal_id == proposal_id, evidence.c.role == "counter")
        .order_by(feedback.c.market, feedback.c.id, unit.c.start)
    ).all()
    spans = {one.feedback_id: (one.start, one.end) for one in quotes_of(connection, proposal_id)}
    found: dict[str, Quote] = {}
    for row in rows:
        start, end = spans.get(row.id) or (row.start or 0, len(row.text) if row.end is None else row.end)
        end = _cut(row.text, start, end, most)
        found.setdefault(row.id, Quote(row.id, start, end, row.text[start:end], row.language, row.market))
    return tuple(found.values())


def gate_of(connection: Connection, proposal_id: str) -> tuple[GateRow, ...]:
    """Return the gate results of a proposal in order of rule."""
    table = schema.gate_result
    rows = connection.execute(select(table).where(table.c.proposal_id == proposal_id).order_by(table.c.rule))
    return tuple(GateRow(row.rule, bool(row.passed), row.reason) for row in rows)


def redraft(
    connection: Connection, proposal_id: str, change: Callable[[Mapping[str, object]], Mapping[str, object]]
) -> None:
    """Change what a proposal and every version of it say where a comment was erased: nothing else changes a version."""
    for table, key in ((schema.proposal, schema.proposal.c.id), (schema.proposal_version, _version_of)):
        for row in connection.execute(
            select(*table.primary_key.columns, table.c.draft).where(key == proposal_id)
        ).all():
            own = [column == row._mapping[column.name] for column in table.primary_key.columns]
            connection.execute(update(table).where(*own).values(draft=dict(change(row.draft))))


_version_of = schema.proposal_version.c.proposal_id


def _cut(text: str, start: int, end: int, most: int) -> int:
    """Return where a span ends that is cut between words when it is longer than so many characters."""
    if end - start <= most:
        return end
    space = text.rfind(" ", start + most // 2, start + most)
    return space if space > 0 else start + most


def _proposal(row: object) -> ProposalRow:
    found = row._mapping  # type: ignore[attr-defined]
    return ProposalRow(**{name: found[name] for name in ProposalRow.__slots__})
