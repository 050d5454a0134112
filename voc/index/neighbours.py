"""The nearest rows of every row: exact, and the same bits whatever the number of threads."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from voc.types import Vectors

_BLOCK: Final = 1024
"""Rows that are asked about at once. Each block is worked on by one thread, so that sums are made in one order."""


@dataclass(frozen=True, slots=True)
class Neighbours:
    """For each of n rows its k nearest others: places `(n, k) int64` and cosines `(n, k) float32`, nearest first."""

    places: NDArray[np.int64]
    cosines: Vectors


def nearest_rows(rows: Vectors, count: int) -> Neighbours:
    """Return the `count` nearest other rows of each of unit rows `(n, c)`; fewer where there are not so many.

    Source: exhaustive search with FAISS (Douze et al., arXiv 2401.08281).
    """
    import faiss

    wanted = min(count, len(rows) - 1)
    if wanted < 1:
        return Neighbours(np.zeros((len(rows), 0), np.int64), np.zeros((len(rows), 0), np.float32))
    index = faiss.IndexFlatIP(rows.shape[1])
    index.add(np.ascontiguousarray(rows, dtype=np.float32))

    def block(start: int) -> tuple[NDArray[np.int64], Vectors]:
        faiss.omp_set_num_threads(1)
        cosines, places = index.search(np.ascontiguousarray(rows[start : start + _BLOCK]), wanted + 1)
        return _without_itself(places, cosines, start)

    with ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as pool:
        found = list(pool.map(block, range(0, len(rows), _BLOCK)))
    return Neighbours(np.concatenate([one[0] for one in found]), np.concatenate([one[1] for one in found]))


def _without_itself(places: NDArray[np.int64], cosines: Vectors, start: int) -> tuple[NDArray[np.int64], Vectors]:
    """Leave out each row itself; among equal rows it may not come first, or not at all: then the last is left out."""
    itself = places == np.arange(start, start + len(places))[:, None]
    itself[~itself.any(axis=1), -1] = True
    shape = (len(places), places.shape[1] - 1)
    return places[~itself].reshape(shape).astype(np.int64), cosines[~itself].reshape(shape)
