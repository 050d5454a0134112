"""Which run is at work: the newest one that is marked as running and whose lease is alive."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select

from voc.store import schema
from voc.store.leases import beats
from voc.store.runs import RunRow


def at_work(connection: Connection, *, now: datetime) -> RunRow | None:
    """Return the run that holds a lease which is not silent, None where none does."""
    run, lease = schema.run, schema.lease
    rows = connection.execute(select(run).where(run.c.state == "running").order_by(run.c.started_at.desc()))
    alive = [one.holder for one in connection.execute(select(lease)) if beats(one.beat_at, now)]
    found = next((row for row in rows if any(holder.endswith(row.id) for holder in alive)), None)
    return None if found is None else RunRow(**found._mapping)
