"""Find the folders that ship with voc: prompts, pipelines and the sample.

In a wheel they lie inside the package; in a checkout `prompts/` and `pipelines/` lie beside it, which the presence of
`pyproject.toml` guards.
"""

from __future__ import annotations

from pathlib import Path

from voc.errors import NotFoundError

_PACKAGE = Path(__file__).resolve().parent


def _shipped(name: str) -> Path:
    inside = _PACKAGE / f"_{name}"
    if inside.is_dir():
        return inside
    checkout = _PACKAGE.parent
    if (checkout / "pyproject.toml").is_file() and (checkout / name).is_dir():
        return checkout / name
    raise NotFoundError(
        f"The folder '{name}' is neither in the installed package nor in a checkout. Reinstall voc with pip."
    )


def prompts_dir() -> Path:
    """Return the folder that holds the prompt files."""
    return _shipped("prompts")


def pipelines_dir() -> Path:
    """Return the folder that holds the pipeline files."""
    return _shipped("pipelines")


def sample_dir() -> Path:
    """Return the folder of the sample that ships with voc: feedback, deliveries, signals, standards, truth."""
    return _PACKAGE / "sample"
