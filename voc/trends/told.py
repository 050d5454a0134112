"""Which counts may be told to who sees no single comments: none of fewer than k, and none that others give away."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import TypeVar

K = TypeVar("K", bound=Hashable)


def untold(counts: Mapping[K, int], k: int) -> frozenset[K]:
    """Return the parts of a told whole whose counts are not told: small ones and, where these would be, larger ones.

    Whoever knows the whole can subtract what is told: so while the hidden parts are together fewer than k, the next
    larger is hidden too. Parts without comments have nothing to hide.

    Source: Hundepool et al., Statistical Disclosure Control, 2012, on minimum frequency and secondary suppression.
    """
    some = sorted((count, place) for place, count in enumerate(counts.values()) if count)
    names = list(counts)
    hidden = [one for one in some if one[0] < k]
    larger = some[len(hidden) :]
    while hidden and larger and sum(count for count, _ in hidden) < k:
        hidden.append(larger.pop(0))
    return frozenset(names[place] for _, place in hidden)


def told(count: int | None, k: int) -> int | None:
    """Return a count that may be told: none at all, or of k or more."""
    return None if count is None or 0 < count < k else count


def rest_told(part: int | None, whole: int | None, k: int) -> int | None:
    """Return a part of a told whole, None where the part or what is left of the whole is too small to be told."""
    kept = told(part, k)
    return None if kept is None or whole is None or 0 < whole - kept < k else kept


def series_untold(series: Mapping[K, Sequence[int]], k: int) -> Mapping[K, frozenset[int]]:
    """Return, for each part, the places of its weeks that are not told, each week being a whole of its parts."""
    weeks = max((len(one) for one in series.values()), default=0)
    hidden = [untold({name: one[week] for name, one in series.items()}, k) for week in range(weeks)]
    return {name: frozenset(week for week in range(weeks) if name in hidden[week]) for name in series}
