"""A short text that changes whenever something changed that people see."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Connection, func, select

from voc.store import schema

_NOT_SEEN: Final = ("sign in",)
"""Acts of the audit log that change nothing on a page."""


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
