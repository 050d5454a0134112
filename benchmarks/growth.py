"""Does a weekly update cost what the week brings, whatever lies in the past? Stores of growing history, one new week.

Usage: python benchmarks/growth.py [--quick] [--check] [--history N ...]

Each store holds weeks of 2,000 comments up to the size of its history: synthetic vectors of 40 subjects, written in
bulk as past runs would have left them, themes fitted on the first 10,000. Then weeks of 2,000 new comments are brought
in one after the other, and their updates timed, the first left out: fold copies, find what to embed and keep its
vectors, assign, discover, match, write. Encoding takes the same time for every history and is left out; so are imports.
Printed beside and not claimed: reading the counts of a report, which looks at up to five years.

Claim: the update at the largest history takes at most 1.5 times as long as at the smallest (10,000 and 1,000,000;
--quick goes to 100,000).
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import insert

from voc.embed.pending import embed_pending
from voc.embed.vectors import VectorFiles, append, load_vectors
from voc.index.neighbours import nearest_rows
from voc.ingest.fold import fold
from voc.store import batches, feedback, runs, schema, themes
from voc.store.batches import Batch
from voc.store.database import Database, open_database
from voc.store.feedback import NewFeedback
from voc.themes.centroids import Centroids, nearest
from voc.themes.decide import Sources
from voc.themes.space import from_bytes, unit_rows
from voc.themes.update import ThemeConfig, update_themes
from voc.trends.read import read_week
from voc.types import Feedback, Stamp
from voc.weeks import week_of

RATIO = 1.5
A_WEEK, FITTED, DIM, SUBJECTS, TURNS = 2000, 10_000, 384, 40, 5
HISTORIES, QUICK = (10_000, 100_000, 1_000_000), (10_000, 100_000)
MODEL = "synthetic"
STAMP = Stamp("benchmark", datetime(2024, 1, 1, tzinfo=UTC))
MONDAY = datetime(2010, 1, 4, 12, tzinfo=UTC)
WORDS = [f"{head}{tail}" for head in "bdfgklmnprst" for tail in ("ab", "el", "in", "or", "us", "am")]


@dataclass
class Made:
    """A store in the making: its files, and the generator that all chance comes from."""

    database: Database
    files: VectorFiles
    chance: np.random.Generator
    middles: NDArray[np.float32]

    def week(self, number: int) -> tuple[list[Feedback], NDArray[np.float32]]:
        """Return the comments of a week and their vectors `(n, d)`."""
        subjects = self.chance.integers(SUBJECTS, size=A_WEEK)
        noise = self.chance.normal(size=(A_WEEK, DIM)).astype(np.float32)
        vectors = unit_rows(self.middles[subjects] + 0.8 / np.sqrt(DIM) * noise)
        words = self.chance.integers(len(WORDS), size=(A_WEEK, 16))
        moment = MONDAY + timedelta(weeks=number)
        name = week_of(moment, "UTC")
        rows = []
        for place in range(A_WEEK):
            text = " ".join(WORDS[word] for word in words[place])
            one = f"{number:05d}{place:06d}".rjust(32, "0")
            market, rating = ("US", "DE", "FR")[place % 3], float(1 + place % 5)
            rows.append(Feedback(one, "s", one, "", market, moment, name, "en", text, one, rating))
        return rows, vectors


class Ready:
    """An encoder that gives vectors which were made before."""

    model_id = MODEL
    dim = DIM

    def __init__(self, rows: Sequence[Feedback], vectors: NDArray[np.float32]) -> None:
        self._known = {row.text: vector for row, vector in zip(rows, vectors, strict=True)}

    def encode(self, texts: Sequence[str], *, progress: object = None) -> NDArray[np.float32]:
        """Return vectors `(n, d)` of texts."""
        return np.stack([self._known[text] for text in texts])


def sources_of(made: Made) -> Sources:
    """Return where themes take vectors and neighbours from."""
    return Sources(
        MODEL, lambda hashes: load_vectors(made.database, made.files, hashes, model_id=MODEL, dim=DIM), nearest_rows
    )


def bring(made: Made, number: int) -> tuple[str, Ready]:
    """Ingest a week, and return its name and what will encode it."""
    rows, vectors = made.week(number)
    with made.database.write() as connection:
        feedback.add(connection, STAMP, [NewFeedback(row) for row in rows], batch_id="b")
        runs.start(
            connection, STAMP, run_id=rows[0].week, pipeline="weekly", week=rows[0].week, config_hash="", manifest={}
        )
    return rows[0].week, Ready(rows, vectors)


def update(made: Made, week: str, ready: Ready) -> dict[str, float]:
    """Bring themes up to a week and return the seconds of each part."""
    start = time.perf_counter()
    fold(made.database, week=week, quotas={}, stamp=STAMP)
    folded = time.perf_counter()
    embed_pending(made.database, made.files, ready, stamp=lambda: STAMP)
    kept = time.perf_counter()
    update_themes(made.database, sources_of(made), week=week, config=ThemeConfig(), stamp=STAMP, run_id=week)
    end = time.perf_counter()
    return {"fold": folded - start, "vectors": kept - folded, "themes": end - kept, "update": end - start}


def past(made: Made, first: int, last: int) -> None:
    """Write weeks in bulk, assigned as past runs would have done."""
    with made.database.read() as connection:
        fit = themes.newest_fit(connection, model_id=MODEL)
        known = themes.of_fit(connection, fit_id=fit.id)
    space = from_bytes(fit.space)
    centroids = Centroids(np.stack([one.centroid for one in known]), np.array([one.threshold for one in known]))
    for number in range(first, last):
        rows, vectors = made.week(number)
        append(made.database, made.files, vectors, model_id=MODEL, text_hashes=[one.id for one in rows], stamp=STAMP)
        near = nearest(space.place(vectors, ["en"] * len(rows)), centroids)
        with made.database.write() as connection:
            feedback.add(connection, STAMP, [NewFeedback(row) for row in rows], batch_id="b")
            connection.execute(schema.undecided.delete())
            connection.execute(
                insert(schema.assignment),
                [
                    {
                        "unit_id": f"{row.id}:0-{len(row.text)}",
                        "theme_id": known[int(near.theme[place])].id if near.belongs[place] else None,
                        "score": float(near.score[place]),
                        "nearest_theme_id": known[int(near.theme[place])].id,
                        "polarity": "complaint" if place % 5 < 2 else "praise",
                        "polarity_method": "rating",
                        "run_id": "history",
                        "actor": "benchmark",
                        "at": "2024-01-01T00:00:00.000000Z",
                        "method": "machine",
                    }
                    for place, row in enumerate(rows)
                ],
            )
            for theme in known:
                size = int((near.theme == known.index(theme)).sum())
                event = themes.ThemeEvent(theme.id, "continued", rows[0].week, size)
                themes.record(connection, STAMP, [event], run_id="history")


def measure(history: int, folder: Path) -> dict[str, float]:
    """Return the median seconds of each part of an update on so much history."""
    chance = np.random.default_rng(0)
    middles = unit_rows(chance.normal(size=(SUBJECTS, DIM)).astype(np.float32))
    made = Made(open_database(f"sqlite:///{folder / 'store.sqlite'}"), VectorFiles(folder / "vectors"), chance, middles)
    with made.database.write() as connection:
        batches.begin(connection, STAMP, Batch("b", "feedback", "f", "", ""))
        runs.start(connection, STAMP, run_id="history", pipeline="weekly", week="", config_hash="", manifest={})
    start = time.perf_counter()
    weeks = FITTED // A_WEEK
    for number in range(weeks):
        week, ready = bring(made, number)
        embed_pending(made.database, made.files, ready, stamp=lambda: STAMP)
    update(made, week, ready)
    past(made, weeks, history // A_WEEK)
    print(f"  {history:,} comments written in {time.perf_counter() - start:.0f} s", flush=True)
    turns = [update(made, *bring(made, history // A_WEEK + turn)) for turn in range(TURNS + 1)][1:]
    found = {part: statistics.median(turn[part] for turn in turns) for part in turns[0]}
    start = time.perf_counter()
    last = week_of(MONDAY + timedelta(weeks=history // A_WEEK + TURNS), "UTC")
    read_week(made.database, last, markets=("US", "DE", "FR"), baseline_weeks=8)
    found["counts"] = time.perf_counter() - start
    made.database.close()
    return found


def table(results: dict[int, dict[str, float]]) -> Iterator[str]:
    """Yield the lines of a Markdown table."""
    parts = list(next(iter(results.values())))
    yield f"| history | {' | '.join(parts)} |"
    yield f"|--:|{'--:|' * len(parts)}"
    for history, found in results.items():
        yield f"| {history:,} | {' | '.join(f'{found[part]:.2f}' for part in parts)} |"


def main() -> int:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="up to 100,000 comments of history")
    parser.add_argument("--check", action="store_true", help="exit with 1 and name each claim that fell short")
    parser.add_argument("--history", type=int, nargs="+", help="sizes of history in comments, multiples of 2,000")
    chosen = parser.parse_args()
    results: dict[int, dict[str, float]] = {}
    for history in chosen.history or (QUICK if chosen.quick else HISTORIES):
        with tempfile.TemporaryDirectory(prefix="voc-growth-") as folder:
            results[history] = measure(history, Path(folder))
    print(f"\nSeconds of an update with {A_WEEK:,} new comments, median of {TURNS}; 'counts' is not part of it:\n")
    print("\n".join(table(results)))
    smallest, largest = min(results), max(results)
    ratio = results[largest]["update"] / results[smallest]["update"]
    print(f"\n{largest:,} against {smallest:,} of history: {ratio:.2f} times")
    print(json.dumps({"ratio": ratio, "seconds": results}))
    if ratio > RATIO:
        print(f"FELL SHORT: the update takes {ratio:.2f} times as long; claimed at most {RATIO}")
    return 1 if ratio > RATIO and chosen.check else 0


if __name__ == "__main__":
    sys.exit(main())
