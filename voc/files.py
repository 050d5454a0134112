"""Write files so that a crash leaves the old one or the new one, never half of one."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

from voc.errors import DiskFullError

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


def fsync_dir(path: Path) -> None:
    """Make a rename inside `path` durable."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


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
                handle.flush()
                os.fsync(handle.fileno())
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
        fsync_dir(path.parent)


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
                os.fsync(handle.fileno())
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
