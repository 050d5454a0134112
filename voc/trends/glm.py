"""Weighted quasi-Poisson regression with an offset, many series at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from voc.trends.predict import Flags, Floats

_ROUNDS: Final = 50
_TOLERANCE: Final = 1e-10
_LIMIT: Final = 30.0


@dataclass(frozen=True, slots=True)
class Fit:
    """Coefficients (c, p), their covariance before dispersion (c, p, p), means and leverages (c, n).

    `dispersion` (c,) is Pearson's statistic over the degrees of freedom, not yet bounded by 1.
    """

    coefficients: Floats
    covariance: Floats
    means: Floats
    leverages: Floats
    dispersion: Floats
    freedom: Floats
    converged: Flags


def fit(counts: Floats, exposures: Floats, design: Floats, weights: Floats) -> Fit:
    """Fit `log mean = design @ coefficients + log exposure` to counts (c, n); design (n, p); weight 0 leaves out.

    Source: iteratively reweighted least squares, McCullagh and Nelder, Generalized Linear Models (1989), section 2.5.
    """
    if design.shape[1] == 1 and (design == 1).all():
        return _constant(counts, exposures, weights)
    offset = np.log(np.maximum(exposures, 1e-300))
    eta = np.log(counts + 0.1)
    coefficients = np.zeros((len(counts), design.shape[1]))
    converged = np.zeros(len(counts), dtype=bool)
    for _ in range(_ROUNDS):
        means = np.exp(eta)
        working = weights * means
        normal = np.einsum("cn,np,nq->cpq", working, design, design) + 1e-12 * np.eye(design.shape[1])
        target = np.einsum("cn,np->cp", working * (eta - offset + (counts - means) / means), design)
        new = np.linalg.solve(normal, target[..., None])[..., 0]
        converged = np.abs(new - coefficients).max(axis=1) < _TOLERANCE * (1 + np.abs(new).max(axis=1))
        coefficients = new
        eta = np.clip(coefficients @ design.T + offset, -_LIMIT, _LIMIT)
        if converged.all():
            break
    means = np.exp(eta)
    normal = np.einsum("cn,np,nq->cpq", weights * means, design, design) + 1e-12 * np.eye(design.shape[1])
    covariance = np.linalg.inv(normal)
    leverages = weights * means * np.einsum("np,cpq,nq->cn", design, covariance, design)
    return _with_dispersion(counts, weights, coefficients, covariance, (means, leverages), converged)


def _constant(counts: Floats, exposures: Floats, weights: Floats) -> Fit:
    seen, over = (weights * counts).sum(axis=1), (weights * exposures).sum(axis=1)
    rates = seen / np.maximum(over, 1e-300)
    means = rates[:, None] * exposures
    covariance = (1 / np.maximum(seen, 1e-300))[:, None, None]
    leverages = weights * exposures / np.maximum(over, 1e-300)[:, None]
    coefficients = np.log(np.maximum(rates, 1e-300))[:, None]
    return _with_dispersion(counts, weights, coefficients, covariance, (means, leverages), seen > 0)


def _with_dispersion(
    counts: Floats,
    weights: Floats,
    coefficients: Floats,
    covariance: Floats,
    fitted: tuple[Floats, Floats],
    converged: Flags,
) -> Fit:
    means, leverages = fitted
    pearson = (weights * (counts - means) ** 2 / np.maximum(means, 1e-12)).sum(axis=1)
    freedom = np.maximum((weights > 0).sum(axis=1) - coefficients.shape[1], 0).astype(np.float64)
    dispersion = np.where(freedom > 0, pearson / np.maximum(freedom, 1), 1.0)
    return Fit(coefficients, covariance, means, leverages, dispersion, freedom, converged)
