"""Themes that are born between fits: new groups of recent comments that are not a known theme's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from voc.store.assignments import UnitRow
from voc.store.themes import ThemeRow
from voc.themes.centroids import KNOWN_AT, measure, young_threshold
from voc.themes.decide import Decided, Sources, first_of_each_text, theme_id
from voc.themes.engine import one_thread
from voc.themes.fit import in_order
from voc.themes.novelty import new_groups
from voc.themes.space import Space, fit_space
from voc.types import Vectors
from voc.weeks import shift_week

APART_AT: Final = 0.40
"""Cosine from which on a group that came slowly is a known theme: close to one it is mostly that theme's own change of
wording. Source: benchmarks/identity.py, development seeds 0 to 7: of groups of the last span, those of no new subject
lay at .51 (median), new ones at .28."""


class Span(NamedTuple):
    """Weeks in which a new theme may have begun, weeks that it is told from, the former included, and `known_at`.

    From the cosine `known_at` to a known theme on, a group is that theme.
    """

    recent: int
    window: int
    known_at: float


SPANS: Final = (Span(1, 6, KNOWN_AT), Span(2, 7, KNOWN_AT), Span(4, 14, APART_AT))
"""What comes at once shows in the first, what grows slowly in the last. Source: benchmarks/identity.py, development
seeds."""

WINDOW_WEEKS: Final = max(span.window for span in SPANS)
YOUNG_WEEKS: Final = 8
YOUNG_AT: Final = 0.35
"""A group that is so near to a theme of fewer weeks is more of it, not another new theme."""

BACKGROUND: Final = 6000
"""Earlier texts of a window, the first by hash, that recent ones are told from: more cost time and say the same."""

LEARNED_FROM: Final = 4000
"""Texts of a window, taken in canonical order, which is by hash, that its space is learned from."""


@dataclass(frozen=True, slots=True)
class Window:
    """Where new themes are looked for.

    `units` are all counted units of `WINDOW_WEEKS` weeks, `decided` what is decided so far of texts by hash, `known`
    the themes in force, of the fit `fit_id` with its `space`.
    """

    units: Sequence[UnitRow]
    decided: Mapping[str, Decided]
    known: Sequence[ThemeRow]
    space: Space
    fit_id: str


@dataclass(frozen=True, slots=True)
class Discovered:
    """Themes that are born, and what is decided of each text that moves to one, by hash."""

    born: tuple[ThemeRow, ...]
    moved: dict[str, Decided]


def discover(window: Window, sources: Sources, *, week: str, smallest: int) -> Discovered:
    """Return the themes that are born in a week.

    What a person moved, or a locked theme holds, stays where it is; it is a neighbour like every other.
    """
    born: list[ThemeRow] = []
    moved: dict[str, Decided] = {}
    since = max(shift_week(week, -YOUNG_WEEKS), min((theme.born_week for theme in window.known), default=""))
    for span in SPANS:
        texts = _Texts.of(window, sources, week=week, recent_weeks=span.recent, window_weeks=span.window)
        if texts is None:
            continue
        with one_thread():
            groups = in_order(new_groups(texts.fresh, texts.recent, smallest=smallest, neighbours=sources.neighbours))
            if groups.max() < 0:
                continue
            found = measure(texts.rows, groups)
        for number, centroid in enumerate(found.rows):
            inside = (groups == number) & texts.free
            home = _home(centroid, [*window.known, *born], since=since, known_at=span.known_at)
            if home is not None and home.born_week > since:
                moved |= texts.moved_to(home, inside)
            if home is not None or inside.sum() < smallest:
                continue
            name = theme_id([texts.hashes[row] for row in np.flatnonzero(groups == number)], window.fit_id)
            threshold = young_threshold(
                float(found.thresholds[number]), int(inside.sum()), [theme.threshold for theme in window.known]
            )
            born.append(ThemeRow(name, window.fit_id, week, "active", centroid, threshold))
            moved |= texts.moved_to(born[-1], inside)
    return Discovered(tuple(born), moved)


def _home(centroid: Vectors, themes: Sequence[ThemeRow], *, since: str, known_at: float) -> ThemeRow | None:
    """Return the theme that a new group is part of, None where it is a new one: themes born later are still growing."""
    near = [
        (float(centroid @ theme.centroid), theme.id, theme)
        for theme in themes
        if float(centroid @ theme.centroid) >= (YOUNG_AT if theme.born_week > since else known_at)
    ]
    return max(near, key=lambda one: one[:2])[2] if near else None


@dataclass(frozen=True, slots=True)
class _Texts:
    """The distinct texts of a window, in canonical order: hashes, rows in both spaces, and what is true of each.

    `fresh` `(n, e)` is the space of the window, in which what is new can be seen: that of the fit compresses what did
    not exist then. `rows` `(n, c)` is the space of the fit, in which centroids are kept.
    """

    hashes: tuple[str, ...]
    fresh: Vectors
    rows: Vectors
    recent: NDArray[np.bool_]
    free: NDArray[np.bool_]
    scores: NDArray[np.float64]

    @classmethod
    def of(cls, window: Window, sources: Sources, *, week: str, recent_weeks: int, window_weeks: int) -> _Texts | None:
        """Return the texts of the last weeks of a window; None when there are none before the recent ones."""
        first, since = shift_week(week, 1 - window_weeks), shift_week(week, 1 - recent_weeks)
        units = [unit for unit in window.units if first <= unit.week <= week]
        old = {unit.same_as for unit in units if unit.week < since}
        locked = {theme.id for theme in window.known if theme.locked}
        bound = {unit.same_as for unit in units if unit.method == "person" or unit.theme_id in locked}
        background = set(sorted(old)[:BACKGROUND])
        texts = [text for text in first_of_each_text(units) if text.same_as in background or text.same_as not in old]
        if not old or len(background) == len(texts):
            return None
        hashes, languages = [unit.same_as for unit in texts], [unit.language for unit in texts]
        vectors = sources.vectors(hashes)
        with one_thread():
            fresh = fit_space(vectors[:LEARNED_FROM], languages[:LEARNED_FROM]).place(vectors, languages)
            rows = window.space.place(vectors, languages)
        decided = [window.decided.get(unit.same_as) for unit in texts]
        scores = [
            -1.0 if (one.theme_id if one else unit.theme_id) is None else (one.score if one else unit.score or 0.0)
            for one, unit in zip(decided, texts, strict=True)
        ]
        return cls(
            tuple(hashes),
            fresh,
            rows,
            np.array([one not in old for one in hashes]),
            np.array([one not in bound for one in hashes]),
            np.array(scores),
        )

    def moved_to(self, theme: ThemeRow, inside: NDArray[np.bool_]) -> dict[str, Decided]:
        """Return what moves to a new theme: its group, and recent texts that are nearer to it than where they are."""
        cosines = self.rows.astype(np.float64) @ theme.centroid.astype(np.float64)
        nearer = self.recent & self.free & (cosines >= theme.threshold) & (cosines > self.scores)
        return {
            self.hashes[row]: Decided(theme.id, float(cosines[row]), theme.id)
            for row in np.flatnonzero(inside | nearer)
        }
