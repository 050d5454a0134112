"""Which unit belongs to which theme, and which units still wait for a decision."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, Select, delete, false, insert, or_, select, update

from voc.store import schema
from voc.store.times import to_text
from voc.types import Assignment, Polarity, Stamp

_CHUNK = 500


@dataclass(frozen=True, slots=True)
class UnitRow:
    """A unit with what a decision about it needs."""

    unit_id: str
    feedback_id: str
    text_hash: str
    market: str
    week: str
    language: str
    rating: float | None
    theme_id: str | None
    score: float | None
    method: str | None


def units(connection: Connection, *, first_week: str | None = None, last_week: str) -> tuple[UnitRow, ...]:
    """Return every unit up to a week (and from another on), in canonical order: text hash, then unit id."""
    query = _units().where(schema.feedback.c.week <= last_week)
    if first_week is not None:
        query = query.where(schema.feedback.c.week >= first_week)
    return _read(connection, query)


def undecided(connection: Connection, *, last_week: str) -> tuple[UnitRow, ...]:
    """Return units up to a week that no run has decided on."""
    waiting = schema.undecided
    query = _units().join(waiting, waiting.c.unit_id == schema.unit.c.id).where(schema.feedback.c.week <= last_week)
    return _read(connection, query)


def pool(connection: Connection, *, first_week: str, last_week: str, loose: float = 0.0) -> tuple[UnitRow, ...]:
    """Return units of a span of weeks without theme, or that clear its threshold by less; not those a person moved."""
    clears = schema.theme.c.threshold + loose
    return _read(
        connection,
        _units()
        .outerjoin(schema.theme, schema.theme.c.id == schema.assignment.c.theme_id)
        .where(
            schema.feedback.c.week >= first_week,
            schema.feedback.c.week <= last_week,
            schema.assignment.c.method == "machine",
            or_(schema.assignment.c.theme_id.is_(None), schema.assignment.c.score < clears if loose else false()),
        ),
    )


def of_texts(connection: Connection, text_hashes: Sequence[str]) -> tuple[UnitRow, ...]:
    """Return every unit of some texts, whatever its week: exact duplicates always share a theme."""
    found: list[UnitRow] = []
    for start in range(0, len(text_hashes), _CHUNK):
        chunk = text_hashes[start : start + _CHUNK]
        found += _read(connection, _units().where(schema.unit.c.text_hash.in_(chunk)))
    return tuple(found)


def members(connection: Connection, *, theme_id: str, first_week: str = "", last_week: str) -> tuple[UnitRow, ...]:
    """Return the units of a theme in a span of weeks, strongest first."""
    query = _units().where(
        schema.assignment.c.theme_id == theme_id,
        schema.feedback.c.week >= first_week,
        schema.feedback.c.week <= last_week,
    )
    return tuple(sorted(_read(connection, query), key=lambda unit: (-(unit.score or 0.0), unit.text_hash)))


def by_text(connection: Connection, text_hashes: Sequence[str]) -> dict[str, str]:
    """Return the theme of each text that already belongs to one: exact duplicates always share a theme."""
    found: dict[str, str] = {}
    for start in range(0, len(text_hashes), _CHUNK):
        rows = connection.execute(
            select(schema.unit.c.text_hash, schema.assignment.c.theme_id)
            .join(schema.assignment, schema.assignment.c.unit_id == schema.unit.c.id)
            .where(
                schema.unit.c.text_hash.in_(text_hashes[start : start + _CHUNK]),
                schema.assignment.c.theme_id.is_not(None),
            )
            .order_by(schema.unit.c.text_hash, schema.assignment.c.theme_id)
        )
        for row in rows:
            found.setdefault(row.text_hash, row.theme_id)
    return found


def rehome(connection: Connection, *, old: str, new: str) -> int:
    """Give every unit of one theme to another and return how many there were."""
    table = schema.assignment
    connection.execute(update(table).where(table.c.nearest_theme_id == old).values(nearest_theme_id=new))
    return connection.execute(update(table).where(table.c.theme_id == old).values(theme_id=new)).rowcount


def rehome_units(connection: Connection, unit_ids: Sequence[str], *, new: str) -> None:
    """Give units to a theme, whoever put them where they were."""
    table = schema.assignment
    for start in range(0, len(unit_ids), _CHUNK):
        chosen = table.c.unit_id.in_(unit_ids[start : start + _CHUNK])
        connection.execute(update(table).where(chosen).values(theme_id=new, nearest_theme_id=new))


def move(connection: Connection, stamp: Stamp, unit_ids: Sequence[str], *, theme_id: str | None) -> None:
    """Put units where a person wants them; no later run moves them."""
    table = schema.assignment
    for start in range(0, len(unit_ids), _CHUNK):
        chosen = table.c.unit_id.in_(unit_ids[start : start + _CHUNK])
        values = {"theme_id": theme_id, "method": "person", "actor": stamp.actor, "at": to_text(stamp.at)}
        connection.execute(update(table).where(chosen).values(**values))


def put(connection: Connection, stamp: Stamp, assignments: Sequence[Assignment], *, run_id: str) -> None:
    """Write decisions, each replacing an earlier one about the same unit."""
    for start in range(0, len(assignments), _CHUNK):
        chunk = assignments[start : start + _CHUNK]
        table = schema.assignment
        decided = [item.unit_id for item in chunk]
        connection.execute(delete(table).where(table.c.unit_id.in_(decided)))
        connection.execute(delete(schema.undecided).where(schema.undecided.c.unit_id.in_(decided)))
        connection.execute(
            insert(table),
            [
                {
                    "unit_id": item.unit_id,
                    "theme_id": item.theme_id,
                    "score": item.score,
                    "nearest_theme_id": item.nearest_theme_id,
                    "polarity": item.polarity.value,
                    "polarity_method": item.polarity_method,
                    "polarity_score": item.polarity_score,
                    "method": item.method,
                    "run_id": run_id,
                    "actor": stamp.actor,
                    "at": to_text(stamp.at),
                }
                for item in chunk
            ],
        )


def of_feedback(connection: Connection, feedback_ids: Sequence[str]) -> dict[str, tuple[str | None, Polarity]]:
    """Return (theme, polarity) of each feedback that a run decided on."""
    found: dict[str, tuple[str | None, Polarity]] = {}
    for start in range(0, len(feedback_ids), _CHUNK):
        rows = connection.execute(
            select(schema.unit.c.feedback_id, schema.assignment.c.theme_id, schema.assignment.c.polarity)
            .join(schema.assignment, schema.assignment.c.unit_id == schema.unit.c.id)
            .where(schema.unit.c.feedback_id.in_(feedback_ids[start : start + _CHUNK]))
            .order_by(schema.unit.c.feedback_id, schema.unit.c.start)
        )
        for row in rows:
            found.setdefault(row.feedback_id, (row.theme_id, Polarity(row.polarity)))
    return found


def _units() -> Select[tuple[object, ...]]:
    return (
        select(
            schema.unit.c.id.label("unit_id"),
            schema.unit.c.feedback_id,
            schema.unit.c.text_hash,
            schema.feedback.c.market,
            schema.feedback.c.week,
            schema.feedback.c.language,
            schema.feedback.c.rating,
            schema.assignment.c.theme_id,
            schema.assignment.c.score,
            schema.assignment.c.method,
        )
        .join(schema.feedback, schema.feedback.c.id == schema.unit.c.feedback_id)
        .outerjoin(schema.assignment, schema.assignment.c.unit_id == schema.unit.c.id)
    )


def _read(connection: Connection, query: Select[tuple[object, ...]]) -> tuple[UnitRow, ...]:
    rows = connection.execute(query.order_by(schema.unit.c.text_hash, schema.unit.c.id))
    return tuple(UnitRow(**row._mapping) for row in rows)
