"""The rule by which texts get their themes: plain arrays, so that another process or machine can decide by it."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from voc.store.assignments import UnitRow
from voc.store.themes import ThemeRow
from voc.themes.centroids import Centroids, nearest
from voc.themes.engine import one_thread
from voc.themes.graph import NearestRows
from voc.themes.neighbourhood import NOBODY, Said, said_by, voters_near
from voc.themes.space import Space, from_bytes
from voc.types import Vectors


@dataclass(frozen=True, slots=True)
class Decided:
    """What was decided of a text: its theme or none, the cosine to that or the nearest theme, and the nearest theme."""

    theme_id: str | None
    score: float
    nearest_id: str | None


NOWHERE = Decided(None, 0.0, None)


@dataclass(frozen=True, slots=True)
class Rule:
    """Known themes of a space, and the texts that have a say about their neighbours.

    `homes` `(t,)` names the theme that each leads to, itself where it was not merged; `voters` `(m,)` are text hashes,
    `voting` `(m, c)` their rows in the space, and `votes` `(m,)` the place among the distinct homes of the theme that
    each is for, `NOBODY` where it is for none.
    """

    space: Space
    centroids: Centroids
    homes: tuple[str, ...]
    voters: tuple[str, ...]
    voting: Vectors
    votes: NDArray[np.int64]

    def decide(self, hashes: Sequence[str], languages: Sequence[str], vectors: Vectors) -> dict[str, Decided]:
        """Return the theme of each text by hash, given its language and vector `(n, d)`."""
        if not self.homes:
            return dict.fromkeys(hashes, NOWHERE)
        with one_thread():
            rows = self.space.place(vectors, languages)
            return self.of_rows(hashes, rows, self._said_near(hashes, rows))

    def of_rows(self, hashes: Sequence[str], rows: Vectors, said: Said | None) -> dict[str, Decided]:
        """Return the same of unit rows `(n, c)` with what their neighbours say."""
        near = nearest(rows, self.centroids, said)
        return {
            one: Decided(
                self.homes[int(near.theme[row])] if near.belongs[row] else None,
                float(near.score[row]),
                self.homes[near.theme[row]],
            )
            for row, one in enumerate(hashes)
        }

    def said(self, near: NearestRows) -> Said:
        """Return what the voters say about rows that they are near to."""
        return said_by(near, self.votes, _columns(self.homes))

    def _said_near(self, hashes: Sequence[str], rows: Vectors) -> Said | None:
        if not self.voters:
            return None
        place_of = {one: place for place, one in enumerate(self.voters)}
        itself = np.array([place_of.get(one, NOBODY) for one in hashes], dtype=np.int64)
        return self.said(voters_near(rows, self.voting, itself))

    def to_bytes(self) -> bytes:
        """Return the rule as npz without objects."""
        buffer = io.BytesIO()
        np.savez(
            buffer,
            space=np.frombuffer(self.space.to_bytes(), dtype=np.uint8),
            centroids=self.centroids.rows,
            thresholds=self.centroids.thresholds,
            homes=np.array(self.homes, dtype=np.str_),
            voters=np.array(self.voters, dtype=np.str_),
            voting=self.voting,
            votes=self.votes,
        )
        return buffer.getvalue()


def rule_from(data: bytes) -> Rule:
    """Read a rule that `to_bytes` wrote."""
    with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
        return Rule(
            from_bytes(arrays["space"].tobytes()),
            Centroids(arrays["centroids"], arrays["thresholds"]),
            tuple(str(one) for one in arrays["homes"]),
            tuple(str(one) for one in arrays["voters"]),
            arrays["voting"],
            arrays["votes"],
        )


def rule_of(space: Space, known: Sequence[ThemeRow], voters: Sequence[UnitRow], voting: Vectors) -> Rule:
    """Return the rule of known themes, and of voters with their rows `(m, c)` in the space.

    Each voter is for the theme of its own nearest centroid, so that votes come from vectors alone and are the same
    whenever they are asked for; but a text that a person moved is for the theme where it was put.
    """
    by_id = {theme.id: theme for theme in known}
    homes = tuple(final_id(theme, by_id) for theme in known)
    if not known:
        return Rule(space, Centroids(voting[:0], np.zeros(0)), (), (), voting[:0], np.zeros(0, np.int64))
    centroids = Centroids(np.stack([theme.centroid for theme in known]), np.array([theme.threshold for theme in known]))
    columns, numbers = _columns(homes), {theme: number for number, theme in enumerate(dict.fromkeys(homes))}
    votes = np.zeros(0, np.int64)
    if voters:
        alone = nearest(voting, centroids)
        votes = np.where(alone.belongs, columns[alone.theme], NOBODY)
    for place, one in enumerate(voters):
        if one.method == "person":
            votes[place] = numbers.get(one.theme_id or "", NOBODY)
    return Rule(space, centroids, homes, tuple(one.same_as for one in voters), voting, votes)


def final_id(theme: ThemeRow, by_id: Mapping[str, ThemeRow]) -> str:
    """Return the theme that a merged theme leads to in the end, else its own id."""
    seen = {theme.id}
    while theme.into is not None and theme.into in by_id and theme.into not in seen:
        theme = by_id[theme.into]
        seen.add(theme.id)
    return theme.id


def _columns(homes: Sequence[str]) -> NDArray[np.int64]:
    """Return whose votes each theme gets, as its home's place among the distinct ones."""
    numbers = {theme: number for number, theme in enumerate(dict.fromkeys(homes))}
    return np.array([numbers[theme] for theme in homes], dtype=np.int64)
