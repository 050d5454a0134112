"""Which new cluster is which known theme: by the texts they share, never by their names.

Source: one-to-one matching of greatest total overlap: Kuhn, Naval Research Logistics 2 (1955); kinds of change between
two clusterings of the same things: Spiliopoulou et al., "MONIC" (KDD 2006).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

SAME_AT: Final = 0.30
"""Jaccard overlap from which on a new cluster continues a known theme."""
PART_AT: Final = 0.50
"""Share of a theme's or cluster's texts that must have gone the same way for a split or a merge to be told."""


@dataclass(frozen=True, slots=True)
class Match:
    """What became of one new cluster: the theme it continues, with the overlap, or the theme it split from."""

    cluster: int
    theme_id: str | None
    overlap: float
    split_from: str | None


@dataclass(frozen=True, slots=True)
class Matching:
    """A match a cluster, and for each known theme that no cluster continues the cluster its texts went to, or None."""

    clusters: tuple[Match, ...]
    ended: dict[str, int | None]


def match_clusters(before: Sequence[str | None], after: Sequence[int]) -> Matching:
    """Match clusters of texts with the themes that the same texts had.

    Args:
        before: the theme of each text, None without one.
        after: the new cluster 0, 1, … of each text, -1 without one.
    """
    from scipy.optimize import linear_sum_assignment

    themes = sorted({theme for theme in before if theme is not None})
    clusters = max(after, default=-1) + 1
    shared = Counter((theme, new) for theme, new in zip(before, after, strict=True) if theme is not None and new >= 0)
    had, has = Counter(before), Counter(after)
    overlap = np.zeros((len(themes), clusters))
    for row, theme in enumerate(themes):
        for new in range(clusters):
            common = shared[theme, new]
            overlap[row, new] = common / (had[theme] + has[new] - common) if common else 0.0
    continued: dict[int, tuple[str, float]] = {}
    for row, new in zip(*linear_sum_assignment(-overlap), strict=True):
        if overlap[row, new] >= SAME_AT:
            continued[int(new)] = (themes[row], float(overlap[row, new]))
    matches = []
    for new in range(clusters):
        if new in continued:
            matches.append(Match(new, *continued[new], split_from=None))
        else:
            parts = [theme for theme in themes if shared[theme, new] >= PART_AT * has[new]]
            matches.append(Match(new, None, 0.0, parts[0] if parts else None))
    kept = {theme for theme, _ in continued.values()}
    ended: dict[str, int | None] = {}
    for theme in themes:
        if theme not in kept:
            homes = [new for new in range(clusters) if shared[theme, new] >= PART_AT * had[theme]]
            ended[theme] = homes[0] if homes else None
    return Matching(tuple(matches), ended)
