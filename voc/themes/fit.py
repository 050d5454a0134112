"""Find themes in many texts at once: the first fit, a refit, and the parting of one theme."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from voc.themes.centroids import Centroids, measure, nearest
from voc.themes.engine import find_clusters, one_thread
from voc.themes.graph import NEIGHBOURS, FindNeighbours, NearestRows
from voc.themes.neighbourhood import said_by
from voc.themes.space import Space, fit_space
from voc.types import Vectors


@dataclass(frozen=True, slots=True)
class Found:
    """Clusters 0, 1, … of texts (-1 is none), cosines to their own or nearest centroid, centroids, neighbours."""

    labels: NDArray[np.int64]
    scores: NDArray[np.float64]
    nearest: NDArray[np.int64]
    centroids: Centroids
    near: NearestRows


@dataclass(frozen=True, slots=True)
class Fit:
    """A space learned from texts, the texts as rows `(n, c)` in it, and the themes found; None when there is none."""

    space: Space
    rows: Vectors
    found: Found | None


def fit_themes(vectors: Vectors, languages: Sequence[str], *, smallest: int, neighbours: FindNeighbours) -> Fit:
    """Learn a space from vectors `(n, d)` in canonical order and each one's language, and find themes in it."""
    with one_thread():
        space = fit_space(vectors, languages)
        rows = space.place(vectors, languages)
    return Fit(space, rows, find_themes(rows, smallest=smallest, neighbours=neighbours))


def find_themes(rows: Vectors, *, smallest: int, neighbours: FindNeighbours) -> Found | None:
    """Find themes among rows `(n, c)` of a space, in canonical order; None when there is none.

    Communities of the neighbourhood graph become themes; then every text goes to the theme that centroids and
    neighbours speak for, if it is as near as members are. Later weeks are decided by the same rule, so that rates
    before and after the fit can be compared.
    """
    if len(rows) < smallest:
        return None
    near = neighbours(rows, NEIGHBOURS)
    labels = find_clusters(rows, near, smallest=smallest)
    with one_thread():
        if labels.max() < 0:
            return None
        centroids = measure(rows, in_order(labels))
        alone = nearest(rows, centroids)
        decided = nearest(rows, centroids, said_by(near, alone.themes(), np.arange(len(centroids.rows))))
    return Found(decided.themes(), decided.score, decided.theme, centroids, near)


def in_order(labels: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return clusters numbered by size, the largest first, ties by their first member; -1 stays."""
    numbers = [int(number) for number in np.unique(labels) if number >= 0]
    numbers.sort(key=lambda number: (-int((labels == number).sum()), int(np.flatnonzero(labels == number)[0])))
    renamed = np.full_like(labels, -1)
    for new, old in enumerate(numbers):
        renamed[labels == old] = new
    return renamed
