"""Log rates of markets and weeks, with what disturbs them: counts that scatter and drifts that last some weeks.

The mean of a count is exposure x market x week x change. Its variance has two parts: scatter of a week, a multiple of
the mean as in a quasi-Poisson model, and a drift of the log rate that fades from week to week (first-order
autoregression) in each market by itself. Coefficients are found by generalised least squares on the working response.
What is not known - how long a drift lasts, how large it is, how much larger in adopters, who were chosen because
something went up, and whether adopters were moving away from the others all along - is not put in as one guess: a grid
of values is gone through, and each weighs by its restricted likelihood. So an interval from few markets or few weeks is
as wide as it must be.

Source: working response and estimating equations, McCullagh and Nelder, Generalized Linear Models (1989), chapters 2
and 9; restricted likelihood, Patterson and Thompson, Biometrika 58 (1971); averaging over variance parameters on a
grid, Rue, Martino and Chopin, JRSS B 71 (2009), section 3; grid and weights were chosen on the development worlds of
benchmarks/effect.py.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from voc.effect.solve import LEAST_MEAN, Data, Point, Solution, Step
from voc.trends.predict import Flags, Floats

FADING: Final = (0.0, 0.3, 0.5, 0.7, 0.85)
"""Correlation of a drift with itself a week later."""
DRIFT: Final = (0.0, 0.1, 0.3, 1.0, 3.0)
"""Variance of the drift, as a multiple of the variance that scatter alone gives a log rate of middling size."""
OF_ADOPTERS: Final = ((1.0, 0.6), (2.5, 0.4))
"""How many times as large the drift's variance may be in adopters, and how likely that is beforehand."""
SLOPES: Final = ((0.0, 0.85), (0.015, 0.15))
"""What adopters may move away from the others by each week, before and after, and how likely that is beforehand."""
_HALF: Final = 0.5
_ROUNDS: Final = 3
_MIDDLE: Final = Point(0.5, 0.3, 1.0, 0.0, 1.0)


@dataclass(frozen=True, slots=True)
class Fit:
    """Coefficients (g, k) and covariances (g, k, k) at each point of the grid, their weights (g,), and means.

    `means` (markets, weeks) are those at the end of the iteration, `freedom` the degrees of freedom of the scatter,
    `scatter` (g,) the variance of a count as a multiple of its mean; drifts are multiples of what that gives at the
    mean `typical`.
    """

    points: tuple[Point, ...]
    coefficients: Floats
    covariances: Floats
    weights: Floats
    scatter: Floats
    freedom: int
    means: Floats
    typical: float

    def value(self, contrast: Floats) -> float:
        """Return a sum of coefficients, averaged over the grid."""
        return float(self.weights @ (self.coefficients @ contrast))

    def interval(self, contrast: Floats, level: float = 0.95) -> tuple[float, float]:
        """Return the interval of a sum of coefficients: quantiles of the mixture of t distributions."""
        tail = (1 - level) / 2
        return self._quantile(contrast, tail), self._quantile(contrast, 1 - tail)

    def p_value(self, contrast: Floats) -> float:
        """Return how unlikely a sum of coefficients as far from zero is, both sides."""
        below = self._below(0.0, contrast)
        return min(1.0, 2 * min(below, 1 - below))

    def joint_p(self, contrasts: Floats) -> float:
        """Return how unlikely sums of coefficients (rows) are that lie together as far from zero."""
        from scipy.stats import f

        values = self.coefficients @ contrasts.T
        spreads = np.einsum("ak,gkl,bl->gab", contrasts, self.covariances, contrasts)
        distances = np.einsum("ga,ga->g", values, np.linalg.solve(spreads, values[..., None])[..., 0])
        return float(self.weights @ f.sf(distances / len(contrasts), len(contrasts), self.freedom))

    def spread(self, contrast: Floats) -> Floats:
        """Return the standard errors of a sum of coefficients, (g,)."""
        return np.asarray(np.sqrt(np.einsum("k,gkl,l->g", contrast, self.covariances, contrast)))

    def _below(self, value: float, contrast: Floats) -> float:
        from scipy.stats import t

        centred = (value - self.coefficients @ contrast) / self.spread(contrast)
        return float(self.weights @ t.cdf(centred, self.freedom))

    def _quantile(self, contrast: Floats, share: float) -> float:
        centres, spreads = self.coefficients @ contrast, self.spread(contrast)
        low, high = float((centres - 40 * spreads).min()), float((centres + 40 * spreads).max())
        for _ in range(60):
            middle = (low + high) / 2
            low, high = (middle, high) if self._below(middle, contrast) < share else (low, middle)
        return (low + high) / 2


def grid(*, sloping: bool) -> tuple[Point, ...]:
    """Return the points gone through; without a drift, neither its fading nor its multiple matters."""
    slopes = SLOPES if sloping else ((0.0, 1.0),)
    still = [Point(0.0, 0.0, 1.0, slope, likely) for slope, likely in slopes]
    lasting = [
        Point(fading, drift, multiple, slope, prior * likely)
        for fading in FADING
        for drift in DRIFT
        if drift > 0
        for multiple, prior in OF_ADOPTERS
        for slope, likely in slopes
    ]
    return (*still, *lasting)


def fit(data: Data, columns: Floats) -> Fit:
    """Fit changes `columns` (k, markets, weeks) beside market and week effects.

    Half a complaint is added to each 0-1 column and to what it is compared with, so that none at all has a finite
    logarithm.
    """
    counts = np.where(data.kept, data.counts, 0.0)
    means = _starting_means(data, counts, columns)
    counts = counts + _halves(means, data.kept, columns)
    for _ in range(_ROUNDS):
        step = Step(data, counts, means, columns)
        means = step.new_means(step.solved((_MIDDLE,))[0])
    return _weighed(Step(data, counts, means, columns), grid(sloping=data.line is not None))


def refit(data: Data, columns: Floats, known: Fit, *, least: float = 0.01) -> Fit:
    """Fit other columns in one step from a known fit, with its means and at those of its points that weigh enough.

    The response is the logarithm of what was counted over what was expected, half a complaint added to both, so that
    single weeks without any complaint have their place.
    """
    heavy = np.flatnonzero(known.weights >= min(least, float(known.weights.max())))
    weights = known.weights[heavy] / known.weights[heavy].sum()
    counts = np.where(data.kept, data.counts, 0.0)
    step = Step(data, counts, known.means, columns, known.typical)
    step.response = np.where(
        data.kept, np.log(step.means) - step.offset + np.log((counts + _HALF) / (step.means + _HALF)), 0.0
    )
    found = _weighed(step, tuple(known.points[one] for one in heavy))
    scale = known.scatter[heavy] / found.scatter
    return replace(
        found,
        weights=weights,
        covariances=found.covariances * scale[:, None, None],
        scatter=known.scatter[heavy],
        freedom=known.freedom,
    )


def spread_of(data: Data, columns: Floats, known: Fit, means: Floats, *, least: float = 0.03) -> float:
    """Return the standard error that one column would have, with means and what disturbs them known beforehand."""
    heavy = np.flatnonzero(known.weights >= min(least, float(known.weights.max())))
    found = _weighed(Step(data, means, means, columns, known.typical), tuple(known.points[one] for one in heavy))
    variances = found.covariances[:, 0, 0] / found.scatter * known.scatter[heavy]
    weights = known.weights[heavy] / known.weights[heavy].sum()
    return float(np.sqrt(weights @ variances))


def _weighed(step: Step, points: tuple[Point, ...]) -> Fit:
    solutions: tuple[Solution, ...] = step.solved(points)
    scores = np.array([one.score for one in solutions]) + np.log([one.prior for one in points])
    weights = np.exp(scores - scores.max())
    return Fit(
        points,
        np.array([one.coefficients for one in solutions]),
        np.array([one.covariance for one in solutions]),
        weights / weights.sum(),
        np.array([one.scatter for one in solutions]),
        step.freedom,
        step.means,
        step.typical,
    )


def _starting_means(data: Data, counts: Floats, columns: Floats) -> Floats:
    """Return means by proportional fitting of markets, weeks and 0-1 columns."""
    used, over = data.kept.astype(np.float64), np.where(data.exposures > 0, data.exposures, 1.0)
    markets, weeks = np.ones(len(counts)), np.ones(counts.shape[1])
    dummies = [column for column in columns if set(np.unique(column)) <= {0.0, 1.0}]
    change = np.ones(counts.shape)
    for _ in range(30):
        plain = over * change
        markets = (counts.sum(axis=1) + _HALF) / np.maximum((used * plain * weeks).sum(axis=1), 1e-12)
        if data.shared is None:
            weeks = counts.sum(axis=0) / np.maximum((used * plain * markets[:, None]).sum(axis=0), 1e-12)
            weeks = np.maximum(weeks, 1e-3)
        whole = plain * markets[:, None] * weeks
        for column in dummies:
            at = used * column
            change = change * (((counts * at).sum() + _HALF) / ((whole * at).sum() + _HALF)) ** column
    return np.maximum(over * change * markets[:, None] * weeks, LEAST_MEAN)


def _halves(means: Floats, known: Flags, columns: Floats) -> Floats:
    added = np.zeros(means.shape)
    for column in columns:
        if not set(np.unique(column)) <= {0.0, 1.0}:
            continue
        rows = (column * known).any(axis=1)[:, None] & known
        for cells in (rows & (column == 1), rows & (column == 0)):
            added += np.where(cells, _HALF * means / max(float((means * cells).sum()), 1e-12), 0.0)
    return added
