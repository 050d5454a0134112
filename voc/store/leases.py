"""A lease: one run at a time may write to a workspace; a holder that died loses it after a silence."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from voc.errors import BusyError
from voc.store import schema
from voc.store.times import from_text, to_text
from voc.types import Stamp

SILENCE: Final = timedelta(minutes=2)
"""A holder that has not beaten for so long is taken for dead; runs beat every few seconds."""


def beats(beat_at: str, now: datetime) -> bool:
    """Say whether a sign of life is fresh; one from the future is of a clock that was set back since, and is not."""
    return abs(now - from_text(beat_at)) < SILENCE


def never_known_dead(_holder: str) -> bool:
    """Say that nothing but silence tells a dead holder."""
    return False


def take(
    connection: Connection,
    stamp: Stamp,
    *,
    name: str,
    holder: str,
    is_dead: Callable[[str], bool] = never_known_dead,
) -> None:
    """Take or keep the lease; `is_dead` may know sooner than silence that a holder has died.

    Raises:
        BusyError: another holder is alive.
    """
    table = schema.lease
    query = select(table).where(table.c.name == name).with_for_update()
    at = to_text(stamp.at)
    found = connection.execute(query).first()
    if found is None:
        try:
            with connection.begin_nested():
                row = {"name": name, "holder": holder, "actor": stamp.actor, "taken_at": at, "beat_at": at}
                connection.execute(insert(table).values(**row))
        except IntegrityError:  # another one took it at the same moment, on a server
            found = connection.execute(query).one()
        else:
            return
    alive = beats(found.beat_at, stamp.at) and not is_dead(found.holder)
    if found.holder != holder and alive:
        raise BusyError(
            f"Another run ({found.holder}, by {found.actor}) is at work since {found.taken_at}. Wait for it; if it "
            f"died, its lease ends {int(SILENCE.total_seconds())} seconds after its last sign of life."
        )
    connection.execute(
        update(table).where(table.c.name == name).values(holder=holder, actor=stamp.actor, taken_at=at, beat_at=at)
    )


def beat(connection: Connection, stamp: Stamp, *, name: str, holder: str) -> None:
    """Show that the holder lives.

    Raises:
        BusyError: the lease went to another holder meanwhile.
    """
    table = schema.lease
    done = connection.execute(
        update(table).where(table.c.name == name, table.c.holder == holder).values(beat_at=to_text(stamp.at))
    )
    if done.rowcount != 1:
        raise BusyError("This run lost its lease to another one and stops. Run the same command again later.")


def release(connection: Connection, *, name: str, holder: str) -> None:
    """Give the lease back; nothing happens when it is not held."""
    connection.execute(delete(schema.lease).where(schema.lease.c.name == name, schema.lease.c.holder == holder))
