"""The part of the Python door that runs things: what ran, what is at work, starting and stopping, imports."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from voc.errors import BusyError, InputError, NotFoundError
from voc.weeks import parse_week
from voc.wiring import Services

if TYPE_CHECKING:
    from voc.store.batch_checks import Check
    from voc.store.batches import BatchRow, DeadLetter
    from voc.store.run_progress import ProgressRow, Wish
    from voc.store.runs import RunRow, StepRow

_STARTS_S: Final = 30.0
_LOOK_S: Final = 0.2


@dataclass(frozen=True, slots=True)
class RunNow:
    """A run with its steps; `progress` and `wish` are there while it is at work."""

    run: RunRow
    steps: tuple[StepRow, ...]
    progress: ProgressRow | None
    wish: Wish | None

    @property
    def is_at_work(self) -> bool:
        """Say whether it has not ended."""
        return self.run.state == "running"


class RunCalls:
    """What a workspace tells of its runs; `Workspace` has these calls as its own."""

    services: Services

    def runs(self, *, limit: int = 20) -> tuple[RunRow, ...]:
        """Return runs, the newest first."""
        from voc.store import runs

        with self.services.database.read() as connection:
            return runs.newest(connection, limit=limit)

    def run_of(self, run_id: str) -> RunNow:
        """Return one run by the beginning of its id, with its steps and how far it is.

        Raises:
            NotFoundError: no run, or more than one, begins with it.
        """
        from voc.store import run_progress, runs

        with self.services.database.read() as connection:
            run = runs.get(connection, run_id)
            working = run.state == "running"
            return RunNow(
                run,
                runs.steps(connection, run_id=run.id),
                run_progress.get(connection, run.id) if working else None,
                run_progress.wish(connection, run.id) if working else None,
            )

    def running(self) -> RunNow | None:
        """Return the run that is at work, None where none is."""
        from voc.store import at_work

        with self.services.database.read() as connection:
            found = at_work.at_work(connection, now=self.services.clock())
        return None if found is None else self.run_of(found.id)

    def cancel_run(self, run_id: str) -> None:
        """Ask a run to stop; it does at its next sign of progress, and what its steps did is stored.

        Raises:
            NotAllowedError: the role may not.
            NotFoundError: there is no such run.
            InputError: it has ended.
        """
        from voc.access import Act, check
        from voc.store import run_progress

        check(self.services.role, Act.RUN)
        run = self.run_of(run_id).run
        with self.services.database.write() as connection:
            run_progress.cancel(connection, self.services.stamp, run.id)

    def start_run(self, week: str, *, market: str | None = None, backfill: bool = False) -> RunRow:
        """Start a run in a process of its own, which outlives this one, and return it once it is recorded.

        Raises:
            NotAllowedError: the role may not.
            BusyError: another run is at work.
            InputError: the week or market cannot be used, or the run ended at once; the message says why.
        """
        from voc.access import Act, check

        services = self.services
        check(services.role, Act.RUN)
        wanted = parse_week(week)
        services.settings.market_codes(market)
        busy = self.running()
        if busy is not None:
            raise BusyError(
                f"Another run (of {busy.run.week}, by {busy.run.actor}) is at work since {busy.run.started_at}. Wait "
                "for it, or stop it."
            )
        command = [sys.executable, "-m", "voc.cli.main", "-C", str(services.paths.folder), "run", "--week", wanted]
        command += [*(["--market", market] if market else []), *(["--backfill"] if backfill else [])]
        return self._started(command, wanted)

    def _started(self, command: list[str], week: str) -> RunRow:
        services = self.services
        logs = services.paths.private / "logs"
        logs.mkdir(parents=True, exist_ok=True)
        path = logs / "run.log"
        environment = {**os.environ, **services.environment, "VOC_ACTOR": services.stamp.actor}
        before = {run.id for run in self.runs(limit=5)}
        with path.open("wb") as out:
            child = subprocess.Popen(  # noqa: S603  our own command, no shell
                command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, env=environment, start_new_session=True
            )
        threading.Thread(target=child.wait, daemon=True).start()
        end = time.monotonic() + _STARTS_S
        while time.monotonic() < end:
            fresh = [run for run in self.runs(limit=5) if run.id not in before and run.week == week]
            if fresh and fresh[0].state == "failed":
                raise InputError(f"The run ended at once: {fresh[0].error}")
            if fresh and (fresh[0].state != "running" or _has_begun(self.run_of(fresh[0].id))):
                return fresh[0]
            if not fresh and child.poll() is not None:
                said = path.read_text(encoding="utf-8", errors="replace").strip().splitlines()
                raise InputError(
                    f"The run ended at once: {said[-1].removeprefix('voc: ') if said else 'nothing was said'}"
                )
            time.sleep(_LOOK_S)
        raise InputError(f"The run was started and is not recorded yet. Look again in a moment; its log is {path}.")

    def batches(self, *, limit: int = 50) -> tuple[BatchRow, ...]:
        """Return what was read from which file, the newest first."""
        from voc.store import batches

        with self.services.database.read() as connection:
            return batches.newest(connection, limit=limit)

    def batch_checks(self, batch_id: str) -> tuple[Check, ...]:
        """Return the checks of a batch within the markets that the reader sees, warnings first."""
        from voc.store import batch_checks

        services = self.services
        seen = {*services.seen_markets}
        if seen == {*services.settings.market_codes()}:
            seen.add("")
        with services.database.read() as connection:
            return tuple(one for one in batch_checks.of_batch(connection, batch_id=batch_id) if one.market in seen)

    def dead_letters(self, batch_id: str, *, limit: int = 10_000) -> tuple[DeadLetter, ...]:
        """Return rows of a batch that could not be taken, with why.

        Raises:
            NotAllowedError: the role sees no single comments.
            NotFoundError: there is no such batch.
        """
        from voc.access import check_reads
        from voc.store import batches

        check_reads(self.services.role)
        with self.services.database.read() as connection:
            if not any(one.id == batch_id for one in batches.newest(connection, limit=100_000)):
                raise NotFoundError(f"There is no import '{batch_id[:40]}'.")
            return batches.dead_letters(connection, batch_id=batch_id)[:limit]

    def dead_letters_csv(self, batch_id: str) -> bytes:
        """Return the same as CSV, in which no spreadsheet finds a formula.

        Raises:
            NotAllowedError: the role sees no single comments.
            NotFoundError: there is no such batch.
        """
        from voc.search.export import Cell, Table, as_csv

        found = self.dead_letters(batch_id, limit=1_000_000)
        columns = sorted({name for one in found for name in one.row})
        rows: list[tuple[Cell, ...]] = [
            (one.row_number, one.field or "", one.reason, *(_cell(one.row, name) for name in columns)) for one in found
        ]
        return as_csv(Table(("row", "field", "reason", *(f"file: {name}" for name in columns)), tuple(rows)))


def _has_begun(now: RunNow) -> bool:
    """Say whether a run got over its first step, which looks whether there is anything to run."""
    return any(step.state == "done" for step in now.steps)


def _cell(row: Mapping[str, str], name: str) -> str:
    value = row.get(name, "")
    return value if isinstance(value, str) else str(value)
