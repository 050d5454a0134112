"""Where a report was sent: one row a try, written before it and after it, so that a crash in between is seen.

Addresses are kept as keyed hashes only, which the caller makes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, insert, select, update

from voc.store import audit, schema
from voc.store.reports import Place, note
from voc.store.times import to_text
from voc.types import Stamp

SENDING: Final = "sending"
SENT: Final = "sent"
FAILED: Final = "failed"


@dataclass(frozen=True, slots=True)
class SentRow:
    """One try to send a version to a place: sending (it may have arrived), sent or failed."""

    id: int
    version: str
    channel: str
    destination_hash: str
    state: str
    actor: str
    at: str
    ended_at: str | None


def begin(
    connection: Connection, stamp: Stamp, place: Place, *, version: str, channel: str, destination: str, again: bool
) -> SentRow | int:
    """Write that a version is about to be sent and return the number of the try.

    Where it was sent before or may have been, nothing is written unless `again`, and that row is returned.
    """
    audit.hold(connection)
    before = _newest(connection, place, version, destination)
    if before is not None and before.state != FAILED and not again:
        return before
    done = connection.execute(
        insert(schema.report_sent).values(
            week=place.week,
            market=place.market,
            version=version,
            channel=channel,
            destination_hash=destination,
            state=SENDING,
            actor=stamp.actor,
            at=to_text(stamp.at),
        )
    ).inserted_primary_key
    return int(done[0]) if done else 0


def end(connection: Connection, stamp: Stamp, place: Place, number: int, *, state: str) -> None:
    """Write how a try ended."""
    table = schema.report_sent
    connection.execute(update(table).where(table.c.id == number).values(state=state, ended_at=to_text(stamp.at)))
    row = connection.execute(select(table).where(table.c.id == number)).one()
    detail = {"version": row.version, "channel": row.channel, "destination": row.destination_hash, "state": state}
    note(connection, stamp, place, what="send report", version=0, why="", detail=detail)


def tries(connection: Connection, place: Place) -> tuple[SentRow, ...]:
    """Return every try to send a report, the oldest first."""
    table = schema.report_sent
    mine = (table.c.week == place.week) & (table.c.market == place.market)
    rows = connection.execute(select(table).where(mine).order_by(table.c.id))
    return tuple(
        SentRow(
            row.id,
            row.version,
            row.channel,
            row.destination_hash,
            row.state,
            row.actor,
            row.at,
            row.ended_at,
        )
        for row in rows
    )


def _newest(connection: Connection, place: Place, version: str, destination: str) -> SentRow | None:
    """Return the try that says most: one that arrived, else one that may have, else the newest."""
    mine = [one for one in tries(connection, place) if one.version == version and one.destination_hash == destination]
    for state in (SENT, SENDING):
        found = [one for one in mine if one.state == state]
        if found:
            return found[-1]
    return mine[-1] if mine else None
