"""Clusters of texts as communities of their neighbourhood graph: their number is found, and nothing is left out.

Each text is joined to its nearest others, weighted by cosine; a community is a group with more weight inside than
chance would give it. The search for communities depends on the order in which it looks at texts, so it is done several
times in seeded orders; what the runs agree on decides. The same rows in the same order give the same communities.

Source: modularity, Newman and Girvan, Phys. Rev. E 69 (2004); Louvain, Blondel et al., J. Stat. Mech. P10008 (2008);
consensus of runs, Lancichinetti and Fortunato, Scientific Reports 2 (2012); communities of neighbourhood graphs as
clusters, Levine et al., Cell 162 (2015).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from voc.types import Vectors

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

NEIGHBOURS: Final = 15
RESOLUTION: Final = 1.0
"""How much more weight than chance a community must hold: 1 is modularity itself. Source: benchmarks/themes.py."""

RUNS: Final = 10
"""Source: on the sample, consensus of 10 runs was the same for every choice of seeds, on BANKING77 ARI between such
choices was .83 to .90; the best of 10 by modularity alone agreed less (.82 to .98)."""

_LEAST_WEIGHT: Final = 1e-3
_NEVER: Final = 1e-6
"""Weight of an edge between texts that no run put together: it stays, so that the graph does not fall apart."""


class NearestRows(Protocol):
    """The nearest others of every row: `places` and `cosines`, each `(n, k)`."""

    @property
    def places(self) -> NDArray[np.int64]:
        """Return the row numbers of the neighbours."""
        ...

    @property
    def cosines(self) -> Vectors:
        """Return the cosines to them."""
        ...


class FindNeighbours(Protocol):
    """Finds the nearest others of every row; FAISS does it, behind the door of another room."""

    def __call__(self, rows: Vectors, count: int, /) -> NearestRows:
        """Return up to `count` neighbours of each of unit rows `(n, c)`."""
        ...


class CommunityClusterer:
    """A clusterer of the form that BERTopic takes: `fit` leaves the community of each row in `labels_`."""

    def __init__(self, near: NearestRows, *, smallest: int) -> None:
        self._near = near
        self._smallest = smallest
        self.labels_: NDArray[np.int64] = np.zeros(0, np.int64)

    def fit(self, rows: Vectors, y: object = None) -> CommunityClusterer:
        """Find communities of the rows whose nearest others are known; -1 is one of fewer than `smallest`."""
        del rows, y
        found = communities(self._near)
        sizes = np.bincount(found) if len(found) else np.zeros(0, np.int64)
        self.labels_ = np.where(sizes[found] >= self._smallest, found, -1)
        return self


def communities(near: NearestRows, *, resolution: float = RESOLUTION) -> NDArray[np.int64]:
    """Return a community number for each row, given its nearest others; a higher resolution gives more of them."""
    from scipy.sparse import csr_matrix

    count = len(near.places)
    if near.places.shape[1] == 0:
        return np.zeros(count, np.int64)
    ends = np.repeat(np.arange(count), near.places.shape[1])
    weights = np.maximum(near.cosines.ravel().astype(np.float64), _LEAST_WEIGHT)
    one_way = csr_matrix((weights, (ends, near.places.ravel())), shape=(count, count))
    edges = one_way.maximum(one_way.T).tocoo()
    agreed = np.zeros(len(edges.data))
    for seed in range(RUNS):
        found = _louvain(edges.tocsr(), seed, resolution)
        agreed += found[edges.row] == found[edges.col]
    weighted = csr_matrix((edges.data * agreed / RUNS + _NEVER, (edges.row, edges.col)), shape=edges.shape)
    return _louvain(weighted, None, resolution)


def _louvain(graph: csr_matrix, seed: int | None, resolution: float) -> NDArray[np.int64]:
    """Return communities of a graph, looked for in an order drawn with a seed, or in the order of its rows.

    Not Leiden of the same library: its refinement draws numbers that cannot be seeded.
    """
    from sknetwork.clustering import Louvain

    louvain = Louvain(resolution=resolution, shuffle_nodes=seed is not None, random_state=seed or 0)
    return np.asarray(louvain.fit_predict(graph), dtype=np.int64)
