"""What a theme costs in rating: the difference that it makes, times how common it is."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from voc.types import Estimate

_Z: Final = 1.959964
_FEWEST: Final = 2


@dataclass(frozen=True, slots=True)
class Ratings:
    """How many ratings there are, their mean and their variance (with n - 1)."""

    count: int
    mean: float
    variance: float


def ratings_of(values: Iterable[float]) -> Ratings:
    """Summarise ratings; mean and variance are 0 where there are too few."""
    found = list(values)
    mean = sum(found) / len(found) if found else 0.0
    variance = sum((one - mean) ** 2 for one in found) / (len(found) - 1) if len(found) >= _FEWEST else 0.0
    return Ratings(len(found), mean, variance)


def impact(with_theme: Ratings, without: Ratings) -> Estimate | None:
    """Return the difference in mean rating times the theme's share of the ratings, with a 95 % interval.

    None where either side has fewer than two ratings. It equals the mean of all less the mean without the theme.

    Source: Welch's standard error, Biometrika 34 (1947), and the delta method for the product with the share.
    """
    if min(with_theme.count, without.count) < _FEWEST:
        return None
    total = with_theme.count + without.count
    share = with_theme.count / total
    difference = with_theme.mean - without.mean
    of_difference = with_theme.variance / with_theme.count + without.variance / without.count
    of_share = share * (1 - share) / total
    error = math.sqrt(share**2 * of_difference + difference**2 * of_share)
    return Estimate(difference * share, difference * share - _Z * error, difference * share + _Z * error)
