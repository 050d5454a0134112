"""Seconds and peak memory of a whole first fit on synthetic clustered vectors, each method in a process of its own."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from voc.types import Vectors

ROWS, DIM, GROUPS, WARM = 60_000, 384, 300, 3_000
VOC, STOCK, UNSEEDED = "voc", "stock BERTopic, seeded", "stock BERTopic, unseeded"


@dataclass(frozen=True, slots=True)
class Speed:
    """What a whole first fit cost: seconds, bytes above the libraries and vectors, and how many themes it found."""

    method: str
    rows: int
    seconds: float
    bytes_above: int
    themes: int


def make_vectors(rows: int, seed: int = 0) -> Vectors:
    """Return unit rows `(n, 384)` in 300 groups of very unequal sizes, about as tight as those of real texts."""
    chance = np.random.default_rng(seed)
    middles = chance.normal(size=(GROUPS, DIM))
    sizes = 1 / np.arange(1, GROUPS + 1) ** 0.7
    groups = chance.choice(GROUPS, size=rows, p=sizes / sizes.sum())
    found = middles[groups] + 1.2 * chance.normal(size=(rows, DIM))
    return (found / np.linalg.norm(found, axis=1, keepdims=True)).astype(np.float32)


def measure(method: str, rows: int) -> Speed:
    """Measure a method in a fresh process.

    Raises:
        RuntimeError: the process failed.
    """
    root = Path(__file__).resolve().parents[1]
    with tempfile.TemporaryDirectory(prefix="voc-bench-") as folder:
        path = Path(folder) / "vectors.npy"
        np.save(path, make_vectors(rows), allow_pickle=False)
        command = [sys.executable, "-m", "parts.speed", method, str(path)]
        search = os.pathsep.join(filter(None, [str(root), os.environ.get("PYTHONPATH", "")]))
        done = subprocess.run(
            command, capture_output=True, text=True, cwd=root, env={**os.environ, "PYTHONPATH": search}
        )
    if done.returncode:
        raise RuntimeError(f"{method} failed: {done.stderr[-2000:]}")
    return Speed(**json.loads(done.stdout.splitlines()[-1]))


def _fit_voc(vectors: Vectors) -> int:
    from parts import peers
    from parts.sets import LabelledSet

    count = len(vectors)
    found = peers.voc(LabelledSet("synthetic", ("",) * count, ("",) * count, ("en",) * count, vectors))
    return int(found.themes.max()) + 1


def _fit_stock(vectors: Vectors, seed: int | None) -> int:
    from bertopic import BERTopic
    from umap import UMAP

    reducer = UMAP(n_neighbors=15, n_components=5, min_dist=0.0, metric="cosine", random_state=seed)
    texts = [f"word{row % 50} other{row % 7}" for row in range(len(vectors))]
    topics, _ = BERTopic(umap_model=reducer, embedding_model=None).fit_transform(texts, embeddings=vectors)
    return max(topics) + 1


METHODS: dict[str, Callable[[Vectors], int]] = {
    VOC: _fit_voc,
    STOCK: lambda vectors: _fit_stock(vectors, 0),
    UNSEEDED: lambda vectors: _fit_stock(vectors, None),
}


def _status(field: str) -> int:
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith(field + ":"):
            return int(line.split()[1]) * 1024
    return 0


def main() -> None:
    """Warm up on few vectors, so that imports and compilers count for nobody, then measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("method", choices=list(METHODS))
    parser.add_argument("vectors", type=Path)
    chosen = parser.parse_args()
    METHODS[chosen.method](make_vectors(WARM, seed=1))
    vectors = np.load(chosen.vectors, allow_pickle=False)
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    before, start = _status("VmRSS"), time.perf_counter()
    themes = METHODS[chosen.method](vectors)
    seconds = time.perf_counter() - start
    print(json.dumps(asdict(Speed(chosen.method, len(vectors), seconds, _status("VmHWM") - before, themes))))


if __name__ == "__main__":
    main()
