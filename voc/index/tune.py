"""An index looked at from outside: what lies on the disk and whether it is sound, and how each tier would do on it."""

from __future__ import annotations

import contextlib
import json
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np

from voc.embed.vectors import VectorFiles, VectorReader
from voc.errors import DamageError, InputError, NotFoundError
from voc.index import generation, tiers
from voc.index.generation import Generation, Manifest
from voc.index.keys import Rows
from voc.index.tiers import FLAT_UP_TO, Codes, Dense, Take, Tier
from voc.store import vectors
from voc.store.database import Database
from voc.types import Vectors

LEAST: Final = 100
"""Texts below which tiers are not compared: the nearest hundred would be all there is."""

RERANKS: Final = (100, 200, 400, 800)
"""Numbers of exact cosines after the codes that are tried."""

_NEAR, _FAR = 10, 100
_SAME: Final = 1e-6
"""Cosines that differ by less are alike: sums in float32 end otherwise in another order."""

_CHUNK: Final = 50_000
_NONE: Final = "There is no search index yet. Run 'voc run --week WEEK' first."


@dataclass(frozen=True, slots=True)
class IndexStatus:
    """The current generation; `previous` is the one before it. `manifest` is None where it cannot be read.

    `came` texts have vectors that are not in it, `waiting` ones have none yet. `file_bytes` are by file, those of a
    folder together.
    """

    name: str
    previous: str
    manifest: Manifest | None
    file_bytes: Mapping[str, int]
    came: int
    waiting: int
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Trial:
    """What a tier found of the exactly nearest 10 and 100, and how long a search for 10 took on one thread.

    `rerank` is None where every vector is compared. `vector_bytes` a vector are held in the index itself.
    """

    tier: Tier
    rerank: int | None
    recall_10: float
    recall_100: float
    p50_ms: float
    p99_ms: float
    vector_bytes: int


@dataclass(frozen=True, slots=True)
class Tuning:
    """Trials with stored texts as questions, and the tier that the generation has; `flat_up_to` texts are few."""

    name: str
    tier: Tier
    texts: int
    dim: int
    questions: int
    flat_up_to: int
    trials: tuple[Trial, ...]


def status(root: Path, database: Database) -> IndexStatus:
    """Return how the current generation stands; nothing is mended.

    Raises:
        NotFoundError: there is none yet.
    """
    try:
        known = generation.pointer(root)
    except DamageError as error:
        return IndexStatus("", "", None, {}, 0, 0, (str(error),))
    if known is None:
        raise NotFoundError(_NONE)
    folder, manifest = root / known.current.name, _manifest(root / known.current.name)
    came = waiting = 0
    if manifest is not None:
        with database.read() as connection:
            came = len(vectors.after(connection, manifest.mark, model_id=manifest.model_id))
            waiting = len(vectors.waiting(connection, model_id=manifest.model_id))
    previous = known.previous.name if known.previous else ""
    problems = generation.problems(root)
    return IndexStatus(known.current.name, previous, manifest, _file_bytes(folder), came, waiting, problems)


def texts_held(root: Path) -> int | None:
    """Return how many texts the current generation holds, None where there is none that can be read."""
    try:
        known = generation.pointer(root)
    except DamageError:
        return None
    manifest = _manifest(root / known.current.name) if known else None
    return manifest.rows if manifest else None


def tune(
    root: Path, files: VectorFiles, *, questions: int = 200, clock: Callable[[], float] = time.perf_counter
) -> Tuning:
    """Ask stored texts for their neighbours, themselves left out, by each tier and exactly; nothing is stored.

    The questions are spread evenly over the index, whose order is that of hashes: a sample without a seed.

    Raises:
        NotFoundError: there is no index yet.
        DamageError: it is damaged.
        InputError: fewer than 1 question is asked, or there are fewer than `LEAST` texts.
    """
    if questions < 1:
        raise InputError(f"--queries is {questions}; at least 1 text must be asked about.")
    found = _current(root, files)
    texts, dim = len(found.keys), found.manifest.dim
    if texts < LEAST:
        raise InputError(
            f"The index has {texts} texts; at least {LEAST} are needed to compare its tiers, and below "
            f"{FLAT_UP_TO:,} every vector is compared anyway. Ingest more feedback and run it first."
        )
    own = np.unique(np.linspace(0, texts - 1, min(questions, texts)).astype(np.int64))
    bench = _Bench(own, found.take(own), _exact(found.take, own, texts=texts), clock)
    trials = tuple(trial for tier in Tier for trial in _trials(tier, found, bench))
    return Tuning(found.name, Tier(found.manifest.tier), texts, dim, len(own), FLAT_UP_TO, trials)


@dataclass(frozen=True)
class _Bench:
    """Rows that ask `(q,)`, their vectors `(q, d)`, and the cosines to the nearest others `(q, k)`, best first."""

    own: Rows
    vectors: Vectors
    nearest: Vectors
    clock: Callable[[], float]

    def measure(self, dense: Dense, *, limit: int) -> tuple[float, list[float]]:
        """Return the mean share of the nearest `limit` that were found, and the milliseconds of each search."""
        least, shares, took = min(limit, self.nearest.shape[1]), [], []
        dense.nearest(self.vectors[0], limit=limit + 1)  # not timed: the first call allocates
        for row, vector, exact in zip(self.own, self.vectors, self.nearest, strict=True):
            start = self.clock()
            rows, cosines = dense.nearest(vector, limit=limit + 1)
            took.append(1000 * (self.clock() - start))
            others = cosines[rows != row][:least]
            shares.append(float((others >= exact[least - 1] - _SAME).sum()) / least)
        return float(np.mean(shares)), took


def _trials(tier: Tier, found: Generation, bench: _Bench) -> Iterator[Trial]:
    texts = len(found.keys)

    def chunks() -> Iterator[Vectors]:
        for start in range(0, texts, _CHUNK):
            yield found.take(np.arange(start, min(start + _CHUNK, texts)))

    made = tiers.write_tier(tier, found.manifest.dim, chunks)
    dense = tiers.open_tier(tier, made, found.take)
    vector_bytes = sum(int(index.code_size) for index in made.values())
    for rerank in RERANKS if isinstance(dense, Codes) else (None,):
        tried = replace(dense, rerank=rerank) if isinstance(dense, Codes) and rerank else dense
        with _one_thread():
            recall_10, took = bench.measure(tried, limit=_NEAR)
            recall_100, _ = bench.measure(tried, limit=_FAR)
        p50, p99 = (float(one) for one in np.percentile(took, (50, 99)))
        yield Trial(tier, rerank, recall_10, recall_100, p50, p99, vector_bytes)


def _exact(take: Take, own: Rows, *, texts: int) -> Vectors:
    """Return the cosines of each asking row to its nearest others `(q, k)`, best first, by comparing all."""
    asked = take(own)
    best = np.full((len(own), 0), -np.inf, np.float32)
    for start in range(0, texts, _CHUNK):
        part = np.arange(start, min(start + _CHUNK, texts))
        cosines = asked @ take(part).T
        here = np.flatnonzero((own >= part[0]) & (own <= part[-1]))
        cosines[here, own[here] - start] = -np.inf
        best = np.concatenate([best, cosines], axis=1)
        if best.shape[1] > _FAR:
            best = np.partition(best, -_FAR, axis=1)[:, -_FAR:]
    return -np.sort(-best, axis=1)[:, : texts - 1]


@contextlib.contextmanager
def _one_thread() -> Iterator[None]:
    """Let FAISS use one thread while the body runs."""
    import faiss

    before = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(1)
    try:
        yield
    finally:
        faiss.omp_set_num_threads(before)


def _current(root: Path, files: VectorFiles) -> Generation:
    known = generation.pointer(root)
    if known is None:
        raise NotFoundError(_NONE)
    manifest = _manifest(root / known.current.name)
    if manifest is None:
        raise DamageError(f"The manifest of the index {known.current.name} is damaged. Mend it: voc doctor --repair")
    take = VectorReader(files, manifest.model_id, manifest.dim).take
    try:
        return generation.open_named(root, known.current, model_id=manifest.model_id, take=take)
    except DamageError as error:
        raise DamageError(f"The search index is damaged: {error}. Mend it: voc doctor --repair") from error


def _manifest(folder: Path) -> Manifest | None:
    try:
        said = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        return Manifest(**{**said, "mark": tuple(said["mark"])})
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _file_bytes(folder: Path) -> dict[str, int]:
    found = Counter[str]()
    for path in folder.rglob("*"):
        if path.is_file():
            found[path.relative_to(folder).parts[0]] += path.stat().st_size
    return dict(sorted(found.items()))
