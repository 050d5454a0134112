"""Is a comment a complaint or praise? The rating says so where it is clear, else what was learned from rated ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from voc.types import Polarity, Vectors

LOW: Final = 2.0
HIGH: Final = 4.0
"""Ratings run from 1 to 5: up to LOW is a complaint, from HIGH on praise, between them the words decide."""

LEAST_EXAMPLES: Final = 20
SURE: Final = 0.6
"""Below this probability a comment without a clear rating is neither complaint nor praise."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a comment is, and how that is known: rating, learned or assumed."""

    polarity: Polarity
    method: str


@dataclass(frozen=True, slots=True)
class PolarityModel:
    """A linear model over vectors `(n, d)`: the log-odds of complaint against praise."""

    weights: NDArray[np.float64]
    intercept: float

    def complaint_probability(self, vectors: Vectors) -> NDArray[np.float64]:
        """Return the probability `(n,)` that each row is a complaint."""
        return np.asarray(1 / (1 + np.exp(-(vectors.astype(np.float64) @ self.weights + self.intercept))))


def learn(vectors: Vectors, ratings: Sequence[float | None]) -> PolarityModel | None:
    """Learn from comments with a clear rating; None when there are too few of either kind."""
    from sklearn.linear_model import LogisticRegression

    clear = [row for row, rating in enumerate(ratings) if rating is not None and (rating <= LOW or rating >= HIGH)]
    is_complaint = np.array([float(ratings[row] or 0) <= LOW for row in clear], dtype=bool)
    if is_complaint.sum() < LEAST_EXAMPLES or (~is_complaint).sum() < LEAST_EXAMPLES:
        return None
    model = LogisticRegression(C=10.0, class_weight="balanced", max_iter=1000)
    model.fit(vectors[clear].astype(np.float64), is_complaint)
    return PolarityModel(np.asarray(model.coef_[0], dtype=np.float64), float(model.intercept_[0]))


def judge(vectors: Vectors, ratings: Sequence[float | None], model: PolarityModel | None) -> list[Judgement]:
    """Return a judgement for each comment; without a rating and without a model it is assumed to complain."""
    probabilities = model.complaint_probability(vectors) if model is not None and len(vectors) else None
    return [
        _judge_one(rating, None if probabilities is None else float(probabilities[row]))
        for row, rating in enumerate(ratings)
    ]


def _judge_one(rating: float | None, probability: float | None) -> Judgement:
    if rating is not None and rating <= LOW:
        return Judgement(Polarity.COMPLAINT, "rating")
    if rating is not None and rating >= HIGH:
        return Judgement(Polarity.PRAISE, "rating")
    if probability is None:
        return Judgement(Polarity.OTHER if rating is not None else Polarity.COMPLAINT, "assumed")
    if probability >= SURE:
        return Judgement(Polarity.COMPLAINT, "learned")
    if probability <= 1 - SURE:
        return Judgement(Polarity.PRAISE, "learned")
    return Judgement(Polarity.OTHER, "learned")
