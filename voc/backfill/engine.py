"""The one seam between what is done with partitions and where: `map_partitions`.

An engine is given a folder that every worker sees, a kind of work and the numbers of partitions. Workers leave their
outputs in that folder; only numbers and outcomes travel. An engine must give a partition whose worker died to another
one; how often it is tried is settled by marks in the folder, not by the engine.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Final, Protocol

from voc.backfill.deciding import DECIDE, Deciding
from voc.backfill.reading import READ, Reading
from voc.backfill.tries import Outcome, State, attempt
from voc.errors import VocError


class Engine(Protocol):
    """Works on partitions, with as many workers as it was made with."""

    def map_partitions(self, folder: Path, kind: str, numbers: Sequence[int], /) -> Iterator[Outcome]:
        """Yield the outcome of each partition as it ends, in any order."""
        ...

    def started(self) -> AbstractContextManager[object]:
        """Return a context within which workers may be kept for more than one call."""
        ...


class Work(Protocol):
    """A kind of work, as one worker does it."""

    def prepare(self) -> None:
        """Load what takes long, and raise where this worker must not work."""
        ...

    def do(self, number: int) -> None:
        """Leave the output of a partition."""
        ...


class Worker:
    """One worker: what it keeps between partitions, and how each of them ended."""

    def __init__(self, folder: Path, kind: str) -> None:
        self._folder, self._kind = folder, kind
        self._work: Work | None = None

    def outcome_of(self, number: int) -> Outcome:
        """Work on a partition and say how it ended; nothing is raised."""
        return attempt(self._folder, self._kind, number, lambda: self._ready().do(number))

    def refusal(self) -> str:
        """Return why this worker cannot work at all, "" where it can."""
        try:
            self._ready().prepare()
        except VocError as error:
            return str(error)
        return ""

    def _ready(self) -> Work:
        if self._work is None:
            self._work = _KINDS[self._kind](self._folder)
        return self._work


_KINDS: Final[Mapping[str, Callable[[Path], Work]]] = {READ: Reading, DECIDE: Deciding}


def environment_of(workers: int) -> dict[str, str]:
    """Return the environment by which so many workers share out the cores of a machine."""
    threads = max(1, (os.cpu_count() or 1) // workers)
    return {"OMP_NUM_THREADS": str(threads), "TOKENIZERS_PARALLELISM": "false"}


def fatal(reason: str) -> Outcome:
    """Return an outcome that ends everything."""
    return Outcome(-1, State.FATAL, reason)
