"""Where backups were written, as the audit log tells it, and what killed ones left beside them."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Final

from voc.files import left_folders
from voc.store import audit
from voc.store.database import Connection, Database
from voc.types import Stamp

PASSING: Final = "voc-backup"
"""What the folder is called in which a backup is made, beside the file that it becomes."""


def begin(connection: Connection, stamp: Stamp, file: Path) -> None:
    """Write down where a backup goes, before it is there: a later erasure shall know of it whatever happens."""
    audit.record(connection, stamp, action=audit.BACKED_UP, subject=str(file.resolve()))


def written(connection: Connection) -> tuple[Path, ...]:
    """Return the backups that were written here and are still where they were written, the newest first."""
    return tuple(path for path in _known(connection) if path.is_file())


def left(connection: Connection) -> tuple[Path, ...]:
    """Return the folders that killed backups left, with customers' words in them."""
    parents = dict.fromkeys(path.parent for path in _known(connection))
    return tuple(folder for parent in parents if parent.is_dir() for folder in left_folders(parent, PASSING))


def clear_left(database: Database) -> int:
    """Remove the folders that killed backups left, and return how many."""
    with database.read() as connection:
        found = left(connection)
    for folder in found:
        shutil.rmtree(folder, ignore_errors=True)
    return len(found)


def _known(connection: Connection) -> tuple[Path, ...]:
    return tuple(dict.fromkeys(Path(row.subject) for row in audit.acts(connection, audit.BACKED_UP)))
