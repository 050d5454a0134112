"""Find themes in many texts at once: the first fit, and discovery in the pool of texts that belong nowhere yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from voc.themes.centroids import Centroids, measure, merge_near, nearest
from voc.themes.engine import find_clusters, one_thread
from voc.types import Vectors


@dataclass(frozen=True, slots=True)
class Found:
    """Clusters 0, 1, … of texts (-1 is none), each text's cosine to its own or nearest centroid, and the centroids."""

    labels: NDArray[np.int64]
    scores: NDArray[np.float64]
    nearest: NDArray[np.int64]
    centroids: Centroids


def find_themes(rows: Vectors, texts: Sequence[str], *, smallest: int, seed: int) -> Found | None:
    """Find themes among rows `(n, c)` of a space, in canonical order; None when there is none.

    BERTopic proposes clusters, near ones are made one, then texts that it left out join the nearest theme if they are
    as near as its members are.
    """
    labels = find_clusters(rows, texts, smallest=smallest, seed=seed)
    with one_thread():
        if labels.max() < 0:
            return None
        labels = in_order(merge_near(rows, labels))
        centroids = measure(rows, labels)
        near = nearest(rows, centroids)
        labels = np.where((labels < 0) & near.belongs, near.theme, labels)
        own = np.where(labels >= 0, labels, near.theme)
        scores = np.einsum("nc,nc->n", rows.astype(np.float64), centroids.rows[own].astype(np.float64))
    return Found(labels, scores, near.theme, centroids)


def in_order(labels: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return clusters numbered by size, the largest first, ties by their first member; -1 stays."""
    numbers = [int(number) for number in np.unique(labels) if number >= 0]
    numbers.sort(key=lambda number: (-int((labels == number).sum()), int(np.flatnonzero(labels == number)[0])))
    renamed = np.full_like(labels, -1)
    for new, old in enumerate(numbers):
        renamed[labels == old] = new
    return renamed
