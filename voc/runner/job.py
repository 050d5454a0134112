"""One execution of a pipeline: its lease, its heartbeat and the record of its steps."""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import os
import resource
import secrets
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, is_dataclass
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import Final, TypeVar

from voc.backfill.history import History
from voc.errors import DiskFullError, NotFoundError, RunCancelledError, StoreError, VocError, out_of_memory
from voc.failpoints import reach
from voc.llm.chain import Chain
from voc.resources import pipelines_dir
from voc.runner.pulse import Pulse
from voc.store import leases, runs
from voc.store.runs import StepRow
from voc.store.times import to_text
from voc.types import Progress, no_progress
from voc.versions import versions
from voc.wiring import Services

LEASE: Final = "workspace"

_held_here: Final[set[str]] = set()
"""Holders of leases that are at work in this process."""

T = TypeVar("T")

Announce = Callable[[str], Progress]
"""Called with the name of a step as it begins; returns where its progress goes."""


def silent(_step: str) -> Progress:
    """Announce nothing."""
    return no_progress


@dataclass(frozen=True)
class Job:
    """What a pipeline works with: the parts, the week, and `step`, through which everything is run and recorded.

    `history` is what `voc backfill` brings in, and the engine that many texts are worked on with.
    """

    services: Services
    week: str
    market: str | None
    run_id: str
    announce: Announce = silent
    pulse: Pulse | None = None
    history: History | None = None
    results: dict[str, object] = field(default_factory=dict)

    @cached_property
    def chain(self) -> tuple[Chain | None, str]:
        """Return the language-model chain of this run, with one budget for all of its steps, or None and why."""
        return self.services.chain()

    def step(self, name: str, act: Callable[[Job, Progress], T]) -> T:
        """Run one step and record how long it took, how much memory it needed and what it did."""
        progress = self.announce(name)
        if self.pulse is not None:
            self.pulse.begin(name)
            progress = self.pulse.watched(name, progress)
        started, start = self.services.stamp, time.perf_counter()
        _forget_peak()
        self._record(name, to_text(started.at), start, {}, None, state="running")
        try:
            result = _acted(act, self, progress)
        except VocError as error:
            state = "cancelled" if isinstance(error, RunCancelledError) else "failed"
            self._record(name, to_text(started.at), start, {}, str(error), state=state)
            raise
        self._record(name, to_text(started.at), start, _plain(result), None)
        self.results[name] = result
        return result

    def _record(
        self,
        name: str,
        started_at: str,
        start: float,
        result: Mapping[str, object],
        error: str | None,
        *,
        state: str = "done",
    ) -> None:
        row = StepRow(
            self.run_id,
            name,
            len(self.results),
            state,
            started_at,
            None,
            time.perf_counter() - start,
            _peak_bytes(),
            result,
            error,
        )
        with self.services.database.write() as connection:
            runs.record_step(connection, self.services.stamp, row)


def _acted(act: Callable[[Job, Progress], T], job: Job, progress: Progress) -> T:
    """Run a step.

    Raises:
        OutOfMemoryError: there was not enough memory.
    """
    try:
        return act(job, progress)
    except (MemoryError, RuntimeError) as error:
        if (known := out_of_memory(error)) is not None:
            raise known from error
        raise


def run_pipeline(
    name: str,
    services: Services,
    *,
    week: str,
    market: str | None = None,
    announce: Announce = silent,
    history: History | None = None,
) -> Job:
    """Run `pipelines/NAME.py` for a week and return the finished job.

    Raises:
        BusyError: another run is at work.
        VocError: a step failed; what the steps before it did is stored.
    """
    pipeline = _load(name)
    run_id = secrets.token_hex(8)
    config = hashlib.sha256(services.settings.model_dump_json().encode()).hexdigest()[:16]
    manifest = {**versions(), "market": market or "", "encoder": services.settings.models.encoder}
    with held_lease(services, run_id) as pulse:
        job = Job(services, week, market, run_id, announce, pulse, history)
        with services.database.write() as connection:
            runs.abandon(connection, services.stamp)
            runs.start(
                connection,
                services.stamp,
                run_id=run_id,
                pipeline=name,
                week=week,
                config_hash=config,
                manifest=manifest,
            )
        error: str | None = "stopped"
        cancelled = False
        try:
            pipeline.run(job)
            error = None
        except VocError as problem:
            error, cancelled = str(problem), isinstance(problem, RunCancelledError)
            raise
        finally:
            reach("run.before-finish")
            _finish(services, run_id, error, cancelled=cancelled)
    return job


def _finish(services: Services, run_id: str, error: str | None, *, cancelled: bool) -> None:
    ignored = contextlib.suppress(StoreError, DiskFullError) if error else contextlib.nullcontext()
    with ignored, services.database.write() as connection:
        runs.finish(connection, services.stamp, run_id=run_id, error=error, cancelled=cancelled)


@contextlib.contextmanager
def held_lease(services: Services, run_id: str) -> Iterator[Pulse]:
    """Hold the lease of the workspace and beat while the body runs.

    Raises:
        BusyError: another run is at work.
    """
    holder = f"{socket.gethostname()}:{os.getpid()}:{run_id}"
    with services.database.write() as connection:
        leases.take(connection, services.stamp, name=LEASE, holder=holder, is_dead=_died_here)
    _held_here.add(holder)
    pulse = Pulse(services, run_id, lease=LEASE, holder=holder)
    pulse.start()
    try:
        yield pulse
    finally:
        pulse.stop()
        _held_here.discard(holder)
        with contextlib.suppress(VocError), services.database.write() as connection:
            leases.release(connection, name=LEASE, holder=holder)


def _died_here(holder: str) -> bool:
    """Say whether a holder was a process of this machine that no longer runs, or a run of this one that has ended.

    The latter could not give its lease back: the database was not there.
    """
    host, process, _ = (*holder.split(":"), "", "")[:3]
    if host != socket.gethostname() or not process.isdigit():
        return False
    if int(process) == os.getpid():
        return holder not in _held_here
    return not Path(f"/proc/{process}").exists() if Path("/proc/self").exists() else False


def _load(name: str) -> ModuleType:
    path = pipelines_dir() / f"{name}.py"
    if not path.is_file():
        raise NotFoundError(f"There is no pipeline '{name}' in {pipelines_dir()}.")
    return _module(name, path)


def _module(name: str, path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"voc_pipeline_{name}", path)
    if spec is None or spec.loader is None:
        raise NotFoundError(f"The pipeline {path} cannot be loaded.")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _forget_peak() -> None:
    """Reset the process's memory high-water mark, where the system lets us."""
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def _peak_bytes() -> int:
    with contextlib.suppress(OSError):
        for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def _plain(result: object) -> dict[str, object]:
    found = asdict(result) if is_dataclass(result) and not isinstance(result, type) else {"result": str(result)}
    return {
        key: value if isinstance(value, str | int | float | bool | None) else str(value) for key, value in found.items()
    }
