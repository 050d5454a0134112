"""Sources to be brought in by workers, an engine within the test's own process, and what a store then holds."""

from __future__ import annotations

import contextlib
import csv
import random
from dataclasses import replace

from voc.backfill.engine import Worker
from voc.backfill.history import History, bring_in, plan_of
from voc.store import schema, vectors
from voc.store.database import integrity_problems

HEAD = ["id", "created", "country", "comment", "stars", "channel", "depot", "service", "tracking_no"]
PLACES = ("the back door", "the garage", "our porch", "a bench", "the hedge", "the stairs", "the gate", "the yard")
OF_THE_MOMENT = {"at", "batch_id", "run_id"}
TABLES = ("feedback", "lookup", "unit", "undecided", "vector", "dead_letter")


def rows(count, *, start=0):
    """Return so many comments, one in eleven of them without a known market."""
    return [
        [
            f"k{n}",
            f"2024-10-0{1 + n % 6} 10:00:00",
            "XX" if n % 11 == 10 else ("US", "DE", "FR")[n % 3],
            f'Comment {n}: the "parcel" stood wet\nat {PLACES[n % 8]} for {n} hours, call 0151 2345678{n % 10}',
            "1",
            "app",
            "",
            "",
            f"VX{n:09d}US",
        ]
        for n in range(start, start + count)
    ]


def write_csv(path, found, head=HEAD):
    """Write rows as CSV, with quotation marks and line ends within cells."""
    with path.open("w", encoding="utf-8", newline="") as handle:
        csv.writer(handle).writerows([head, *found])
    return path


class Inline:
    """Works on partitions in this process, in an order of its own, and can stop after some."""

    def __init__(self, *, seed=None, stops_after=None, backwards=False):
        self.seed, self.stops_after, self.backwards, self.worked_on = seed, stops_after, backwards, []

    def started(self):
        return contextlib.nullcontext()

    def map_partitions(self, folder, kind, numbers, /):
        order = list(numbers)[:: -1 if self.backwards else 1]
        if self.seed is not None:
            random.Random(self.seed).shuffle(order)
        worker = Worker(folder, kind)
        for done, number in enumerate(order):
            if self.stops_after is not None and done == self.stops_after:
                raise KeyboardInterrupt
            self.worked_on.append(number)
            yield worker.outcome_of(number)


def bring(workspace, *sources, engine=None, per_part=10, mapping=None):
    """Bring sources in, in partitions of so many rows."""
    services = workspace.services
    history = History(sources, mapping or services.paths.mapping, engine or Inline(), per_part)
    return bring_in(services, history)


def held(workspace, *, tables=TABLES):
    """Return what a store holds but the moments, with the bytes of every vector."""
    services = workspace.services
    with services.database.read() as connection:
        found = {}
        for name in tables:
            table = schema.metadata.tables[name]
            gone = OF_THE_MOMENT | ({"id"} if name == "dead_letter" else set())
            kept = [column for column in table.columns if column.name not in gone]
            found[name] = sorted(map(repr, connection.execute(table.select().with_only_columns(*kept))))
        blocks = vectors.blocks(connection, model_id=services.embedder.model_id)
    found["blocks"] = [block.sha256 for block in blocks]
    assert integrity_problems(services.database) == []
    return found


def forged(workspace, source, **changes):
    """Return the folder of a plan that says something else than what is here."""
    plan = plan_of(workspace.services, History((source,), workspace.services.paths.mapping, Inline()))
    folder = workspace.services.paths.folder / "forged"
    replace(plan, **changes).write(folder)
    return folder, plan


def history_of(workspace):
    """Return a file of 95 comments beside a workspace."""
    return write_csv(workspace.services.paths.folder / "history.csv", rows(95))
