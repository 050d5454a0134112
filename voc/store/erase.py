"""Take feedback out of the store for good: its rows, what hangs on them, and the vectors of texts that nobody has."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, delete, insert, select, update

from voc.store import audit, schema
from voc.store.times import to_text
from voc.types import Stamp

_CHUNK = 500


@dataclass(frozen=True, slots=True)
class Held:
    """What hangs on some comments: `feedback_ids` are those that are stored.

    `texts` are the texts of them and of their clauses that no other comment has, `vectors` how many of these are
    embedded; `labels` are versions of names made from the comments, as (theme, language, version).
    """

    feedback_ids: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    vectors: int = 0
    themes: tuple[str, ...] = ()
    labels: tuple[tuple[str, str, int], ...] = ()
    answers: tuple[str, ...] = ()
    proposals: tuple[str, ...] = ()


def chosen(
    connection: Connection,
    *,
    before: str = "",
    market: str = "",
    source_ids: Sequence[str] = (),
) -> tuple[str, ...]:
    """Return the ids of comments created before a moment (UTC, as stored), or under the ids of their source.

    A market limits both.
    """
    table, wanted = schema.feedback, list[ColumnElement[bool]]()
    if before:
        wanted.append(table.c.created_at < before)
    if source_ids:
        wanted.append(table.c.source_id.in_(list(source_ids)))
    if not wanted:
        return ()
    query = select(table.c.id).where(*wanted).order_by(table.c.id)
    return tuple(connection.execute(query.where(table.c.market == market) if market else query).scalars())


def was_erased(connection: Connection, feedback_id: str) -> bool:
    """Say whether a comment whose id begins so was erased before."""
    column = schema.suppression.c.feedback_id
    found = select(column).where(column.startswith(feedback_id, autoescape=True)).limit(1)
    return connection.execute(found).first() is not None


def held(connection: Connection, feedback_ids: Sequence[str]) -> Held:
    """Return what hangs on comments, before they are erased."""
    table, unit, assignment = schema.feedback, schema.unit, schema.assignment
    label, answer, evidence = schema.label_feedback, schema.llm_answer_feedback, schema.proposal_evidence
    ids = tuple(_all(connection, select(table.c.id), table.c.id, feedback_ids))
    own_units = select(assignment.c.theme_id).join(unit, unit.c.id == assignment.c.unit_id)
    themes = set(_all(connection, own_units.where(assignment.c.theme_id.is_not(None)), unit.c.feedback_id, ids))
    versions = select(label.c.theme_id, label.c.language, label.c.version).distinct()
    labels = {tuple(row) for row in _rows(connection, versions, label.c.feedback_id, ids)}
    alone = _alone(connection, ids)
    vector = schema.vector
    vectors = _rows(connection, select(vector.c.text_hash), vector.c.text_hash, sorted(alone))
    return Held(
        ids,
        tuple(sorted(set(alone.values()))),
        sum(1 for _ in vectors),
        tuple(sorted(themes | {theme for theme, _, _ in labels})),
        tuple(sorted(labels)),
        tuple(sorted(set(_all(connection, select(answer.c.key), answer.c.feedback_id, ids)))),
        tuple(sorted(set(_all(connection, select(evidence.c.proposal_id), evidence.c.feedback_id, ids)))),
    )


def erase(connection: Connection, stamp: Stamp, feedback_ids: Sequence[str], *, why: str = "") -> int:
    """Erase comments, remember their ids so that they do not come back, and return how many there were.

    What hangs on a comment goes with it: units, assignments, look-up keys, quotes, answers of a model that read it. A
    text that no comment has any more loses its place among the vectors and copies, so that no search finds it from
    then on.
    """
    table, unit, link = schema.feedback, schema.unit, schema.llm_answer_feedback
    erased: list[str] = []
    for chunk in _chunks(feedback_ids):
        present = list(connection.execute(select(table.c.id).where(table.c.id.in_(chunk))).scalars())
        if not present:
            continue
        mine = select(unit.c.text_hash).where(unit.c.feedback_id.in_(present))
        whole = select(table.c.text_hash).where(table.c.id.in_(present))
        texts = sorted({*connection.execute(mine).scalars(), *connection.execute(whole).scalars()})
        answers = select(link.c.key).where(link.c.feedback_id.in_(present))
        keys = sorted(set(connection.execute(answers).scalars()))
        connection.execute(delete(schema.llm_answer).where(schema.llm_answer.c.key.in_(keys)))
        connection.execute(delete(table).where(table.c.id.in_(present)))
        rows = [{"feedback_id": one, "actor": stamp.actor, "at": to_text(stamp.at)} for one in sorted(present)]
        connection.execute(insert(schema.suppression), rows)
        _forget_texts(connection, texts)
        erased += sorted(present)
    audit.record_all(connection, stamp, action="erase", subjects=erased, detail={"why": why} if why else None)
    return len(erased)


def _forget_texts(connection: Connection, text_hashes: Sequence[str]) -> None:
    unit, copy, feedback = schema.unit, schema.text_copy, schema.feedback
    for chunk in _chunks(text_hashes):
        units = set(connection.execute(select(unit.c.text_hash).where(unit.c.text_hash.in_(chunk))).scalars())
        wholes = select(feedback.c.text_hash).where(feedback.c.text_hash.in_(chunk))
        kept = units | set(connection.execute(wholes).scalars())
        connection.execute(delete(schema.vector).where(schema.vector.c.text_hash.in_([*set(chunk) - units])))
        gone = sorted(set(chunk) - kept)
        connection.execute(delete(copy).where(copy.c.text_hash.in_(gone)))
        firsts = select(copy.c.first_hash).where(copy.c.first_hash.in_(gone)).distinct().order_by(copy.c.first_hash)
        for one in list(connection.execute(firsts).scalars()):
            _follow(connection, one)


def _follow(connection: Connection, gone: str) -> None:
    """Let the copies of a text that is gone count as one of themselves: as one with a vector, where any has."""
    copy, unit = schema.text_copy, schema.unit
    left = list(connection.execute(select(copy.c.text_hash).where(copy.c.first_hash == gone)).scalars())
    units = set(connection.execute(select(unit.c.text_hash).where(unit.c.text_hash.in_(left))).scalars())
    first = min(left, key=lambda one: (one not in units, one))
    connection.execute(delete(copy).where(copy.c.text_hash == first))
    connection.execute(update(copy).where(copy.c.first_hash == gone).values(first_hash=first))


def _alone(connection: Connection, feedback_ids: Sequence[str]) -> dict[str, str]:
    """Return the texts of comments and of their clauses that no other comment has, by hash."""
    unit, table = schema.unit, schema.feedback
    mine: dict[str, str] = {}
    query = select(table.c.text, table.c.text_hash, unit.c.text_hash.label("own"), unit.c.start, unit.c.end)
    for row in _rows(connection, query.join(unit, unit.c.feedback_id == table.c.id), table.c.id, feedback_ids):
        mine |= {row.text_hash: row.text, row.own: row.text[row.start : row.end]}
    known, others = set(feedback_ids), set[str]()
    for column, owner in ((unit.c.text_hash, unit.c.feedback_id), (table.c.text_hash, table.c.id)):
        for row in _rows(connection, select(column, owner.label("owner")), column, sorted(mine)):
            others |= {row.text_hash} if row.owner not in known else set()
    return {digest: text for digest, text in mine.items() if digest not in others}


def _all(connection: Connection, query: Select[Any], column: ColumnElement[str], wanted: Sequence[str]) -> list[Any]:
    return [row[0] for row in _rows(connection, query, column, wanted)]


def _rows(
    connection: Connection, query: Select[Any], column: ColumnElement[str], wanted: Sequence[str]
) -> Iterator[Any]:
    for chunk in _chunks(wanted):
        yield from connection.execute(query.where(column.in_(chunk)))


def _chunks(wanted: Sequence[str]) -> Iterator[list[str]]:
    for start in range(0, len(wanted), _CHUNK):
        yield list(wanted[start : start + _CHUNK])
