"""How near comments, duties and clauses are in meaning: vectors of stored texts, of other texts, and their spaces."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from voc.proposals.evidence import Evidence
from voc.themes.space import Space, unit_rows
from voc.types import Vectors


@dataclass(frozen=True, slots=True)
class Nearness:
    """Vectors of stored texts by hash, of other texts by encoding, and the space that themes live in."""

    vectors: Callable[[Sequence[str]], Vectors]
    encode: Callable[[Sequence[str]], Vectors]
    space: Space

    def clauses(self, evidence: Sequence[Evidence]) -> Vectors:
        """Return what comments say as unit rows `(n, c)` of the space of themes."""
        return self.space.place(self.vectors([one.text_hash for one in evidence]), [one.language for one in evidence])

    def wordings(self, texts: Sequence[str]) -> Vectors:
        """Return wordings of one kind as unit rows `(n, c)` of that space, what they have in common taken out."""
        rows = self.encode(texts)
        return unit_rows((rows - rows.mean(axis=0)) @ self.space.projection)

    def comments(self, evidence: Sequence[Evidence]) -> Vectors:
        """Return comments as unit rows `(n, d)`, without what is their language's and not their subject's."""
        offsets = [self.space.language_means.get(one.language, self.space.mean) for one in evidence]
        return unit_rows(self.vectors([one.text_hash for one in evidence]) - np.stack(offsets))

    def among(self, texts: Sequence[str], others: Sequence[str]) -> Vectors:
        """Return texts as unit rows `(n, d)`, without what they and others of their kind have in common."""
        rows = self.encode([*texts, *others])
        return unit_rows(rows[: len(texts)] - rows[len(texts) :].mean(axis=0))
