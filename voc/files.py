"""Write files so that a crash leaves the old one or the new one, never half of one."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import os
import re
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from voc import failpoints
from voc.errors import DiskFullError
from voc.failpoints import Act

_PASSING = re.compile(r"\.(\d+)\.tmp$")
_HELD = "held"
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


@contextlib.contextmanager
def disk_room(path: Path) -> Iterator[None]:
    """Turn "no space left" into `DiskFullError`, naming the place.

    Raises:
        DiskFullError: the disk, quota or file-size limit is reached.
    """
    try:
        yield
    except OSError as error:
        if error.errno not in _NO_ROOM:
            raise
        raise DiskFullError(
            f"No room left while writing {path}. What was stored before is safe. Free some space and run the same "
            "command again; it goes on where it stopped."
        ) from error


def fsync_file(file: IO[Any]) -> None:
    """Make what was written to an open file durable."""
    file.flush()
    _fsync(file.fileno())


def fsync_dir(path: Path) -> None:
    """Make a rename inside `path` durable."""
    handle = os.open(path, os.O_RDONLY)
    try:
        _fsync(handle)
    finally:
        os.close(handle)


def rename(source: Path, target: Path) -> None:
    """Put a file or folder in the place of another in one step; `fsync_dir` makes that durable."""
    failpoints.before(Act.RENAME)
    source.replace(target)
    failpoints.after(Act.RENAME)


def _fsync(handle: int) -> None:
    failpoints.before(Act.FSYNC)
    os.fsync(handle)
    failpoints.after(Act.FSYNC)


def write_atomic(path: Path, data: bytes) -> None:
    """Write `data` to `path` through a temporary file, fsync and rename.

    Raises:
        DiskFullError: there is no room; the old file is untouched.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    with disk_room(path):
        try:
            with temporary.open("wb") as handle:
                handle.write(data)
                fsync_file(handle)
            rename(temporary, path)
        finally:
            temporary.unlink(missing_ok=True)
        fsync_dir(path.parent)


def write_new(path: Path, data: bytes, *, mode: int = 0o600) -> bool:
    """Write a file that is not there yet, whole or not at all; return False, and leave it, where it is there already.

    Raises:
        DiskFullError: there is no room.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.{os.getpid()}.tmp")
    with disk_room(path):
        try:
            with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as handle:
                handle.write(data)
                fsync_file(handle)
            failpoints.before(Act.RENAME)
            try:
                path.hardlink_to(temporary)
            except FileExistsError:
                return False
            failpoints.after(Act.RENAME)
        finally:
            temporary.unlink(missing_ok=True)
        fsync_dir(path.parent)
    return True


def leftovers(folder: Path) -> tuple[Path, ...]:
    """Return passing files in a folder and below whose process no longer runs on this machine."""
    found = ((path, _PASSING.search(path.name)) for path in folder.rglob(".*.tmp"))
    return tuple(sorted(path for path, process in found if process and path.is_file() and _is_dead(process[1])))


def _is_dead(process: str) -> bool:
    return Path("/proc/self").exists() and not Path(f"/proc/{process}").exists()


@contextlib.contextmanager
def passing_folder(parent: Path, name: str) -> Iterator[Path]:
    """Make a folder that only its owner may enter, and remove it afterwards; left ones of that name go first."""
    clear_left_folders(parent, name)
    place = parent / f".{name}.{secrets.token_hex(4)}.passing"
    place.mkdir(mode=0o700)
    try:
        with locked(place / _HELD):
            yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)


def left_folders(parent: Path, name: str) -> tuple[Path, ...]:
    """Return passing folders of a name whose maker no longer runs, on whichever machine."""
    return tuple(folder for folder in sorted(parent.glob(f".{name}.*.passing")) if _is_left(folder))


def clear_left_folders(parent: Path, name: str) -> int:
    """Remove passing folders of a name whose maker no longer runs, and return how many."""
    found = left_folders(parent, name)
    for folder in found:
        shutil.rmtree(folder, ignore_errors=True)
    return len(found)


def _is_left(folder: Path) -> bool:
    if not (folder / _HELD).is_file():
        return False  # made this moment
    with try_locked(folder / _HELD) as free:
        return free


def sha256_file(path: Path) -> str:
    """Return the sha256 of a file as hexadecimal text, read in chunks of 1 MiB."""
    digest = hashlib.sha256()
    with path.open("rb") as handle:
        while chunk := handle.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()


def disk_full(error: BaseException) -> DiskFullError | None:
    """Return the error that people see when "no space left" is behind an error, else None."""
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, OSError) and seen.errno in _NO_ROOM:
            return DiskFullError(
                "No room left on the disk. What was stored before is safe. Free some space and run the same command "
                "again; it goes on where it stopped."
            )
        seen = seen.__cause__ or seen.__context__
    return None


def fsync_tree(folder: Path) -> None:
    """Make every file of a folder, and the folder's own list of them, durable."""
    for path in sorted(folder.rglob("*"), reverse=True):
        if path.is_dir():
            fsync_dir(path)
        else:
            with path.open("rb") as handle:
                _fsync(handle.fileno())
    fsync_dir(folder)


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold a lock file while the body runs; another process that wants it waits. A dead holder holds nothing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


@contextlib.contextmanager
def try_locked(path: Path) -> Iterator[bool]:
    """Hold a lock file while the body runs, and yield whether it could be had at once."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(handle)
