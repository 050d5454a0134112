"""What a theme does to the mean rating: the difference that it makes, times how common it is.

All comments of a theme enter, not its complaints alone: whether a comment is a complaint is partly read from its
rating, and comments chosen by their rating would show an impact where there is none.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from voc.types import Estimate

FEWEST: Final = 5
"""With fewer ratings on a side nothing is said: their spread would be a guess."""
_Z: Final = 1.959964


@dataclass(frozen=True, slots=True)
class Ratings:
    """Ratings as count, sum and sum of squares, so that those of any two groups can be added or taken away."""

    count: int = 0
    total: float = 0.0
    squares: float = 0.0

    def __add__(self, other: Ratings) -> Ratings:
        """Return the ratings of both groups."""
        return Ratings(self.count + other.count, self.total + other.total, self.squares + other.squares)

    def __sub__(self, other: Ratings) -> Ratings:
        """Return the ratings of this group that are not in the other, which lies within it."""
        return Ratings(self.count - other.count, self.total - other.total, self.squares - other.squares)

    @property
    def mean(self) -> float:
        """Return the mean, 0 without ratings."""
        return self.total / self.count if self.count else 0.0

    @property
    def variance(self) -> float | None:
        """Return the variance (with n - 1), None for fewer than two ratings."""
        return max(0.0, self.squares - self.count * self.mean**2) / (self.count - 1) if self.count > 1 else None


@dataclass(frozen=True, slots=True)
class Stratum:
    """The ratings of one market: of the comments with a theme, and of all others."""

    with_theme: Ratings
    without: Ratings

    @property
    def count(self) -> int:
        """Return how many ratings there are."""
        return self.with_theme.count + self.without.count


def impact(strata: Sequence[Stratum]) -> Estimate | None:
    """Return the difference in mean rating times the theme's share of the ratings, with a 95 % interval.

    In one market it equals the mean of all less the mean without the theme. Over several it is the mean of theirs,
    weighted by their ratings, so that a theme of a market that rates low does not look costly for that. None where
    either side has fewer than five ratings.

    Source: Welch's standard error, Biometrika 34 (1947), and the delta method for the product with the share;
    stratification as in Cochran, Sampling Techniques (1977), chapter 5.
    """
    usable = [one for one in strata if one.without.count]
    if min(_counted(one.with_theme for one in usable), _counted(one.without for one in usable)) < FEWEST:
        return None
    every = sum(one.count for one in usable)
    value, variance = 0.0, 0.0
    for one in usable:
        weight, (own, of_own) = one.count / every, _own(one)
        value += weight * own
        variance += weight**2 * of_own
    error = _Z * math.sqrt(variance)
    return Estimate(value, value - error, value + error)


def _counted(sides: Iterable[Ratings]) -> int:
    return sum(side.count for side in sides)


def _own(stratum: Stratum) -> tuple[float, float]:
    """Return impact and its variance in one market; a side of one rating is taken to spread as the other side does."""
    inside, outside = stratum.with_theme, stratum.without
    if not inside.count:
        return 0.0, 0.0
    share, difference = inside.count / stratum.count, inside.mean - outside.mean
    spread = [side.variance for side in (inside, outside)]
    known = [one for one in spread if one is not None] or [difference**2]
    of_inside, of_outside = (known[0] if one is None else one for one in spread)
    of_difference = of_inside / inside.count + of_outside / outside.count
    of_share = share * (1 - share) / stratum.count
    return share * difference, share**2 * of_difference + difference**2 * of_share
