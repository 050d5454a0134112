"""One partition, tried at most three times, whoever tries and however a try ends.

A try leaves a mark before it begins, so that one which took its process with it counts as well. The marks lie where
all workers see them; a run that begins forgets those of earlier ones.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from voc.backfill.output import is_done
from voc.errors import DiskFullError, ModelError, SettingsError, VocError

TRIES: Final = 3

_FATAL: Final = (ModelError, SettingsError)
"""What would fail every partition in the same way."""

_KILLED: Final = "the worker that had it ended in the middle; it may have had too little memory"


class State(StrEnum):
    """How a partition ended: with an output, set aside after three tries, or with what ends everything.

    A full disk is told apart from other errors that end everything, because the command then ends with its own code.
    """

    DONE = "done"
    QUARANTINED = "quarantined"
    NO_ROOM = "no room"
    FATAL = "fatal"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a partition ended, why, how many tries it took, and when work on it began and ended (seconds since 1970)."""

    number: int
    state: State
    reason: str = ""
    tries: int = 1
    began: float = 0.0
    ended: float = 0.0


def attempt(folder: Path, kind: str, number: int, work: Callable[[], None]) -> Outcome:
    """Do the work of a partition, again where it fails, and say how it ended; nothing is raised."""
    began = time.time()
    while True:
        if is_done(folder, kind, number):
            return Outcome(number, State.DONE, "", max(1, len(_marks(folder, kind, number))), began, time.time())
        marks = _marks(folder, kind, number)
        if len(marks) >= TRIES:
            reason = marks[-1].read_text(encoding="utf-8") or _KILLED
            return Outcome(number, State.QUARANTINED, reason, len(marks), began, time.time())
        mark = _marks_dir(folder) / f"{kind}-{number:06d}.{len(marks) + 1}"
        mark.parent.mkdir(exist_ok=True)
        mark.touch(exist_ok=True)
        try:
            work()
        except DiskFullError as error:
            return Outcome(number, State.NO_ROOM, str(error), len(marks) + 1, began, time.time())
        except _FATAL as error:
            return Outcome(number, State.FATAL, str(error), len(marks) + 1, began, time.time())
        except VocError as error:
            mark.write_text(str(error), encoding="utf-8")
        except Exception as error:  # noqa: BLE001  whatever it is, the other partitions go on
            mark.write_text(f"{type(error).__name__} in {_where(error)}", encoding="utf-8")


def raise_if_hopeless(outcome: Outcome) -> None:
    """Raise what ends everything, with the exit code of its kind.

    Raises:
        DiskFullError: a worker found no room.
        VocError: a worker met what would fail every partition.
    """
    if outcome.state is State.NO_ROOM:
        raise DiskFullError(outcome.reason)
    if outcome.state is State.FATAL:
        raise VocError(outcome.reason)


def forget_tries(folder: Path) -> None:
    """Give every partition its three tries again."""
    for mark in _marks_dir(folder).glob("*"):
        mark.unlink(missing_ok=True)


def _marks(folder: Path, kind: str, number: int) -> list[Path]:
    return sorted(_marks_dir(folder).glob(f"{kind}-{number:06d}.*"))


def _marks_dir(folder: Path) -> Path:
    return folder / "tries"


def _where(error: BaseException) -> str:
    """Return the place in the code that an error comes from; its text may hold what a customer wrote."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace else "an unknown place"
