"""How likely a text is about what was asked, and how many of those that seem likely are."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from voc.search.fuse import Scored
from voc.types import Estimate

LIKELY: Final = 0.3
"""Probability from which on a text counts as a match. Source: at .5 more of the matches are right, but half as many
are found (benchmarks/search.py has both figures, on questions that were not fitted to)."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """A logistic curve over how far a text stands out and what its words say of the question.

    `agreement` says how far questions differ: that of a beta distribution of the share of likely texts that are right.
    """

    intercept: float
    outstanding: float
    words: float
    agreement: float

    def probability(self, one: Scored) -> float | None:
        """Return the probability that a text is about what was asked; None while it waits for its vector."""
        return None if one.outstanding is None else self.at(one.outstanding, one.words)

    def at(self, outstanding: float, words: float) -> float:
        """Return the probability at these values."""
        height = self.intercept + self.outstanding * outstanding + self.words * words
        return 1 / (1 + math.exp(-max(-50.0, min(50.0, height))))

    def right(self, probabilities: Sequence[float]) -> Estimate:
        """Return how many of the texts with these probabilities are right, with a 90 % interval.

        Source: the beta-binomial distribution (Skellam 1948): for one question all may be right, for another few.
        """
        count = len(probabilities)
        if not count:
            return Estimate(0.0, 0.0, 0.0)
        from scipy.stats import betabinom

        mean = min(max(sum(probabilities) / count, 0.01), 0.99)
        spread = betabinom(count, mean * self.agreement, (1 - mean) * self.agreement)
        return Estimate(count * mean, float(spread.ppf(0.05)), float(spread.ppf(0.95)))


_CURVES: Final[Mapping[str, Calibration]] = {"multilingual-e5-small": Calibration(-5.8, 1.55, 1.12, 2.0)}
"""Source: logistic regression on the even questions of BANKING77, of XQuAD's nine languages in one corpus and of the
complaints in six languages of benchmarks/parts/paraphrases.jsonl, each set with the same weight; `agreement` from how
far the share that was right differed between them. benchmarks/search.py reports the odd questions."""


def calibration_of(model_id: str) -> Calibration | None:
    """Return the curve of an encoder, whatever its precision; None where it was not calibrated."""
    return _CURVES.get(model_id.partition("@")[0])
