"""What changed in the store since a moment, as far as it bears on the figures of a week that was published then."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from voc.store import schema


@dataclass(frozen=True, slots=True)
class Late:
    """Comments of a market and week that were read from a file since."""

    market: str
    week: str
    file_name: str
    comments: int


@dataclass(frozen=True, slots=True)
class LateIn:
    """Comments of a market and week that came since and belong to a theme."""

    theme_id: str
    market: str
    week: str
    comments: int


@dataclass(frozen=True, slots=True)
class Moved:
    """Comments of a market in the week that were put under a theme (None: under none) since, by machine or person."""

    theme_id: str | None
    market: str
    method: str
    comments: int


@dataclass(frozen=True, slots=True)
class ThemeChange:
    """What happened to a theme since, as the ledger calls it; `by_person` for what no run did."""

    theme_id: str
    kind: str
    by_person: bool
    actor: str
    others: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Since:
    """All of it; `deliveries` are (market, week) whose figure was replaced, `renamed` themes with a newer label."""

    late: tuple[Late, ...] = ()
    late_in: tuple[LateIn, ...] = ()
    erased: int = 0
    deliveries: tuple[tuple[str, str], ...] = ()
    moved: tuple[Moved, ...] = ()
    themes: tuple[ThemeChange, ...] = ()
    renamed: tuple[str, ...] = ()
    refitted: bool = False


def since(connection: Connection, at: str, *, week: str, markets: Sequence[str]) -> Since:
    """Return what changed since a stored moment in the weeks up to one, in some markets."""
    return Since(
        late=_late(connection, at, week, markets),
        late_in=_late_in(connection, at, week, markets),
        erased=_count(connection, select(func.count()).where(schema.suppression.c.at > at)),
        deliveries=_deliveries(connection, at, week, markets),
        moved=_moved(connection, at, week, markets),
        themes=_themes(connection, at),
        renamed=tuple(
            connection.execute(
                select(schema.label.c.theme_id)
                .where(schema.label.c.at > at)
                .distinct()
                .order_by(schema.label.c.theme_id)
            ).scalars()
        ),
        refitted=_count(connection, select(func.count()).where(schema.theme_fit.c.at > at)) > 0,
    )


def _count(connection: Connection, query: object) -> int:
    return int(connection.execute(query).scalar() or 0)  # type: ignore[call-overload]


def _late(connection: Connection, at: str, week: str, markets: Sequence[str]) -> tuple[Late, ...]:
    table, batch = schema.feedback, schema.batch
    rows = connection.execute(
        select(table.c.market, table.c.week, batch.c.file_name, func.count().label("comments"))
        .join(batch, batch.c.id == table.c.batch_id)
        .where(table.c.at > at, table.c.week <= week, table.c.market.in_(markets))
        .group_by(table.c.market, table.c.week, batch.c.file_name)
        .order_by(table.c.market, table.c.week, batch.c.file_name)
    )
    return tuple(Late(row.market, row.week, row.file_name, row.comments) for row in rows)


def _late_in(connection: Connection, at: str, week: str, markets: Sequence[str]) -> tuple[LateIn, ...]:
    table, unit, feedback = schema.assignment, schema.unit, schema.feedback
    rows = connection.execute(
        select(table.c.theme_id, feedback.c.market, feedback.c.week, func.count(feedback.c.id.distinct()).label("n"))
        .join(unit, unit.c.id == table.c.unit_id)
        .join(feedback, feedback.c.id == unit.c.feedback_id)
        .where(feedback.c.at > at, feedback.c.week <= week, feedback.c.market.in_(markets))
        .where(table.c.theme_id.is_not(None))
        .group_by(table.c.theme_id, feedback.c.market, feedback.c.week)
        .order_by(table.c.theme_id, feedback.c.market, feedback.c.week)
    )
    return tuple(LateIn(row.theme_id, row.market, row.week, row.n) for row in rows)


def _deliveries(connection: Connection, at: str, week: str, markets: Sequence[str]) -> tuple[tuple[str, str], ...]:
    table = schema.exposure
    rows = connection.execute(
        select(table.c.market, table.c.week)
        .where(table.c.at > at, table.c.week <= week, table.c.market.in_(markets))
        .order_by(table.c.market, table.c.week)
    )
    return tuple((row.market, row.week) for row in rows)


def _moved(connection: Connection, at: str, week: str, markets: Sequence[str]) -> tuple[Moved, ...]:
    table, unit, feedback = schema.assignment, schema.unit, schema.feedback
    number = func.count(feedback.c.id.distinct()).label("comments")
    rows = connection.execute(
        select(table.c.theme_id, feedback.c.market, table.c.method, number)
        .join(unit, unit.c.id == table.c.unit_id)
        .join(feedback, feedback.c.id == unit.c.feedback_id)
        .where(table.c.at > at, feedback.c.at <= at, feedback.c.week == week, feedback.c.market.in_(markets))
        .group_by(table.c.theme_id, feedback.c.market, table.c.method)
        .order_by(table.c.theme_id, feedback.c.market, table.c.method)
    )
    return tuple(Moved(row.theme_id, row.market, row.method, row.comments) for row in rows)


def _themes(connection: Connection, at: str) -> tuple[ThemeChange, ...]:
    table = schema.theme_event
    told = ("born", "split", "merged", "renamed")
    rows = connection.execute(select(table).where(table.c.at > at, table.c.kind.in_(told)).order_by(table.c.id))
    return tuple(
        ThemeChange(
            row.theme_id, row.kind, row.run_id is None, row.actor, tuple(dict.fromkeys([*row.parents, *row.children]))
        )
        for row in rows
    )
