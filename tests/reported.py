"""A workspace whose newest week was counted without a run, to write and publish its report."""

import shutil
from datetime import UTC, datetime, timedelta

from conftest import BARE
from counted import BY, stored
from sqlalchemy import insert, update

from voc.access import Role, Who
from voc.store import schema
from voc.workspace import Workspace

WEEK = "2024-W40"
NOW = datetime(2024, 10, 7, 12, tzinfo=UTC)
COUNTS = {
    ("US", "app", "rain"): [8] * 13 + [12],
    ("DE", "app", "rain"): [6] * 14,
    ("US", "app", "bell"): [7] * 14,
    ("JP", "app", "bell"): [3] * 14,
}
RAIN = [f"US-app-rain-{WEEK}-{one}" for one in range(12)]


class Ticking:
    """A clock that goes on by a second whenever it is read."""

    def __init__(self):
        self.now = NOW

    def __call__(self):
        self.now += timedelta(seconds=1)
        return self.now


def make(folder):
    """Make the workspace and return its folder."""
    with Workspace.init(folder, environment=BARE) as made:
        stored(made.services.database, COUNTS)
        ran(made)
    return folder


def opened(folder, target, **environment):
    """Open a copy of it."""
    shutil.copytree(folder, target)
    return Workspace.open(target, environment=BARE | environment, clock=Ticking())


def ran(workspace, *, week=WEEK, state="done", run_id="weekly"):
    """Say that a week was run, or is being run."""
    run = {"id": run_id, "pipeline": "weekly", "week": week, "config_hash": "", "state": state, "manifest": {}}
    with workspace.services.database.write() as connection:
        connection.execute(insert(schema.run), {**run, "started_at": "2024-10-07T00:00:00.000000Z", "actor": "t"})


def acting(workspace, role=Role.ANALYST, name="ana", markets=None):
    """Return the workspace for somebody."""
    return workspace.acting(Who(name, role, None if markets is None else frozenset(markets)))


def late(workspace, *ids, theme="rain", market="US", week=WEEK):
    """Store comments that come now, from a file of their own."""
    now = {"actor": "t", "at": workspace.services.stamp.at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")}
    batch = {"kind": "feedback", "file_name": "late.csv", "mapping_hash": "", "rows": 1, "added": 1, "known": 0}
    same = {"source": "s", "revision": "", "created_at": BY["at"], "language": "en", "attributes": {}, "source_url": ""}
    row = {"market": market, "channel": "app", "week": week, "batch_id": ids[0]}
    decided = {"score": 0.9, "polarity": "complaint", "polarity_method": "assumed", "run_id": "weekly"}
    with workspace.services.database.write() as connection:
        known = {"rejected": 0, "suppressed": 0, "sha256": ""}
        connection.execute(insert(schema.batch), {"id": ids[0], **batch, **known, **now})
        for one in ids:
            own = {"id": one, "source_id": one, "text": one, "text_hash": one}
            connection.execute(insert(schema.feedback), {**own, **row, **same, **now})
            unit = {"id": one, "feedback_id": one, "start": 0, "end": 9, "text_hash": one}
            connection.execute(insert(schema.unit), unit)
            connection.execute(insert(schema.assignment), {"unit_id": one, "theme_id": theme, **decided, **now})


def redelivered(workspace, market, deliveries, *, week=WEEK, told=True):
    """Put another number of deliveries in place of the stored one; without `told` behind the store's back."""
    at = workspace.services.stamp.at.strftime("%Y-%m-%dT%H:%M:%S.%fZ") if told else BY["at"]
    table = schema.exposure
    with workspace.services.database.write() as connection:
        there = (table.c.market == market) & (table.c.week == week)
        connection.execute(update(table).where(there).values(deliveries=deliveries, at=at))
