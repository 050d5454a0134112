"""Themes and their comments in two dimensions, the same for the same vectors whatever their order.

Themes lie as far apart as two dimensions allow (classical scaling of their cosine distances) and are then pushed apart
until none covers another. A comment lies near its own theme's middle, in the two directions in which the comments of
that theme differ most.

Source: classical scaling: Torgerson, Psychometrika 17 (1952).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from voc.types import Vectors

Points = NDArray[np.float64]

_ROUNDS: Final = 200
_LARGEST: Final = 0.16
"""Radius of the largest theme, where the map is two wide and high."""
_GAP: Final = 0.02


@dataclass(frozen=True, slots=True)
class Layout:
    """Middles `(t, 2)` and radii `(t,)` of themes, and places of comments `(n, 2)`; all within -1 and 1."""

    middles: Points
    radii: Points
    places: Points


def lay_out(centroids: Vectors, rows: Vectors, owner: NDArray[np.int64], sizes: NDArray[np.int64]) -> Layout:
    """Return the map of themes `(t, c)` and comments `(n, c)`, each owned by the theme at a place of `centroids`."""
    radii = _LARGEST * np.sqrt(sizes / max(1, sizes.max(initial=1)))
    radii = np.maximum(radii, 0.25 * _LARGEST)
    middles = _apart(_scaled(centroids), radii)
    places = np.zeros((len(rows), 2))
    for theme in range(len(centroids)):
        mine = np.flatnonzero(owner == theme)
        if len(mine):
            spread = _spread(np.asarray(rows[mine] - centroids[theme], dtype=np.float64))
            places[mine] = middles[theme] + radii[theme] * spread
    middle, reach = _frame(middles, radii)
    return Layout((middles - middle) / reach, radii / reach, (places - middle) / reach)


def _frame(middles: Points, radii: Points) -> tuple[Points, float]:
    """Return the middle `(2,)` of all circles and how far they reach from it, so that they fill the map."""
    if not len(middles):
        return np.zeros(2), 1.0
    low, high = (middles - radii[:, None]).min(axis=0), (middles + radii[:, None]).max(axis=0)
    return (low + high) / 2, float((high - low).max()) / 2


def _scaled(centroids: Vectors) -> Points:
    """Return themes `(t, 2)` by their cosine distances, within -1 and 1."""
    count = len(centroids)
    if count < 3:
        return np.array([[-0.5, 0.0], [0.5, 0.0]])[:count] if count != 1 else np.zeros((1, 2))
    rows = np.asarray(centroids, dtype=np.float64)
    rows = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    squared = np.maximum(0.0, 2 - 2 * rows @ rows.T)
    middle = np.eye(count) - 1 / count
    values, directions = np.linalg.eigh(-0.5 * middle @ squared @ middle)
    found = directions[:, [-1, -2]] * np.sqrt(np.maximum(0.0, values[[-1, -2]]))
    return _upright(found) / max(1e-9, float(np.abs(found).max()))


def _apart(middles: Points, radii: Points) -> Points:
    """Push themes apart until none covers another."""
    found = middles.copy()
    for _ in range(_ROUNDS):
        between = found[:, None] - found[None]
        distance = np.linalg.norm(between, axis=2)
        np.fill_diagonal(distance, np.inf)
        missing = np.maximum(0.0, radii[:, None] + radii[None] + _GAP - distance)
        if not missing.any():
            break
        # Where two lie on one spot, the first goes left.
        way = np.where(distance[..., None] > 1e-9, between / np.maximum(distance, 1e-9)[..., None], 0.0)
        same = (distance <= 1e-9)[..., None] & (np.arange(2) == 0)
        order = np.sign(np.subtract.outer(np.arange(len(found)), np.arange(len(found))))[..., None]
        found += 0.5 * (missing[..., None] * np.where(same, order, way)).sum(axis=1)
    return found


def _spread(rows: Points) -> Points:
    """Return rows `(n, 2)` in their two main directions, nineteen of twenty within a circle of one."""
    if len(rows) < 3:
        return np.zeros((len(rows), 2))
    centred = rows - rows.mean(axis=0)
    _, _, directions = np.linalg.svd(centred, full_matrices=False)
    found = _upright(centred @ directions[:2].T)
    if found.shape[1] < 2:
        found = np.hstack([found, np.zeros((len(found), 2 - found.shape[1]))])
    far = float(np.quantile(np.linalg.norm(found, axis=1), 0.95))
    found = found / max(far, 1e-9)
    length = np.linalg.norm(found, axis=1, keepdims=True)
    return np.asarray(found / np.maximum(1.0, length), dtype=np.float64)


def _upright(points: Points) -> Points:
    """Return points turned so that of each axis the farthest lies on the positive side: signs mean nothing else."""
    if not len(points):
        return points
    farthest = points[np.abs(points).argmax(axis=0), np.arange(points.shape[1])]
    return np.asarray(points * np.where(farthest < 0, -1.0, 1.0), dtype=np.float64)
