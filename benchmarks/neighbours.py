"""The nearest rows of every row, as a fit and a weekly update ask for them, beside the flat index of FAISS.

Usage: python benchmarks/neighbours.py [--quick] [--check] [--rows N ...]

Rows are unit vectors of 128 dimensions round 60 middles, made by chance: every way looks at every pair, so that what
the rows mean changes nothing. FAISS is asked for one more, which is the row itself, once for all rows with its own
threads, and once by one thread for every thousand rows, which is faster on some processors. The ways take turns, there
and back, because a shared machine changes its pace; all may use every core.

How the ways compare depends on the processor: most of the work is one product, and FAISS brings another OpenBLAS
(0.3.15) than numpy (0.3.31). So the claims, of every size and number of neighbours, are a floor:
- voc takes at most 1.3 times as long as the better of both ways of FAISS;
- at most one place in a thousand differs, and no cosine by more than a hundred-thousandth.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import faiss
import numpy as np
from numpy.typing import NDArray

from voc.index.neighbours import Neighbours, nearest_rows
from voc.themes.space import unit_rows
from voc.types import Vectors

ROWS, QUICK, COUNTS = (20_000, 40_000, 80_000), (5_000, 10_000), (8, 15)
DIM, MIDDLES, NOISE = 128, 60, 0.8
BLOCK = 1024
LONGER, DIFFERENT, APART = 1.3, 0.001, 1e-5

Way = Callable[[Vectors, int], Neighbours]


def made(count: int) -> Vectors:
    """Return unit rows `(count, DIM)` of so many subjects."""
    chance = np.random.default_rng(7)
    middles = unit_rows(chance.normal(size=(MIDDLES, DIM)).astype(np.float32))
    noise = chance.normal(size=(count, DIM)).astype(np.float32) * NOISE / np.sqrt(DIM)
    return unit_rows(middles[chance.integers(MIDDLES, size=count)] + noise)


def by_threads_of_faiss(rows: Vectors, count: int) -> Neighbours:
    """Return the same by one question to the exhaustive search of FAISS."""
    faiss.omp_set_num_threads(os.cpu_count() or 1)
    index = faiss.IndexFlatIP(rows.shape[1])
    index.add(rows)
    cosines, places = index.search(rows, count + 1)
    return others_of(places, cosines, 0)


def by_a_thread_a_block(rows: Vectors, count: int) -> Neighbours:
    """Return the same by a question for every thousand rows, each answered by one thread."""
    index = faiss.IndexFlatIP(rows.shape[1])
    index.add(rows)

    def block(start: int) -> Neighbours:
        faiss.omp_set_num_threads(1)
        cosines, places = index.search(rows[start : start + BLOCK], count + 1)
        return others_of(places, cosines, start)

    with ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as pool:
        found = list(pool.map(block, range(0, len(rows), BLOCK)))
    return Neighbours(np.concatenate([one.places for one in found]), np.concatenate([one.cosines for one in found]))


def others_of(places: NDArray[np.int64], cosines: Vectors, start: int) -> Neighbours:
    """Leave each row itself out; where twins took its place, the last."""
    others = places != np.arange(start, start + len(places))[:, None]
    others[others.all(axis=1), -1] = False
    shape = (len(places), places.shape[1] - 1)
    return Neighbours(places[others].reshape(shape), cosines[others].reshape(shape))


WAYS: dict[str, Way] = {
    "voc_s": nearest_rows,
    "faiss_threads_s": by_threads_of_faiss,
    "faiss_blocks_s": by_a_thread_a_block,
}


def measured(size: int, count: int) -> dict[str, float]:
    """Return the mean seconds of each way in turns, and how far the answers of voc and FAISS differ."""
    rows = made(size)
    found: dict[str, float] = {"rows": size, "k": count}
    answers = {}
    for name in [*WAYS, *reversed(WAYS)]:
        start = time.perf_counter()
        answers[name] = WAYS[name](rows, count)
        found[name] = found.get(name, 0.0) + (time.perf_counter() - start) / 2
    ours, theirs = answers["voc_s"], answers["faiss_blocks_s"]
    found["longer"] = found["voc_s"] / min(found["faiss_threads_s"], found["faiss_blocks_s"])
    found["different"] = float(np.mean(ours.places != theirs.places))
    found["apart"] = float(np.abs(ours.cosines - theirs.cosines).max())
    return found


def shortfalls(found: list[dict[str, float]]) -> list[str]:
    """Return the claims that did not hold."""
    short = []
    for one in found:
        of = f"{one['rows']:,} rows, k {one['k']}"
        if one["longer"] > LONGER:
            short.append(f"{of}: {one['longer']:.2f} times as long as FAISS; claimed at most {LONGER}")
        if one["different"] > DIFFERENT or one["apart"] > APART:
            short.append(f"{of}: {one['different']:.5f} of places differ, cosines by up to {one['apart']:.1e}")
    return short


def main() -> int:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="5,000 and 10,000 rows")
    parser.add_argument("--check", action="store_true", help="exit with 1 and name each claim that fell short")
    parser.add_argument("--rows", type=int, nargs="+", help="numbers of rows")
    chosen = parser.parse_args()
    print(f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}\n")
    print(
        "| rows | k | voc, seconds | FAISS, its threads | FAISS, by blocks | voc to the better | places that differ |"
    )
    print("|--:|--:|--:|--:|--:|--:|--:|")
    found = []
    for size in chosen.rows or (QUICK if chosen.quick else ROWS):
        for count in COUNTS:
            found.append(one := measured(size, count))
            seconds = " | ".join(f"{one[name]:.2f}" for name in WAYS)
            print(f"| {size:,} | {count} | {seconds} | {one['longer']:.2f} | {one['different']:.5%} |", flush=True)
    print("\n" + json.dumps(found))
    short = shortfalls(found)
    for line in short:
        print(f"FELL SHORT: {line}")
    return 1 if short and chosen.check else 0


if __name__ == "__main__":
    sys.exit(main())
