"""A whole store of comments, searched as people search it."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from parts.hall import ASKED, MODEL, ROUNDS, SHARES, STAMP, Real, exact, repeated
from parts.timing import DIM, TOP, percentiles, recall, timed
from voc.embed.vectors import VectorFiles, append
from voc.index.snapshot import Snapshot
from voc.ingest.identity import text_hash
from voc.search.desk import SearchDesk
from voc.search.find import Page
from voc.search.fuse import Mode
from voc.search.upkeep import Holdings, Reader
from voc.store import batches, feedback
from voc.store.batches import Batch, Tally
from voc.store.database import Database, open_database
from voc.store.feedback import NewFeedback
from voc.store.filters import Filter
from voc.types import Feedback, Progress, Vectors, no_progress
from voc.weeks import week_of


class Ready:
    """An encoder that gives vectors which were made before."""

    model_id, dim = MODEL, DIM

    def __init__(self, texts: Sequence[str], vectors: Vectors) -> None:
        self._known = dict(zip(texts, vectors, strict=True))

    def encode(self, texts: Sequence[str], *, progress: Progress = no_progress) -> Vectors:
        """Return vectors `(n, d)` of texts."""
        return np.stack([self._known[text] for text in texts])

    def encode_questions(self, texts: Sequence[str]) -> Vectors:
        """Return the same."""
        return self.encode(texts)


def store_of(known: Real, count: int, folder: Path) -> tuple[Database, VectorFiles]:
    """Write a store of comments, each with its own text and vector; channels let shares of them through."""
    database, files = open_database(f"sqlite:///{folder / 'store.sqlite'}"), VectorFiles(folder / "vectors")
    vectors = repeated(known.vectors, count, folder / "made.f32")
    chance = np.random.default_rng(3).random(count)
    batch = Batch("b", "feedback", "f", "", "")
    with database.write() as connection:
        batches.begin(connection, STAMP, batch)
    for start in range(0, count, 10_000):
        rows = [_comment(known, row, float(chance[row])) for row in range(start, min(start + 10_000, count))]
        with database.write() as connection:
            feedback.add(connection, STAMP, [NewFeedback(one) for one in rows], batch_id="b")
        hashes = [one.text_hash for one in rows]
        append(
            database,
            files,
            np.asarray(vectors[start : start + len(rows)]),
            model_id=MODEL,
            text_hashes=hashes,
            stamp=STAMP,
        )
    with database.write() as connection:
        batches.tally(connection, "b", counts=Tally(count, count))
        connection.exec_driver_sql("delete from undecided")
    return database, files


def _comment(known: Real, row: int, chance: float) -> Feedback:
    place, turn = row % len(known.texts), row // len(known.texts)
    text = f"{known.texts[place]} {turn}" if turn else known.texts[place]
    moment = datetime(2023, 1, 2, 12, tzinfo=UTC) + timedelta(days=row % 700)
    channel = next((name for name, share in sorted(SHARES.items(), key=lambda one: one[1]) if chance < share), "rest")
    identity = f"{row:032x}"
    return Feedback(
        identity,
        "s",
        identity,
        "",
        ("US", "DE", "FR")[row % 3],
        moment,
        week_of(moment, "UTC"),
        known.languages[place],
        text,
        text_hash(text),
        float(1 + row % 5),
        channel,
    )


def whole_search(known: Real, count: int) -> dict[str, Any]:
    """Return the milliseconds of whole searches over a store, and recall and violations of filters."""
    import faiss

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        database, files = store_of(known, count, folder)
        holdings = Holdings(database, files, folder / "index", MODEL, DIM)
        start = time.perf_counter()
        holdings.build()
        built = time.perf_counter() - start
        reader = Reader(holdings)
        desk = SearchDesk(database, reader, Ready(known.asked, known.questions), "en")
        snapshot = reader.now().snapshot
        ask = lambda text: desk.search(text, Page())  # noqa: E731
        timed(ask, known.asked[:20])
        rounds = [percentiles(timed(ask, known.asked[:ASKED])) for _ in range(ROUNDS)]
        flat = faiss.IndexFlatIP(DIM)
        for at in range(0, count, 50_000):
            flat.add(snapshot.base.take(np.arange(at, min(at + 50_000, count))))
        compared = percentiles(timed(lambda query: flat.search(query[None], TOP), known.questions[:50]))
        filtered = {share: _filtered(known, desk, database, snapshot, share) for share in SHARES}
        database.close()
    return {
        "comments": count,
        "build_minutes": built / 60,
        "whole": {key: float(np.median([one[key] for one in rounds])) for key in rounds[0]},
        "flat": compared,
        "filtered": filtered,
    }


def _filtered(known: Real, desk: SearchDesk, database: Database, snapshot: Snapshot, share: str) -> dict[str, float]:
    """Return recall, violations and milliseconds of searches by meaning through a filter."""
    channels = tuple(name for name, part in SHARES.items() if part <= SHARES[share])
    wanted = Filter(channels=channels)
    with database.read() as connection:
        hashes = connection.exec_driver_sql(
            "select u.text_hash from unit u join feedback f on f.id = u.feedback_id "
            f"where f.channel in {(*channels, '')}"
        ).scalars()
        inside = snapshot.base.keys.rows(list(hashes)).tolist()
    asked = known.asked[:50]
    questions = np.stack([snapshot.base.space.place_question(one) for one in known.questions[:50]])
    right = exact(snapshot, known.vectors, questions, inside)
    found, violations, taken = [], 0, []
    for text in asked:
        start = time.perf_counter()
        page = desk.search(text, Page(TOP, wanted), mode=Mode.DENSE)
        taken.append(1000 * (time.perf_counter() - start))
        violations += sum(hit.feedback.channel not in channels for hit in page.hits)
        found.append(snapshot.base.keys.rows([hit.feedback.text_hash for hit in page.hits]).tolist())
    hybrid = timed(lambda text: desk.search(text, Page(TOP, wanted)), asked)
    return {
        "passing": len(inside),
        "recall": recall(found, right),
        "violations": violations,
        **percentiles(taken),
        "hybrid_p99_ms": percentiles(hybrid)["p99_ms"],
    }
