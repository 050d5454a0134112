"""The upper of two levels: groups of themes that are about nearly the same, their number found and not given.

Themes are joined by how near their centroids are on average; the tree is cut where themes are nearest to their own
group and farthest from the next one. A group keeps its id as long as it keeps most of its themes.

Source: average linkage, Sokal and Michener, Univ. Kansas Sci. Bull. 38 (1958); the cut by silhouettes, Rousseeuw,
J. Comput. Appl. Math. 20 (1987).
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from voc.store.themes import ThemeRow
from voc.themes.engine import one_thread
from voc.themes.space import unit_rows
from voc.types import Vectors


def group_all(themes: Sequence[ThemeRow]) -> dict[str, str]:
    """Return the group of each theme by id, found over all of them; a group of most of the same themes keeps its id."""
    if not themes:
        return {}
    with one_thread():
        labels = _groups(np.stack([theme.centroid for theme in themes]))
    members = [
        [theme for theme, label in zip(themes, labels, strict=True) if label == number] for number in set(labels)
    ]
    names = _kept_names(members)
    return {theme.id: name for found, name in zip(members, names, strict=True) for theme in found}


def group_new(themes: Sequence[ThemeRow]) -> dict[str, str]:
    """Return the group of each theme that has none: the nearest group, or one of its own where none is near enough.

    Near enough is what holds the loosest known group together. With no known group, all are grouped.
    """
    known = [theme for theme in themes if theme.group_id is not None]
    if not known:
        return group_all(themes)
    by_group: dict[str, list[ThemeRow]] = {}
    for theme in known:
        by_group.setdefault(str(theme.group_id), []).append(theme)
    ids = sorted(by_group)
    with one_thread():
        middles = unit_rows(np.stack([_rows(by_group[one]).sum(axis=0) for one in ids]))
        loosest = min((_inside(_rows(found)) for found in by_group.values() if len(found) > 1), default=1.0)
        found = {}
        for theme in themes:
            if theme.group_id is None:
                cosines = middles @ theme.centroid
                near = int(np.argmax(cosines))
                found[theme.id] = ids[near] if float(cosines[near]) >= loosest else group_id([theme.id])
    return found


def group_id(theme_ids: Sequence[str]) -> str:
    """Return the id of a group: a hash of the themes that it was first made of."""
    return "g" + hashlib.sha256("\n".join(sorted(theme_ids)).encode()).hexdigest()[:11]


def _groups(centroids: Vectors) -> NDArray[np.int64]:
    """Return a group number for each of unit rows `(t, c)`; up to two themes are a group each."""
    from sklearn.cluster import AgglomerativeClustering
    from sklearn.metrics import silhouette_score

    count = len(centroids)
    best, labels = -np.inf, np.arange(count, dtype=np.int64)
    for groups in range(2, count):
        tree = AgglomerativeClustering(n_clusters=groups, metric="cosine", linkage="average")
        found = np.asarray(tree.fit_predict(centroids), dtype=np.int64)
        score = round(float(silhouette_score(centroids, found, metric="cosine")), 9)
        if score > best:
            best, labels = score, found
    return labels


def _kept_names(members: Sequence[Sequence[ThemeRow]]) -> list[str]:
    """Return an id for each group: that which most of its themes had, if no other group has more of that one."""
    shared: list[tuple[int, int, str]] = []
    for place, found in enumerate(members):
        counts = Counter(theme.group_id for theme in found if theme.group_id is not None)
        shared += [(-count, place, name) for name, count in counts.items()]
    names: dict[int, str] = {}
    for _, place, name in sorted(shared):
        if place not in names and name not in names.values():
            names[place] = name
    return [names.get(place) or group_id([theme.id for theme in found]) for place, found in enumerate(members)]


def _rows(themes: Sequence[ThemeRow]) -> Vectors:
    return np.stack([theme.centroid for theme in themes])


def _inside(rows: Vectors) -> float:
    """Return the least cosine of a theme to the middle of the other themes of its group."""
    total = rows.sum(axis=0)
    others = unit_rows(total - rows)
    return float(np.einsum("tc,tc->t", rows, others).min())
