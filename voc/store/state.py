"""A short text that changes whenever something changed that people see, and the figures of a store for its watchers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, func, select

from voc.store import schema
from voc.store.times import from_text

_NOT_SEEN: Final = ("sign in",)
"""Acts of the audit log that change nothing on a page."""


@dataclass(frozen=True, slots=True)
class Vitals:
    """How much a store holds: comments, runs by state, and when a run last ended well."""

    feedback: int
    runs: Mapping[str, int]
    newest_end: datetime | None


def vitals(connection: Connection) -> Vitals:
    """Return the figures of a store."""
    run = schema.run
    count = connection.execute(select(func.count()).select_from(schema.feedback)).scalar_one()
    states = connection.execute(
        select(run.c.state, func.count().label("n")).group_by(run.c.state).order_by(run.c.state)
    )
    newest = connection.execute(select(func.max(run.c.finished_at)).where(run.c.state == "done")).scalar_one()
    return Vitals(int(count), {row.state: int(row.n) for row in states}, from_text(newest) if newest else None)


def fingerprint(connection: Connection) -> str:
    """Return it: the newest ended run, import, label, theme event and act, and how many comments were erased.

    A run is seen when it ends, so that pages stay whole while it works.
    """
    tables = schema
    acts = select(tables.audit.c.seq).where(tables.audit.c.action.not_in(_NOT_SEEN))
    row = connection.execute(
        select(
            select(func.max(tables.run.c.finished_at)).scalar_subquery(),
            select(func.max(tables.batch.c.at)).scalar_subquery(),
            select(func.max(tables.label.c.at)).scalar_subquery(),
            select(func.max(tables.theme_event.c.id)).scalar_subquery(),
            select(func.count()).select_from(tables.suppression).scalar_subquery(),
            acts.order_by(tables.audit.c.seq.desc()).limit(1).scalar_subquery(),
        )
    ).one()
    return "|".join(str(one) for one in row)
