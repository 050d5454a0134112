"""Words that more than one room uses, as frozen values.

Times are aware UTC `datetime`s, weeks are ISO weeks such as "2024-W40" (which sort as text), ids are lower-case
hexadecimal text. Vectors are `(n, d) float32` with rows of unit length unless a docstring says otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]

Progress = Callable[[int, int], None]
"""Called with (done, total) as long work advances."""


def no_progress(done: int, total: int) -> None:
    """Ignore progress."""


class Polarity(StrEnum):
    """What a comment is; rates, alerts and proposals count complaints."""

    COMPLAINT = "complaint"
    PRAISE = "praise"
    REQUEST = "request"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Market:
    """A configured country or region."""

    code: str
    name: str
    languages: tuple[str, ...]
    time_zone: str


@dataclass(frozen=True, slots=True)
class Feedback:
    """One customer's text, already redacted."""

    id: str
    source: str
    source_id: str
    revision: str
    market: str
    created_at: datetime
    week: str
    language: str
    text: str
    text_hash: str
    rating: float | None = None
    channel: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)
    source_url: str = ""


@dataclass(frozen=True, slots=True)
class Unit:
    """A span of a feedback text that can belong to one theme; for now the whole text."""

    id: str
    feedback_id: str
    start: int
    end: int
    text_hash: str


@dataclass(frozen=True, slots=True)
class Assignment:
    """A unit belongs to a theme, or to none (`theme_id` is None), with the score that decided it."""

    unit_id: str
    theme_id: str | None
    score: float
    nearest_theme_id: str | None
    polarity: Polarity
    polarity_method: str
    method: str = "machine"
    polarity_score: float | None = None


@dataclass(frozen=True, slots=True)
class Quote:
    """A verbatim span of one stored feedback text."""

    feedback_id: str
    start: int
    end: int
    text: str
    language: str
    market: str


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with its interval; `None` bounds mean that the data cannot say."""

    value: float
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Stamp:
    """Who writes, and when; on every write to the store."""

    actor: str
    at: datetime
