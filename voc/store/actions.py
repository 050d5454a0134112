"""Actions: a clause is right and is not followed, and somebody sees to it by a day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Final

from sqlalchemy import Connection, Row, insert, select, update

from voc.errors import ConflictError, NotFoundError
from voc.store import audit, schema
from voc.store.times import to_text
from voc.types import Stamp

Detail = Mapping[str, object]
_NOTHING: Final[Detail] = {}


@dataclass(frozen=True, slots=True)
class ActionRow:
    """What is to be done in which markets; days are ISO dates, `state` is open, done or dropped.

    `week` is the week from which it stands in the report.
    """

    id: str
    theme_id: str
    proposal_id: str | None
    market: str
    markets: tuple[str, ...]
    document: str
    clause_number: str
    duty: str
    owner: str
    due: str | None
    week: str
    state: str = "open"
    result: str | None = None
    done_on: str | None = None


@dataclass(frozen=True, slots=True)
class ActionEventRow:
    """A step of an action from one state to another."""

    action_id: str
    from_state: str | None
    to_state: str
    note: str
    actor: str
    at: str


def add(connection: Connection, stamp: Stamp, action: ActionRow, *, note: str, detail: Detail = _NOTHING) -> None:
    """Open an action.

    Raises:
        ConflictError: it is open already.
    """
    audit.hold(connection)
    table = schema.action
    if connection.execute(select(table.c.id).where(table.c.id == action.id)).first():
        raise ConflictError(f"The action {action.id} is there already: voc actions show {action.id}")
    values = {one.name: getattr(action, one.name) for one in fields(action)} | {"markets": list(action.markets)}
    connection.execute(insert(table).values(**values, actor=stamp.actor, at=to_text(stamp.at)))
    _event(connection, stamp, action.id, None, action.state, note)
    told = {"proposal": action.proposal_id, "theme": action.theme_id, "clause": action.clause_number}
    told |= {"owner": action.owner, "due": action.due}
    audit.record(connection, stamp, action="open action", subject=action.id, detail=told | dict(detail))


def close(
    connection: Connection,
    stamp: Stamp,
    action: ActionRow,
    *,
    state: str,
    note: str,
    done_on: str | None = None,
    detail: Detail = _NOTHING,
) -> ActionRow:
    """Close an open action: done on a day with its result, or dropped with a reason.

    Raises:
        ConflictError: it is no longer open.
    """
    audit.hold(connection)
    table = schema.action
    result = note if state == "done" else None
    open_still = (table.c.id == action.id) & (table.c.state == "open")
    changed = connection.execute(
        update(table).where(open_still).values(state=state, result=result, done_on=done_on)
    ).rowcount
    if changed != 1:
        raise ConflictError(f"The action {action.id} is {get(connection, action.id).state} already.")
    _event(connection, stamp, action.id, "open", state, note)
    told = {"from": "open", "to": state, "on": done_on}
    audit.record(connection, stamp, action="close action", subject=action.id, detail=told | dict(detail))
    return get(connection, action.id)


def get(connection: Connection, action_id: str) -> ActionRow:
    """Return one action; the beginning of its id is enough when no other shares it.

    Raises:
        NotFoundError: no action, or more than one, begins with that id.
    """
    table = schema.action
    found = connection.execute(
        select(table).where(table.c.id.startswith(action_id, autoescape=True)).order_by(table.c.id).limit(2)
    ).all()
    if len(found) != 1:
        several = "More than one action begins" if found else "No action begins"
        raise NotFoundError(f"{several} with '{action_id}'. 'voc actions list' shows the ids.")
    return _action(found[0])


def every(connection: Connection, *, states: Sequence[str] = ()) -> tuple[ActionRow, ...]:
    """Return actions in order of due day, those without one last; only those in some states where they are named."""
    table = schema.action
    query = select(table).order_by(table.c.due.is_(None), table.c.due, table.c.id)
    if states:
        query = query.where(table.c.state.in_(list(states)))
    return tuple(_action(row) for row in connection.execute(query))


def done(connection: Connection, *, proposal_id: str | None = None) -> tuple[ActionRow, ...]:
    """Return actions that were done, in order of the day, so that their effect can be measured from it on."""
    found = [one for one in every(connection, states=["done"]) if proposal_id in (None, one.proposal_id)]
    return tuple(sorted(found, key=lambda one: (one.done_on or "", one.id)))


def events_of(connection: Connection, action_id: str) -> tuple[ActionEventRow, ...]:
    """Return the steps of an action in the order in which they were taken."""
    table = schema.action_event
    rows = connection.execute(select(table).where(table.c.action_id == action_id).order_by(table.c.id))
    return tuple(
        ActionEventRow(row.action_id, row.from_state, row.to_state, row.note, row.actor, row.at) for row in rows
    )


def _event(
    connection: Connection, stamp: Stamp, action_id: str, from_state: str | None, to_state: str, note: str
) -> None:
    connection.execute(
        insert(schema.action_event).values(
            action_id=action_id,
            from_state=from_state,
            to_state=to_state,
            note=note,
            actor=stamp.actor,
            at=to_text(stamp.at),
        )
    )


def _action(row: Row[Any]) -> ActionRow:
    values = {one.name: row._mapping[one.name] for one in fields(ActionRow)}
    return ActionRow(**values | {"markets": tuple(row.markets)})
