"""How vectors are searched: whole while they are few, by codes of one bit a dimension with exact cosines after."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, Protocol

import numpy as np

from voc.index.keys import Rows
from voc.types import Vectors

FLAT_UP_TO: Final = 50_000
"""Rows up to which every vector is compared. Source: benchmarks/search.py; 50,000 take 4 ms on one thread."""

EXACT_UP_TO: Final = 50_000
"""Rows that passed a filter up to which each is compared, in any tier."""

RERANK: Final = 800
"""Least rows whose exact cosine is taken after the codes. Source: recall@10 on 1,000,000 real vectors repeated with
noise is .968 with 100, .989 with 400 and .9955 with 800, each within a millisecond (benchmarks/search.py)."""

_EVERY: Final = 10
"""Of how many vectors one is trained on: training finds their centre only."""

Take = Callable[[Rows], Vectors]
"""Returns the exact vectors `(n, d)` of rows."""


class Tier(StrEnum):
    """How a generation searches its vectors."""

    FLAT = "flat"
    CODES = "codes"


class Dense(Protocol):
    """Finds the rows nearest to a unit query `(d,)`."""

    def nearest(self, query: Vectors, *, limit: int, among: Rows | None = None) -> tuple[Rows, Vectors]:
        """Return rows and cosines, nearest first, equal ones by row; `among` is ascending."""
        ...


def tier_for(rows: int) -> Tier:
    """Return the tier of so many rows."""
    return Tier.FLAT if rows <= FLAT_UP_TO else Tier.CODES


@dataclass(frozen=True)
class Flat:
    """Every vector is compared: exact."""

    index: Any

    def nearest(self, query: Vectors, *, limit: int, among: Rows | None = None) -> tuple[Rows, Vectors]:
        """Return rows and cosines, nearest first, equal ones by row; `among` is ascending."""
        import faiss

        count = min(limit, int(self.index.ntotal) if among is None else len(among))
        if not count:
            return _nothing()
        params = None
        if among is not None and len(among) < self.index.ntotal:
            params = faiss.SearchParameters(sel=_selector(among, int(self.index.ntotal)))  # type: ignore[call-arg]
        cosines, rows = self.index.search(_one(query), count, params=params)
        return _ordered(rows[0].astype(np.int64), cosines[0])


@dataclass(frozen=True)
class Codes:
    """Codes choose, exact cosines decide.

    `fast` is the form for all rows, `plain` the one that can be told which rows count. Unit vectors are compared by
    Euclidean distance, which orders them as the cosine does and, unlike it, does not suffer from the centring inside.
    Source: Gao & Long 2024, RaBitQ; FAISS (Douze et al., arXiv 2401.08281).
    """

    fast: Any
    plain: Any
    take: Take
    rerank: int = RERANK

    def nearest(self, query: Vectors, *, limit: int, among: Rows | None = None) -> tuple[Rows, Vectors]:
        """Return rows and cosines, nearest first, equal ones by row; `among` is ascending.

        Exact among up to `EXACT_UP_TO` rows; above, what the codes let through is put in exact order.
        """
        import faiss

        total = int(self.plain.ntotal)
        if among is not None and len(among) <= max(EXACT_UP_TO, limit):
            rows = among
        elif not total:
            return _nothing()
        else:
            count = min(max(2 * limit, self.rerank), total)
            if among is None:
                _, found = self.fast.search(_one(query), count)
            else:
                params = faiss.RaBitQSearchParameters(sel=_selector(among, total))  # type: ignore[call-arg]
                _, found = self.plain.search(_one(query), count, params=params)
            rows = np.sort(found[0][found[0] >= 0]).astype(np.int64)
        if not len(rows):
            return _nothing()
        rows, cosines = _ordered(rows, _cosines(self.take, rows, query))
        return rows[:limit], cosines[:limit]


def write_tier(tier: Tier, dim: int, chunks: Callable[[], Iterable[Vectors]]) -> dict[str, Any]:
    """Return the FAISS indexes of a tier over unit vectors `(n, d) float32`, by the name of their file.

    `chunks` gives the vectors piece by piece, as often as it is asked.
    """
    import faiss

    if tier is Tier.FLAT:
        flat = faiss.IndexFlatIP(dim)
        for vectors in chunks():
            flat.add(np.ascontiguousarray(vectors))
        return {"vectors.faiss": flat}
    made: dict[str, Any] = {
        "fast.faiss": faiss.IndexRaBitQFastScan(dim, faiss.METRIC_L2),
        "codes.faiss": faiss.IndexRaBitQ(dim, faiss.METRIC_L2),
    }
    sample = np.concatenate([np.zeros((0, dim), np.float32), *(vectors[::_EVERY] for vectors in chunks())])
    for index in made.values():
        index.train(np.ascontiguousarray(sample))
    for vectors in chunks():
        for index in made.values():
            index.add(np.ascontiguousarray(vectors))
    return made


def open_tier(tier: Tier, indexes: Mapping[str, Any], take: Take) -> Dense:
    """Return what searches the FAISS indexes of a tier."""
    if tier is Tier.FLAT:
        return Flat(indexes["vectors.faiss"])
    return Codes(indexes["fast.faiss"], indexes["codes.faiss"], take)


def _selector(among: Rows, total: int) -> Any:  # noqa: ANN401  FAISS has no types here
    """Return a selector of rows."""
    import faiss

    inside = np.zeros(total, bool)
    inside[among] = True
    bits = np.packbits(inside, bitorder="little")
    return faiss.IDSelectorBitmap(bits)  # type: ignore[call-arg, arg-type]


def _cosines(take: Take, rows: Rows, query: Vectors) -> Vectors:
    step = FLAT_UP_TO
    parts = [take(rows[start : start + step]) @ query for start in range(0, len(rows), step)]
    return np.concatenate(parts).astype(np.float32)


def _one(query: Vectors) -> Vectors:
    return np.ascontiguousarray(query[None, :], dtype=np.float32)


def _nothing() -> tuple[Rows, Vectors]:
    return np.zeros(0, np.int64), np.zeros(0, np.float32)


def _ordered(rows: Rows, cosines: Vectors) -> tuple[Rows, Vectors]:
    order = np.lexsort((rows, -cosines))
    return rows[order], cosines[order]
