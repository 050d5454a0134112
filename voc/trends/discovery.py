"""Which of many p-values are discoveries, at a controlled share of false ones.

A series so small that no count could make it a discovery takes no part, so that it does not make the others harder to
find. Whether it could is decided by its total over baseline and judged weeks, given which its p-value is still valid.

Source: Benjamini and Hochberg, JRSS B 57 (1995); Gilbert, Applied Statistics 54 (2005), after Tarone, Biometrics 46
(1990), for leaving out what cannot be found.
"""

from __future__ import annotations

import numpy as np

from voc.trends.predict import Flags, Floats


def takes_part(least: Floats, level: float) -> Flags:
    """Return which tests could be discoveries, by the least p-value that each could attain."""
    tests = np.arange(1, len(least) + 1)
    able = np.searchsorted(np.sort(least), level / np.maximum(tests, 1), side="right")
    enough = np.flatnonzero(able <= tests)
    return np.asarray(least <= level / tests[enough[0]]) if len(enough) else np.ones(len(least), dtype=bool)


def adjusted(p_values: Floats, part: Flags) -> Floats:
    """Return Benjamini-Hochberg adjusted p-values; 1 for what takes no part."""
    found = np.ones(len(p_values))
    chosen = np.flatnonzero(part)
    if len(chosen):
        order = chosen[np.argsort(p_values[chosen], kind="stable")]
        steps = p_values[order] * len(order) / np.arange(1, len(order) + 1)
        found[order] = np.minimum(np.minimum.accumulate(steps[::-1])[::-1], 1.0)
    return found
