"""Which unit belongs to which theme, and which units still wait for a decision."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Select, bindparam, delete, distinct, func, or_, select, update

from voc.store import schema
from voc.store.bulk import insert_many
from voc.store.copies import same_as
from voc.store.times import to_text
from voc.types import Assignment, Polarity, Stamp

_CHUNK = 500

JUDGED: Final = "judge comment"
"""What the audit log calls it when a person says what a comment is."""


@dataclass(frozen=True, slots=True)
class UnitRow:
    """A unit with what a decision about it needs.

    `same_as` is the hash of the text that it counts as: its own, or that of the earlier text it is a near-copy of.
    `counted` is false beyond the quota of its source: it gets a theme, but makes none and enters no rate. `is_clause`
    says that it is a part of its comment.
    """

    unit_id: str
    feedback_id: str
    text_hash: str
    same_as: str
    start: int
    end: int
    is_clause: bool
    counted: bool
    market: str
    week: str
    language: str
    rating: float | None
    theme_id: str | None
    score: float | None
    method: str | None
    polarity: str | None
    polarity_method: str | None


def units(connection: Connection, *, first_week: str | None = None, last_week: str) -> tuple[UnitRow, ...]:
    """Return every unit up to a week (and from another on), in canonical order: text hash, then unit id."""
    query = _units().where(schema.feedback.c.week <= last_week)
    if first_week is not None:
        query = query.where(schema.feedback.c.week >= first_week)
    return _read(connection, query)


def rated(connection: Connection, *, last_week: str, most: int) -> tuple[UnitRow, ...]:
    """Return up to so many units of comments with a rating, one a text: the newest weeks first, then by text hash."""
    feedback, unit = schema.feedback, schema.unit
    newest = (
        select(unit.c.id)
        .join(feedback, feedback.c.id == unit.c.feedback_id)
        .where(feedback.c.week <= last_week, feedback.c.rating.is_not(None))
        .order_by(feedback.c.week.desc(), unit.c.text_hash, unit.c.id)
        .limit(most)
    )
    firsts = {one.same_as: one for one in reversed(_read(connection, _units().where(unit.c.id.in_(newest))))}
    return tuple(sorted(firsts.values(), key=lambda unit: unit.same_as))


def corrected(connection: Connection, *, last_week: str, most: int) -> tuple[UnitRow, ...]:
    """Return up to so many units of comments of which a person said what they are: the newest weeks first.

    They are found through the audit log, so that the cost follows what people corrected and not the history.
    """
    unit, week = schema.unit, schema.feedback.c.week
    acts = select(schema.audit.c.subject).where(schema.audit.c.action == JUDGED)
    said = _units().where(unit.c.feedback_id.in_(acts), schema.assignment.c.polarity_method == "person")
    newest = said.where(week <= last_week).order_by(week.desc(), unit.c.text_hash, unit.c.id)
    return _rows(connection, newest.limit(most))


def corrections(connection: Connection, text_hashes: Sequence[str]) -> dict[str, str]:
    """Return what people said about whole comments of some texts, by the hash that they count as; the newest stands."""
    found: dict[str, str] = {}
    table = schema.assignment
    for start in range(0, len(text_hashes), _CHUNK):
        said = _units().where(_says(text_hashes[start : start + _CHUNK]), table.c.polarity_method == "person")
        for unit in _rows(connection, said.order_by(table.c.at, schema.unit.c.id)):
            if not unit.is_clause and unit.polarity is not None:
                found[unit.same_as] = unit.polarity
    return found


def undecided(connection: Connection, *, last_week: str) -> tuple[UnitRow, ...]:
    """Return units up to a week that no run has decided on.

    The week is compared here: told of it, SQLite walks through all weeks up to it.
    """
    waiting = select(schema.undecided.c.unit_id)
    found = _read(connection, _units().where(schema.unit.c.id.in_(waiting)))
    return tuple(unit for unit in found if unit.week <= last_week)


def of_texts(connection: Connection, text_hashes: Sequence[str]) -> tuple[UnitRow, ...]:
    """Return every unit of some texts and of their near-copies, whatever its week: copies always share a theme."""
    found: list[UnitRow] = []
    for start in range(0, len(text_hashes), _CHUNK):
        found += _read(connection, _units().where(_says(text_hashes[start : start + _CHUNK])))
    return tuple(found)


def of_units(connection: Connection, unit_ids: Sequence[str]) -> dict[str, UnitRow]:
    """Return units by id."""
    found: dict[str, UnitRow] = {}
    for start in range(0, len(unit_ids), _CHUNK):
        rows = _read(connection, _units().where(schema.unit.c.id.in_(unit_ids[start : start + _CHUNK])))
        found.update({row.unit_id: row for row in rows})
    return found


def of_feedback(connection: Connection, feedback_id: str) -> tuple[UnitRow, ...]:
    """Return the units of a comment in the order of its text."""
    found = _read(connection, _units().where(schema.unit.c.feedback_id == feedback_id))
    return tuple(sorted(found, key=lambda unit: unit.start))


def copies_of(connection: Connection, feedback_id: str) -> tuple[UnitRow, ...]:
    """Return every unit of a comment and of the comments that are copies of it."""
    feedback, copy = schema.feedback, schema.text_copy
    joined = feedback.outerjoin(copy, copy.c.text_hash == feedback.c.text_hash)
    says = same_as(feedback.c.text_hash)
    first = connection.execute(select(says).select_from(joined).where(feedback.c.id == feedback_id)).scalar_one()
    near = select(copy.c.text_hash).where(copy.c.first_hash == first)
    alike = or_(feedback.c.text_hash == first, feedback.c.text_hash.in_(near))
    return _read(connection, _units().where(alike))


def members(connection: Connection, *, theme_id: str, first_week: str = "", last_week: str) -> tuple[UnitRow, ...]:
    """Return the units of a theme in a span of weeks, strongest first."""
    query = _units().where(
        schema.assignment.c.theme_id == theme_id,
        schema.feedback.c.week >= first_week,
        schema.feedback.c.week <= last_week,
    )
    return tuple(sorted(_read(connection, query), key=by_strength))


def by_strength(unit: UnitRow) -> tuple[float, str]:
    """Order the units of a theme, in canonical order so far, so that the strongest come first."""
    return -(unit.score or 0.0), unit.same_as


def texts(connection: Connection, *, theme_id: str) -> Iterator[str]:
    """Yield the texts of the units of a theme, in no order that matters."""
    unit, feedback, assignment = schema.unit, schema.feedback, schema.assignment
    query = select(feedback.c.text, unit.c.start, unit.c.end).join(unit, unit.c.feedback_id == feedback.c.id)
    mine = query.join(assignment, assignment.c.unit_id == unit.c.id).where(assignment.c.theme_id == theme_id)
    for row in connection.execute(mine):
        yield row.text[row.start : row.end]


def strongest(connection: Connection, *, theme_id: str, last_week: str, most: int) -> list[UnitRow]:
    """Return up to so many units of a theme up to a week, one a text, strongest first; only those are read."""
    return _firsts(connection, theme_id, last_week, most, _strength().desc(), same_as(schema.unit.c.text_hash))


def first_by_hash(connection: Connection, *, theme_id: str, last_week: str, most: int) -> list[UnitRow]:
    """Return up to so many units of a theme up to a week, one a text, the first by hash; only those are read."""
    return _firsts(connection, theme_id, last_week, most, same_as(schema.unit.c.text_hash), _strength().desc())


def _strength() -> ColumnElement[float]:
    return func.coalesce(schema.assignment.c.score, 0.0)


def _firsts(
    connection: Connection, theme_id: str, last_week: str, most: int, *order: ColumnElement[Any]
) -> list[UnitRow]:
    """Return the first unit of each of the first texts in an order; copies are read on until there are enough texts.

    They are ordered by what that needs alone, and only those that come out first are read whole.
    """
    unit = schema.unit
    inside = (schema.assignment.c.theme_id == theme_id, schema.feedback.c.week <= last_week)
    narrow = _units().with_only_columns(unit.c.id, same_as(unit.c.text_hash), maintain_column_froms=True)
    ordered = narrow.where(*inside).order_by(*order, unit.c.text_hash, unit.c.id)
    wanted = 2 * most
    while True:
        rows = connection.execute(ordered.limit(wanted)).all()
        firsts: dict[str, str] = {}
        for unit_id, text in rows:
            firsts.setdefault(text, unit_id)
        if len(firsts) >= most or len(rows) < wanted:
            chosen = list(firsts.values())[:most]
            found = of_units(connection, chosen)
            return [found[one] for one in chosen]
        wanted *= 4


def weekly_sizes(connection: Connection, *, first_week: str, last_week: str) -> dict[str, dict[str, int]]:
    """Return, by theme, how many comments it has in each week of a span in which it has any."""
    feedback, unit, assignment = schema.feedback, schema.unit, schema.assignment
    rows = connection.execute(
        select(assignment.c.theme_id, feedback.c.week, func.count(distinct(feedback.c.id)).label("comments"))
        .join(unit, unit.c.id == assignment.c.unit_id)
        .join(feedback, feedback.c.id == unit.c.feedback_id)
        .where(feedback.c.week >= first_week, feedback.c.week <= last_week, assignment.c.theme_id.is_not(None))
        .group_by(assignment.c.theme_id, feedback.c.week)
    )
    found: dict[str, dict[str, int]] = {}
    for row in rows:
        found.setdefault(row.theme_id, {})[row.week] = row.comments
    return found


def by_text(connection: Connection, text_hashes: Sequence[str]) -> dict[str, str]:
    """Return the theme of each text of which a unit or near-copy belongs to one already: copies share a theme."""
    found: dict[str, str] = {}
    for unit in of_texts(connection, text_hashes):
        if unit.theme_id is not None:
            found[unit.same_as] = min(unit.theme_id, found.get(unit.same_as, unit.theme_id))
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


def place(connection: Connection, places: Mapping[str, tuple[str, float]]) -> None:
    """Give each unit, by id, to a theme with the cosine to it, as a machine would."""
    table = schema.assignment
    rows = [{"unit": unit, "home": theme, "cosine": cosine} for unit, (theme, cosine) in sorted(places.items())]
    home: ColumnElement[str] = bindparam("home")
    values = {"theme_id": home, "nearest_theme_id": home, "score": bindparam("cosine")}
    if rows:
        connection.execute(update(table).where(table.c.unit_id == bindparam("unit")).values(**values), rows)


def move(connection: Connection, stamp: Stamp, unit_ids: Sequence[str], *, theme_id: str | None) -> None:
    """Put units where a person wants them; no later run moves them."""
    table = schema.assignment
    for start in range(0, len(unit_ids), _CHUNK):
        chosen = table.c.unit_id.in_(unit_ids[start : start + _CHUNK])
        values = {"theme_id": theme_id, "method": "person", "actor": stamp.actor, "at": to_text(stamp.at)}
        connection.execute(update(table).where(chosen).values(**values))


def judge(connection: Connection, stamp: Stamp, unit_ids: Sequence[str], *, polarity: Polarity) -> None:
    """Say what units are because a person says so; no later run says otherwise."""
    table = schema.assignment
    values = {
        "polarity": polarity.value,
        "polarity_method": "person",
        "polarity_score": None,
        "actor": stamp.actor,
        "at": to_text(stamp.at),
    }
    for start in range(0, len(unit_ids), _CHUNK):
        chosen = table.c.unit_id.in_(unit_ids[start : start + _CHUNK])
        connection.execute(update(table).where(chosen).values(**values))


def put(connection: Connection, stamp: Stamp, assignments: Sequence[Assignment], *, run_id: str) -> None:
    """Write decisions, each replacing an earlier one about the same unit."""
    for start in range(0, len(assignments), _CHUNK):
        chunk = assignments[start : start + _CHUNK]
        table = schema.assignment
        decided = [item.unit_id for item in chunk]
        connection.execute(delete(table).where(table.c.unit_id.in_(decided)))
        connection.execute(delete(schema.undecided).where(schema.undecided.c.unit_id.in_(decided)))
        insert_many(
            connection,
            table,
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


def _says(text_hashes: Sequence[str]) -> ColumnElement[bool]:
    """Return whether a unit's text, or the one that it is a near-copy of, is one of these."""
    copy = schema.text_copy
    near = select(copy.c.text_hash).where(copy.c.first_hash.in_(text_hashes))
    return or_(schema.unit.c.text_hash.in_(text_hashes), schema.unit.c.text_hash.in_(near))


def _units() -> Select[tuple[object, ...]]:
    return (
        select(
            schema.unit.c.id.label("unit_id"),
            schema.unit.c.feedback_id,
            schema.unit.c.text_hash,
            same_as(schema.unit.c.text_hash).label("same_as"),
            schema.unit.c.start,
            schema.unit.c.end,
            (schema.unit.c.end - schema.unit.c.start < func.length(schema.feedback.c.text)).label("is_clause"),
            schema.beyond_quota.c.feedback_id.is_(None).label("counted"),
            schema.feedback.c.market,
            schema.feedback.c.week,
            schema.feedback.c.language,
            schema.feedback.c.rating,
            schema.assignment.c.theme_id,
            schema.assignment.c.score,
            schema.assignment.c.method,
            schema.assignment.c.polarity,
            schema.assignment.c.polarity_method,
        )
        .join(schema.feedback, schema.feedback.c.id == schema.unit.c.feedback_id)
        .outerjoin(schema.text_copy, schema.text_copy.c.text_hash == schema.unit.c.text_hash)
        .outerjoin(schema.beyond_quota, schema.beyond_quota.c.feedback_id == schema.feedback.c.id)
        .outerjoin(schema.assignment, schema.assignment.c.unit_id == schema.unit.c.id)
    )


def _read(connection: Connection, query: Select[tuple[object, ...]]) -> tuple[UnitRow, ...]:
    return _rows(connection, query.order_by(schema.unit.c.text_hash, schema.unit.c.id))


def _rows(connection: Connection, query: Select[tuple[object, ...]]) -> tuple[UnitRow, ...]:
    rows = connection.execute(query)
    return tuple(
        UnitRow(**{**row._mapping, "counted": bool(row.counted), "is_clause": bool(row.is_clause)}) for row in rows
    )
