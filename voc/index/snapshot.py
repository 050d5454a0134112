"""What a reader searches: a generation, and beside it the few texts that came since, compared one by one.

Nothing of the delta lies in files: it is read from the store, whose rows are the truth, so that it can neither be lost
nor differ. What the store no longer has is left out where hits are looked up there.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

import numpy as np

from voc.index.analyse import forms
from voc.index.generation import Generation
from voc.index.keys import Rows
from voc.types import Vectors

_K1: Final = 1.2
_B: Final = 0.75
"""Of BM25, as in tantivy. Source: Robertson & Zaragoza 2009."""

_BACKGROUND: Final = 1000


@dataclass(frozen=True, slots=True)
class Ranked:
    """Texts by key with their scores, the best first, equal ones by key."""

    keys: tuple[str, ...]
    scores: tuple[float, ...]

    def __len__(self) -> int:
        """Return the number of texts."""
        return len(self.keys)


@dataclass(frozen=True)
class Delta:
    """Texts that the generation lacks: those with vectors `(n, d)` first, then those that still wait for one.

    Vectors lie in the space of the generation.
    """

    keys: tuple[str, ...] = ()
    vectors: Vectors = field(default_factory=lambda: np.zeros((0, 0), np.float32))
    counts: tuple[Counter[str], ...] = ()

    @cached_property
    def words(self) -> int:
        """Return the number of words in all of its texts."""
        return sum(one.total() for one in self.counts)

    @cached_property
    def holding(self) -> Mapping[str, Sequence[int]]:
        """Return, for each word, the rows of the texts that hold it, so that a question looks at no others."""
        found: dict[str, list[int]] = defaultdict(list)
        for row, one in enumerate(self.counts):
            for word in one:
                found[word].append(row)
        return dict(found)


def make_delta(embedded: Mapping[str, str], vectors: Vectors, waiting: Mapping[str, str]) -> Delta:
    """Return a delta of texts by key; `vectors` are those of the embedded ones, in their order."""
    both = {**embedded, **waiting}
    return Delta(tuple(both), vectors, tuple(Counter(forms(text)) for text in both.values()))


@dataclass(frozen=True)
class Snapshot:
    """A generation with its delta, as one set of texts; a key in both counts as the delta has it."""

    base: Generation
    delta: Delta

    @property
    def texts(self) -> int:
        """Return the number of texts."""
        return len(self.base.keys) - len(self._hidden) + len(self.delta.keys)

    @cached_property
    def background(self) -> Vectors:
        """Return up to 1,000 vectors `(n, d)` spread evenly over all, to tell how near texts are to each other."""
        total = len(self.base.keys)
        rows = np.unique(np.linspace(0, total - 1, min(total, _BACKGROUND)).astype(np.int64)) if total else None
        parts = [] if rows is None else [self.base.take(rows)]
        room = _BACKGROUND - (0 if rows is None else len(rows))
        if room and len(self.delta.vectors):
            parts.append(self.delta.vectors[:room])
        return np.concatenate(parts) if parts else np.zeros((0, self.base.manifest.dim), np.float32)

    def nearest(self, query: Vectors, *, limit: int, among: Sequence[str] | None = None) -> Ranked:
        """Return the texts nearest to a unit query `(d,)` with their cosines, all or among some keys.

        The query lies in the space of the generation, as do all vectors here.
        """
        rows = None if among is None else self.base.keys.rows(among)
        found, cosines = self.base.dense.nearest(query, limit=limit + len(self._hidden), among=rows)
        scores = dict(zip(self._names(found), cosines.tolist(), strict=True))
        if len(self.delta.vectors):
            fresh = self.delta.vectors @ query
            mine = np.arange(len(fresh)) if among is None else np.array(self._fresh(among), np.int64)
            best = mine[_highest(fresh[mine], limit)]
            scores.update(zip((self.delta.keys[row] for row in best), fresh[best].tolist(), strict=True))
        return _ranked(scores, limit)

    def cosines(self, query: Vectors, keys: Sequence[str]) -> dict[str, float]:
        """Return the cosine of each of the keys that has a vector."""
        wanted, found = set(keys), dict[str, float]()
        rows = np.array([row for row in self.base.keys.rows(keys).tolist() if row not in self._hidden], np.int64)
        if len(rows):
            found.update(zip(self.base.keys.names(rows), (self.base.take(rows) @ query).tolist(), strict=True))
        fresh = [row for row in range(len(self.delta.vectors)) if self.delta.keys[row] in wanted]
        if fresh:
            values = self.delta.vectors[fresh] @ query
            found.update(zip((self.delta.keys[row] for row in fresh), values.tolist(), strict=True))
        return found

    def vectors(self, keys: Sequence[str]) -> Vectors:
        """Return the vectors `(n, d)` of those keys that have one, in no order that matters."""
        fresh = {key: row for row, key in enumerate(self.delta.keys[: len(self.delta.vectors)])}
        rows = [row for row in self.base.keys.rows(keys).tolist() if row not in self._hidden]
        mine = [fresh[key] for key in keys if key in fresh]
        empty = np.zeros((0, self.base.manifest.dim), np.float32)
        return np.concatenate(
            [self.base.take(np.array(rows)) if rows else empty, self.delta.vectors[mine] if mine else empty]
        )

    def with_words(self, terms: Sequence[str], *, limit: int, among: Sequence[str] | None = None) -> Ranked:
        """Return the texts that hold any of the terms with their BM25 scores, all or among some keys."""
        rows = None if among is None else self.base.keys.rows(among)
        wanted = sorted(set(terms))
        found, values = self.base.lexicon.search(wanted, limit=limit + len(self._hidden), among=rows)
        scores = dict(zip(self._names(found), values, strict=True))
        weights = {term: self.rarity(term) for term in wanted}
        mean, only = self._mean_words(), None if among is None else set(among)
        for row in {row for term in wanted for row in self.delta.holding.get(term, ())}:
            if only is None or self.delta.keys[row] in only:
                scores[self.delta.keys[row]] = _bm25(self.delta.counts[row], weights, mean)
        return _ranked(scores, limit)

    def rarity(self, term: str) -> float:
        """Return how much a term says: the inverse document frequency of BM25, always positive."""
        held = self.base.lexicon.texts_with(term) + len(self.delta.holding.get(term, ()))
        total = self.base.lexicon.texts + len(self.delta.keys)
        return math.log(1 + (total - held + 0.5) / (held + 0.5))

    @cached_property
    def _hidden(self) -> frozenset[int]:
        return frozenset(self.base.keys.rows(list(self.delta.keys)).tolist())

    def _names(self, rows: Rows) -> list[str | None]:
        names = self.base.keys.names(rows)
        return [None if int(row) in self._hidden else name for row, name in zip(rows, names, strict=True)]

    def _fresh(self, among: Sequence[str]) -> list[int]:
        wanted = set(among)
        return [row for row in range(len(self.delta.vectors)) if self.delta.keys[row] in wanted]

    def _mean_words(self) -> float:
        texts = self.base.lexicon.texts + len(self.delta.keys)
        return (self.base.lexicon.mean_words * self.base.lexicon.texts + self.delta.words) / max(texts, 1)


def _bm25(counts: Counter[str], weights: Mapping[str, float], mean: float) -> float:
    length = counts.total() / mean if mean else 1.0
    return sum(
        weight * counts[term] * (_K1 + 1) / (counts[term] + _K1 * (1 - _B + _B * length))
        for term, weight in weights.items()
        if counts[term]
    )


def _highest(values: Vectors, limit: int) -> Rows:
    """Return where the highest of the values `(n,)` are: so many, and all that equal the last of them."""
    if len(values) <= limit:
        return np.arange(len(values))
    return np.flatnonzero(values >= np.partition(values, -limit)[-limit])


def _ranked(scores: Mapping[str | None, float], limit: int) -> Ranked:
    known = [(score, key) for key, score in scores.items() if key is not None]
    best = sorted(known, key=lambda one: (-one[0], one[1]))[:limit]
    return Ranked(tuple(key for _, key in best), tuple(score for score, _ in best))
