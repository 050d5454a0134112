"""Figures as the API gives them: with their intervals, and without groups that are too small to be told."""

from __future__ import annotations

import math
from typing import Annotated

from pydantic import BaseModel, Field

from voc.trends.rates import Change
from voc.types import Estimate

Day = Annotated[str, Field(description="A day, ISO 8601.", json_schema_extra={"format": "date"})]
Moment = Annotated[str, Field(description="A time, ISO 8601, UTC.", json_schema_extra={"format": "date-time"})]


class Interval(BaseModel):
    """A figure with its 95 % interval."""

    value: float | None = Field(description="The figure; null where it has no bound, as a rise from nothing.")
    low: float | None = Field(description="Lower bound; null where the data cannot say.")
    high: float | None = Field(description="Upper bound; null where the data cannot say.")


def interval(found: Estimate | None) -> Interval | None:
    """Return an estimate as JSON can hold it."""
    if found is None:
        return None
    return Interval(value=_finite(found.value), low=_finite(found.low), high=_finite(found.high))


def ratio(found: Change | None) -> Interval | None:
    """Return the ratio of a change to the usual rate."""
    return None if found is None else interval(found.ratio)


def at_least(count: int | None, k: int) -> int | None:
    """Return a count that may be told: none at all, or of k or more."""
    return None if count is None or 0 < count < k else count


def _finite(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else float(value)
