"""Find themes in many texts at once: the first fit, and discovery in the pool of texts that belong nowhere yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from voc.themes.centroids import Centroids, measure, nearest
from voc.themes.engine import find_clusters, one_thread
from voc.themes.graph import FindNeighbours
from voc.themes.space import Space, fit_space
from voc.types import Vectors

NEW_THEME_AT: Final = 0.15
"""Average cosine inside a new theme. Source: on the sample, at .15 and .2 the planted theme was found in its first week
and no other group of new texts in any week (docs/decisions.md)."""

AMONG_ITSELF: Final = 0.4
"""Share of a new theme's nearest neighbours, among all recent texts, that are in it. Source: over simulated weeks of
known issues, groups at the fringe of a known issue had .12 to .43, groups of a new one .36 to .74
(benchmarks/identity.py)."""

LINKED_AT_MOST: Final = 3000
"""Pools above this size go to the clusterer of the first fit: linkage needs the square of it in memory."""


@dataclass(frozen=True, slots=True)
class Found:
    """Clusters 0, 1, … of texts (-1 is none), each text's cosine to its own or nearest centroid, and the centroids."""

    labels: NDArray[np.int64]
    scores: NDArray[np.float64]
    nearest: NDArray[np.int64]
    centroids: Centroids


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

    Communities of the neighbourhood graph become themes; then every text belongs to the nearest theme if it is as near
    as members are. Later weeks are decided by the same rule, so that rates before and after the fit can be compared.
    """
    if len(rows) < smallest:
        return None
    labels = find_clusters(rows, smallest=smallest, neighbours=neighbours)
    with one_thread():
        if labels.max() < 0:
            return None
        centroids = measure(rows, in_order(labels))
        near = nearest(rows, centroids)
    return Found(np.where(near.belongs, near.theme, -1), near.score, near.theme, centroids)


def discover_themes(
    fresh: Vectors, rows: Vectors, around: Vectors, *, smallest: int, neighbours: FindNeighbours
) -> Found | None:
    """Find new themes among the texts that belong to no known theme, or only loosely; None when there is none.

    Among few points a neighbourhood graph joins strangers, so that average linkage takes the place of the first fit's
    clusterer: a new theme is a group in which texts are, on average, as near as `NEW_THEME_AT`, and whose nearest
    neighbours among all recent texts are in it: the fringe of a known theme has them in that theme.

    Args:
        fresh: rows `(n, e)` in a space of the recent weeks, in which what is new can be seen.
        rows: the same texts `(n, c)` in the space of the known themes, in which centroids are kept.
        around: the other texts of the recent weeks `(m, e)`, those that belong firmly to a theme.
        smallest: fewest texts that make a theme.
        neighbours: finds nearest rows, for pools that are too large for linkage.
    """
    if len(rows) < smallest:
        return None
    with one_thread():
        groups = _grouped(fresh, smallest=smallest, neighbours=neighbours)
        labels = in_order(_among_themselves(fresh, groups, around))
        if labels.max() < 0:
            return None
        centroids = measure(rows, labels)
        near = nearest(rows, centroids)
        own = np.where(labels >= 0, labels, near.theme)
        scores = np.einsum("nc,nc->n", rows.astype(np.float64), centroids.rows[own].astype(np.float64))
    return Found(labels, scores, near.theme, centroids)


def _grouped(fresh: Vectors, *, smallest: int, neighbours: FindNeighbours) -> NDArray[np.int64]:
    if len(fresh) > LINKED_AT_MOST:
        return _tight(fresh, find_clusters(fresh, smallest=smallest, neighbours=neighbours))
    from sklearn.cluster import AgglomerativeClustering

    linkage = AgglomerativeClustering(
        n_clusters=None, metric="cosine", linkage="average", distance_threshold=1 - NEW_THEME_AT
    )
    groups = np.asarray(linkage.fit_predict(fresh), dtype=np.int64)
    return np.asarray(np.where(np.bincount(groups)[groups] >= smallest, groups, -1), dtype=np.int64)


def _among_themselves(fresh: Vectors, groups: NDArray[np.int64], around: Vectors) -> NDArray[np.int64]:
    """Keep the groups whose members' nearest neighbours, as many as there are other members, are members mostly."""
    kept = groups.copy()
    everything = np.concatenate([fresh, around])
    for number in np.unique(groups[groups >= 0]):
        inside = np.flatnonzero(groups == number)
        cosines = fresh[inside] @ everything.T
        cosines[np.arange(len(inside)), inside] = -np.inf
        others = len(inside) - 1
        near = np.argpartition(-cosines, others, axis=1)[:, :others]
        if np.isin(near, inside).mean() < AMONG_ITSELF:
            kept[inside] = -1
    return kept


def _tight(rows: Vectors, labels: NDArray[np.int64]) -> NDArray[np.int64]:
    """Keep the clusters whose texts are, on average, as near as a new theme's."""
    kept = labels.copy()
    for number in np.unique(labels[labels >= 0]):
        inside = rows[labels == number].astype(np.float64)
        if float(np.square(inside.sum(axis=0)).sum()) < NEW_THEME_AT * len(inside) ** 2:
            kept[labels == number] = -1
    return kept


def in_order(labels: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return clusters numbered by size, the largest first, ties by their first member; -1 stays."""
    numbers = [int(number) for number in np.unique(labels) if number >= 0]
    numbers.sort(key=lambda number: (-int((labels == number).sum()), int(np.flatnonzero(labels == number)[0])))
    renamed = np.full_like(labels, -1)
    for new, old in enumerate(numbers):
        renamed[labels == old] = new
    return renamed
