"""Named places where a test can kill the process, to prove that no kill loses or doubles anything.

Nothing happens unless VOC_FAILPOINT names the place.
"""

from __future__ import annotations

import os
import signal
from typing import Final

NAMES: Final = (
    "ingest.before-commit",
    "ingest.after-commit",
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


def reach(name: str) -> None:
    """Die here, as by kill -9, when VOC_FAILPOINT says so.

    Raises:
        ValueError: the place is not in `NAMES`.
    """
    if name not in NAMES:
        raise ValueError(f"'{name}' is not a failpoint")
    if os.environ.get("VOC_FAILPOINT") == name:
        os.kill(os.getpid(), signal.SIGKILL)
