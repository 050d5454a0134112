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

NEW_THEME_AT: Final = 0.2
"""Average cosine inside a new theme. Source: on the sample, between .15 and .3 the same theme was born in the same
week and none besides it (docs/decisions.md)."""

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

    BERTopic proposes clusters and near ones are made one; then every text belongs to the nearest theme if it is as near
    as members are. Later weeks are decided by the same rule, so that rates before and after the fit can be compared.
    """
    labels = find_clusters(rows, texts, smallest=smallest, seed=seed)
    with one_thread():
        if labels.max() < 0:
            return None
        labels = in_order(merge_near(rows, labels))
        centroids = measure(rows, labels)
        near = nearest(rows, centroids)
        labels = np.where(near.belongs, near.theme, -1)
        own = np.where(labels >= 0, labels, near.theme)
        scores = np.einsum("nc,nc->n", rows.astype(np.float64), centroids.rows[own].astype(np.float64))
    return Found(labels, scores, near.theme, centroids)


def discover_themes(fresh: Vectors, rows: Vectors, texts: Sequence[str], *, smallest: int, seed: int) -> Found | None:
    """Find new themes among the few texts that belong to no known theme; None when there is none.

    Among few points a neighbourhood graph joins strangers, so that average linkage takes the place of the first fit's
    clusterer: a new theme is a group in which texts are, on average, as near as `NEW_THEME_AT`.

    Args:
        fresh: rows `(n, e)` in a space of the recent weeks, in which what is new can be seen.
        rows: the same texts `(n, c)` in the space of the known themes, in which centroids are kept.
        texts: the texts, in canonical order.
        smallest: fewest texts that make a theme.
        seed: for pools that are too large for linkage.
    """
    if len(rows) < smallest:
        return None
    with one_thread():
        labels = in_order(_linked(fresh, texts, smallest=smallest, seed=seed))
        if labels.max() < 0:
            return None
        centroids = measure(rows, labels)
        near = nearest(rows, centroids)
        own = np.where(labels >= 0, labels, near.theme)
        scores = np.einsum("nc,nc->n", rows.astype(np.float64), centroids.rows[own].astype(np.float64))
    return Found(labels, scores, near.theme, centroids)


def _linked(fresh: Vectors, texts: Sequence[str], *, smallest: int, seed: int) -> NDArray[np.int64]:
    if len(fresh) > LINKED_AT_MOST:
        return merge_near(fresh, find_clusters(fresh, texts, smallest=smallest, seed=seed))
    from sklearn.cluster import AgglomerativeClustering

    linkage = AgglomerativeClustering(
        n_clusters=None, metric="cosine", linkage="average", distance_threshold=1 - NEW_THEME_AT
    )
    groups = np.asarray(linkage.fit_predict(fresh), dtype=np.int64)
    return np.asarray(np.where(np.bincount(groups)[groups] >= smallest, groups, -1), dtype=np.int64)


def in_order(labels: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return clusters numbered by size, the largest first, ties by their first member; -1 stays."""
    numbers = [int(number) for number in np.unique(labels) if number >= 0]
    numbers.sort(key=lambda number: (-int((labels == number).sum()), int(np.flatnonzero(labels == number)[0])))
    renamed = np.full_like(labels, -1)
    for new, old in enumerate(numbers):
        renamed[labels == old] = new
    return renamed
