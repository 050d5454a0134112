"""Voice-of-customer mining for the people who own delivery standards."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voc.quiet import keep_quiet
from voc.version import VERSION

if TYPE_CHECKING:
    from voc.workspace import Workspace

__all__ = ["Workspace"]
__version__ = VERSION
keep_quiet()


def __getattr__(name: str) -> object:
    """Import the workspace only when it is asked for, so that `import voc` stays light."""
    if name == "Workspace":
        from voc.workspace import Workspace

        return Workspace
    raise AttributeError(f"module 'voc' has no attribute {name!r}")
