"""How likely a text is about what was asked."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from voc.search.fuse import Scored


@dataclass(frozen=True, slots=True)
class Calibration:
    """A logistic curve over how far a text stands out and what its words say of the question."""

    intercept: float
    outstanding: float
    words: float

    def probability(self, one: Scored) -> float | None:
        """Return the probability that a text is about what was asked; None while it waits for its vector."""
        if one.outstanding is None:
            return None
        return 1 / (1 + math.exp(-(self.intercept + self.outstanding * one.outstanding + self.words * one.words)))


_CURVES: Final[Mapping[str, Calibration]] = {"multilingual-e5-small": Calibration(-6.0, 1.65, 2.0)}


def calibration_of(model_id: str) -> Calibration | None:
    """Return the curve of an encoder, whatever its precision; None where it was not calibrated."""
    return _CURVES.get(model_id.partition("@")[0])
