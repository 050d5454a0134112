"""Log rates of markets and weeks, with what disturbs them: counts that scatter and drifts that last some weeks.

The mean of a count is exposure x market x week x change. Its variance has two parts: scatter of a week, a multiple of
the mean as in a quasi-Poisson model, and a drift of the log rate that fades from week to week (first-order
autoregression) in each market by itself. Coefficients are found by generalised least squares on the working response.
What is not known about the drift - how long it lasts, how large it is, how much larger in adopters, who were chosen
because something went up - is not put in as one guess: a grid of values is gone through, and each weighs by its
restricted likelihood. So an interval from few markets or few weeks is as wide as it must be.

Source: working response and estimating equations, McCullagh and Nelder, Generalized Linear Models (1989), chapters 2
and 9; restricted likelihood, Patterson and Thompson, Biometrika 58 (1971); averaging over variance parameters on a
grid, Rue, Martino and Chopin, JRSS B 71 (2009), section 3; grid and weights were chosen on the development worlds of
benchmarks/effect.py.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from voc.trends.predict import Flags, Floats

FADING: Final = (0.0, 0.3, 0.5, 0.7, 0.85, 0.95)
"""Correlation of a drift with itself a week later."""
DRIFT: Final = (0.0, 0.1, 0.3, 1.0, 3.0)
"""Variance of the drift, as a multiple of the variance that scatter alone gives a log rate of middling size."""
OF_ADOPTERS: Final = ((1.0, 0.40), (2.0, 0.35), (4.0, 0.25))
"""How many times as large the drift's variance may be in adopters, and how likely that is beforehand."""
_HALF: Final = 0.5
_LEAST_MEAN: Final = 0.05
_ROUNDS: Final = 3


@dataclass(frozen=True, slots=True)
class Data:
    """Counts, exposures and what is used of them, all (markets, weeks); who adopted (markets,).

    `shared` (weeks, q) spans what all markets share from week to week; None is an effect of each week.
    """

    counts: Floats
    exposures: Floats
    kept: Flags
    adopters: Flags
    shared: Floats | None = None


@dataclass(frozen=True, slots=True)
class Point:
    """One value of what is not known: fading, drift as a multiple, and the multiple of it in adopters."""

    fading: float
    drift: float
    multiple: float
    prior: float


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


def grid() -> tuple[Point, ...]:
    """Return the points gone through; without a drift, neither its fading nor its multiple matters."""
    lasting = [
        Point(fading, drift, multiple, prior)
        for fading in FADING
        for drift in DRIFT
        if drift > 0
        for multiple, prior in OF_ADOPTERS
    ]
    return (Point(0.0, 0.0, 1.0, 1.0), *lasting)


def fit(data: Data, columns: Floats) -> Fit:
    """Fit changes `columns` (k, markets, weeks) beside market and week effects.

    Half a complaint is added to each 0-1 column and to what it is compared with, so that none at all has a finite
    logarithm.
    """
    counts = np.where(data.kept, data.counts, 0.0)
    means = _starting_means(data, counts, columns)
    counts = counts + _halves(means, data.kept, columns)
    for _ in range(_ROUNDS):
        means = _Step(data, counts, means, columns).solved((Point(0.5, 0.3, 1.0, 1.0),))[1]
    return _Step(data, counts, means, columns).solved(grid())[0]


def refit(data: Data, columns: Floats, known: Fit, *, least: float = 0.01) -> Fit:
    """Fit other columns in one step from a known fit, with its means and at those of its points that weigh enough.

    The response is the logarithm of what was counted over what was expected, half a complaint added to both, so that
    single weeks without any complaint have their place.
    """
    heavy = np.flatnonzero(known.weights >= min(least, float(known.weights.max())))
    weights = known.weights[heavy] / known.weights[heavy].sum()
    counts = np.where(data.kept, data.counts, 0.0)
    step = _Step(data, counts, known.means, columns, known.typical)
    step.response = np.where(
        data.kept, np.log(step.means) - step.offset + np.log((counts + _HALF) / (step.means + _HALF)), 0.0
    )
    found = step.solved(tuple(known.points[one] for one in heavy))[0]
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
    found = _Step(data, means, means, columns, known.typical).solved(tuple(known.points[one] for one in heavy))[0]
    variances = found.covariances[:, 0, 0] / found.scatter * known.scatter[heavy]
    weights = known.weights[heavy] / known.weights[heavy].sum()
    return float(np.sqrt(weights @ variances))


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
    return np.maximum(over * change * markets[:, None] * weeks, _LEAST_MEAN)


def _halves(means: Floats, known: Flags, columns: Floats) -> Floats:
    added = np.zeros(means.shape)
    for column in columns:
        if not set(np.unique(column)) <= {0.0, 1.0}:
            continue
        rows = (column * known).any(axis=1)[:, None] & known
        for cells in (rows & (column == 1), rows & (column == 0)):
            added += np.where(cells, _HALF * means / max(float((means * cells).sum()), 1e-12), 0.0)
    return added


class _Step:
    """One step of generalised least squares from given means, at any points of the grid."""

    def __init__(
        self, data: Data, counts: Floats, means: Floats, columns: Floats, typical: float | None = None
    ) -> None:
        self.data, self.counts, self.columns = data, counts, columns
        self.means = np.maximum(means, _LEAST_MEAN)
        self.weights = np.where(data.kept, self.means, 0.0)
        self.offset = np.log(np.where(data.exposures > 0, data.exposures, 1.0))
        response = np.log(self.means) - self.offset + (counts - self.means) / self.means
        self.response = np.where(data.kept, response, 0.0)
        self.weeks = counts.shape[1]
        self.typical = float(self.weights[data.kept].mean()) if typical is None else typical
        shared = data.shared
        self.basis = np.eye(self.weeks) if shared is None else shared
        spanned = self.weeks - 1 if shared is None else shared.shape[1]
        self.freedom = max(1, int(data.kept.sum()) - len(counts) - spanned - len(columns))

    def solved(self, points: tuple[Point, ...]) -> tuple[Fit, Floats]:
        """Return the fit at some points, and the means at the likeliest of them."""
        rows = self.data.adopters
        inverses = np.empty((len(rows), self.weeks, self.weeks))
        solutions, done, plain = [], None, 0.0
        for point in points:
            if done != (point.fading, point.drift):  # the points of one fading and drift lie together
                inverses[~rows], plain = self._precision(point.fading, point.drift, ~rows)
                done = (point.fading, point.drift)
            inverses[rows], own = self._precision(point.fading, point.drift * point.multiple, rows)
            solutions.append(self._solve(inverses, plain + own))
        scores = np.array([one.score for one in solutions]) + np.log([one.prior for one in points])
        weights = np.exp(scores - scores.max())
        found = Fit(
            points,
            np.array([one.coefficients for one in solutions]),
            np.array([one.covariance for one in solutions]),
            weights / weights.sum(),
            np.array([one.scatter for one in solutions]),
            self.freedom,
            self.means,
            self.typical,
        )
        return found, self._means(solutions[int(np.argmax(scores))])

    def _precision(self, fading: float, drift: float, rows: Flags) -> tuple[Floats, float]:
        """Return inverse covariances (rows, weeks, weeks) freed of market effects, and their part of the likelihood.

        The inverse of `1/W + k R` is `W - W (W + inverse(R)/k)^-1 W`, where missing weeks weigh nothing and the inverse
        of an autoregression's correlation R has three diagonals.
        """
        weights, place = self.weights[rows], np.arange(self.weeks)
        inverse, logarithm = np.zeros((len(weights), self.weeks, self.weeks)), 0.0
        if drift > 0 and len(weights):
            size = drift / self.typical
            whole = np.broadcast_to(_inverse_correlation(self.weeks, fading) / size, inverse.shape).copy()
            whole[:, place, place] += weights
            inverse = -weights[:, :, None] * np.linalg.inv(whole) * weights[:, None, :]
            logarithm = float(np.linalg.slogdet(whole)[1].sum()) + len(weights) * (
                self.weeks * np.log(size) + (self.weeks - 1) * np.log(1 - fading**2)
            )
        inverse[:, place, place] += weights
        sums = inverse.sum(axis=2)
        totals = np.maximum(sums.sum(axis=1), 1e-12)
        freed = inverse - sums[:, :, None] * sums[:, None, :] / totals[:, None, None]
        return freed, logarithm + float(np.log(totals).sum())

    def _solve(self, inverses: Floats, logarithm: float) -> _Solution:
        basis = self.basis
        middle = basis.T @ inverses.sum(axis=0) @ basis
        if self.data.shared is None:  # a constant is in the market effects already
            middle = middle + np.full(middle.shape, np.trace(middle) / len(middle) ** 2)
        turned = np.matmul(inverses, self.columns[..., None])[..., 0]
        seen = np.matmul(inverses, self.response[..., None])[..., 0]
        back, base = turned.sum(axis=1) @ basis, seen.sum(axis=0) @ basis
        solved = np.linalg.solve(middle, np.concatenate([back, base[None]]).T)
        information = np.tensordot(turned, self.columns, axes=((1, 2), (1, 2))) - back @ solved[:, :-1]
        score = np.tensordot(turned, self.response, axes=2) - back @ solved[:, -1]
        covariance = np.linalg.inv(information)
        coefficients = covariance @ score
        squares = float((seen * self.response).sum() - base @ solved[:, -1])
        rest = max(squares - float(score @ coefficients), 1e-12)
        scatter = max(1.0, rest / self.freedom)
        determinants = np.linalg.slogdet(middle)[1] + np.linalg.slogdet(information)[1] + logarithm
        likelihood = -0.5 * (self.freedom * np.log(scatter) + rest / scatter + determinants)
        effects = basis @ (solved[:, -1] - solved[:, :-1] @ coefficients)
        return _Solution(coefficients, covariance * scatter, scatter, float(likelihood), effects)

    def _means(self, best: _Solution) -> Floats:
        line = best.effects + np.tensordot(best.coefficients, self.columns, axes=1)
        level = (self.weights * (self.response - line)).sum(axis=1) / np.maximum(self.weights.sum(axis=1), 1e-12)
        means = np.exp(np.clip(self.offset + line + level[:, None], -20.0, 20.0))
        kept = self.data.kept
        total = np.where(kept, means, 0.0).sum(axis=1)
        scale = self.counts.sum(axis=1) / np.maximum(total, 1e-12)
        return np.asarray(np.maximum(means * scale[:, None], _LEAST_MEAN))


@dataclass(frozen=True, slots=True)
class _Solution:
    coefficients: Floats
    covariance: Floats
    scatter: float
    score: float
    effects: Floats


def _inverse_correlation(weeks: int, fading: float) -> Floats:
    """Return the inverse of the correlations `fading ** |s - t|`, (weeks, weeks)."""
    place = np.arange(weeks)
    found = np.zeros((weeks, weeks))
    found[place, place] = 1 + fading**2
    found[0, 0] = found[-1, -1] = 1.0
    found[place[1:], place[:-1]] = found[place[:-1], place[1:]] = -fading
    return np.asarray(found / (1 - fading**2))
