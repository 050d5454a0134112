"""Search at size: real vectors repeated with noise, compared exactly and by peers; and a whole store of comments."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from parts import rivals
from parts.answers import LANGUAGES, Place, xquad
from parts.sets import READERS, read_set
from parts.timing import DIM, TOP, percentiles, recall, timed
from voc.index.generation import Source, build, open_named, pointer
from voc.index.snapshot import Snapshot, make_delta
from voc.ingest.identity import clean
from voc.search.question import LONGEST
from voc.types import Stamp, Vectors

NOISE = 0.2
ASKED, HELD_OUT, ROUNDS = 200, 300, 5
SHARES = {"50 %": 0.5, "10 %": 0.1, "1 %": 0.01, "0.1 %": 0.001}
STAMP = Stamp("benchmark", datetime(2024, 1, 1, tzinfo=UTC))
MODEL = "benchmark"


@dataclass(frozen=True)
class Real:
    """Real texts with vectors `(n, d)` and languages, and held-out questions."""

    texts: tuple[str, ...]
    languages: tuple[str, ...]
    vectors: Vectors
    asked: tuple[str, ...]
    questions: Vectors


def real(place: Place) -> Real:
    """Return the labelled sets and reviews together; questions are texts left out, and questions of XQuAD."""
    sets = [read_set(name, place.data, place.encoder, place.cache) for name in READERS]
    texts = [text for one in sets for text in one.texts]
    languages = [language for one in sets for language in one.languages]
    vectors = np.concatenate([one.vectors for one in sets])
    order = np.random.default_rng(0).permutation(len(texts))
    out, kept = order[:HELD_OUT], order[HELD_OUT:]
    beside = [xquad(place, language, language).questions for language in LANGUAGES]
    asked = [texts[row] for row in out] + [text for one in beside for text in one.texts[:10]]
    questions = np.concatenate([vectors[out], *(one.vectors[:10] for one in beside)])
    mixed = np.random.default_rng(1).permutation(len(asked))
    return Real(
        tuple(texts[row] for row in kept),
        tuple(languages[row] for row in kept),
        vectors[kept],
        tuple(clean(asked[row])[:LONGEST].strip() for row in mixed),
        questions[mixed],
    )


def repeated(known: Vectors, count: int, path: Path) -> Vectors:
    """Write so many vectors, the known ones first and then again with noise, and return them as a memory map."""
    chance = np.random.default_rng(2)
    out = np.memmap(path, dtype="<f4", mode="w+", shape=(count, known.shape[1]))
    for start in range(0, count, len(known)):
        piece = known[: count - start].copy()
        if start:
            piece += NOISE / np.sqrt(DIM) * chance.normal(size=piece.shape).astype(np.float32)
            piece /= np.linalg.norm(piece, axis=1, keepdims=True)
        out[start : start + len(piece)] = piece
    out.flush()
    return np.memmap(path, dtype="<f4", mode="r", shape=(count, known.shape[1]))


def index_of(found: Real, vectors: Vectors, root: Path) -> tuple[Snapshot, float]:
    """Build and open an index of repeated texts; return it with the seconds of building."""
    keys = [f"{row:032x}" for row in range(len(vectors))]
    take = lambda places: np.asarray(vectors[places[:, 1]])  # noqa: E731  closes over the vectors
    row = lambda key: int(key, 16)  # noqa: E731
    source = Source(
        MODEL,
        DIM,
        (1, len(keys)),
        {key: (1, place) for place, key in enumerate(keys)},
        take,
        lambda wanted: {
            key: f"{found.texts[row(key) % len(found.texts)]} {row(key) // len(found.texts)}" for key in wanted
        },
        lambda wanted: {key: found.languages[row(key) % len(found.texts)] for key in wanted},
    )
    start = time.perf_counter()
    build(root, source)
    seconds = time.perf_counter() - start
    generation = open_named(root, pointer(root).current, model_id=MODEL, take=take)
    return Snapshot(generation, make_delta({}, np.zeros((0, DIM), np.float32), {})), seconds


def exact(
    snapshot: Snapshot, vectors: Vectors, questions: Vectors, inside: Sequence[int] | None = None
) -> list[set[int]]:
    """Return the nearest rows of each question by comparing every row in the space of search."""
    rows = np.arange(len(vectors)) if inside is None else np.array(sorted(inside))
    best: list[tuple[np.ndarray, np.ndarray]] = []
    for start in range(0, len(rows), 50_000):
        part = rows[start : start + 50_000]
        cosines = snapshot.base.take(part) @ questions.T
        top = np.argsort(-cosines, axis=0, kind="stable")[:TOP]
        best.append((part[top], np.take_along_axis(cosines, top, axis=0)))
    every, values = (np.concatenate([one[side] for one in best]) for side in (0, 1))
    order = np.argsort(-values, axis=0, kind="stable")[:TOP]
    return [set(column.tolist()) for column in np.take_along_axis(every, order, axis=0).T]


def vectors_at(known: Real, count: int) -> dict[str, Any]:
    """Return speed, recall and size of the vector part at a number of vectors, with peers on the same vectors."""
    import faiss

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        vectors = repeated(known.vectors, count, folder / "vectors.f32")
        snapshot, seconds = index_of(known, vectors, folder / "index")
        resident = _resident(folder / "index")
        bytes_on_disk = {
            one: sum(
                path.stat().st_size for path in (folder / "index").rglob("*") if path.is_file() and kind(path) == one
            )
            for one in ("codes", "words", "other")
        }
        space = snapshot.base.space
        questions = np.stack([space.place_question(one) for one in known.questions[:ASKED]])
        wanted = exact(snapshot, vectors, questions)
        faiss.omp_set_num_threads(1)
        ours = lambda query: snapshot.base.dense.nearest(query, limit=TOP)[0].tolist()  # noqa: E731
        found = [ours(query) for query in questions]
        rows = {
            f"voc ({snapshot.base.manifest.tier})": {
                **percentiles(timed(ours, questions)),
                "recall": recall(found, wanted),
            }
        }
        rows |= rivals.peers(snapshot, count, questions, wanted)
        faiss.omp_set_num_threads(os.cpu_count() or 1)
    return {
        "rows": rows,
        "build_minutes": seconds / 60,
        "bytes_a_vector_on_disk": {one: value / count for one, value in bytes_on_disk.items()},
        "bytes_a_vector_in_memory": resident / count,
    }


def kind(path: Path) -> str:
    """Return what a file of a generation is for."""
    if path.parent.name == "words":
        return "words"
    return "codes" if path.suffix == ".faiss" else "other"


def _resident(root: Path) -> float:
    """Return how much more memory a fresh process holds for its own after opening an index."""
    script = (
        "import re, sys\nfrom pathlib import Path\nimport faiss, tantivy, numpy\n"
        "from voc.index.generation import open_named, pointer\n"
        "own = lambda: int(re.search(r'RssAnon:\\s+(\\d+)', Path('/proc/self/status').read_text())[1]) * 1024\n"
        "root, before = Path(sys.argv[1]), own()\n"
        "opened = open_named(root, pointer(root).current, model_id=sys.argv[2], take=None)\n"
        "print(own() - before)\n"
    )
    done = subprocess.run([sys.executable, "-c", script, str(root), MODEL], capture_output=True, text=True, check=True)
    return float(done.stdout)
