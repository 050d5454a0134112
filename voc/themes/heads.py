"""One of two: a calibrated linear judge over vectors, learned from groups of examples that weigh differently."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from voc.types import Vectors

LEAST_EXAMPLES: Final = 20
"""A group calibrates only with so many examples of either side."""

_STEPS: Final = 100


@dataclass(frozen=True, slots=True)
class Group:
    """Examples of one origin: rows `(n, d)`, which side each is on, how much one weighs, and its fold `(n,)`.

    Examples of one fold are left out together when the group calibrates. `trust` is how far its calibration carries
    over to other texts: 1 when it is made of the texts that will be judged.
    """

    rows: Vectors
    yes: NDArray[np.bool_]
    weights: NDArray[np.float64]
    folds: NDArray[np.int64]
    trust: float = 1.0

    @property
    def calibrates(self) -> bool:
        """Say whether both sides have enough examples."""
        return min(int(self.yes.sum()), int((~self.yes).sum())) >= LEAST_EXAMPLES


@dataclass(frozen=True, slots=True)
class Head:
    """A linear judge over vectors `(n, d)`: the log-odds of one side, as if both were equally frequent."""

    weights: NDArray[np.float64]
    offset: float

    def log_odds(self, vectors: Vectors) -> NDArray[np.float64]:
        """Return the log-odds `(n,)` of rows `(n, d)`."""
        return np.asarray(vectors.astype(np.float64) @ self.weights + self.offset)


@dataclass(frozen=True, slots=True)
class _Pool:
    """All examples together, rows `(n, d)` about their middle and of mean square length 1."""

    rows: NDArray[np.float64]
    yes: NDArray[np.bool_]
    weights: NDArray[np.float64]
    middle: NDArray[np.float64]
    size: float

    def fit(self, inside: NDArray[np.bool_], inverse_penalty: float) -> tuple[NDArray[np.float64], float]:
        """Return weights and offset of the regression over some examples.

        With fewer examples the penalty would count for more, and the judge of all of them would seem too unsure.
        """
        from sklearn.linear_model import LogisticRegression

        share = float(self.weights[inside].sum() / self.weights.sum())
        model = LogisticRegression(C=inverse_penalty / share, max_iter=1000)
        model.fit(self.rows[inside], self.yes[inside], sample_weight=self.weights[inside])
        return np.array(model.coef_[0], dtype=np.float64), float(model.intercept_[0])


def learn_head(groups: Sequence[Group], *, inverse_penalty: float) -> Head | None:
    """Learn from all groups at once and calibrate on the first one that can.

    Logistic regression with both sides of each group balanced; the log-odds are then scaled by one factor, fitted to
    the examples that were left out fold by fold. Source: J. Platt, "Probabilistic outputs for support vector machines"
    (1999), without the intercept, which would learn how frequent the sides are among the examples.

    Args:
        groups: the examples, those whose calibration is preferred first.
        inverse_penalty: `C` of the regression over rows whose mean squared distance from their middle is 1.

    Returns:
        The judge; None when no group has enough of both sides, or the vectors say nothing of those left out.
    """
    if not groups:
        return None
    pool = _pool(groups)
    start = 0
    for group in groups:
        end = start + len(group.yes)
        factor = _factor(pool, group, slice(start, end), inverse_penalty) if group.calibrates else 0.0
        if factor > 0:
            linear, offset = pool.fit(np.ones(len(pool.yes), dtype=bool), inverse_penalty)
            linear *= factor / pool.size
            return Head(linear, float(factor * offset - pool.middle @ linear))
        start = end
    return None


def _pool(groups: Sequence[Group]) -> _Pool:
    rows = np.concatenate([group.rows for group in groups]).astype(np.float64)
    middle = rows.mean(axis=0)
    rows -= middle
    size = float(np.sqrt((rows**2).sum(axis=1).mean())) or 1.0
    yes = np.concatenate([group.yes for group in groups])
    return _Pool(rows / size, yes, np.concatenate([_balanced(group) for group in groups]), middle, size)


def _factor(pool: _Pool, group: Group, place: slice, inverse_penalty: float) -> float:
    """Return what makes log-odds of all examples calibrated for a group, which lies in its place of the pool."""
    numbers = np.arange(len(pool.yes))[place]
    left_out = np.zeros(len(numbers))
    for fold in np.unique(group.folds):
        inside = np.ones(len(pool.yes), dtype=bool)
        inside[numbers[group.folds == fold]] = False
        linear, offset = pool.fit(inside, inverse_penalty)
        left_out[group.folds == fold] = pool.rows[~inside] @ linear + offset
    return group.trust * _slope(left_out, group.yes, pool.weights[place])


def _balanced(group: Group) -> NDArray[np.float64]:
    """Return weights with which both sides weigh the same together, where both are there."""
    total, positive = float(group.weights.sum()), float(group.weights[group.yes].sum())
    if not 0 < positive < total:
        return group.weights
    return group.weights * np.where(group.yes, total / (2 * positive), total / (2 * (total - positive)))


def _slope(log_odds: NDArray[np.float64], yes: NDArray[np.bool_], weights: NDArray[np.float64]) -> float:
    """Return the factor on log-odds that makes the outcomes most likely, by Newton's steps; 0 where they say nothing.

    One side's outcome counts as certain only up to one example more, as in Platt (1999), so that the factor stays
    finite when all examples lie on their side.
    """
    spread = float(log_odds.std())
    if spread == 0:
        return 0.0
    scaled = log_odds / spread
    aim = np.where(yes, 1 - 1 / (yes.sum() + 2), 1 / ((~yes).sum() + 2))
    factor = 0.0
    for _ in range(_STEPS):
        expected = sigmoid(factor * scaled)
        step = float((weights * scaled * (expected - aim)).sum())
        step /= float((weights * scaled**2 * expected * (1 - expected)).sum()) + 1e-9
        step = float(np.clip(step, -1.0, 1.0))
        factor -= step
        if abs(step) < 1e-9:
            break
    return factor / spread


def sigmoid(log_odds: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return probabilities of log-odds of any size."""
    return np.asarray(0.5 * (1 + np.tanh(0.5 * log_odds)))
