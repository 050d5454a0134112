"""The nearest rows of every row: exact, and the same bits whatever the number of threads."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from voc.types import Vectors

_BLOCK: Final = 128
"""Rows that are asked about at once. Each block is worked on by one thread, so that sums are made in one order."""

_HEAP: Final = 32
"""Rows in a heap: of most heaps only the nearest row is ever looked at. Half and twice as many are slower."""


@dataclass(frozen=True, slots=True)
class Neighbours:
    """For each of n rows its k nearest others: places `(n, k) int64` and cosines `(n, k) float32`, nearest first."""

    places: NDArray[np.int64]
    cosines: Vectors


def nearest_rows(rows: Vectors, count: int) -> Neighbours:
    """Return the `count` nearest other rows of each of unit rows `(n, c)`; fewer where there are not so many.

    All cosines are computed. The nearest k of a row lie in those k heaps of rows whose best are the k best of all
    heaps, so that only these are sorted. How that compares with FAISS depends on the processor (docs/decisions.md).
    """
    from threadpoolctl import threadpool_limits

    wanted = min(count, len(rows) - 1)
    if wanted < 1:
        return Neighbours(np.zeros((len(rows), 0), np.int64), np.zeros((len(rows), 0), np.float32))
    heap = _HEAP if len(rows) >= 4 * _HEAP * wanted else 1
    heaps = -(-len(rows) // heap)
    columns = np.zeros((rows.shape[1], heaps * heap), dtype=np.float32)
    columns[:, : len(rows)] = rows.T

    def block(start: int) -> tuple[NDArray[np.int64], Vectors]:
        cosines = rows[start : start + _BLOCK].astype(np.float32, copy=False) @ columns
        cosines[:, len(rows) :] = -np.inf
        own = np.arange(len(cosines))
        cosines[own, start + own] = -np.inf
        return _greatest(cosines, wanted, heap)

    with threadpool_limits(limits=1), ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as pool:
        found = list(pool.map(block, range(0, len(rows), _BLOCK)))
    return Neighbours(np.concatenate([one[0] for one in found]), np.concatenate([one[1] for one in found]))


def _greatest(values: Vectors, count: int, heap: int) -> tuple[NDArray[np.int64], Vectors]:
    """Return places and values of the greatest of each row `(b, n)`, greatest first, equal ones by place."""
    heaps = values.shape[1] // heap
    best = values.reshape(len(values), heap, heaps).max(axis=1)  # every heap holds each so-many-th value
    chosen = np.argpartition(best, heaps - count, axis=1)[:, heaps - count :]
    places = (chosen[:, None, :] + heaps * np.arange(heap)[:, None]).reshape(len(values), -1)
    starts = values.shape[1] * np.arange(len(values))[:, None]
    inside = values.ravel().take(starts + places, mode="clip")  # thrice as fast as take_along_axis
    kept = np.argpartition(inside, inside.shape[1] - count, axis=1)[:, inside.shape[1] - count :]
    places, inside = np.take_along_axis(places, kept, axis=1), np.take_along_axis(inside, kept, axis=1)
    order = np.lexsort((places, -inside), axis=1)
    return np.take_along_axis(places, order, axis=1), np.take_along_axis(inside, order, axis=1)
