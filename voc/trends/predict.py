"""How surprising a count is, given a baseline that is itself only a sample.

The baseline holds `seen` complaints over an exposure; the judged weeks have `ratio` times that exposure. Without
overdispersion the tails equal those of the exact conditional binomial test; with it, they are those of the negative
binomial with the same mean and with variance dispersion x mean x (1 + ratio).

Source: Przyborowski and Wilenski, Biometrika 31 (1940), for the conditional test, and its equality with a negative
binomial tail; Noufaily et al., Statistics in Medicine 32 (2013), for the negative binomial in place of the normal.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


def rise(counts: Floats, seen: Floats, ratio: Floats, dispersion: Floats) -> Floats:
    """Return the probability of a count at least as high, arrays of one shape; 1 where nothing was counted."""
    from scipy.special import betainc

    spread = np.maximum(dispersion * (1 + ratio) - 1, 1e-9)
    shape = (seen + 1) * ratio / spread
    found = betainc(np.maximum(counts, 1e-9), np.maximum(shape, 1e-12), 1 - 1 / (1 + spread))
    return np.where((counts > 0) & (ratio > 0), found, 1.0)


def fall(counts: Floats, seen: Floats, ratio: Floats, dispersion: Floats) -> Floats:
    """Return the probability of a count at most as high, arrays of one shape; 1 where nothing is expected."""
    from scipy.special import betainc

    spread = np.maximum(dispersion * (1 + ratio) - 1, 1e-9)
    shape = seen * ratio / spread
    found = betainc(np.maximum(shape, 1e-12), counts + 1, 1 / (1 + spread))
    return np.where((seen > 0) & (ratio > 0), found, 1.0)


def widen(p_values: Floats, freedom: Floats) -> Floats:
    """Return p-values for a dispersion that was estimated with that many degrees of freedom.

    Source: the moderated t statistic of Smyth, Statistical Applications in Genetics and Molecular Biology 3 (2004).
    """
    from scipy.special import ndtri, stdtr

    return np.where(p_values < 0.5, stdtr(np.maximum(freedom, 1.0), ndtri(np.maximum(p_values, 1e-300))), p_values)
