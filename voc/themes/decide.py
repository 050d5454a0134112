"""From themes of texts to assignments of units: what the first fit, the weekly update and a refit have in common."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from voc.store.assignments import UnitRow
from voc.store.themes import ThemeRow
from voc.themes.centroids import Centroids, nearest
from voc.themes.engine import one_thread
from voc.themes.fit import Fit
from voc.themes.graph import FindNeighbours, NearestRows
from voc.themes.judging import judged_rows
from voc.themes.neighbourhood import NOBODY, Said, said_by, voters_near
from voc.themes.polarity import PolarityModel, judge
from voc.themes.sentences import Sentences, no_sentences
from voc.themes.space import Space
from voc.types import Assignment, Vectors

ELECTORATE: Final = 12_000
"""Most texts that vote on others than those of a fit, the first by hash: more cost time and say nearly the same."""


@dataclass(frozen=True, slots=True)
class Sources:
    """Where vectors `(n, d)` come from, by text hash, what finds the nearest of many, and what teaches at first."""

    model_id: str
    vectors: Callable[[Sequence[str]], Vectors]
    neighbours: FindNeighbours
    sentences: Callable[[], Sentences] = no_sentences


@dataclass(frozen=True, slots=True)
class Decided:
    """What was decided of a text: its theme or none, the cosine to that or the nearest theme, and the nearest theme."""

    theme_id: str | None
    score: float
    nearest_id: str | None


NOWHERE = Decided(None, 0.0, None)


def first_of_each_text(units: Sequence[UnitRow]) -> list[UnitRow]:
    """Return one unit of each distinct text, near-copies being one text, in canonical order."""
    firsts: dict[str, UnitRow] = {}
    for unit in sorted(units, key=canonical):
        firsts.setdefault(unit.same_as, unit)
    return list(firsts.values())


def canonical(unit: UnitRow) -> tuple[str, str]:
    """Return the place of a unit in canonical order, which depends on content only."""
    return unit.same_as, unit.unit_id


def counted(units: Sequence[UnitRow]) -> list[UnitRow]:
    """Return the units that may make themes: those within the quota of their source."""
    return [unit for unit in units if unit.counted]


def theme_id(member_hashes: Sequence[str], fit_id: str) -> str:
    """Return the id of a theme: a hash of the fit and of the texts that it was born with."""
    return hashlib.sha256("\n".join([fit_id, *sorted(member_hashes)]).encode()).hexdigest()[:12]


@dataclass(frozen=True, slots=True)
class Placed:
    """Distinct texts of units: the vector `(d,)` of each, and what is decided of it by the known themes, by hash."""

    vectors: dict[str, Vectors]
    decided: dict[str, Decided]


def place_units(
    units: Sequence[UnitRow],
    sources: Sources,
    space: Space,
    known: Sequence[ThemeRow],
    *,
    voters: Sequence[UnitRow] = (),
) -> Placed:
    """Return the vectors of the texts of units, and which of the known themes of a space each belongs to.

    Args:
        units: the units.
        sources: where vectors come from.
        space: the space of the themes.
        known: the themes.
        voters: units whose texts have a say about their neighbours, the units themselves among them.
    """
    firsts = first_of_each_text(units)
    if not firsts:
        return Placed({}, {})
    hashes = [unit.same_as for unit in firsts]
    vectors = sources.vectors(hashes)
    chosen = first_of_each_text(voters)[:ELECTORATE]
    said = None
    with one_thread():
        rows = space.place(vectors, [unit.language for unit in firsts])
        if known and chosen:
            voting = space.place(sources.vectors([one.same_as for one in chosen]), [one.language for one in chosen])
            place_of = {one.same_as: place for place, one in enumerate(chosen)}
            near = voters_near(rows, voting, np.array([place_of.get(one, NOBODY) for one in hashes], dtype=np.int64))
            said = _said(near, voting, chosen, known)
        return Placed(dict(zip(hashes, vectors, strict=True)), by_known(rows, hashes, known, said))


def place_fitted(
    units: Sequence[UnitRow],
    firsts: Sequence[UnitRow],
    vectors: Vectors,
    fit: Fit,
    sources: Sources,
    known: Sequence[ThemeRow],
) -> Placed:
    """Return the same of units of a fit: the rows and neighbours of the texts that it was made of are known already.

    Args:
        units: the units, those beyond a quota among them.
        firsts: one unit of each text of the fit, in canonical order.
        vectors: their vectors `(n, d)`.
        fit: the fit.
        sources: where vectors of other texts come from.
        known: the themes.
    """
    hashes = [unit.same_as for unit in firsts]
    with one_thread():
        said = _said(fit.found.near, fit.rows, firsts, known) if fit.found and known else None
        decided = by_known(fit.rows, hashes, known, said)
    others = place_units(
        [unit for unit in units if unit.same_as not in decided], sources, fit.space, known, voters=firsts
    )
    return Placed({**dict(zip(hashes, vectors, strict=True)), **others.vectors}, {**decided, **others.decided})


def by_known(
    rows: Vectors, hashes: Sequence[str], known: Sequence[ThemeRow], said: Said | None = None
) -> dict[str, Decided]:
    """Return the known theme of each of unit rows `(n, c)`; one that was merged leads into another."""
    if not known:
        return dict.fromkeys(hashes, NOWHERE)
    near = nearest(rows, _centroids(known), said)
    final = [final_id(theme, known) for theme in known]
    return {
        one: Decided(
            final[int(near.theme[row])] if near.belongs[row] else None, float(near.score[row]), final[near.theme[row]]
        )
        for row, one in enumerate(hashes)
    }


def _said(near: NearestRows, voting: Vectors, voters: Sequence[UnitRow], known: Sequence[ThemeRow]) -> Said:
    """Return what voters `(m, c)` say about rows near to them: each is for the theme of its own nearest centroid.

    So votes come from vectors alone, and are the same whenever they are asked for; but a text that a person moved is
    for the theme where it was put.
    """
    final = [final_id(theme, known) for theme in known]
    numbers = {theme: number for number, theme in enumerate(dict.fromkeys(final))}
    columns = np.array([numbers[theme] for theme in final], dtype=np.int64)
    alone = nearest(voting, _centroids(known))
    themes = np.where(alone.belongs, columns[alone.theme], NOBODY)
    for place, one in enumerate(voters):
        if one.method == "person":
            themes[place] = numbers.get(one.theme_id or "", NOBODY)
    return said_by(near, themes, columns)


def _centroids(known: Sequence[ThemeRow]) -> Centroids:
    return Centroids(np.stack([theme.centroid for theme in known]), np.array([theme.threshold for theme in known]))


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
    model: PolarityModel,
) -> tuple[Assignment, ...]:
    """Return the assignment of each unit: the theme of its text, and what the comment is.

    Args:
        units: the units.
        decided: what was decided of each text, by hash.
        vectors: a vector `(d,)` for each text hash.
        model: tells complaint from praise by words and rating.
    """
    if not units:
        return ()
    judged = judge(judged_rows(units, vectors), model)
    return tuple(
        Assignment(
            unit_id=unit.unit_id,
            theme_id=decided[unit.same_as].theme_id,
            score=decided[unit.same_as].score,
            nearest_theme_id=decided[unit.same_as].nearest_id,
            polarity=judgement.polarity,
            polarity_method=judgement.method,
            polarity_score=judgement.score,
        )
        for unit, judgement in zip(units, judged, strict=True)
    )
