"""Which workspace a command works in."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from voc.workspace import Workspace


def folder() -> Path:
    """Return the folder that --workspace or VOC_WORKSPACE names, else the current one."""
    return Path(os.environ.get("VOC_WORKSPACE") or ".")


def open_workspace() -> Workspace:
    """Open that workspace.

    Raises:
        SettingsError: it is not a workspace.
    """
    from voc.workspace import Workspace

    return Workspace.open(folder())
