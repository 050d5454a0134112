"""The generation in force as others need it: what it is made of, and how all of them are removed."""

from __future__ import annotations

import shutil
from pathlib import Path

from voc.errors import DamageError
from voc.files import fsync_dir, locked
from voc.index.generation import LOCK, Manifest, pointer, publish_none, read_manifest


def manifest_of(root: Path) -> Manifest | None:
    """Return the manifest of the current generation, None where there is none or it cannot be read."""
    try:
        known = pointer(root)
        return None if known is None else read_manifest(root / known.current.name)
    except (DamageError, OSError, ValueError, KeyError, TypeError):
        return None


def remove(root: Path) -> None:
    """Remove every generation; the next run writes one anew."""
    if root.is_dir():
        with locked(root / LOCK):
            publish_none(root)
            for folder in root.iterdir():
                if folder.is_dir():
                    shutil.rmtree(folder)
            fsync_dir(root)
