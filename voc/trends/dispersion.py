"""Overdispersion of many series, each drawn towards what all of them show together.

A series of some weeks says little about its own dispersion; a grid of sixty says it well. How far each is drawn is
found from how much more the series differ, upwards, than sampling alone would make them.

Source: the conjugate shrinkage of variances of Smyth, Statistical Applications in Genetics and Molecular Biology 3
(2004); sampling variance of Pearson's statistic from the fourth moment of the negative binomial.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from voc.trends.predict import Floats

PRIOR: Final = 1.5
PRIOR_WEEKS: Final = 8.0
"""What is assumed where nearly nothing is known, and how many weeks of data it weighs."""
_OUTLIER: Final = 2.5
"""Standard errors beyond which a series is not let speak for the others: a theme that began within its baseline."""
_FEWEST: Final = 4.0
_MOST: Final = 1e4


@dataclass(frozen=True, slots=True)
class Dispersion:
    """Dispersion of each series, at least 1, and its degrees of freedom, both (c,); `shared` is that of the grid."""

    values: Floats
    freedom: Floats
    shared: float


def moderate(raw: Floats, freedom: Floats, means: Floats) -> Dispersion:
    """Draw the Pearson dispersions (c,) towards their common value; `means` are the usual weekly counts."""
    weight, excess = _information(max(1.0, PRIOR), freedom, means)
    shared = _shared(raw, weight)
    for _ in range(3):
        weight, excess = _information(max(shared, 1.0), freedom, means)
        shared = _shared(raw, weight)
    usable = freedom > 0
    prior = _MOST
    if usable.sum() > 1:
        sampling = (2 + excess[usable]) / freedom[usable]
        above = np.clip(raw[usable] / max(shared, 1.0) - 1, 0, _OUTLIER * np.sqrt(sampling))
        apart = np.average(2 * above**2 - sampling, weights=1 / sampling**2)
        prior = float(np.clip(2 / max(apart, 1e-9), _FEWEST, _MOST))
    values = (prior * shared + weight * raw) / (prior + weight)
    whole = float(weight.sum()) + PRIOR_WEEKS
    return Dispersion(np.maximum(values, 1.0), np.minimum(prior + weight, np.maximum(whole, _FEWEST)), max(shared, 1.0))


def _shared(raw: Floats, weight: Floats) -> float:
    return float(((weight * raw).sum() + PRIOR_WEEKS * PRIOR) / (weight.sum() + PRIOR_WEEKS))


def _information(shared: float, freedom: Floats, means: Floats) -> tuple[Floats, Floats]:
    excess = (6 * (shared - 1) + 1 / shared) / np.maximum(means, 0.05)
    return 2 * freedom / (2 + excess), excess
