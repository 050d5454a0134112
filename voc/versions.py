"""What a run was made with: versions of voc, of Python and of the packages that its results depend on."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version
from typing import Final

from voc.version import VERSION

PACKAGES: Final = (
    "torch", "transformers", "sentence-transformers", "bertopic", "scikit-network", "scikit-learn", "numpy", "scipy",
    "statsmodels", "faiss-cpu", "tantivy", "langchain-core", "openvino-genai", "sqlalchemy",
)  # fmt: skip


def versions() -> dict[str, object]:
    """Return them by name; a package that is not installed is left out."""
    found: dict[str, object] = {"voc": VERSION, "python": platform.python_version()}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
