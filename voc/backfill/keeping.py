"""Put outputs of partitions into the store, in their order: rows first, then their vectors, each whole or not at all.

In order, so that the store, and with it the place of every vector, is the same however fast each worker was.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np

from voc.backfill.output import drop_output, is_done, read_output
from voc.backfill.plan import Plan
from voc.backfill.queries import SQL
from voc.backfill.reading import READ
from voc.backfill.rows_file import read_feedback, read_letters
from voc.backfill.tries import Outcome, State
from voc.embed.vectors import append
from voc.failpoints import reach
from voc.ingest.load import check_batch
from voc.ingest.mapping import parse_mapping
from voc.store import backfills, batch_checks, batches, feedback, vectors
from voc.store.backfills import DONE, QUARANTINED, ROWS, Part
from voc.store.batch_checks import Check
from voc.store.batches import Batch, Tally
from voc.store.database import Connection
from voc.types import Vectors
from voc.wiring import Services

_SETTLED: Final = {DONE, QUARANTINED}


@dataclass(frozen=True, slots=True)
class Brought:
    """What became of a source; `quarantined` says of each partition that was set aside which it is and why.

    `strange` is what the checks of its files found.
    """

    plan_id: str
    partitions: int
    tally: Tally
    quarantined: tuple[str, ...]
    strange: tuple[str, ...] = ()


class Keeper:
    """Keeps the outputs of a plan, one after the other."""

    def __init__(self, services: Services, plan: Plan, folder: Path) -> None:
        self.services, self.plan, self.folder = services, plan, folder
        self._plan_id = plan.id
        with services.database.read() as connection:
            known = backfills.parts(connection, plan_id=self._plan_id)
        self._parts = {number: part for number, part in known.items() if part.state != QUARANTINED}
        self._next = 0

    @property
    def kept(self) -> int:
        """Return how many partitions are settled."""
        return sum(part.state in _SETTLED for part in self._parts.values())

    def open_numbers(self) -> list[int]:
        """Return the partitions that are still to be worked on."""
        numbers = range(len(self.plan.slices))
        return [one for one in numbers if not self._is_settled(one) and not is_done(self.folder, READ, one)]

    def settle(self, outcome: Outcome) -> None:
        """Take note of a partition that was set aside."""
        if outcome.state is not State.QUARANTINED:
            return
        part = Part(self._plan_id, outcome.number, self._batch_id(outcome.number), QUARANTINED, outcome.reason)
        with self.services.database.write() as connection:
            self._begin_batch(connection, outcome.number)
            backfills.put(connection, self.services.stamp, part)
        self._parts[outcome.number] = part

    def keep_what_is_done(self) -> None:
        """Store outputs as far as there is no gap before them.

        Raises:
            DamageError: an output was changed; it is taken away.
            DiskFullError: no room; what was stored before stays.
        """
        while self._next < len(self.plan.slices):
            if not self._is_settled(self._next):
                if not is_done(self.folder, READ, self._next):
                    return
                self._keep(self._next)
            self._next += 1

    def report(self) -> Brought:
        """Return what became of the source."""
        parts = [self._parts[number] for number in sorted(self._parts)]
        tally = Tally(*(sum(column) for column in zip(*(_counts(part.tally) for part in parts), strict=True)))
        aside = tuple(self._told(part) for part in parts if part.state == QUARANTINED)
        return Brought(self._plan_id, len(self.plan.slices), tally, aside, self._strange())

    def _strange(self) -> tuple[str, ...]:
        """Check every file, as a reading of it alone would have been."""
        services, mapping = self.services, parse_mapping(self.plan.mapping, "the mapping of the plan")
        found: list[Check] = []
        for batch_id in dict.fromkeys(part.batch_id for part in self._parts.values()):
            with services.database.read() as connection:
                weeks = batch_checks.weeks_of(connection, batch_id=batch_id)
            if weeks is not None:
                found += check_batch(services.database, batch_id, mapping, weeks, services.stamp)
        return tuple(one.sentence for one in found if one.is_warning)

    def _told(self, part: Part) -> str:
        found = self.plan.slices[part.number]
        last = found.first_row + found.rows
        return f"{Path(self.plan.files[found.file].path).name}, rows {found.first_row + 1} to {last}: {part.reason}"

    def _is_settled(self, number: int) -> bool:
        part = self._parts.get(number)
        return part is not None and part.state in _SETTLED

    def _keep(self, number: int) -> None:
        place, told = read_output(self.folder, READ, number)
        part = self._parts.get(number) or self._keep_rows(number, place, int(told["rows"]))
        self._keep_vectors(place)
        done = replace(part, state=DONE)
        with self.services.database.write() as connection:
            backfills.put(connection, self.services.stamp, done)
            reach("backfill.before-commit")
        self._parts[number] = done
        reach("backfill.after-commit")
        drop_output(self.folder, READ, number)

    def _keep_rows(self, number: int, place: Path, count: int) -> Part:
        rows, letters = read_feedback(place / "feedback.parquet"), read_letters(place / "letters.jsonl")
        batch_id, stamp = self._batch_id(number), self.services.stamp
        with self.services.database.write() as connection:
            self._begin_batch(connection, number)
            done = feedback.add(connection, stamp, rows, batch_id=batch_id)
            batches.reject(connection, batch_id, letters=letters)
            tally = Tally(count, done.added, done.known, len(letters), done.suppressed)
            part = Part(self._plan_id, number, batch_id, ROWS, "", tally)
            backfills.put(connection, stamp, part)
            sums = backfills.tally_of(connection, plan_id=self._plan_id, batch_id=batch_id)
            batches.tally(connection, batch_id, counts=sums)
        self._parts[number] = part
        return part

    def _keep_vectors(self, place: Path) -> None:
        """Keep the vectors of texts that the store has (erased ones it has not) and that have none yet."""
        with np.load(place / "vectors.npz", allow_pickle=False) as arrays:
            hashes, rows = [str(one) for one in arrays["hashes"]], np.asarray(arrays["vectors"], dtype=np.float32)
        services, model_id = self.services, self.plan.model_id
        with services.database.read() as connection:
            stored = feedback.texts_by_hash(connection, hashes)
            known = vectors.places(connection, hashes, model_id=model_id)
        fresh = [at for at, one in enumerate(hashes) if one in stored and one not in known]
        if fresh:
            wanted: Vectors = rows[fresh]
            append(
                services.database,
                services.vector_files,
                wanted,
                model_id=model_id,
                text_hashes=[hashes[at] for at in fresh],
                stamp=services.stamp,
            )

    def _batch_id(self, number: int) -> str:
        """Return the batch of a partition: that of its file; of a query, whose rows have no numbers, its own."""
        file = self.plan.slices[number].file
        which = f"part {number}" if self.plan.files[file].kind == SQL else str(file)
        return hashlib.sha256(f"{self._plan_id}\n{which}".encode()).hexdigest()[:16]

    def _begin_batch(self, connection: Connection, number: int) -> None:
        file = self.plan.files[self.plan.slices[number].file]
        batch = Batch(self._batch_id(number), "feedback", Path(file.path).name, file.sha256, self.plan.mapping_hash)
        if not batches.is_begun(connection, batch.id):
            batches.begin(connection, self.services.stamp, batch)


def _counts(tally: Tally) -> tuple[int, int, int, int, int]:
    return tally.rows, tally.added, tally.known, tally.rejected, tally.suppressed
