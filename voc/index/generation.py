"""One generation of the index: a folder of FAISS file, row names and manifest, named by what it holds."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from voc.errors import DamageError, NotFoundError
from voc.failpoints import reach
from voc.files import disk_room, fsync_dir, sha256_file, write_atomic
from voc.types import Vectors

_CURRENT = "CURRENT"
_INDEX, _ROWS, _MANIFEST = "vectors.faiss", "rows.json", "manifest.json"


@dataclass(frozen=True, slots=True)
class Found:
    """Text hashes with their cosines, nearest first."""

    text_hash: str
    score: float


@dataclass(frozen=True)
class Generation:
    """An opened generation; `rows` names the text of each vector."""

    name: str
    model_id: str
    rows: tuple[str, ...]
    index: Any

    def search(self, query: Vectors, *, limit: int, among: Sequence[str] | None = None) -> tuple[Found, ...]:
        """Return the texts nearest to a unit query `(d,)`, all or among some; equal scores in order of text hash.

        Exact: equal to comparing with every row.
        """
        import faiss

        wanted = len(self.rows)
        params = None
        if among is not None:
            places = {one: row for row, one in enumerate(self.rows)}
            inside: NDArray[np.int64] = np.array(sorted(places[one] for one in set(among) if one in places), np.int64)
            wanted = len(inside)
            params = faiss.SearchParameters(sel=faiss.IDSelectorBatch(inside))  # type: ignore[call-arg]
        count = min(limit, wanted)
        if count == 0:
            return ()
        scores, rows = self.index.search(query[None, :].astype(np.float32), count, params=params)
        found = [
            Found(self.rows[int(row)], float(score)) for row, score in zip(rows[0], scores[0], strict=True) if row >= 0
        ]
        return tuple(sorted(found, key=lambda one: (-one.score, one.text_hash)))


def build(
    root: Path, text_hashes: Sequence[str], load: Callable[[Sequence[str]], Vectors], *, model_id: str, dim: int
) -> str:
    """Write a generation over texts, make it current, remove older ones, and return its name.

    A kill at any point leaves the old generation current. Building the same texts again changes nothing.

    Raises:
        DiskFullError: no room; the current generation stays.
    """
    import faiss

    rows = sorted(set(text_hashes))
    name = hashlib.sha256("\n".join([model_id, *rows]).encode()).hexdigest()[:16]
    folder = root / name
    if current(root) == name and not problems(root):
        return name
    index = faiss.IndexFlatIP(dim)
    if rows:
        index.add(np.ascontiguousarray(load(rows), dtype=np.float32))
    building = root / f".{name}.building"
    with disk_room(folder):
        shutil.rmtree(building, ignore_errors=True)
        building.mkdir(parents=True)
        data = faiss.serialize_index(index).tobytes()
        write_atomic(building / _INDEX, data)
        write_atomic(building / _ROWS, json.dumps(rows).encode())
        manifest = {
            "model_id": model_id,
            "dim": dim,
            "rows": len(rows),
            "faiss": faiss.__version__,
            "sha256": {one: sha256_file(building / one) for one in (_INDEX, _ROWS)},
        }
        write_atomic(building / _MANIFEST, json.dumps(manifest, indent=1, sort_keys=True).encode())
        shutil.rmtree(folder, ignore_errors=True)
        building.replace(folder)
        fsync_dir(root)
        reach("index.written")
        write_atomic(root / _CURRENT, name.encode())
        reach("index.swapped")
    for old in root.iterdir():
        if old.is_dir() and old.name != name:
            shutil.rmtree(old, ignore_errors=True)
    return name


def current(root: Path) -> str | None:
    """Return the name of the current generation, None before the first."""
    path = root / _CURRENT
    return path.read_text(encoding="ascii").strip() if path.is_file() else None


def problems(root: Path) -> tuple[str, ...]:
    """Return what is wrong with the files of the current generation; empty when nothing is, or there is none."""
    name = current(root)
    if name is None:
        return ()
    folder = root / name
    try:
        manifest = json.loads((folder / _MANIFEST).read_text(encoding="utf-8"))
        pins = dict(manifest["sha256"])
    except (OSError, ValueError, KeyError, TypeError):
        return (f"{folder / _MANIFEST} is missing or damaged",)
    wrong = []
    for file, wanted in sorted(pins.items()):
        found = sha256_file(folder / file) if (folder / file).is_file() else "missing"
        if found != wanted:
            wrong.append(f"{folder / file}: sha256 is {found}, its manifest says {wanted}")
    return tuple(wrong)


def open_current(root: Path, *, model_id: str) -> Generation:
    """Check and open the current generation.

    Raises:
        NotFoundError: there is none yet.
        DamageError: a file is not the one that was written, or belongs to another model.
    """
    import faiss

    name = current(root)
    if name is None:
        raise NotFoundError("There is no search index yet. Run 'voc run --week WEEK' first.")
    wrong = problems(root)
    if wrong:
        raise DamageError(f"The search index is damaged: {wrong[0]}. Rebuild it: voc doctor --repair")
    folder = root / name
    manifest = json.loads((folder / _MANIFEST).read_text(encoding="utf-8"))
    if manifest["model_id"] != model_id:
        raise DamageError(f"The search index is of {manifest['model_id']}, not {model_id}. Run 'voc doctor --repair'.")
    rows = tuple(json.loads((folder / _ROWS).read_text(encoding="utf-8")))
    data = np.frombuffer((folder / _INDEX).read_bytes(), dtype=np.uint8)
    return Generation(name, model_id, rows, faiss.deserialize_index(data))
