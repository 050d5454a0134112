"""Milliseconds of single calls, and the share of the nearest that were found."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

DIM, TOP = 384, 10


def timed(act: Callable[[Any], object], questions: Sequence[Any]) -> list[float]:
    """Return the milliseconds of each call."""
    found = []
    for question in questions:
        start = time.perf_counter()
        act(question)
        found.append(1000 * (time.perf_counter() - start))
    return found


def percentiles(found: Sequence[float]) -> dict[str, float]:
    """Return p50 and p99."""
    return {"p50_ms": float(np.percentile(found, 50)), "p99_ms": float(np.percentile(found, 99))}


def recall(found: Sequence[Sequence[int]], wanted: Sequence[set[int]]) -> float:
    """Return the mean share of the nearest that were found."""
    return float(
        np.mean([len(set(one) & right) / max(len(right), 1) for one, right in zip(found, wanted, strict=True)])
    )
