"""Which texts say the same as an earlier one, and which comments lie beyond the quota of their source."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import ColumnElement, Connection, delete, func, insert, select

from voc.store import schema
from voc.store.times import to_text
from voc.types import Stamp

_CHUNK = 500


@dataclass(frozen=True, slots=True)
class SeenText:
    """A text of a unit, of a whole comment or, mostly, of both, with the earliest week in which it came.

    Only a unit's text has a vector: the whole of a comment that was cut into clauses has none.
    """

    text_hash: str
    week: str
    text: str
    is_unit: bool
    is_whole: bool


@dataclass(frozen=True, slots=True)
class SourceWeek:
    """What one source sent to one market in one week: comments as (feedback id, hash of the text it counts as)."""

    source: str
    market: str
    week: str
    comments: tuple[tuple[str, str], ...]


def same_as(text_hash: ColumnElement[str]) -> ColumnElement[str]:
    """Return, as SQL over an outer join with `text_copy`, the hash of the text that a text counts as."""
    return func.coalesce(schema.text_copy.c.first_hash, text_hash)


def undecided_texts(connection: Connection, *, last_week: str) -> tuple[SeenText, ...]:
    """Return the texts of what waits for a decision, units and whole comments, in order of week and hash."""
    waiting = select(schema.undecided.c.unit_id)
    return _seen(connection, schema.unit.c.id.in_(waiting), schema.feedback.c.week <= last_week)


def firsts_since(connection: Connection, *, first_week: str, last_week: str) -> tuple[SeenText, ...]:
    """Return the texts of a span of weeks that are nobody's copy, in order of week and hash."""
    week = schema.feedback.c.week
    found = _seen(connection, week >= first_week, week <= last_week)
    known = of_texts(connection, [one.text_hash for one in found])
    return tuple(one for one in found if one.text_hash not in known)


def decided_on(connection: Connection, text_hashes: Sequence[str]) -> set[str]:
    """Return those of the texts, units or whole comments, about which a run has decided before."""
    unit, feedback, waiting = schema.unit, schema.feedback, schema.undecided
    found: set[str] = set()
    for column in (unit.c.text_hash, feedback.c.text_hash):
        for start in range(0, len(text_hashes), _CHUNK):
            rows = connection.execute(
                select(column)
                .select_from(unit.join(feedback, feedback.c.id == unit.c.feedback_id))
                .outerjoin(waiting, waiting.c.unit_id == unit.c.id)
                .where(column.in_(text_hashes[start : start + _CHUNK]), waiting.c.unit_id.is_(None))
            )
            found.update(rows.scalars())
    return found


def of_texts(connection: Connection, text_hashes: Sequence[str]) -> dict[str, str]:
    """Return, for each of the texts that is a copy, the first text that says the same."""
    table, found = schema.text_copy, {}
    for start in range(0, len(text_hashes), _CHUNK):
        chosen = table.c.text_hash.in_(text_hashes[start : start + _CHUNK])
        rows = connection.execute(select(table.c.text_hash, table.c.first_hash).where(chosen))
        found.update({row.text_hash: row.first_hash for row in rows})
    return found


def add(connection: Connection, stamp: Stamp, copies: Mapping[str, str]) -> None:
    """Record that texts say the same as earlier ones."""
    now = {"actor": stamp.actor, "at": to_text(stamp.at)}
    rows = [{"text_hash": one, "first_hash": first, **now} for one, first in sorted(copies.items())]
    if rows:
        connection.execute(insert(schema.text_copy), rows)


def source_weeks(connection: Connection, sources: Sequence[str], *, last_week: str) -> tuple[SourceWeek, ...]:
    """Return every market and week to which one of the sources brought something that waits for a decision.

    All comments of such a week are returned, those decided on before too, in order of their ids, which are keyed hashes
    and so in no order that a sender can choose.
    """
    feedback, unit = schema.feedback, schema.unit
    waiting = select(unit.c.feedback_id).where(unit.c.id.in_(select(schema.undecided.c.unit_id)))
    keys = connection.execute(
        select(feedback.c.source, feedback.c.market, feedback.c.week)
        .where(feedback.c.source.in_(sources), feedback.c.week <= last_week, feedback.c.id.in_(waiting))
        .distinct()
        .order_by(feedback.c.source, feedback.c.market, feedback.c.week)
    ).all()
    return tuple(
        SourceWeek(source, market, week, _comments(connection, source, market, week)) for source, market, week in keys
    )


def put_beyond_quota(connection: Connection, found: SourceWeek, beyond: Sequence[str]) -> None:
    """Record which comments of a source, market and week lie beyond the quota; earlier records of them are replaced."""
    table, ids = schema.beyond_quota, [one for one, _ in found.comments]
    for start in range(0, len(ids), _CHUNK):
        connection.execute(delete(table).where(table.c.feedback_id.in_(ids[start : start + _CHUNK])))
    if beyond:
        connection.execute(insert(table), [{"feedback_id": one} for one in beyond])


def _comments(connection: Connection, source: str, market: str, week: str) -> tuple[tuple[str, str], ...]:
    feedback, copy = schema.feedback, schema.text_copy
    rows = connection.execute(
        select(feedback.c.id, same_as(feedback.c.text_hash).label("same_as"))
        .outerjoin(copy, copy.c.text_hash == feedback.c.text_hash)
        .where(feedback.c.week == week, feedback.c.market == market, feedback.c.source == source)
        .order_by(feedback.c.id)
    )
    return tuple((row.id, row.same_as) for row in rows)


def _seen(connection: Connection, *conditions: ColumnElement[bool]) -> tuple[SeenText, ...]:
    unit, feedback = schema.unit, schema.feedback
    rows = connection.execute(
        select(
            feedback.c.week,
            feedback.c.text,
            feedback.c.text_hash.label("whole_hash"),
            unit.c.text_hash,
            unit.c.start,
            unit.c.end,
        )
        .join(unit, unit.c.feedback_id == feedback.c.id)
        .where(*conditions)
        .order_by(feedback.c.week, unit.c.text_hash, unit.c.id)
    )
    found: dict[str, SeenText] = {}
    for row in rows:
        clause = SeenText(row.text_hash, row.week, row.text[row.start : row.end], True, row.text_hash == row.whole_hash)
        known = found.setdefault(row.text_hash, clause)
        found[row.text_hash] = replace(known, is_unit=True, is_whole=known.is_whole or clause.is_whole)
        if not clause.is_whole:
            whole = found.setdefault(row.whole_hash, SeenText(row.whole_hash, row.week, row.text, False, True))
            found[row.whole_hash] = replace(whole, is_whole=True)
    return tuple(sorted(found.values(), key=lambda one: (one.week, one.text_hash)))
