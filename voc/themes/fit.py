"""Find themes in many texts at once: the first fit, and discovery in the pool of texts that belong nowhere yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from voc.themes.centroids import Centroids, measure, merge_near, nearest
from voc.themes.engine import find_clusters, one_thread
from voc.types import Vectors

NEW_THEME_AT: Final = 0.25
"""Average cosine inside a new theme. Source: .15 to .3 tried on pools of 40 to 90 comments of the sample; from .25
on every theme that was born held one planted theme only (docs/decisions.md)."""

LINKED_AT_MOST: Final = 3000
"""Pools above this size go to the clusterer of the first fit: linkage needs the square of it in memory."""


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


def discover_themes(rows: Vectors, texts: Sequence[str], *, smallest: int, seed: int) -> Found | None:
    """Find new themes among the few rows `(n, c)` that belong to no known theme; None when there is none.

    Among few points a neighbourhood graph joins strangers, so that average linkage takes the place of the first fit's
    clusterer: a new theme is a group in which texts are, on average, as near as `NEW_THEME_AT`.
    """
    if len(rows) < smallest:
        return None
    if len(rows) > LINKED_AT_MOST:
        return find_themes(rows, texts, smallest=smallest, seed=seed)
    from sklearn.cluster import AgglomerativeClustering

    with one_thread():
        linkage = AgglomerativeClustering(
            n_clusters=None, metric="cosine", linkage="average", distance_threshold=1 - NEW_THEME_AT
        )
        groups = np.asarray(linkage.fit_predict(rows), dtype=np.int64)
        sizes = np.bincount(groups)
        labels = in_order(np.where(sizes[groups] >= smallest, groups, -1))
        if labels.max() < 0:
            return None
        centroids = measure(rows, labels)
        near = nearest(rows, centroids)
    return Found(labels, near.score, near.theme, centroids)


def in_order(labels: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return clusters numbered by size, the largest first, ties by their first member; -1 stays."""
    numbers = [int(number) for number in np.unique(labels) if number >= 0]
    numbers.sort(key=lambda number: (-int((labels == number).sum()), int(np.flatnonzero(labels == number)[0])))
    renamed = np.full_like(labels, -1)
    for new, old in enumerate(numbers):
        renamed[labels == old] = new
    return renamed
