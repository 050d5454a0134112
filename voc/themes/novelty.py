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
"""How many times the odds of the recent weeks a neighbourhood's odds of being recent must be in the core of a group."""
FRINGE_ODDS: Final = 2.0
"""The same at its fringe, of comments of which `ATTACHED` neighbours are in the core."""
ATTACHED: Final = 2
CORE: Final = 0.75
"""Part of the fewest comments that must be in the core."""


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
    none = np.full(len(rows), -1, dtype=np.int64)
    share = float(recent.mean()) if len(recent) else 1.0
    if share in (0.0, 1.0) or recent.sum() < smallest:
        return none
    places = neighbours(rows, NEIGHBOURS).places
    own = recent[places].mean(axis=1)
    around = (own + own[places].mean(axis=1)) / 2
    core = recent & (around >= _enriched(share, ODDS))
    groups = _linked(places, core)
    groups[np.bincount(groups + 1)[groups + 1] < smallest * CORE] = -1
    fringe = np.flatnonzero(recent & ~core & (around >= _enriched(share, FRINGE_ODDS)))
    beside = np.sort(groups[places[fringe]], axis=1)
    most = beside[:, -ATTACHED]  # in order, so many of the last are alike where so many neighbours are of one group
    groups[fringe] = np.where((most >= 0) & (most == beside[:, -1]), most, -1)
    return np.where(np.bincount(groups + 1)[groups + 1] >= smallest, groups, -1)


def _linked(places: NDArray[np.int64], inside: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return a number for each set of rows that are one another's neighbours, -1 for rows that are not `inside`."""
    from scipy.sparse import csr_matrix
    from scipy.sparse.csgraph import connected_components

    ends = np.repeat(np.arange(len(places)), places.shape[1])
    linked = inside[ends] & inside[places.ravel()]
    edges = (np.ones(int(linked.sum())), (ends[linked], places.ravel()[linked]))
    _, parts = connected_components(csr_matrix(edges, shape=(len(places), len(places))), connection="strong")
    return np.where(inside, parts, -1).astype(np.int64)


def _enriched(share: float, times: float) -> float:
    """Return the share whose odds are so many times those of a share."""
    odds = times * share / (1 - share)
    return odds / (1 + odds)
