"""Centroids of themes, how near a text must be to belong, and which clusters are one theme."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from voc.themes.space import unit_rows
from voc.types import Vectors

MERGE_AT: Final = 0.30
"""Clusters whose centroids are nearer (cosine in the space) are one theme. Source: chosen among .2 to .45 on draws of
12 BANKING77 intents, the sample and French and Portuguese reviews (docs/decisions.md)."""

KNOWN_AT: Final = 0.45
"""A group whose centroid is nearer to a known theme's is no new theme."""

MEMBER_QUANTILE: Final = 0.10
FOREIGN_QUANTILE: Final = 0.99
"""A threshold lets in nine of ten members and at most one of a hundred texts of other themes."""


@dataclass(frozen=True, slots=True)
class Centroids:
    """`rows` is `(t, c) float32` with unit rows, `thresholds` `(t,)` cosines."""

    rows: Vectors
    thresholds: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Nearest:
    """For each text: the nearest theme's number, the cosine to it, and whether it belongs."""

    theme: NDArray[np.int64]
    score: NDArray[np.float64]
    belongs: NDArray[np.bool_]


def measure(rows: Vectors, labels: NDArray[np.int64]) -> Centroids:
    """Return centroids and calibrated thresholds of clusters 0, 1, … over rows `(n, c)`; -1 is no cluster.

    A member's own share in its centroid is taken out before its cosine counts, so that small themes do not look tight.
    """
    sums = np.stack([rows[labels == theme].sum(axis=0, dtype=np.float64) for theme in range(int(labels.max()) + 1)])
    centroids = unit_rows(sums.astype(np.float32))
    cosines = rows.astype(np.float64) @ centroids.T.astype(np.float64)
    thresholds = np.empty(len(sums))
    for theme in range(len(sums)):
        inside = labels == theme
        own = _left_out(rows[inside].astype(np.float64), sums[theme])
        foreign = cosines[(labels >= 0) & ~inside, theme]
        wanted = np.quantile(own, MEMBER_QUANTILE)
        if len(foreign):
            wanted = max(wanted, np.quantile(foreign, FOREIGN_QUANTILE))
        thresholds[theme] = min(wanted, np.quantile(own, 0.5))
    return Centroids(centroids, thresholds)


def nearest(rows: Vectors, centroids: Centroids) -> Nearest:
    """Return the nearest theme of each row `(n, c)`."""
    cosines = rows.astype(np.float64) @ centroids.rows.T.astype(np.float64)
    theme = cosines.argmax(axis=1)
    score = cosines[np.arange(len(rows)), theme]
    return Nearest(theme, score, score >= centroids.thresholds[theme])


def merge_near(rows: Vectors, labels: NDArray[np.int64], *, at: float = MERGE_AT) -> NDArray[np.int64]:
    """Return labels in which clusters with centroids nearer than `at` are one, nearest pairs first."""
    merged = labels.copy()
    while merged.max() > 0:
        count = int(merged.max()) + 1
        centroids = unit_rows(np.stack([rows[merged == theme].sum(axis=0) for theme in range(count)]))
        pairs = np.triu(centroids @ centroids.T, k=1)
        first, second = (int(place) for place in np.unravel_index(pairs.argmax(), pairs.shape))
        if pairs[first, second] < at:
            break
        merged[merged == second] = first
        merged[merged > second] -= 1
    return merged


def _left_out(members: NDArray[np.float64], total: NDArray[np.float64]) -> NDArray[np.float64]:
    rest = total - members
    lengths = np.linalg.norm(rest, axis=1)
    return np.asarray(np.einsum("nc,nc->n", members, rest) / np.where(lengths > 0, lengths, 1))
