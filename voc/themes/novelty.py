"""What is new: groups of recent comments that keep to themselves in time as well as in meaning.

A new subject need not lie outside of the known themes: they are wide, and let in what is near enough. But its comments
are neighbours of each other, and what they are neighbours of is recent too, while the neighbours of an old subject come
from all weeks. So the share of recent comments among the nearest neighbours tells one from the other. Comments whose
neighbourhood is recent beyond the share of the recent weeks, and that are linked as neighbours, are a new group.

Source: the share of like neighbours as a test of two samples: Schilling, JASA 81 (1986), Henze, Annals of Statistics 16
(1988).
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from voc.themes.graph import FindNeighbours
from voc.types import Vectors

NEIGHBOURS: Final = 8
RECENT: Final = 2
"""Weeks, the newest one included, that a new subject is looked for in."""
WINDOW: Final = 7
"""Weeks that neighbours are taken from, the recent ones included."""
ODDS: Final = 4.5
"""How many times the odds of the recent weeks a neighbourhood's odds of being recent must be."""


def new_groups(
    rows: Vectors, recent: NDArray[np.bool_], *, smallest: int, neighbours: FindNeighbours
) -> NDArray[np.int64]:
    """Return a group number for each of unit rows `(n, c)`, -1 for what is not new.

    Args:
        rows: comments of a window of weeks, in canonical order, in a space of that window.
        recent: which of them came in its last weeks `(n,)`.
        smallest: fewest comments of a group.
        neighbours: finds nearest rows.
    """
    from scipy.sparse import csr_matrix
    from scipy.sparse.csgraph import connected_components

    none = np.full(len(rows), -1, dtype=np.int64)
    share = float(recent.mean()) if len(recent) else 1.0
    if share in (0.0, 1.0) or recent.sum() < smallest:
        return none
    places = neighbours(rows, NEIGHBOURS).places
    own = recent[places].mean(axis=1)
    around = (own + own[places].mean(axis=1)) / 2
    odds = ODDS * share / (1 - share)
    fresh = recent & (around >= odds / (1 + odds))
    ends = np.repeat(np.arange(len(rows)), places.shape[1])
    linked = fresh[ends] & fresh[places.ravel()]
    edges = csr_matrix(
        (np.ones(int(linked.sum())), (ends[linked], places.ravel()[linked])), shape=(len(rows), len(rows))
    )
    _, parts = connected_components(edges, directed=True, connection="strong")
    sizes = np.bincount(parts)
    return np.where(fresh & (sizes[parts] >= smallest), parts, -1).astype(np.int64)
