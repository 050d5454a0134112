"""Import BERTopic in its light-weight form, without what it can do without, whatever else is installed.

With all that it finds it loads plotting, UMAP, Torch and the clients of model providers, which takes six times as long;
nothing of them is used here. Source: BERTopic 0.17.0, "Light-weight installation without UMAP and HDBSCAN" (#2289).
"""

from __future__ import annotations

import contextlib
import sys
import threading
from collections.abc import Iterator
from typing import Final

_UNUSED: Final = frozenset(
    {"hdbscan", "langchain", "langchain_core", "openai", "sentence_transformers", "torch", "transformers"}
)
_LOOKED_FOR: Final = "plotly"
"""BERTopic asks whether it is installed and does not try; nothing else here imports it."""


class _Absent:
    """A finder that tells one thread that some packages are not installed; what is loaded already stays so."""

    def __init__(self) -> None:
        self._thread = threading.get_ident()

    def find_spec(self, name: str, _path: object = None, _target: object = None) -> None:
        """Find nothing.

        Raises:
            ModuleNotFoundError: the package is one of those that are left out.
        """
        if name in _UNUSED and threading.get_ident() == self._thread:
            raise ModuleNotFoundError(f"No module named '{name}'", name=name)


@contextlib.contextmanager
def light() -> Iterator[None]:
    """Let what this thread imports take the unused packages for not installed."""
    finder = _Absent()
    hidden = _LOOKED_FOR not in sys.modules
    sys.meta_path.insert(0, finder)
    if hidden:
        sys.modules[_LOOKED_FOR] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
        if hidden:
            del sys.modules[_LOOKED_FOR]
