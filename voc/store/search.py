"""What a search asks of the store: which texts pass a filter, whose they are, and what there is to filter by."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, distinct, func, select

from voc.store import schema
from voc.store.filters import Filter, conditions, of_assignment, of_comment

_CHUNK = 500
_NEWEST = 1000
_MOST_VALUES = 50


@dataclass(frozen=True, slots=True)
class Passing:
    """A text that passes a filter: one unit that has it, and the text that it counts as (its own or an earlier one)."""

    text_hash: str
    unit_id: str
    same_as: str


@dataclass(frozen=True, slots=True)
class Found:
    """A unit that passes a filter, with what facets and trends count by."""

    feedback_id: str
    text_hash: str
    same_as: str
    market: str
    week: str
    language: str
    channel: str
    rating: float | None
    theme_id: str | None
    polarity: str | None


@dataclass(frozen=True, slots=True)
class Extent:
    """How far the store has come; another extent means that texts or vectors were added, or comments erased."""

    added: int
    erased: int
    mark: tuple[int, int]


def passing(connection: Connection, text_hashes: Sequence[str], wanted: Filter) -> dict[str, Passing]:
    """Return those of the texts that some comment in the filter has, by text hash.

    A filter that asks nothing is answered by units alone, without a look at their comments, which lie far apart.
    """
    unit = schema.unit.c
    found = {}
    for start in range(0, len(text_hashes), _CHUNK):
        query = select(unit.text_hash, func.min(unit.id).label("unit_id"))
        query = _joined(query, wanted) if conditions(wanted) else query
        rows = connection.execute(
            query.where(unit.text_hash.in_(text_hashes[start : start + _CHUNK])).group_by(unit.text_hash)
        ).all()
        firsts = _firsts(connection, [row.text_hash for row in rows])
        for row in rows:
            found[row.text_hash] = Passing(row.text_hash, row.unit_id, firsts.get(row.text_hash, row.text_hash))
    return found


def texts(connection: Connection, wanted: Filter) -> list[str]:
    """Return the hash of every text that some comment in the filter has, each once.

    Comments are chosen first and their units after: told of both at once, SQLite walks through all units.
    """
    unit, assignment = schema.unit, schema.assignment
    query = select(unit.c.text_hash)
    if asked := of_comment(wanted):
        query = query.where(unit.c.feedback_id.in_(select(schema.feedback.c.id).where(*asked.values())))
    if decided := of_assignment(wanted):
        query = query.outerjoin(assignment, assignment.c.unit_id == unit.c.id).where(*decided.values())
    return list(dict.fromkeys(connection.execute(query).scalars()))


def comments(connection: Connection, wanted: Filter, *, without: Sequence[str] = ()) -> int:
    """Return how many comments pass a filter, or would if it did not ask some things, by their names."""
    query = _joined(select(func.count(distinct(schema.feedback.c.id))), wanted, without=without)
    return int(connection.execute(query).scalar_one())


def copies(connection: Connection, firsts: Sequence[str], wanted: Filter) -> dict[str, int]:
    """Return how many comments in the filter say the same as each of some first texts, themselves counted."""
    unit, copy = schema.unit.c, schema.text_copy
    found: dict[str, set[str]] = {one: set() for one in firsts}
    for start in range(0, len(firsts), _CHUNK):
        chunk = firsts[start : start + _CHUNK]
        near = select(copy.c.text_hash, copy.c.first_hash).where(copy.c.first_hash.in_(chunk))
        of = {row.text_hash: row.first_hash for row in connection.execute(near)} | {one: one for one in chunk}
        query = _joined(select(unit.text_hash, schema.feedback.c.id), wanted).where(unit.text_hash.in_(sorted(of)))
        for row in connection.execute(query):
            found[of[row.text_hash]].add(row.id)
    return {one: len(ids) for one, ids in found.items()}


def found_units(connection: Connection, text_hashes: Sequence[str], wanted: Filter) -> Iterator[Found]:
    """Yield every unit in the filter that has one of the texts."""
    unit, feedback, assignment = schema.unit.c, schema.feedback.c, schema.assignment.c
    columns = select(
        unit.feedback_id,
        unit.text_hash,
        feedback.market,
        feedback.week,
        feedback.language,
        feedback.channel,
        feedback.rating,
        assignment.theme_id,
        assignment.polarity,
    )
    for start in range(0, len(text_hashes), _CHUNK):
        chunk = text_hashes[start : start + _CHUNK]
        firsts = _firsts(connection, chunk)
        rows = connection.execute(_joined(columns, wanted).where(unit.text_hash.in_(chunk)).order_by(unit.id))
        for row in rows:
            yield Found(**row._mapping, same_as=firsts.get(row.text_hash, row.text_hash))


def extent(connection: Connection, *, model_id: str) -> Extent:
    """Return how far the store has come: cheap to ask before every question."""
    block, batch = schema.vector_block.c, schema.batch.c
    added = connection.execute(select(func.coalesce(func.sum(batch.added), 0))).scalar_one()
    erased = connection.execute(select(func.count()).select_from(schema.suppression)).scalar_one()
    last = connection.execute(
        select(block.segment, block.first_row, block.rows)
        .where(block.model_id == model_id)
        .order_by(block.segment.desc(), block.first_row.desc())
        .limit(1)
    ).first()
    mark = (1, 0) if last is None else (last.segment, last.first_row + last.rows)
    return Extent(int(added), int(erased), mark)


def channels(connection: Connection, *, markets: Sequence[str] | None = None) -> tuple[str, ...]:
    """Return the channels that feedback of some markets (None: all) came through, the busiest first, at most 50."""
    return tuple(one for one in _most_frequent(connection, schema.feedback.c.channel, markets) if one)


def attribute_names(connection: Connection, *, markets: Sequence[str] | None = None) -> tuple[str, ...]:
    """Return the attributes that the newest 1,000 comments of some markets (None: all) carry."""
    feedback = schema.feedback.c
    newest = select(feedback.attributes).order_by(feedback.week.desc(), feedback.market.desc()).limit(_NEWEST)
    if markets is not None:
        newest = newest.where(feedback.market.in_(markets))
    return tuple(sorted({name for kept in connection.execute(newest).scalars() for name in kept}))


def attribute_values(connection: Connection, name: str, *, markets: Sequence[str] | None = None) -> tuple[str, ...]:
    """Return the values of an attribute in some markets (None: all), the most frequent first, at most 50."""
    return _most_frequent(connection, schema.feedback.c.attributes[name].as_string(), markets)


def _most_frequent(
    connection: Connection, column: ColumnElement[str], markets: Sequence[str] | None
) -> tuple[str, ...]:
    rows = select(column, func.count()).group_by(column).order_by(func.count().desc(), column).limit(_MOST_VALUES)
    if markets is not None:
        rows = rows.where(schema.feedback.c.market.in_(markets))
    return tuple(str(row[0]) for row in connection.execute(rows) if row[0] is not None)


def _firsts(connection: Connection, text_hashes: Sequence[str]) -> dict[str, str]:
    copy = schema.text_copy.c
    rows = connection.execute(select(copy.text_hash, copy.first_hash).where(copy.text_hash.in_(text_hashes)))
    return {row.text_hash: row.first_hash for row in rows}


def _joined(query: Select[Any], wanted: Filter, *, without: Sequence[str] = ()) -> Select[Any]:
    unit, feedback, assignment = schema.unit, schema.feedback, schema.assignment
    asked = [condition for name, condition in conditions(wanted).items() if name not in without]
    return (
        query.select_from(unit)
        .join(feedback, feedback.c.id == unit.c.feedback_id)
        .outerjoin(assignment, assignment.c.unit_id == unit.c.id)
        .where(*asked)
    )
