"""Searches that people keep, and which comments each has shown already."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, select

from voc.errors import InputError, NotFoundError
from voc.store import audit, schema
from voc.store.times import to_text
from voc.types import Stamp

_CHUNK = 500


@dataclass(frozen=True, slots=True)
class SavedSearch:
    """A kept question: its text, mode and filter as people wrote it."""

    name: str
    text: str
    mode: str
    asked: Mapping[str, object]
    actor: str
    at: str


def save(connection: Connection, stamp: Stamp, name: str, *, text: str, mode: str, asked: Mapping[str, object]) -> None:
    """Keep a search under a new name.

    Raises:
        InputError: the name is taken.
    """
    if name in {one.name for one in every(connection)}:
        raise InputError(f"There is a saved search '{name}' already. Forget it first: voc search forget '{name}'")
    row = {"name": name, "text": text, "mode": mode, "asked": dict(asked)}
    connection.execute(insert(schema.saved_search).values(**row, actor=stamp.actor, at=to_text(stamp.at)))
    audit.record(connection, stamp, action="save search", subject=name)


def forget(connection: Connection, stamp: Stamp, name: str) -> None:
    """Forget a search and what it has shown.

    Raises:
        NotFoundError: there is none of that name.
    """
    get(connection, name)
    for table in (schema.saved_search_seen, schema.saved_search):
        connection.execute(delete(table).where(table.c.name == name))
    audit.record(connection, stamp, action="forget search", subject=name)


def every(connection: Connection) -> tuple[SavedSearch, ...]:
    """Return every saved search by name."""
    rows = connection.execute(select(schema.saved_search).order_by(schema.saved_search.c.name))
    return tuple(SavedSearch(**row._mapping) for row in rows)


def get(connection: Connection, name: str) -> SavedSearch:
    """Return one saved search.

    Raises:
        NotFoundError: there is none of that name; the message names those that there are.
    """
    known = every(connection)
    for one in known:
        if one.name == name:
            return one
    names = ", ".join(one.name for one in known) or "none yet; keep one: voc search save NAME TEXT"
    raise NotFoundError(f"There is no saved search '{name}'. Saved: {names}.")


def seen(connection: Connection, name: str) -> set[str]:
    """Return the comments that a saved search has shown."""
    table = schema.saved_search_seen
    return set(connection.execute(select(table.c.feedback_id).where(table.c.name == name)).scalars())


def see(connection: Connection, name: str, feedback_ids: Iterable[str]) -> None:
    """Remember comments as shown."""
    rows = [{"name": name, "feedback_id": one} for one in sorted(set(feedback_ids))]
    for start in range(0, len(rows), _CHUNK):
        connection.execute(insert(schema.saved_search_seen), rows[start : start + _CHUNK])
