"""Themes, the space they live in, and the ledger of what happened to them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from sqlalchemy import Connection, Row, insert, select, update

from voc.errors import DamageError, NotFoundError
from voc.store import audit, schema
from voc.store.times import to_text
from voc.types import Stamp, Vectors

FIRST_FIT: Final = "first fit"
"""Why a theme was born that was there before anyone looked; such a theme is not news."""


ENDED: Final = ("merged", "split")
"""States of a theme that no comment joins any more."""


@dataclass(frozen=True, slots=True)
class FitRow:
    """A fit: the model it belongs to and the bytes of its space (npz without objects)."""

    id: str
    model_id: str
    config: Mapping[str, object]
    space: bytes


@dataclass(frozen=True, slots=True)
class ThemeRow:
    """A theme: its centroid is `(d,) float32` of unit length in the space of its fit.

    A locked theme is never ended by the machine, a muted one is neither shown nor alarmed, and one that was merged is
    a second way `into` another. `group_id` is the upper level, given after themes are named.
    """

    id: str
    fit_id: str
    born_week: str
    state: str
    centroid: Vectors
    threshold: float
    locked: bool = False
    muted: bool = False
    into: str | None = None
    group_id: str | None = None


@dataclass(frozen=True, slots=True)
class ThemeEvent:
    """One entry of the ledger; `by_person` is true, once stored, for what no run did."""

    theme_id: str
    kind: str
    week: str
    members: int
    score: float | None = None
    parents: tuple[str, ...] = ()
    children: tuple[str, ...] = ()
    why: str = ""
    by_person: bool = False


def add_fit(connection: Connection, stamp: Stamp, fit: FitRow, *, run_id: str) -> None:
    """Store the space of a fit; one that is stored already comes into force again."""
    table = schema.theme_fit
    now = {"run_id": run_id, "config": dict(fit.config), "actor": stamp.actor, "at": to_text(stamp.at)}
    if connection.execute(update(table).where(table.c.id == fit.id).values(**now)).rowcount:
        return
    digest = hashlib.sha256(fit.space).hexdigest()
    connection.execute(insert(table).values(id=fit.id, model_id=fit.model_id, space=fit.space, sha256=digest, **now))


def newest_fit(connection: Connection, *, model_id: str | None) -> FitRow | None:
    """Return the space in force for a model (None is the newest of all), or None before the first fit.

    Raises:
        DamageError: the stored bytes are not those that were written.
    """
    table = schema.theme_fit
    query = select(table).order_by(table.c.at.desc(), table.c.id).limit(1)
    row = connection.execute(query.where(table.c.model_id == model_id) if model_id else query).first()
    return None if row is None else _fit(row)


def fit(connection: Connection, fit_id: str) -> FitRow:
    """Return the space of an id, whether it is in force or not.

    Raises:
        DamageError: the stored bytes are not those that were written.
    """
    return _fit(connection.execute(select(schema.theme_fit).where(schema.theme_fit.c.id == fit_id)).one())


def fits(connection: Connection) -> tuple[FitRow, ...]:
    """Return every space that themes were ever found in, by id.

    Raises:
        DamageError: stored bytes are not those that were written.
    """
    return tuple(_fit(row) for row in connection.execute(select(schema.theme_fit).order_by(schema.theme_fit.c.id)))


def rewrite_fit(connection: Connection, fit: FitRow) -> None:
    """Write a space from which something was erased; it stays the fit that it is."""
    table, digest = schema.theme_fit, hashlib.sha256(fit.space).hexdigest()
    connection.execute(update(table).where(table.c.id == fit.id).values(space=fit.space, sha256=digest))


def _fit(row: Row[Any]) -> FitRow:
    if hashlib.sha256(row.space).hexdigest() != row.sha256:
        raise DamageError(f"The theme space {row.id} is damaged in the store. Put back your newest backup.")
    return FitRow(row.id, row.model_id, row.config, row.space)


def fit_models(connection: Connection) -> tuple[str, ...]:
    """Return the models for which a space was fitted."""
    table = schema.theme_fit
    return tuple(connection.execute(select(table.c.model_id).distinct().order_by(table.c.model_id)).scalars())


def add(connection: Connection, stamp: Stamp, themes: Iterable[ThemeRow]) -> None:
    """Store new themes."""
    values = [
        {
            "id": theme.id,
            "fit_id": theme.fit_id,
            "born_week": theme.born_week,
            "state": theme.state,
            "centroid": np.ascontiguousarray(theme.centroid, dtype="<f4").tobytes(),
            "threshold": theme.threshold,
            "locked": int(theme.locked),
            "muted": int(theme.muted),
            "into": theme.into,
            "actor": stamp.actor,
            "at": to_text(stamp.at),
        }
        for theme in themes
    ]
    if values:
        connection.execute(insert(schema.theme), values)


def change(connection: Connection, stamp: Stamp, theme: ThemeRow) -> None:
    """Write a theme as it is now; its id and the week of its birth never change."""
    table = schema.theme
    connection.execute(
        update(table)
        .where(table.c.id == theme.id)
        .values(
            fit_id=theme.fit_id,
            state=theme.state,
            centroid=np.ascontiguousarray(theme.centroid, dtype="<f4").tobytes(),
            threshold=theme.threshold,
            locked=int(theme.locked),
            muted=int(theme.muted),
            into=theme.into,
            actor=stamp.actor,
            at=to_text(stamp.at),
        )
    )


def of_fit(connection: Connection, *, fit_id: str) -> tuple[ThemeRow, ...]:
    """Return the themes of a fit in order of birth."""
    table = schema.theme
    found = connection.execute(select(table).where(table.c.fit_id == fit_id).order_by(table.c.born_week, table.c.id))
    return tuple(_row(row) for row in found)


def get(connection: Connection, theme_id: str) -> ThemeRow:
    """Return one theme; the beginning of its id is enough when no other shares it.

    Raises:
        NotFoundError: no theme, or more than one, begins with that id.
    """
    table = schema.theme
    found = connection.execute(
        select(table).where(table.c.id.startswith(theme_id, autoescape=True)).order_by(table.c.id).limit(2)
    ).all()
    if len(found) != 1:
        several = "More than one theme begins" if found else "No theme begins"
        raise NotFoundError(f"{several} with '{theme_id}'. 'voc themes list' shows the ids.")
    return _row(found[0])


def record(connection: Connection, stamp: Stamp, events: Sequence[ThemeEvent], *, run_id: str | None) -> None:
    """Append events to the ledger."""
    values = [
        {
            "theme_id": event.theme_id,
            "kind": event.kind,
            "week": event.week,
            "run_id": run_id,
            "parents": list(event.parents),
            "children": list(event.children),
            "members": event.members,
            "score": event.score,
            "why": event.why,
            "actor": stamp.actor,
            "at": to_text(stamp.at),
        }
        for event in events
    ]
    if values:
        connection.execute(insert(schema.theme_event), values)


def record_act(
    connection: Connection, stamp: Stamp, event: ThemeEvent, *, detail: Mapping[str, object] | None = None
) -> None:
    """Append what a person did to a theme to the ledger and to the audit log."""
    record(connection, stamp, [event], run_id=None)
    kept = {**(detail or {}), "why": event.why, "parents": list(event.parents), "children": list(event.children)}
    audit.record(connection, stamp, action=f"theme {event.kind}", subject=event.theme_id, detail=kept)


def slept_at(connection: Connection, *, last_week: str) -> dict[str, float]:
    """Return, from the ledger, what was usual of each theme, in comments a week, when it last fell asleep."""
    table = schema.theme_event
    rows = connection.execute(
        select(table.c.theme_id, table.c.score)
        .where(table.c.kind == "dormant", table.c.week <= last_week, table.c.score.is_not(None))
        .order_by(table.c.week, table.c.id)
    )
    return {row.theme_id: row.score for row in rows}


def events(connection: Connection, *, theme_id: str | None = None, week: str | None = None) -> tuple[ThemeEvent, ...]:
    """Return the ledger in the order it was written, of one theme or week or all."""
    table = schema.theme_event
    query = select(table).order_by(table.c.id)
    if theme_id is not None:
        query = query.where(table.c.theme_id == theme_id)
    if week is not None:
        query = query.where(table.c.week == week)
    return tuple(
        ThemeEvent(
            row.theme_id,
            row.kind,
            row.week,
            row.members,
            row.score,
            tuple(row.parents),
            tuple(row.children),
            row.why,
            row.run_id is None,
        )
        for row in connection.execute(query)
    )


def _row(row: object) -> ThemeRow:
    found = row._mapping  # type: ignore[attr-defined]
    centroid = np.frombuffer(found["centroid"], dtype="<f4").astype(np.float32)
    return ThemeRow(
        found["id"],
        found["fit_id"],
        found["born_week"],
        found["state"],
        centroid,
        found["threshold"],
        bool(found["locked"]),
        bool(found["muted"]),
        found["into"],
        found["group_id"],
    )
