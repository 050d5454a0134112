"""Rates of small markets, drawn towards the network as far as the markets are alike.

Source: gamma-Poisson empirical Bayes with moments weighted by exposure, Marshall, Applied Statistics 40 (1991).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from voc.trends.rates import LEVEL, PER, Counted
from voc.types import Estimate

_MOST: Final = 1e6
"""The weight of the network, in complaints, where markets differ no more than by chance."""


def shrunk(markets: Sequence[Counted]) -> tuple[Estimate | None, ...]:
    """Return each market's rate per 1,000 drawn towards their common rate, with a 95 % interval.

    None for a market without exposure; all None where there are no complaints at all.
    """
    from scipy.stats import gamma

    known = [one for one in markets if one.exposure > 0]
    seen, over = sum(one.count for one in known), sum(one.exposure for one in known)
    if seen == 0:
        return (None,) * len(markets)
    mean = seen / over
    apart = sum(one.exposure * (one.count / one.exposure - mean) ** 2 for one in known) - (len(known) - 1) * mean
    room = over - sum(one.exposure**2 for one in known) / over
    variance = max(apart / room, 0.0) if room > 0 else 0.0
    weight = min(mean**2 / variance, _MOST) if variance > 0 else _MOST
    tail = (1 - LEVEL) / 2
    found: list[Estimate | None] = []
    for one in markets:
        if one.exposure <= 0:
            found.append(None)
            continue
        shape, scale = weight + one.count, PER / (weight / mean + one.exposure)
        bounds = gamma.ppf([tail, 1 - tail], shape, scale=scale)
        found.append(Estimate(shape * scale, float(bounds[0]), float(bounds[1])))
    return tuple(found)
