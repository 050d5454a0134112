"""What a worker leaves of a partition: files with their sha256, put in place whole or not at all.

The name of an output follows from the partition alone and its bytes from the plan, so that a partition which was done
twice, as may happen where machines die, leaves the same. There are no times and no names of machines in it.
"""

from __future__ import annotations

import errno
import hashlib
import json
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from voc.errors import DamageError
from voc.files import disk_room, fsync_dir, fsync_tree, rename, sha256_file

_MANIFEST: Final = "manifest.json"


def place_of(folder: Path, kind: str, number: int) -> Path:
    """Return where the output of a partition lies."""
    return folder / f"{kind}-{number:06d}"


def is_done(folder: Path, kind: str, number: int) -> bool:
    """Say whether a partition has an output."""
    return (place_of(folder, kind, number) / _MANIFEST).is_file()


def write_output(folder: Path, kind: str, number: int, files: Mapping[str, bytes], told: Mapping[str, object]) -> None:
    """Put files and what is told of them in the place of a partition; where an output is already, that one stays.

    Raises:
        DiskFullError: no room; nothing is left behind.
    """
    place = place_of(folder, kind, number)
    with disk_room(place):
        temporary = Path(tempfile.mkdtemp(prefix=f".{place.name}.", suffix=".tmp", dir=folder))
        try:
            for name, data in files.items():
                (temporary / name).write_bytes(data)
            digests = {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
            said = json.dumps({**told, "files": digests}, sort_keys=True, ensure_ascii=False)
            (temporary / _MANIFEST).write_text(said, encoding="utf-8")
            temporary.chmod(0o700)
            fsync_tree(temporary)
            _put_in_place(temporary, place)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
        fsync_dir(folder)


def _put_in_place(temporary: Path, place: Path) -> None:
    try:
        rename(temporary, place)
    except OSError as error:
        if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
            raise


def read_output(folder: Path, kind: str, number: int) -> tuple[Path, dict[str, Any]]:
    """Return the folder of an output and what is told of it, after every byte was checked.

    Raises:
        DamageError: it is not there or was changed; it is taken away, so that the partition is done again.
    """
    place = place_of(folder, kind, number)
    try:
        said: dict[str, Any] = json.loads((place / _MANIFEST).read_text(encoding="utf-8"))
        sound = all(sha256_file(place / name) == digest for name, digest in said["files"].items())
    except (OSError, ValueError, KeyError, AttributeError):
        sound = False
    if not sound:
        shutil.rmtree(place, ignore_errors=True)
        raise DamageError(f"The output of partition {number} was damaged and taken away. Run the same command again.")
    return place, said


def drop_output(folder: Path, kind: str, number: int) -> None:
    """Take away the output of a partition that is no longer needed."""
    shutil.rmtree(place_of(folder, kind, number), ignore_errors=True)
