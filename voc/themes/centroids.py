"""Centroids of themes, and how near a text must be to belong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from voc.themes.neighbourhood import NOBODY, Said
from voc.themes.space import unit_rows
from voc.types import Vectors

KNOWN_AT: Final = 0.62
"""A group whose centroid is nearer to a known theme's is that theme. Source: benchmarks/identity.py, development seeds:
new subjects lay at .60 or less from every known theme, bursts and returns of known ones at .65 or more."""

MEMBER_QUANTILE: Final = 0.05
"""A threshold lets in 95 of 100 members: coverage of known subjects is .98 in the weeks of the fit and after."""

FEW: Final = 20
"""A new theme's threshold is drawn towards the usual one as by so many texts: its first texts are its core. Source: on
the sample, 45 of 49 comments of the planted new theme then joined it instead of 37."""

_BLOCK: Final = 4096
"""Rows whose cosines to all themes are held at once."""

_ROUNDING: Final = 1e-6
"""Rows are float32: among texts that are all alike, each must still clear the threshold that they set."""


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

    def themes(self) -> NDArray[np.int64]:
        """Return the number of the theme of each text, -1 where it belongs to none."""
        return np.where(self.belongs, self.theme, NOBODY)


def measure(rows: Vectors, labels: NDArray[np.int64]) -> Centroids:
    """Return centroids and calibrated thresholds of clusters 0, 1, … over rows `(n, c)`; -1 is no cluster.

    A member's own share in its centroid is taken out before its cosine counts, so that small themes do not look tight.
    """
    sums = np.stack([rows[labels == theme].sum(axis=0, dtype=np.float64) for theme in range(int(labels.max()) + 1)])
    centroids = unit_rows(sums.astype(np.float32))
    thresholds = np.empty(len(sums))
    for theme in range(len(sums)):
        inside = labels == theme
        own = _left_out(rows[inside].astype(np.float64), sums[theme])
        thresholds[theme] = np.quantile(own, MEMBER_QUANTILE) - _ROUNDING
    return Centroids(centroids, thresholds)


def young_threshold(own: float, members: int, known: Sequence[float]) -> float:
    """Return the threshold of a new theme: its own, drawn towards the middle of the known ones by its few members."""
    if not known:
        return own
    return (members * own + FEW * float(np.median(known))) / (members + FEW)


def nearest(rows: Vectors, centroids: Centroids, said: Said | None = None) -> Nearest:
    """Return the theme of each row `(n, c)` that its centroid and, where it is known, its neighbourhood speak for."""
    theme = np.zeros(len(rows), dtype=np.int64)
    score = np.zeros(len(rows))
    across = centroids.rows.T.astype(np.float64)
    for start in range(0, len(rows), _BLOCK):
        block = slice(start, start + _BLOCK)
        cosines = rows[block].astype(np.float64) @ across
        theme[block] = (cosines if said is None else cosines + said.votes(block)).argmax(axis=1)
        score[block] = cosines[np.arange(len(cosines)), theme[block]]
    return Nearest(theme, score, score >= centroids.thresholds[theme])


def _left_out(members: NDArray[np.float64], total: NDArray[np.float64]) -> NDArray[np.float64]:
    rest = total - members
    lengths = np.linalg.norm(rest, axis=1)
    return np.asarray(np.einsum("nc,nc->n", members, rest) / np.where(lengths > 0, lengths, 1))
