"""Workers as processes of this machine: the engine that needs nothing installed.

Each is a fresh interpreter that is told numbers through its standard input; nothing is pickled. One that dies is
replaced, and its partition given to the next.
"""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import subprocess
import sys
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from voc.backfill.engine import environment_of, fatal
from voc.backfill.tries import Outcome, State

_FALSE_STARTS: Final = 3
"""Workers in a row that end before they are ready, after which no more are begun."""


@dataclass(slots=True)
class _Hand:
    """A worker and the partition that it has, None where it waits or is not ready yet."""

    process: subprocess.Popen[bytes]
    number: int | None = None
    is_ready: bool = False

    @property
    def questions(self) -> IO[bytes]:
        assert self.process.stdin is not None  # noqa: S101  always a pipe
        return self.process.stdin

    @property
    def answers(self) -> IO[bytes]:
        assert self.process.stdout is not None  # noqa: S101  always a pipe
        return self.process.stdout


class Local:
    """Partitions in so many processes; the cores of this machine are shared out among them."""

    def __init__(self, workers: int = 0) -> None:
        self.workers = workers or max(1, (os.cpu_count() or 1) // 2)
        self.pids: tuple[int, ...] = ()

    def started(self) -> AbstractContextManager[object]:
        """Return a context that keeps nothing: workers live as long as one call."""
        return nullcontext()

    def map_partitions(self, folder: Path, kind: str, numbers: Sequence[int], /) -> Iterator[Outcome]:
        """Yield the outcome of each partition as it ends."""
        waiting = deque(numbers)
        hands = [self._begin(folder, kind) for _ in range(min(self.workers, len(waiting)))]
        false_starts = left = 0
        try:
            left = len(waiting)
            while left:
                self.pids = tuple(one.process.pid for one in hands)
                for hand in _which_speak(hands):
                    said = _answer(hand)
                    if said is not None:
                        outcome = _given(hand, said, waiting)
                        left -= outcome is not None
                    else:
                        false_starts = 0 if hand.is_ready else false_starts + 1
                        outcome = _too_often(hand, false_starts)
                        hands[hands.index(hand)] = _replaced(hand, waiting, self._begin(folder, kind))
                    if outcome is not None:
                        yield outcome
        finally:
            for hand in hands:
                _end(hand)
            self.pids = ()

    def _begin(self, folder: Path, kind: str) -> _Hand:
        environment = {**os.environ, **environment_of(self.workers)}
        command = [sys.executable, "-m", "voc.backfill.worker", str(folder), kind]
        return _Hand(
            subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment)  # noqa: S603  our own module
        )


def _which_speak(hands: Sequence[_Hand]) -> list[_Hand]:
    with selectors.DefaultSelector() as selector:
        for hand in hands:
            selector.register(hand.answers, selectors.EVENT_READ, hand)
        return [key.data for key, _ in selector.select()]


def _answer(hand: _Hand) -> dict[str, object] | None:
    """Return the next answer of a worker, None where it has ended."""
    line = hand.answers.readline()
    if not line.endswith(b"\n"):
        return None
    found: dict[str, object] = json.loads(line)
    return found


def _given(hand: _Hand, said: dict[str, object], waiting: deque[int]) -> Outcome | None:
    """Take an answer, give the worker its next partition, and return how the last one ended."""
    outcome = None if "ready" in said else Outcome(**{**said, "state": State(str(said["state"]))})  # type: ignore[arg-type]
    hand.is_ready = True
    hand.number = waiting.popleft() if waiting else None
    if hand.number is not None:
        with contextlib.suppress(BrokenPipeError):
            hand.questions.write(b"%d\n" % hand.number)
            hand.questions.flush()
    return outcome


def _too_often(hand: _Hand, false_starts: int) -> Outcome | None:
    if false_starts < _FALSE_STARTS:
        return None
    code = hand.process.wait()
    return fatal(
        f"{false_starts} workers in a row ended before they were ready (the last with code {code}). Where that is -9, "
        "the machine has too little memory for so many: fewer with --workers. Their last words stand above."
    )


def _replaced(hand: _Hand, waiting: deque[int], fresh: _Hand) -> _Hand:
    """Put back the partition of a worker that died, and return the one that takes its place."""
    if hand.number is not None:
        waiting.appendleft(hand.number)
    _end(hand)
    return fresh


def _end(hand: _Hand) -> None:
    hand.process.kill()
    hand.process.wait()
    for pipe in (hand.questions, hand.answers):
        with contextlib.suppress(BrokenPipeError):
            pipe.close()
