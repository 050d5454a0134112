"""From themes of texts to assignments of units: what the first fit, the weekly update and a refit have in common."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from voc.store.assignments import UnitRow
from voc.store.themes import ThemeRow
from voc.themes.centroids import Centroids, nearest
from voc.themes.fit import Found
from voc.themes.graph import FindNeighbours
from voc.themes.polarity import PolarityModel, judge
from voc.types import Assignment, Vectors


@dataclass(frozen=True, slots=True)
class Sources:
    """Where vectors `(n, d)` come from, by text hash, and what finds the nearest of many rows."""

    model_id: str
    vectors: Callable[[Sequence[str]], Vectors]
    neighbours: FindNeighbours


@dataclass(frozen=True, slots=True)
class Decided:
    """What was decided of a text: its theme or none, the cosine to that or the nearest theme, and the nearest theme."""

    theme_id: str | None
    score: float
    nearest_id: str | None


NOWHERE = Decided(None, 0.0, None)


def first_of_each_text(units: Sequence[UnitRow]) -> list[UnitRow]:
    """Return one unit of each distinct text, in canonical order."""
    firsts: dict[str, UnitRow] = {}
    for unit in sorted(units, key=lambda unit: (unit.text_hash, unit.unit_id)):
        firsts.setdefault(unit.text_hash, unit)
    return list(firsts.values())


def theme_id(member_hashes: Sequence[str], fit_id: str) -> str:
    """Return the id of a theme: a hash of the fit and of the texts that it was born with."""
    return hashlib.sha256("\n".join([fit_id, *sorted(member_hashes)]).encode()).hexdigest()[:12]


def by_found(hashes: Sequence[str], found: Found | None, ids: Sequence[str]) -> dict[str, Decided]:
    """Return what a fit decided of each text, given the id of each of its clusters."""
    if found is None:
        return dict.fromkeys(hashes, NOWHERE)
    return {
        one: Decided(
            ids[int(found.labels[row])] if found.labels[row] >= 0 else None,
            float(found.scores[row]),
            ids[int(found.nearest[row])],
        )
        for row, one in enumerate(hashes)
    }


def by_known(rows: Vectors, hashes: Sequence[str], known: Sequence[ThemeRow]) -> dict[str, Decided]:
    """Return the nearest known theme of each of unit rows `(n, c)`; one that was merged leads into another."""
    if not known:
        return dict.fromkeys(hashes, NOWHERE)
    centroids = Centroids(np.stack([theme.centroid for theme in known]), np.array([theme.threshold for theme in known]))
    near = nearest(rows, centroids)
    final = [final_id(theme, known) for theme in known]
    return {
        one: Decided(
            final[int(near.theme[row])] if near.belongs[row] else None, float(near.score[row]), final[near.theme[row]]
        )
        for row, one in enumerate(hashes)
    }


def final_id(theme: ThemeRow, known: Sequence[ThemeRow]) -> str:
    """Return the theme that a merged theme leads to in the end, else its own id."""
    by_id = {one.id: one for one in known}
    seen = {theme.id}
    while theme.into is not None and theme.into in by_id and theme.into not in seen:
        theme = by_id[theme.into]
        seen.add(theme.id)
    return theme.id


def assignments_of(
    units: Sequence[UnitRow],
    decided: Mapping[str, Decided],
    vectors: Mapping[str, Vectors],
    model: PolarityModel | None,
) -> tuple[Assignment, ...]:
    """Return the assignment of each unit: the theme of its text, and what the comment is.

    Args:
        units: the units.
        decided: what was decided of each text, by hash.
        vectors: a vector `(d,)` for each text hash.
        model: tells complaint from praise where the rating does not.
    """
    if not units:
        return ()
    rows = np.stack([vectors[unit.text_hash] for unit in units])
    judged = judge(rows, [unit.rating for unit in units], model)
    return tuple(
        Assignment(
            unit_id=unit.unit_id,
            theme_id=decided[unit.text_hash].theme_id,
            score=decided[unit.text_hash].score,
            nearest_theme_id=decided[unit.text_hash].nearest_id,
            polarity=judgement.polarity,
            polarity_method=judgement.method,
        )
        for unit, judgement in zip(units, judged, strict=True)
    )
