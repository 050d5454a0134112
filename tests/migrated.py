"""New stores on SQLite, copied from one that was migrated once: the migrations have tests of their own."""

from __future__ import annotations

import functools
import tempfile
from pathlib import Path

from voc.store.database import open_database


def new_store(path):
    """Open the store at a path, a new one where there is none."""
    if not path.exists():
        path.write_bytes(_migrated())
    return open_database(f"sqlite:///{path}")


@functools.cache
def _migrated():
    with tempfile.TemporaryDirectory(prefix="voc-migrated-") as folder:
        path = Path(folder) / "store.sqlite"
        open_database(f"sqlite:///{path}").close()
        return path.read_bytes()
