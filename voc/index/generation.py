"""One generation of the index: a folder of codes, keys, words and manifest, written whole and sealed by checksums.

`<root>/CURRENT` names the generation in force and the one before it, each with the sha256 of its manifest, and carries
a checksum of itself. It is there before the first generation is, and names nothing then. A manifest carries the sha256
of every other file. So a flipped byte anywhere is seen.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from voc.errors import DamageError
from voc.failpoints import reach
from voc.files import disk_room, fsync_dir, fsync_tree, locked, rename, sha256_file, try_locked, write_atomic
from voc.index import analyse, lexical, tiers
from voc.index.keys import BYTES, Keys, pack
from voc.index.lexical import Lexicon
from voc.index.space import Space, Sums
from voc.index.tiers import Dense, Take, Tier
from voc.types import Vectors

FORMAT: Final = 2
CURRENT, LOCK, _MANIFEST = "CURRENT", "LOCK", "manifest.json"
_KEYS, _PLACES, _SPOKEN, _OFFSETS, _WORDS = "keys.bin", "places.bin", "languages.bin", "offsets.f32", "words"
_CHUNK: Final = 50_000
_PASSING = {".lock"}
_BUILDING = ".*.building"

Place = tuple[int, int]
"""Segment and row of a vector in the files of the store."""

Places = NDArray[np.uint32]
"""Segments and rows of n vectors, `(n, 2)`."""

TakePlaces = Callable[[Places], Vectors]
"""Returns vectors `(n, d)` of places `(n, 2)` as the encoder made them."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a generation is made of; `mark` is the place from which on vectors of the store are not in it.

    `languages` are those of its space, by place; `files` have their sha256.
    """

    format: int
    model_id: str
    dim: int
    rows: int
    tier: str
    mark: Place
    mean_words: float
    analyser: int
    languages: Sequence[str]
    versions: Mapping[str, str]
    files: Mapping[str, str]


@dataclass(frozen=True)
class Generation:
    """An opened generation. It stays whole for its reader when others are published."""

    name: str
    manifest: Manifest
    keys: Keys
    space: Space
    dense: Dense
    lexicon: Lexicon
    take_raw: TakePlaces
    take: Take


@dataclass(frozen=True, slots=True)
class Source:
    """What a generation is made from: keys of texts with the places of their vectors, as the store has them at a mark.

    `vectors` returns those of places `(n, 2)`, `texts` and `languages` the texts and languages of keys; they are asked
    in pieces, and a text that is gone by then is left empty.
    """

    model_id: str
    dim: int
    mark: Place
    places: Mapping[str, Place]
    vectors: TakePlaces
    texts: Callable[[Sequence[str]], Mapping[str, str]]
    languages: Callable[[Sequence[str]], Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Named:
    """A generation as `CURRENT` names it."""

    name: str
    manifest_sha256: str


@dataclass(frozen=True, slots=True)
class Pointer:
    """What `CURRENT` says."""

    current: Named
    previous: Named | None


def build(root: Path, source: Source, *, tier: Tier | None = None, alone: bool = False) -> str:
    """Write a generation, make it current, keep the one before it, remove older ones, and return its name.

    With `alone`, the one before it is removed too, so that nothing is left of what it does not hold.

    A kill at any point leaves the old generation current. Building the same again changes nothing.

    Raises:
        DiskFullError: no room; the current generation stays.
    """
    chosen = tier or tiers.tier_for(len(source.places))
    keys = sorted(source.places)
    name = _name(source, chosen, keys)
    with locked(root / LOCK):
        if not (root / CURRENT).exists():
            publish_none(root)
        known = _pointer_or_none(root)
        if known is not None and known.current.name == name and not _wrong(root, known.current):
            if alone:
                _publish(root, name, None)
                _sweep(root)
            return name
        building = root / f".{name}.{secrets.token_hex(4)}.building"
        with disk_room(root):
            try:
                _write_files(building, source, keys, chosen)
                fsync_tree(building)
                reach("index.half-written")
                shutil.rmtree(root / name, ignore_errors=True)
                rename(building, root / name)
                fsync_dir(root)
            finally:
                shutil.rmtree(building, ignore_errors=True)
            reach("index.written")
            _publish(root, name, None if alone else known)
            reach("index.swapped")
        _sweep(root)
    return name


def pointer(root: Path) -> Pointer | None:
    """Return what `CURRENT` says; None where nothing was ever built, or it names nothing.

    Raises:
        DamageError: it cannot be read.
    """
    path = root / CURRENT
    if not path.is_file():
        if any(root.glob(f"*/{_MANIFEST}")):
            raise DamageError(f"{path} is missing")
        return None
    try:
        said = json.loads(path.read_text(encoding="ascii"))
        names = said["names"]
        sound = said["sha256"] == _sealed(names)
        found = [Named(one["name"], one["manifest_sha256"]) for one in names]
    except (ValueError, KeyError, TypeError) as error:
        raise DamageError(f"{path} is damaged") from error
    if not sound:
        raise DamageError(f"{path} is damaged")
    return Pointer(found[0], found[1] if len(found) > 1 else None) if found else None


def publish_none(root: Path) -> None:
    """Let `CURRENT` name nothing, so that folders beside it are known as unfinished and not as what was lost."""
    _point(root, ())


def problems(root: Path) -> tuple[str, ...]:
    """Return what is wrong with the files of the current generation; empty when nothing is, or there is none."""
    try:
        known = pointer(root)
    except DamageError as error:
        return (str(error),)
    return () if known is None else _wrong(root, known.current)


def open_named(root: Path, named: Named, *, model_id: str, take: TakePlaces) -> Generation:
    """Check every file of a generation and open it.

    Raises:
        DamageError: a file is not the one that was written, or the generation is of another encoder or voc.
    """
    wrong = _wrong(root, named)
    if wrong:
        raise DamageError(wrong[0])
    folder = root / named.name
    manifest = read_manifest(folder)
    if manifest.model_id != model_id:
        raise DamageError(f"the index {named.name} is of the encoder {manifest.model_id}, not {model_id}")
    if (manifest.format, manifest.analyser) != (FORMAT, analyse.VERSION):
        raise DamageError(f"the index {named.name} was written by another voc")
    try:
        keys = Keys(np.fromfile(folder / _KEYS, dtype=np.uint8).reshape(-1, BYTES))
        places = np.fromfile(folder / _PLACES, dtype="<u4").reshape(-1, 2)
        spoken = np.fromfile(folder / _SPOKEN, dtype=np.uint8)
        offsets = np.fromfile(folder / _OFFSETS, dtype="<f4").reshape(-1, manifest.dim)
        space = Space(tuple(manifest.languages), offsets)
        placed: Take = lambda rows: space.place(take(places[rows]), spoken[rows])  # noqa: E731  closes over the files
        dense = tiers.open_tier(Tier(manifest.tier), _faiss_files(folder, manifest), placed)
        words = lexical.open_words(folder / _WORDS, texts=manifest.rows, mean_words=manifest.mean_words)
    except (OSError, ValueError, RuntimeError, KeyError) as error:
        raise DamageError(f"the index {named.name} cannot be opened: {error}") from error
    return Generation(named.name, manifest, keys, space, dense, words, take, placed)


def _name(source: Source, tier: Tier, keys: Sequence[str]) -> str:
    digest = hashlib.sha256(f"{FORMAT}/{analyse.VERSION}/{source.model_id}/{tier}/{source.mark}".encode())
    for key in keys:
        digest.update(f"{key}:{source.places[key]}".encode())
    return digest.hexdigest()[:16]


def _write_files(folder: Path, source: Source, keys: Sequence[str], tier: Tier) -> None:
    import faiss

    folder.mkdir(parents=True)
    places = np.array([source.places[key] for key in keys], dtype="<u4").reshape(-1, 2)
    space, spoken = _space(source, keys, places)
    (folder / _KEYS).write_bytes(pack(keys).tobytes())
    (folder / _PLACES).write_bytes(places.tobytes())
    (folder / _SPOKEN).write_bytes(spoken.tobytes())
    (folder / _OFFSETS).write_bytes(space.offsets.astype("<f4").tobytes())

    def placed() -> Iterator[Vectors]:
        for start in range(0, len(keys), _CHUNK):
            end = start + _CHUNK
            yield space.place(source.vectors(places[start:end]), spoken[start:end])

    for name, index in tiers.write_tier(tier, source.dim, placed).items():
        (folder / name).write_bytes(faiss.serialize_index(index).tobytes())
    count, mean_words = lexical.write_words(folder / _WORDS, _all_forms(source, keys))
    manifest = Manifest(
        FORMAT,
        source.model_id,
        source.dim,
        count,
        tier.value,
        source.mark,
        mean_words,
        analyse.VERSION,
        space.languages,
        {"faiss": faiss.__version__, "tantivy": version("tantivy")},
        {str(path.relative_to(folder)): sha256_file(path) for path in _files(folder)},
    )
    (folder / _MANIFEST).write_text(json.dumps(asdict(manifest), indent=1, sort_keys=True), encoding="utf-8")


def _space(source: Source, keys: Sequence[str], places: Places) -> tuple[Space, NDArray[np.uint8]]:
    """Return the space of the texts, and the place of the language of each."""
    sums, spoken = Sums(source.dim), list[str]()
    for start in range(0, len(keys), _CHUNK):
        chunk = keys[start : start + _CHUNK]
        known = source.languages(chunk)
        spoken.extend(known.get(key, "") for key in chunk)
        sums.add(source.vectors(places[start : start + _CHUNK]), spoken[start:])
    space = sums.space()
    return space, space.codes(spoken)


def _all_forms(source: Source, keys: Sequence[str]) -> Iterator[list[str]]:
    for start in range(0, len(keys), _CHUNK):
        chunk = keys[start : start + _CHUNK]
        texts = source.texts(chunk)
        for key in chunk:
            yield analyse.forms(texts.get(key, ""))


def _publish(root: Path, name: str, known: Pointer | None) -> None:
    named = [Named(name, sha256_file(root / name / _MANIFEST))]
    if known is not None and known.current.name != name:
        named.append(known.current)
    elif known is not None and known.previous is not None:
        named.append(known.previous)
    _point(root, named)


def _point(root: Path, named: Sequence[Named]) -> None:
    names = [asdict(one) for one in named]
    write_atomic(root / CURRENT, json.dumps({"names": names, "sha256": _sealed(names)}, indent=1).encode())


def _sweep(root: Path) -> None:
    """Remove what neither is in force nor was before it."""
    known = pointer(root)
    if known is None:
        return
    kept = {known.current.name, known.previous.name if known.previous else ""}
    for old in root.iterdir():
        if old.is_dir() and old.name not in kept:
            shutil.rmtree(old, ignore_errors=True)


def leftovers(root: Path) -> tuple[Path, ...]:
    """Return generations that were never finished, none while one is being written."""
    if not any(root.glob(_BUILDING)):
        return ()
    with try_locked(root / LOCK) as held:
        return tuple(sorted(root.glob(_BUILDING))) if held else ()


def clear_leftovers(root: Path) -> int:
    """Remove generations that were never finished, and return how many."""
    found = leftovers(root)
    for folder in found:
        shutil.rmtree(folder, ignore_errors=True)
    return len(found)


def _pointer_or_none(root: Path) -> Pointer | None:
    try:
        return pointer(root)
    except DamageError:
        return None


def _sealed(names: object) -> str:
    return hashlib.sha256(json.dumps(names, sort_keys=True).encode()).hexdigest()


def _files(folder: Path) -> list[Path]:
    """Return what a generation consists of; tantivy leaves locks behind, which hold nothing."""
    return sorted(
        path
        for path in folder.rglob("*")
        if path.is_file() and path.suffix not in _PASSING and path != folder / _MANIFEST
    )


def read_manifest(folder: Path) -> Manifest:
    """Return the manifest of a generation's folder; it is not checked here."""
    said = json.loads((folder / _MANIFEST).read_text(encoding="utf-8"))
    return Manifest(**{**said, "mark": tuple(said["mark"])})


def _wrong(root: Path, named: Named) -> tuple[str, ...]:
    folder = root / named.name
    path = folder / _MANIFEST
    if not path.is_file() or sha256_file(path) != named.manifest_sha256:
        return (f"{path} is missing or damaged",)
    try:
        manifest = read_manifest(folder)
    except (ValueError, KeyError, TypeError):
        return (f"{path} was written by another voc",)
    wrong = []
    for file, wanted in sorted(manifest.files.items()):
        found = sha256_file(folder / file) if (folder / file).is_file() else "missing"
        if found != wanted:
            wrong.append(f"{folder / file}: sha256 is {found}, its manifest says {wanted}")
    return tuple(wrong)


def _faiss_files(folder: Path, manifest: Manifest) -> dict[str, Any]:
    import faiss

    return {
        name: faiss.deserialize_index(np.fromfile(folder / name, dtype=np.uint8))
        for name in manifest.files
        if name.endswith(".faiss")
    }
