"""What the neighbours of a text say about its theme.

A theme is seldom round: near its border a centroid misleads, while the texts around tell on which side a text lies. So
both speak: the cosine to a centroid, and a part of the neighbours' votes, each for the theme of its own nearest
centroid. The centroid alone still decides whether a text is near enough to belong.

Source: votes of the nearest, weighted by nearness: Dudani, IEEE Trans. SMC 6 (1976). Half A of the sets of
benchmarks/themes.py gained .01 of AMI and of ARI; prototypes within each theme, discriminant directions and at most 60
voters a theme gained less. Votes for the theme that a neighbour had, in rounds, gained no more, and seldom settled.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from voc.themes.graph import NEIGHBOURS, NearestRows
from voc.types import Vectors

VOTERS: Final = NEIGHBOURS
"""Neighbours that vote: as many as the graph of the fit is made of."""

WEIGHT: Final = 0.3
"""What a unanimous neighbourhood adds to a cosine. Source: half A; .15 and .5 give the same within .003."""

NOBODY: Final = -1
_BLOCK: Final = 1024


@dataclass(frozen=True, slots=True)
class Said:
    """Votes on rows: the theme of each neighbour `(n, k)`, `NOBODY` for none, and how much its vote weighs `(n, k)`.

    `columns` `(t,)` says whose votes each theme gets: a theme that was merged gets those of the theme it leads to.
    """

    themes: NDArray[np.int64]
    weights: NDArray[np.float64]
    columns: NDArray[np.int64]

    def votes(self, block: slice) -> NDArray[np.float64]:
        """Return what the neighbours of some rows add to each cosine `(rows, t)`: at most `WEIGHT`."""
        themes, weights = self.themes[block], self.weights[block]
        found = np.zeros((len(themes), int(self.columns.max(initial=0)) + 1))
        row, place = np.nonzero(themes != NOBODY)
        np.add.at(found, (row, themes[row, place]), weights[row, place])
        total = weights.sum(axis=1, keepdims=True)
        return WEIGHT * (found / np.where(total > 0, total, 1))[:, self.columns]


def said_by(near: NearestRows, themes: NDArray[np.int64], columns: NDArray[np.int64]) -> Said:
    """Return the votes of voters on the rows that they are near to.

    Args:
        near: the voters nearest to each row.
        themes: whom each voter is for, `NOBODY` without a theme `(m,)`.
        columns: whose votes each theme gets `(t,)`.
    """
    return Said(themes[near.places], np.maximum(near.cosines, 0).astype(np.float64), columns)


@dataclass(frozen=True, slots=True)
class Nearby:
    """The voters nearest to each of some rows, nobody being their own: `places` and `cosines`, each `(n, k)`."""

    places: NDArray[np.int64]
    cosines: Vectors


def voters_near(rows: Vectors, voters: Vectors, itself: NDArray[np.int64]) -> Nearby:
    """Return up to `VOTERS` voters `(m, c)` that are nearest to each of unit rows `(n, c)`.

    Args:
        rows: texts to be decided.
        voters: texts that may be near.
        itself: the place among the voters of each row, `NOBODY` where it is not one of them `(n,)`.
    """
    wanted = min(VOTERS, len(voters))
    places = np.zeros((len(rows), wanted), dtype=np.int64)
    cosines = np.zeros((len(rows), wanted), dtype=np.float32)
    for start in range(0, len(rows), _BLOCK):
        block = slice(start, start + _BLOCK)
        found = rows[block] @ voters.T
        own = np.flatnonzero(itself[block] != NOBODY)
        found[own, itself[block][own]] = -np.inf
        places[block] = np.argpartition(-found, wanted - 1, axis=1)[:, :wanted]
        cosines[block] = np.take_along_axis(found, places[block], axis=1)
    return Nearby(places, cosines)
