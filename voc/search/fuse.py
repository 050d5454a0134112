"""Two rankings become one: how far a text's cosine stands out, plus what its words say where words can say anything.

Source: a weighted sum of normalised scores beats reciprocal ranks (Bruch, Gai & Ingber 2023, "An Analysis of Fusion
Functions for Hybrid Retrieval"). Reciprocal ranks lose what the scores know: across languages, where a question's words
stand in no text, they let rare accidents push aside the right ones (docs/decisions.md has the figures).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from voc.errors import InputError
from voc.index.snapshot import Ranked
from voc.types import Vectors

WORDS_WEIGHT: Final = 1.0
"""Standard deviations of cosine that a text with every word of the question gains. Source: chosen of .5, 1 and 2 on the
even questions of XQuAD and of BANKING77 (benchmarks/search.py reports the odd ones)."""


class Mode(StrEnum):
    """What a search goes by."""

    HYBRID = "hybrid"
    DENSE = "dense"
    LEXICAL = "lexical"


def mode_named(name: str) -> Mode:
    """Return the mode of that name.

    Raises:
        InputError: there is none.
    """
    try:
        return Mode(name)
    except ValueError as error:
        raise InputError(f"There is no mode '{name}'. Allowed: {', '.join(Mode)}.") from error


@dataclass(frozen=True, slots=True)
class Scored:
    """A text with its final score and why: rank (1 is best) and score in either ranking, None where it has none.

    `outstanding` is the cosine in standard deviations above the mean of all texts, `words` the share of what the
    question's words say that the text holds, 0 to 1.
    """

    key: str
    score: float
    cosine: float | None
    outstanding: float | None
    words: float
    dense_rank: int | None
    lexical_rank: int | None


@dataclass(frozen=True, slots=True)
class Scale:
    """Mean and standard deviation of a question's cosines to all texts."""

    mean: float
    deviation: float

    def outstanding(self, cosine: float) -> float:
        """Return how many standard deviations a cosine lies above the mean."""
        return (cosine - self.mean) / self.deviation


def scale_of(query: Vectors, background: Vectors) -> Scale:
    """Return the scale of a unit query `(d,)` over a sample of texts `(n, d)`."""
    if not len(background):
        return Scale(0.0, 1.0)
    cosines = background @ query
    return Scale(float(cosines.mean()), max(float(cosines.std()), 1e-6))


def coverage(terms: Sequence[str], held: Sequence[str], rarity: Callable[[str], float]) -> float:
    """Return the share of what the terms say, by their rarity, that a text with the held ones says; 0 to 1."""
    weights = {term: rarity(term) for term in set(terms)}
    total = sum(weights.values())
    return sum(weights[term] for term in set(held) & set(weights)) / total if total else 0.0


def fuse(
    dense: Ranked, lexical: Ranked, *, scale: Scale, cosines: Mapping[str, float], covered: float, mode: Mode
) -> tuple[Scored, ...]:
    """Return the texts of both rankings, the best first, equal ones by key.

    `cosines` are those of texts that only the words found; a text without any vector yet stands out as far as the best
    one, by the share of the words that it holds. `covered` is the coverage of the question by the best text of the
    words: where no text holds much of the question, words say little about any.
    """
    by_cosine = dict(zip(dense.keys, dense.scores, strict=True)) | dict(cosines)
    best_words = lexical.scores[0] if lexical.scores else 1.0
    by_words = {key: covered * score / best_words for key, score in zip(lexical.keys, lexical.scores, strict=True)}
    dense_ranks = {key: rank for rank, key in enumerate(dense.keys, 1)}
    lexical_ranks = {key: rank for rank, key in enumerate(lexical.keys, 1)}
    furthest = scale.outstanding(dense.scores[0]) if dense.scores else 0.0
    found = []
    for key in dict.fromkeys((*dense.keys, *lexical.keys)):
        cosine, words = by_cosine.get(key), by_words.get(key, 0.0)
        outstanding = None if cosine is None else scale.outstanding(cosine)
        near = furthest * words if outstanding is None else outstanding
        score = words if mode is Mode.LEXICAL else near if mode is Mode.DENSE else near + WORDS_WEIGHT * words
        ranks = dense_ranks.get(key), lexical_ranks.get(key)
        found.append(Scored(key, score, cosine, outstanding, words, *ranks))
    return tuple(sorted(found, key=lambda one: (-one.score, one.key)))
