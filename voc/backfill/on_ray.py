"""Workers on all nodes of a Ray cluster, or of a small one begun here; everything else is as with local processes.

Through Ray go only numbers of partitions and their outcomes, never a text: Ray packs what it carries with pickle. All
nodes see the workspace folder under the same path, and what they leave there is read and checked like any file.

Ray Data gives the partition of a lost worker or node to another one (docs.ray.io, "Fault tolerance"); it asks for a
token on every connection unless somebody turned that off (`RAY_AUTH_MODE`).
"""

from __future__ import annotations

import contextlib
import logging
import os
import secrets
import signal
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from voc.backfill.engine import Worker, environment_of
from voc.backfill.tries import Outcome, State
from voc.errors import SettingsError, VocError

_LOCAL_STORE_BYTES: Final = 100 << 20
_AT_ONCE: Final = 1
"""Partitions given to a worker at a time. Ray gives two, and the last one then waits behind a busy worker while another
has nothing to do; what travels is a number, so there is nothing to fetch ahead."""
_QUIET: Final = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
    "RAY_DEDUP_LOGS": "0",
    "RAY_DATA_DISABLE_PROGRESS_BARS": "1",
    "RAY_BACKEND_LOG_LEVEL": "fatal",
}


class OnRay:
    """Partitions on a cluster: the one at `address`, or one on this machine that ends with the work."""

    def __init__(self, workers: int = 0, *, address: str = "") -> None:
        self.workers = workers or max(1, (os.cpu_count() or 1) // 2)
        self._address = address

    @contextlib.contextmanager
    def started(self) -> Iterator[None]:
        """Join or begin the cluster for as long as the context lasts.

        Raises:
            SettingsError: Ray is not installed, there is no token, or the cluster refuses it.
        """
        _ask_for_token(begins=not self._address)
        ray = _ray()
        if ray.is_initialized():
            yield
            return
        ended_by = signal.getsignal(signal.SIGTERM)
        try:
            ray.init(**self._how())
        except (ConnectionError, RuntimeError, ValueError) as error:
            raise SettingsError(
                f"The Ray cluster at {self._address or 'this machine'} cannot be joined: {_first_line(error)} Look at "
                "its address and at the token: 'ray get-auth-token' on its head node tells it."
            ) from error
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, ended_by)  # Ray put its own in the place
        try:
            yield
        finally:
            ray.shutdown()

    def map_partitions(self, folder: Path, kind: str, numbers: Sequence[int], /) -> Iterator[Outcome]:
        """Yield the outcome of each partition as it ends.

        Raises:
            VocError: the cluster gave up.
        """
        if not numbers:
            return
        with self.started():
            yield from self._mapped(folder, kind, numbers)

    def _mapped(self, folder: Path, kind: str, numbers: Sequence[int]) -> Iterator[Outcome]:
        from ray.data import ActorPoolStrategy, DataContext, from_items
        from ray.exceptions import RayError

        logging.getLogger("ray.data").setLevel(logging.ERROR)
        DataContext.get_current().enable_progress_bars = False
        count = min(self.workers, len(numbers))
        parts = from_items([{"number": number} for number in numbers], override_num_blocks=len(numbers))
        done = parts.map(
            _OnNode,  # type: ignore[arg-type]
            fn_constructor_args=(str(folder), kind),
            compute=ActorPoolStrategy(size=count, max_tasks_in_flight_per_actor=_AT_ONCE),
            num_cpus=1,
        )
        try:
            for row in done.iter_rows():
                yield Outcome(**{**row, "state": State(row["state"])})
        except RayError as error:
            raise VocError(
                f"The Ray cluster gave up: {_first_line(error)} What was done stays: run the same command again."
            ) from error

    def _how(self) -> Mapping[str, Any]:
        quiet = {"log_to_driver": False, "logging_level": "error", "configure_logging": False}
        if self._address:
            return {**quiet, "address": self._address}
        return {
            **quiet,
            "address": "local",
            "num_cpus": self.workers + 1,
            "include_dashboard": False,
            "object_store_memory": _LOCAL_STORE_BYTES,
            "runtime_env": {"env_vars": environment_of(self.workers)},
        }


class _OnNode:
    """A worker as Ray Data calls it, once for each row, which is a partition; it is made ready before the first one."""

    def __init__(self, folder: str, kind: str) -> None:
        self._worker = Worker(Path(folder), kind)
        self._worker.refusal()  # loads what takes long; a refusal is told again with the first partition

    def __call__(self, row: dict[str, Any]) -> dict[str, Any]:
        """Return the outcome of a partition as a row."""
        found = self._worker.outcome_of(int(row["number"]))
        return {
            "number": found.number,
            "state": found.state.value,
            "reason": found.reason,
            "tries": found.tries,
            "began": found.began,
            "ended": found.ended,
        }


def _ray() -> Any:  # noqa: ANN401  the module
    for name, value in _QUIET.items():
        os.environ.setdefault(name, value)
    try:
        import ray
        import ray.data
    except ImportError as error:
        raise SettingsError("Ray is not installed. Install it with: pip install 'voc[ray]'") from error
    return ray


def _ask_for_token(*, begins: bool) -> None:
    """Let every connection need a token; one is made for a cluster that begins here and ends with the work.

    Ray reads both variables when it is imported.
    """
    mode = os.environ.setdefault("RAY_AUTH_MODE", "token")
    kept = Path.home() / ".ray" / "auth_token"
    if mode != "token" or {"RAY_AUTH_TOKEN", "RAY_AUTH_TOKEN_PATH"} & set(os.environ) or kept.exists():
        return
    if not begins:
        raise SettingsError(
            "There is no token for the Ray cluster. Set RAY_AUTH_TOKEN, or RAY_AUTH_TOKEN_PATH to a file with it; 'ray "
            "get-auth-token' on its head node tells it. A cluster without tokens is joined with RAY_AUTH_MODE=disabled."
        )
    os.environ["RAY_AUTH_TOKEN"] = secrets.token_hex(32)


def _first_line(error: BaseException) -> str:
    said = str(error).strip().splitlines()
    return said[0] if said else type(error).__name__
