"""Places where a test can kill the process or fill the disk, to prove that no bad moment loses or doubles anything.

Named places stand where a half-done piece of work would be seen. Besides, every durable act (fsync, rename, commit)
passes a place before and one after it, told by its ordinal: the third commit of a command is `commit:after#3`. Threads
count for themselves, so that a command passes the same places every time: the third of the pulse is
`pulse:commit:after#3`.

Nothing happens unless a variable says so:

    VOC_FAILPOINT=index.swapped       die there, as by kill -9
    VOC_FAILPOINT=rename:before#3     die before the third rename
    VOC_FAILPOINT=fsync:full#2        the second fsync finds no room on the disk
    VOC_FAILPOINT_TRACE=FILE          write the name of every place that is passed, one a line
"""

from __future__ import annotations

import errno
import os
import signal
import threading
from collections import Counter
from enum import StrEnum
from typing import Final

NAMES: Final = (
    "ingest.before-commit",
    "ingest.after-commit",
    "backfill.before-commit",
    "backfill.after-commit",
    "vectors.bytes-written",
    "vectors.committed",
    "themes.before-commit",
    "themes.after-commit",
    "labels.after-commit",
    "index.half-written",
    "index.written",
    "index.swapped",
    "proposals.before-commit",
    "proposals.after-commit",
    "report.half-written",
    "run.before-finish",
    "erase.committed",
    "erase.block-sealed",
    "erase.scrubbed",
    "erase.indexed",
    "erase.named",
    "erase.reported",
    "erase.shredded",
)


class Act(StrEnum):
    """What makes something last."""

    FSYNC = "fsync"
    RENAME = "rename"
    COMMIT = "commit"


_lock = threading.Lock()
_passed: Counter[str] = Counter()


def reach(name: str) -> None:
    """Die here, as by kill -9, when VOC_FAILPOINT says so.

    Raises:
        ValueError: the place is not in `NAMES`.
    """
    if name not in NAMES:
        raise ValueError(f"'{name}' is not a failpoint")
    if _watched():
        _trace(name)
        _die_at(name)


def before(act: Act) -> None:
    """Pass the place before a durable act.

    Raises:
        OSError: VOC_FAILPOINT wants no room on the disk here.
    """
    if not _watched():
        return
    place = f"{_thread()}{act}"
    number = _count(f"{place}:before")
    _trace(f"{place}:before#{number}")
    _die_at(f"{place}:before#{number}")
    if os.environ.get("VOC_FAILPOINT") == f"{place}:full#{number}":
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def after(act: Act) -> None:
    """Pass the place after a durable act."""
    if not _watched():
        return
    place = f"{_thread()}{act}"
    number = _count(f"{place}:after")
    _trace(f"{place}:after#{number}")
    _die_at(f"{place}:after#{number}")


def _watched() -> bool:
    return "VOC_FAILPOINT" in os.environ or "VOC_FAILPOINT_TRACE" in os.environ


def _thread() -> str:
    """Return what the places of this thread begin with, nothing in the one that runs the command."""
    thread = threading.current_thread()
    return "" if thread is threading.main_thread() else f"{thread.name.replace(' ', '-')}:"


def _count(place: str) -> int:
    with _lock:
        _passed[place] += 1
        return _passed[place]


def _trace(place: str) -> None:
    target = os.environ.get("VOC_FAILPOINT_TRACE")
    if target:
        handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            os.write(handle, f"{place}\n".encode())
        finally:
            os.close(handle)


def _die_at(place: str) -> None:
    if os.environ.get("VOC_FAILPOINT") == place:
        os.kill(os.getpid(), signal.SIGKILL)
