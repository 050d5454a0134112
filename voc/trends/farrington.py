"""The Farrington-flexible model of a usual week: reference weeks, seasons, trend, and past outbreaks weighted down.

Source: Farrington, Andrews, Beale and Catchpole, JRSS A 159 (1996); Noufaily, Enki, Farrington et al., Statistics in
Medicine 32 (2013), for the 2.58, the ten seasons, the 26 weeks left out and the negative binomial threshold; the choice
of weeks follows the description in Salmon, Schumacher and Hoehle, Journal of Statistical Software 70 (2016).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from voc.trends.glm import Fit, fit
from voc.trends.predict import Floats

DOWN_WEIGHT: Final = 2.58
TREND_YEARS: Final = 3
YEAR: Final = 52.1775


@dataclass(frozen=True, slots=True)
class Control:
    """Years back, half-window, number of seasons, recent weeks left out, whether a trend may be kept, and its test."""

    years: int = 5
    half_window: int = 3
    seasons: int = 10
    left_out: int = 26
    trend: bool = True
    trend_p: float = 0.05
    year: float = YEAR


@dataclass(frozen=True, slots=True)
class Expected:
    """What is usual in a week: mean, dispersion (at least 1), relative variance before dispersion, and if with trend.

    All are arrays (c,); `freedom` are the degrees of freedom behind the dispersion.
    """

    mean: Floats
    dispersion: Floats
    variance: Floats
    freedom: Floats
    with_trend: Floats


def season_levels(now: int, control: Control) -> Floats:
    """Return the season (1 to `seasons`) of each week 0 to now, NaN where a week is no reference; now has the last one.

    The weeks within the half-window of this week in earlier years are the last season; what lies between two such
    windows is cut into equal parts. Years that reach before week 0 are left out.
    """
    levels = np.full(now + 1, np.nan)
    half, seasons = control.half_window, control.seasons
    levels[max(0, now - half) :] = seasons
    later = now
    for year in range(1, control.years + 1):
        middle = now - round(year * control.year)
        if middle - half < 0:
            break
        levels[middle - half : middle + half + 1] = seasons
        if seasons > 1:
            between = np.arange(middle + half + 1, later - half)
            for level, part in enumerate(np.array_split(between, seasons - 1), start=1):
                levels[part] = level
        later = middle
    return levels


def reference_weeks(now: int, control: Control) -> tuple[Floats, Floats]:
    """Return the indices of the reference weeks, oldest first, and their seasons."""
    levels = season_levels(now, control)
    levels[max(0, now - control.left_out) :] = np.nan
    chosen = np.flatnonzero(~np.isnan(levels))
    return chosen.astype(np.float64), levels[chosen]


def down_weights(
    counts: Floats, found: Fit, dispersion: Floats, present: Floats, *, beyond: float = DOWN_WEIGHT
) -> Floats:
    """Return weights (c, n) that make weeks far above usual count less, their sum the number of weeks present."""
    spread = np.sqrt(dispersion[:, None] * np.maximum(1 - found.leverages, 1e-9))
    means = np.maximum(found.means, 1e-12)
    residuals = 1.5 * (counts ** (2 / 3) * means ** (-1 / 6) - np.sqrt(means)) / spread
    raw = np.where(residuals > beyond, np.maximum(residuals, beyond) ** -2.0, 1.0) * present
    return np.asarray(raw * (present.sum(axis=1) / np.maximum(raw.sum(axis=1), 1e-12))[:, None])


def expected(counts: Floats, exposures: Floats, now: int, control: Control) -> Expected:
    """Return what is usual in week `now` for each series of counts and exposures (c, weeks); NaN counts are missing.

    The trend stays only where it is significant, three years are known and it does not lead beyond what was ever seen.
    """
    weeks, levels = reference_weeks(now, control)
    columns = weeks.astype(int)
    present = (~np.isnan(counts[:, columns])).astype(np.float64)
    known, over = np.nan_to_num(counts[:, columns]), exposures[:, columns]
    plain_design, plain_row = _design(weeks, levels, now, control.seasons, trend=False)
    plain = _reweighted(known, over, plain_design, present)
    out = _at(plain, plain_row, exposures[:, now])
    if not control.trend or control.years < TREND_YEARS:
        return out
    design, row = _design(weeks, levels, now, control.seasons, trend=True)
    trended = _reweighted(known, over, design, present)
    with_trend = _at(trended, row, exposures[:, now])
    keep = _trend_is_clear(trended, control.trend_p) & (with_trend.mean <= known.max(axis=1))
    return Expected(
        np.where(keep, with_trend.mean, out.mean),
        np.where(keep, with_trend.dispersion, out.dispersion),
        np.where(keep, with_trend.variance, out.variance),
        np.where(keep, with_trend.freedom, out.freedom),
        keep.astype(np.float64),
    )


def upper_bound(mean: Floats, dispersion: Floats, *, alpha: float) -> Floats:
    """Return the count that a usual week exceeds with probability at most alpha (negative binomial)."""
    from scipy.stats import nbinom, poisson

    spread = np.maximum(dispersion, 1 + 1e-12)
    overdispersed = nbinom.ppf(1 - alpha, mean / (spread - 1), 1 / spread)
    return np.asarray(np.where(dispersion > 1, overdispersed, poisson.ppf(1 - alpha, mean)))


def _design(weeks: Floats, levels: Floats, now: int, seasons: int, *, trend: bool) -> tuple[Floats, Floats]:
    columns, row = [np.ones(len(weeks))], [1.0]
    if trend:
        columns.append((weeks - now) / YEAR)
        row.append(0.0)
    for level in range(1, seasons):
        if (levels == level).any():
            columns.append((levels == level).astype(np.float64))
            row.append(0.0)
    return np.column_stack(columns), np.asarray(row)


def _reweighted(counts: Floats, exposures: Floats, design: Floats, present: Floats) -> Fit:
    first = fit(counts, exposures, design, present)
    weights = down_weights(counts, first, np.maximum(first.dispersion, 1), present)
    return fit(counts, exposures, design, weights)


def _at(found: Fit, row: Floats, exposure: Floats) -> Expected:
    mean = np.exp(np.clip(found.coefficients @ row, -300, 300)) * exposure
    variance = np.einsum("p,cpq,q->c", row, found.covariance, row)
    return Expected(mean, np.maximum(found.dispersion, 1), variance, found.freedom, np.zeros(len(mean)))


def _trend_is_clear(found: Fit, most: float) -> Floats:
    from scipy.stats import t

    error = np.sqrt(found.covariance[:, 1, 1] * np.maximum(found.dispersion, 1e-12))
    p_values = 2 * t.sf(np.abs(found.coefficients[:, 1]) / error, np.maximum(found.freedom, 1))
    return np.asarray((p_values < most) & found.converged)
