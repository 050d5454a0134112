"""The space of search: vectors less most of what their language alone puts into them.

Encoders of many languages put texts of one language together, whatever they say: asked in English, everything English
lies nearer than the right complaint in Portuguese. Most of the mean of its language is taken off every text and every
question, so that what is left is what they say.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from voc.types import Vectors

SHARE: Final = 0.65
"""Share of a language's mean that is taken off. Source: of 0, .5, .65 and .8 on even questions of XQuAD: nDCG@10 in
one corpus of nine languages .52, .69, .72 and .73, within one of them .954, .950, .948 and .944."""

_MOST: Final = 254
"""Languages that are told apart: a place is one byte."""

ENOUGH: Final = 50
"""Texts at which a language's own mean counts as much as that of all: the mean of a few is what they say."""


@dataclass(frozen=True)
class Space:
    """Languages by place, and what is taken off the texts of each, `(languages, d) float32`."""

    languages: tuple[str, ...]
    offsets: Vectors

    def codes(self, languages: Sequence[str]) -> NDArray[np.uint8]:
        """Return the place of each language; one that is not known has the place of all."""
        known = {language: place for place, language in enumerate(self.languages)}
        return np.array([known.get(one, 0) for one in languages], dtype=np.uint8)

    def place(self, vectors: Vectors, codes: NDArray[np.uint8]) -> Vectors:
        """Return unit vectors `(n, d)` of texts in the space of search, of unit length again."""
        return _unit(vectors - self.offsets[codes])

    def place_question(self, vector: Vectors) -> Vectors:
        """Return a unit vector `(d,)` of a question in the space of search, its language guessed from where it lies."""
        if len(self.languages) < 2:
            return self._question(vector, 0)
        own = 1 + int(np.argmax(self.offsets[1:] @ vector))
        return self._question(vector, own)

    def _question(self, vector: Vectors, code: int) -> Vectors:
        placed: Vectors = _unit(vector[None, :] - self.offsets[code : code + 1])[0]
        return placed


class Sums:
    """Sums of vectors by language, gathered piece by piece."""

    def __init__(self, dim: int) -> None:
        self.dim = dim
        self._sums: dict[str, NDArray[np.float64]] = {}
        self._counts: dict[str, int] = {}

    def add(self, vectors: Vectors, languages: Sequence[str]) -> None:
        """Count vectors `(n, d)` of texts in these languages."""
        named = np.array(languages)
        for language in sorted(set(languages)):
            inside = named == language
            known = self._sums.get(language, np.zeros(self.dim))
            self._sums[language] = known + vectors[inside].sum(axis=0, dtype=np.float64)
            self._counts[language] = self._counts.get(language, 0) + int(inside.sum())

    def space(self) -> Space:
        """Return the space; the place 0 stands for all languages together. Of one language nothing is taken off."""
        names = sorted(self._sums)[:_MOST]
        if len(names) < 2:
            return Space(("", *names), np.zeros((1 + len(names), self.dim), np.float32))
        count = sum(self._counts.values())
        whole = sum((self._sums[name] for name in sorted(self._sums)), np.zeros(self.dim)) / max(count, 1)
        means = [whole]
        for name in names:
            means.append((self._sums[name] + ENOUGH * whole) / (self._counts[name] + ENOUGH))
        return Space(("", *names), (SHARE * np.array(means)).astype(np.float32))


def _unit(rows: Vectors) -> Vectors:
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.maximum(lengths, 1e-9), dtype=np.float32)
