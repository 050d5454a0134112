"""One step of generalised least squares for weekly counts of several markets, at given scatter and drift."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from voc.trends.predict import Flags, Floats

LEAST_MEAN: Final = 0.05


@dataclass(frozen=True, slots=True)
class Data:
    """Counts, exposures and what is used of them, all (markets, weeks); who adopted (markets,).

    `shared` (weeks, q) spans what all markets share from week to week; None is an effect of each week. `line` (markets,
    weeks) is a course that adopters may have beside the others, in weeks; None is none.
    """

    counts: Floats
    exposures: Floats
    kept: Flags
    adopters: Flags
    shared: Floats | None = None
    line: Floats | None = None


@dataclass(frozen=True, slots=True)
class Point:
    """One value of what is not known, and how likely it is beforehand.

    `fading` is the correlation of a drift with itself a week later, `drift` its variance as a multiple of that of
    the scatter, `multiple` how many times as large it is in adopters, `slope` the standard deviation of the log ratio
    by which adopters move away from the others each week.
    """

    fading: float
    drift: float
    multiple: float
    slope: float
    prior: float


@dataclass(frozen=True, slots=True)
class Solution:
    """Coefficients (k,), their covariance, the scatter, the restricted log likelihood, and effects of weeks (t,).

    `course` is the coefficient of the line, nothing without one.
    """

    coefficients: Floats
    covariance: Floats
    scatter: float
    score: float
    effects: Floats
    course: float


@dataclass(frozen=True, slots=True)
class _Normal:
    """Normal equations freed of market and week effects: for columns, line last, and what is left of the response."""

    information: Floats
    score: Floats
    squares: float
    logarithm: float
    weeks: Floats
    of_columns: Floats


class Step:
    """One step from given means, at any points of the grid."""

    def __init__(
        self, data: Data, counts: Floats, means: Floats, columns: Floats, typical: float | None = None
    ) -> None:
        self.data, self.counts, self.columns = data, counts, columns
        self.wide = columns if data.line is None else np.concatenate([columns, data.line[None]])
        self.means = np.maximum(means, LEAST_MEAN)
        self.weights = np.where(data.kept, self.means, 0.0)
        self.offset = np.log(np.where(data.exposures > 0, data.exposures, 1.0))
        response = np.log(self.means) - self.offset + (counts - self.means) / self.means
        self.response = np.where(data.kept, response, 0.0)
        self.weeks = counts.shape[1]
        self.typical = float(self.weights[data.kept].mean()) if typical is None else typical
        self.basis = np.eye(self.weeks) if data.shared is None else data.shared
        spanned = self.weeks - 1 if data.shared is None else data.shared.shape[1]
        self.freedom = max(1, int(data.kept.sum()) - len(counts) - spanned - len(columns))

    def solved(self, points: tuple[Point, ...]) -> tuple[Solution, ...]:
        """Return the solution at each point; points that differ in their slope alone should lie together."""
        rows = self.data.adopters
        inverses = np.empty((len(rows), self.weeks, self.weeks))
        found: list[Solution] = []
        plain, before, normal = 0.0, None, None
        for point in points:
            if before is None or (point.fading, point.drift) != (before.fading, before.drift):
                inverses[~rows], plain = self._precision(point.fading, point.drift, ~rows)
                normal = None
            if normal is None or before is None or point.multiple != before.multiple:
                inverses[rows], own = self._precision(point.fading, point.drift * point.multiple, rows)
                normal = self._normal(inverses, plain + own)
            found.append(self._solve(normal, point.slope))
            before = point
        return tuple(found)

    def new_means(self, best: Solution) -> Floats:
        """Return the means that a solution leads to, (markets, weeks), each market with its own total."""
        line = best.effects + np.tensordot(best.coefficients, self.columns, axes=1)
        if self.data.line is not None:
            line = line + best.course * self.data.line
        level = (self.weights * (self.response - line)).sum(axis=1) / np.maximum(self.weights.sum(axis=1), 1e-12)
        means = np.exp(np.clip(self.offset + line + level[:, None], -20.0, 20.0))
        total = np.where(self.data.kept, means, 0.0).sum(axis=1)
        scale = self.counts.sum(axis=1) / np.maximum(total, 1e-12)
        return np.asarray(np.maximum(means * scale[:, None], LEAST_MEAN))

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

    def _normal(self, inverses: Floats, logarithm: float) -> _Normal:
        basis = self.basis
        middle = basis.T @ inverses.sum(axis=0) @ basis
        if self.data.shared is None:  # a constant is in the market effects already
            size = float(np.trace(middle)) / len(middle) ** 2
            middle = middle + np.full(middle.shape, size)
            logarithm -= float(np.log(size))
        turned = np.matmul(inverses, self.wide[..., None])[..., 0]
        seen = np.matmul(inverses, self.response[..., None])[..., 0]
        back, base = turned.sum(axis=1) @ basis, seen.sum(axis=0) @ basis
        solved = np.linalg.solve(middle, np.concatenate([back, base[None]]).T)
        return _Normal(
            np.tensordot(turned, self.wide, axes=((1, 2), (1, 2))) - back @ solved[:, :-1],
            np.tensordot(turned, self.response, axes=2) - back @ solved[:, -1],
            float((seen * self.response).sum() - base @ solved[:, -1]),
            logarithm + float(np.linalg.slogdet(middle)[1]),
            solved[:, -1],
            solved[:, :-1],
        )

    def _solve(self, normal: _Normal, slope: float) -> Solution:
        held = len(self.columns)
        if slope == 0 or self.data.line is None:
            return self._finish(normal, normal.information[:held, :held], held, 0.0)
        plain = self._finish(normal, normal.information[:held, :held], held, 0.0)
        ridge = plain.scatter / slope**2  # a normal prior on the slope, in units of the scatter
        information = normal.information.copy()
        information[-1, -1] += ridge
        return self._finish(normal, information, held + 1, float(np.log(ridge)))

    def _finish(self, normal: _Normal, information: Floats, used: int, freed: float) -> Solution:
        covariance = np.linalg.inv(information)
        every = covariance @ normal.score[:used]
        rest = max(normal.squares - float(normal.score[:used] @ every), 1e-12)
        scatter = max(1.0, rest / self.freedom)
        determinants = normal.logarithm + float(np.linalg.slogdet(information)[1]) - freed
        likelihood = -0.5 * (self.freedom * np.log(scatter) + rest / scatter + determinants)
        effects = self.basis @ (normal.weeks - normal.of_columns[:, :used] @ every)
        held = len(self.columns)
        return Solution(
            every[:held],
            covariance[:held, :held] * scatter,
            scatter,
            float(likelihood),
            effects,
            float(every[-1]) if used > held else 0.0,
        )


def _inverse_correlation(weeks: int, fading: float) -> Floats:
    """Return the inverse of the correlations `fading ** |s - t|`, (weeks, weeks)."""
    place = np.arange(weeks)
    found = np.zeros((weeks, weeks))
    found[place, place] = 1 + fading**2
    found[0, 0] = found[-1, -1] = 1.0
    found[place[1:], place[:-1]] = found[place[:-1], place[1:]] = -fading
    return np.asarray(found / (1 - fading**2))
