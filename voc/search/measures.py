"""How good a ranking is against judged documents, and how long it took: pure functions of ids, grades and seconds."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

import numpy as np


@dataclass(frozen=True, slots=True)
class Quality:
    """Means over the `queries` that have a relevant document; `without_relevant` others were left out.

    `ndcg_10` looks at the first 10 documents, `recall_10` and `recall_100` at the first 10 and 100, `mrr` (mean
    reciprocal rank) at all that were ranked. Each is between 0 and 1.

    Source: depths of 10 and 100 as in BEIR (Thakur et al., NeurIPS Datasets and Benchmarks 2021).
    """

    queries: int
    without_relevant: int
    ndcg_10: float
    recall_10: float
    recall_100: float
    mrr: float


@dataclass(frozen=True, slots=True)
class Latency:
    """Milliseconds within which 50, 95 and 99 of 100 calls were done."""

    p50_ms: float
    p95_ms: float
    p99_ms: float


def ndcg(ranked: Sequence[str], relevant: Mapping[str, float], *, depth: int) -> float:
    """Return the normalised discounted cumulative gain of the first `depth` documents; 0 where none is relevant.

    The gain is the grade as given, divided by log2(rank + 1); the best order of all judged documents, cut at `depth`,
    has 1. A document without a grade, or with one of 0 or less, gains nothing.

    Args:
        ranked: ids of documents, the best first.
        relevant: grades of the judged documents by id.
        depth: how many documents of the ranking count, at least 1.

    Raises:
        ValueError: `depth` is below 1 or a document is ranked twice.

    Source: Järvelin and Kekäläinen, ACM TOIS 20 (2002), with the discount of `ndcg_cut` in trec_eval.
    """
    found = _discounted([relevant.get(one, 0.0) for one in _first(ranked, depth)])
    best = _discounted(sorted(relevant.values(), reverse=True)[:depth])
    return min(1.0, found / best) if best else 0.0


def recall(ranked: Sequence[str], relevant: Mapping[str, float], *, depth: int) -> float:
    """Return the share of the relevant documents that are among the first `depth`; 0 where none is relevant.

    Args:
        ranked: ids of documents, the best first.
        relevant: grades of the judged documents by id; above 0 is relevant.
        depth: how many documents of the ranking count, at least 1.

    Raises:
        ValueError: `depth` is below 1 or a document is ranked twice.

    Source: `recall` in trec_eval.
    """
    wanted, first = _relevant(relevant), _first(ranked, depth)
    return len(wanted.intersection(first)) / len(wanted) if wanted else 0.0


def reciprocal_rank(ranked: Sequence[str], relevant: Mapping[str, float]) -> float:
    """Return 1 divided by the rank of the first relevant document (grade above 0); 0 where none was ranked.

    Source: Voorhees, TREC-8 question answering track (1999); `recip_rank` in trec_eval.
    """
    wanted = _relevant(relevant)
    return next((1 / rank for rank, one in enumerate(ranked, start=1) if one in wanted), 0.0)


def mean_quality(runs: Sequence[tuple[Sequence[str], Mapping[str, float]]]) -> Quality:
    """Return the mean measures of queries, each given by its ranking and the grades of its judged documents.

    A query without a relevant document is left out and counted; one whose ranking is empty counts with 0.

    Raises:
        ValueError: no query has a relevant document, or a document is ranked twice for a query.
    """
    judged = [(ranked, relevant) for ranked, relevant in runs if _relevant(relevant)]
    if not judged:
        raise ValueError(f"None of {len(runs)} queries has a relevant document; at least one is needed for a mean.")
    return Quality(
        queries=len(judged),
        without_relevant=len(runs) - len(judged),
        ndcg_10=fmean(ndcg(ranked, relevant, depth=10) for ranked, relevant in judged),
        recall_10=fmean(recall(ranked, relevant, depth=10) for ranked, relevant in judged),
        recall_100=fmean(recall(ranked, relevant, depth=100) for ranked, relevant in judged),
        mrr=fmean(reciprocal_rank(ranked, relevant) for ranked, relevant in judged),
    )


def latency(seconds: Sequence[float]) -> Latency:
    """Return the percentiles, in milliseconds, of how many seconds each call took.

    Raises:
        ValueError: there is no call.

    Source: numpy's linear interpolation between neighbours, type 7 of Hyndman and Fan, American Statistician 50 (1996).
    """
    if not len(seconds):
        raise ValueError("There are no seconds; the time of at least one call is needed for percentiles.")
    p50, p95, p99 = (float(one) * 1000 for one in np.percentile(seconds, (50, 95, 99)))
    return Latency(p50, p95, p99)


def _first(ranked: Sequence[str], depth: int) -> Sequence[str]:
    if depth < 1:
        raise ValueError(f"The depth is {depth}; at least 1 document must count.")
    if len(set(ranked)) < len(ranked):
        raise ValueError(f"{len(ranked)} documents are ranked, {len(set(ranked))} different ones; rank each once.")
    return ranked[:depth]


def _relevant(relevant: Mapping[str, float]) -> set[str]:
    return {one for one, grade in relevant.items() if grade > 0}


def _discounted(grades: Sequence[float]) -> float:
    return math.fsum(grade / math.log2(rank + 1) for rank, grade in enumerate(grades, start=1) if grade > 0)
