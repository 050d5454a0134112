"""Change what is written in the columns that hold words of people and of models, wherever they are.

What customers said stands in `feedback` and `proposal_quote`, and goes with its comment. Every other column that can
hold a text is named here, so that none is forgotten (a test compares them with the tables).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, Table, delete, select, update

from voc.store import audit, reports, schema
from voc.store.reports import Words
from voc.types import Stamp

Change = Callable[[str], str]
"""Returns what a text says from now on."""

SWEPT: Final[Mapping[str, tuple[str, ...]]] = {
    "backfill_part": ("reason",),
    "batch_check": ("sentence",),
    "run": ("error",),
    "step": ("result", "error"),
    "theme_group": ("name",),
    "theme_event": ("why",),
    "label": ("name", "summary", "keywords"),
    "saved_search": ("text", "asked"),
    "proposal": ("draft",),
    "proposal_version": ("draft", "gate", "why"),
    "proposal_event": ("why",),
    "gate_result": ("reason",),
    "consultation": ("text", "override_why"),
    "assessment": ("cost", "feasibility"),
    "action": ("duty", "result"),
    "action_event": ("note",),
    "weekly_report": ("headline", "comment", "theme_comments"),
    "report_event": ("why",),
}
"""Columns that are changed where they say it."""

REMOVED: Final[Mapping[str, tuple[str, ...]]] = {"dead_letter": ("reason", "row"), "llm_answer": ("answer",)}
"""Columns whose row is removed where they say it: a changed answer would no longer be one to its question."""

_AS_THEY_ARE: Final = frozenset({"old_text", "new_text"})
"""Texts of clauses, in a draft: what a standard says or is to say was never taken from a comment."""


def sweep(connection: Connection, stamp: Stamp, change: Change) -> int:
    """Change every text that `change` changes or remove its row, and return in how many rows."""
    done = 0
    for name, columns in SWEPT.items():
        table = schema.metadata.tables[name]
        for row in connection.execute(select(*table.primary_key.columns, *(table.c[one] for one in columns))).all():
            now = {one: changed(row._mapping[one], change) for one in columns}
            fresh = {one: value for one, value in now.items() if value != row._mapping[one]}
            if fresh:
                connection.execute(update(table).where(*_is(table, row)).values(**fresh))
                done += 1
    return done + _removed(connection, change) + _editions(connection, stamp, change)


def changed(value: Any, change: Change) -> Any:  # noqa: ANN401  a value of JSON
    """Return a value of JSON with every text in it changed."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, list):
        return [changed(one, change) for one in value]
    if isinstance(value, dict):
        return {key: one if key in _AS_THEY_ARE else changed(one, change) for key, one in value.items()}
    return value


def _removed(connection: Connection, change: Change) -> int:
    done = 0
    for name, columns in REMOVED.items():
        table = schema.metadata.tables[name]
        for row in connection.execute(select(*table.primary_key.columns, *(table.c[one] for one in columns))).all():
            if any(changed(row._mapping[one], change) != row._mapping[one] for one in columns):
                connection.execute(delete(table).where(*_is(table, row)))
                done += 1
    return done


def _editions(connection: Connection, stamp: Stamp, change: Change) -> int:
    """Change published reports and seal them anew; the log says which, with the seal before and after."""
    table, done = schema.report_edition, 0
    for row in connection.execute(select(table)).all():
        words = Words(*(changed(one, change) for one in (row.headline, row.comment, dict(row.theme_comments))))
        figures = json.dumps(changed(json.loads(row.figures), change), ensure_ascii=False, sort_keys=True)
        why = change(row.why)
        if (figures, words, why) == (row.figures, Words(row.headline, row.comment, dict(row.theme_comments)), row.why):
            continue
        seal = reports.seal(figures, words)
        values = {"headline": words.headline, "comment": words.comment, "theme_comments": dict(words.themes)}
        values |= {"figures": figures, "why": why, "sha256": seal}
        connection.execute(update(table).where(*_is(table, row)).values(**values))
        place = reports.Place(row.week, row.market)
        told = {"edition": row.number, "was": row.sha256, "sha256": seal}
        audit.record(connection, stamp, action="erase from report", subject=place.subject, detail=told)
        done += 1
    return done


def _is(table: Table, row: Row[Any]) -> tuple[ColumnElement[bool], ...]:
    return tuple(column == row._mapping[column.name] for column in table.primary_key.columns)
