"""Decide units on the workers of an engine: the ruling and the units go out as files, decisions come back as files."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

from voc.backfill.deciding import DECIDE, Waiting, decisions_of, leave_ruling, leave_waiting
from voc.backfill.engine import Engine
from voc.backfill.history import FOLDER
from voc.backfill.output import is_done
from voc.backfill.plan import Plan
from voc.backfill.reading import fingerprint, told_versions
from voc.backfill.tries import Outcome, State, forget_tries, raise_if_hopeless
from voc.errors import DamageError, VocError
from voc.store import vectors
from voc.store.assignments import UnitRow
from voc.themes.ruling import Ruling
from voc.types import Assignment
from voc.wiring import Services


class Spread:
    """Decides runs of units with the workers of an engine; what was decided before a crash is not decided again."""

    def __init__(self, services: Services, engine: Engine) -> None:
        self._services, self._engine = services, engine

    def __call__(self, runs: Sequence[Sequence[UnitRow]], ruling: Ruling, /) -> Iterator[tuple[Assignment, ...]]:
        """Yield the decisions about each run of units, in order.

        Raises:
            DamageError: a text has no vector.
            VocError: a run could not be decided in three tries.
        """
        if not runs:
            return
        folder = self._folder(runs, ruling)
        self._plan().write(folder)
        leave_ruling(folder, ruling)
        for number, run in enumerate(runs):
            leave_waiting(folder, number, Waiting(run, self._places(run)))
        forget_tries(folder)
        numbers = [number for number in range(len(runs)) if not is_done(folder, DECIDE, number)]
        with closing(self._engine.map_partitions(folder, DECIDE, numbers)) as outcomes:  # type: ignore[type-var]
            for outcome in outcomes:
                _must_be_done(outcome)
        for number in range(len(runs)):
            yield decisions_of(folder, number)
        shutil.rmtree(folder)

    def _places(self, run: Sequence[UnitRow]) -> dict[str, tuple[int, int]]:
        hashes = list(dict.fromkeys(unit.same_as for unit in run))
        with self._services.database.read() as connection:
            places = vectors.places(connection, hashes, model_id=self._services.embedder.model_id)
        if len(places) < len(hashes):
            raise DamageError(f"{len(hashes) - len(places)} texts have no vector. Embed them: voc doctor --repair")
        return places

    def _folder(self, runs: Sequence[Sequence[UnitRow]], ruling: Ruling) -> Path:
        """Return a folder named after what is decided by what."""
        digest = hashlib.sha256(ruling.to_bytes())
        for run in runs:
            digest.update(json.dumps([unit.unit_id for unit in run]).encode())
        folder = self._services.paths.private / FOLDER / f"deciding-{digest.hexdigest()[:16]}"
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return folder

    def _plan(self) -> Plan:
        services = self._services
        return Plan(
            workspace=str(services.paths.folder),
            source="",
            files=(),
            mapping="",
            markets=services.settings.markets,
            key=fingerprint(services.key),
            encoder=services.settings.models.encoder,
            model_id=services.embedder.model_id,
            models=services.settings.models.folder,
            versions=told_versions(),
            slices=(),
        )


def _must_be_done(outcome: Outcome) -> None:
    raise_if_hopeless(outcome)
    if outcome.state is not State.DONE:
        raise VocError(f"Themes were not decided: {outcome.reason}. Run the same command again; it goes on.")
