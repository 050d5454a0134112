"""Search at size: real vectors repeated with noise, compared exactly and by peers; and a whole store of comments."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from parts.answers import LANGUAGES, Place, banking77, xquad
from parts.sets import READERS, read_set
from voc.embed.vectors import VectorFiles, append
from voc.index.generation import Source, build, open_named, pointer
from voc.index.snapshot import Snapshot, make_delta
from voc.ingest.identity import clean, text_hash
from voc.search.desk import SearchDesk
from voc.search.find import Page
from voc.search.fuse import Mode
from voc.search.question import LONGEST
from voc.search.upkeep import Holdings, Reader
from voc.store import batches, feedback
from voc.store.batches import Batch, Tally
from voc.store.database import Database, open_database
from voc.store.feedback import NewFeedback
from voc.store.filters import Filter
from voc.types import Feedback, Progress, Stamp, Vectors, no_progress
from voc.weeks import week_of

DIM, NOISE, TOP = 384, 0.2, 10
SIZES, QUICK_SIZES = (100_000, 1_000_000), (20_000,)
COMMENTS, QUICK_COMMENTS = 300_000, 20_000
ASKED, HELD_OUT, ROUNDS = 200, 300, 5
VECTOR_MS, RECALL, WHOLE_MS = 10.0, 0.99, 50.0
SHARES = {"50 %": 0.5, "10 %": 0.1, "1 %": 0.01, "0.1 %": 0.001}
STAMP = Stamp("benchmark", datetime(2024, 1, 1, tzinfo=UTC))
MODEL = "benchmark"


@dataclass(frozen=True)
class Real:
    """Real texts with vectors `(n, d)` and languages, and held-out questions."""

    texts: tuple[str, ...]
    languages: tuple[str, ...]
    vectors: Vectors
    asked: tuple[str, ...]
    questions: Vectors


def real(place: Place) -> Real:
    """Return the labelled sets and reviews together; questions are texts left out, and questions of XQuAD."""
    sets = [read_set(name, place.data, place.encoder, place.cache) for name in READERS]
    texts = [text for one in sets for text in one.texts]
    languages = [language for one in sets for language in one.languages]
    vectors = np.concatenate([one.vectors for one in sets])
    order = np.random.default_rng(0).permutation(len(texts))
    out, kept = order[:HELD_OUT], order[HELD_OUT:]
    beside = [xquad(place, language, language).questions for language in LANGUAGES]
    asked = [texts[row] for row in out] + [text for one in beside for text in one.texts[:10]]
    questions = np.concatenate([vectors[out], *(one.vectors[:10] for one in beside)])
    mixed = np.random.default_rng(1).permutation(len(asked))
    return Real(
        tuple(texts[row] for row in kept),
        tuple(languages[row] for row in kept),
        vectors[kept],
        tuple(clean(asked[row])[:LONGEST].strip() for row in mixed),
        questions[mixed],
    )


def repeated(known: Vectors, count: int, path: Path) -> Vectors:
    """Write so many vectors, the known ones first and then again with noise, and return them as a memory map."""
    chance = np.random.default_rng(2)
    out = np.memmap(path, dtype="<f4", mode="w+", shape=(count, known.shape[1]))
    for start in range(0, count, len(known)):
        piece = known[: count - start].copy()
        if start:
            piece += NOISE / np.sqrt(DIM) * chance.normal(size=piece.shape).astype(np.float32)
            piece /= np.linalg.norm(piece, axis=1, keepdims=True)
        out[start : start + len(piece)] = piece
    out.flush()
    return np.memmap(path, dtype="<f4", mode="r", shape=(count, known.shape[1]))


def index_of(found: Real, vectors: Vectors, root: Path) -> tuple[Snapshot, float]:
    """Build and open an index of repeated texts; return it with the seconds of building."""
    keys = [f"{row:032x}" for row in range(len(vectors))]
    take = lambda places: np.asarray(vectors[places[:, 1]])  # noqa: E731  closes over the vectors
    row = lambda key: int(key, 16)  # noqa: E731
    source = Source(
        MODEL,
        DIM,
        (1, len(keys)),
        {key: (1, place) for place, key in enumerate(keys)},
        take,
        lambda wanted: {
            key: f"{found.texts[row(key) % len(found.texts)]} {row(key) // len(found.texts)}" for key in wanted
        },
        lambda wanted: {key: found.languages[row(key) % len(found.texts)] for key in wanted},
    )
    start = time.perf_counter()
    build(root, source)
    seconds = time.perf_counter() - start
    generation = open_named(root, pointer(root).current, model_id=MODEL, take=take)
    return Snapshot(generation, make_delta({}, np.zeros((0, DIM), np.float32), {})), seconds


def exact(
    snapshot: Snapshot, vectors: Vectors, questions: Vectors, inside: Sequence[int] | None = None
) -> list[set[int]]:
    """Return the nearest rows of each question by comparing every row in the space of search."""
    rows = np.arange(len(vectors)) if inside is None else np.array(sorted(inside))
    best: list[tuple[np.ndarray, np.ndarray]] = []
    for start in range(0, len(rows), 50_000):
        part = rows[start : start + 50_000]
        cosines = snapshot.base.take(part) @ questions.T
        top = np.argsort(-cosines, axis=0, kind="stable")[:TOP]
        best.append((part[top], np.take_along_axis(cosines, top, axis=0)))
    every, values = (np.concatenate([one[side] for one in best]) for side in (0, 1))
    order = np.argsort(-values, axis=0, kind="stable")[:TOP]
    return [set(column.tolist()) for column in np.take_along_axis(every, order, axis=0).T]


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


def vectors_at(known: Real, count: int) -> dict[str, Any]:
    """Return speed, recall and size of the vector part at a number of vectors, with peers on the same vectors."""
    import faiss

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        vectors = repeated(known.vectors, count, folder / "vectors.f32")
        snapshot, seconds = index_of(known, vectors, folder / "index")
        resident = _resident(folder / "index")
        bytes_on_disk = {
            one: sum(
                path.stat().st_size for path in (folder / "index").rglob("*") if path.is_file() and kind(path) == one
            )
            for one in ("codes", "words", "other")
        }
        space = snapshot.base.space
        questions = np.stack([space.place_question(one) for one in known.questions[:ASKED]])
        wanted = exact(snapshot, vectors, questions)
        faiss.omp_set_num_threads(1)
        ours = lambda query: snapshot.base.dense.nearest(query, limit=TOP)[0].tolist()  # noqa: E731
        found = [ours(query) for query in questions]
        rows = {
            f"voc ({snapshot.base.manifest.tier})": {
                **percentiles(timed(ours, questions)),
                "recall": recall(found, wanted),
            }
        }
        rows |= peers(snapshot, count, questions, wanted)
        faiss.omp_set_num_threads(os.cpu_count() or 1)
    return {
        "rows": rows,
        "build_minutes": seconds / 60,
        "bytes_a_vector_on_disk": {one: value / count for one, value in bytes_on_disk.items()},
        "bytes_a_vector_in_memory": resident / count,
    }


def kind(path: Path) -> str:
    """Return what a file of a generation is for."""
    if path.parent.name == "words":
        return "words"
    return "codes" if path.suffix == ".faiss" else "other"


def _resident(root: Path) -> float:
    """Return how much more memory a fresh process holds for its own after opening an index."""
    script = (
        "import re, sys\nfrom pathlib import Path\nimport faiss, tantivy, numpy\n"
        "from voc.index.generation import open_named, pointer\n"
        "own = lambda: int(re.search(r'RssAnon:\\s+(\\d+)', Path('/proc/self/status').read_text())[1]) * 1024\n"
        "root, before = Path(sys.argv[1]), own()\n"
        "opened = open_named(root, pointer(root).current, model_id=sys.argv[2], take=None)\n"
        "print(own() - before)\n"
    )
    done = subprocess.run([sys.executable, "-c", script, str(root), MODEL], capture_output=True, text=True, check=True)
    return float(done.stdout)


def peers(
    snapshot: Snapshot, count: int, questions: Vectors, wanted: Sequence[set[int]]
) -> dict[str, dict[str, float]]:
    """Return speed and recall of FAISS Flat, HNSW, LangChain's store and LanceDB, up to what each can bear."""
    import faiss

    rows = np.arange(count)
    found: dict[str, dict[str, float]] = {}
    whole = np.concatenate([snapshot.base.take(rows[at : at + 50_000]) for at in range(0, count, 50_000)])

    def add(name: str, act: Callable[[Vectors], list[int]], asked: Vectors) -> None:
        hits = [act(query) for query in asked]
        found[name] = {**percentiles(timed(act, asked)), "recall": recall(hits, wanted[: len(asked)])}

    flat = faiss.IndexFlatIP(DIM)
    flat.add(whole)
    add("FAISS Flat", lambda query: flat.search(query[None], TOP)[1][0].tolist(), questions[:50])
    if count <= 100_000:
        graph = faiss.IndexHNSWFlat(DIM, 32, faiss.METRIC_INNER_PRODUCT)
        faiss.omp_set_num_threads(os.cpu_count() or 1)
        graph.add(whole)
        faiss.omp_set_num_threads(1)
        graph.hnsw.efSearch = 64
        add("FAISS HNSW32, ef 64", lambda query: graph.search(query[None], TOP)[1][0].tolist(), questions)
        add("LangChain InMemoryVectorStore", _langchain(whole), questions[:5])
    lance = _lance(whole)
    if lance is not None:
        add("LanceDB IVF_PQ, refined", lance, questions[:50])
    return found


def _langchain(whole: Vectors) -> Callable[[Vectors], list[int]]:
    from langchain_core.embeddings import Embeddings
    from langchain_core.vectorstores import InMemoryVectorStore

    class Given(Embeddings):
        def embed_documents(self, texts: list[str]) -> list[list[float]]:
            return [whole[int(text)].tolist() for text in texts]

        def embed_query(self, text: str) -> list[float]:
            raise NotImplementedError

    store = InMemoryVectorStore(Given())
    store.add_texts([str(row) for row in range(len(whole))])

    def nearest(query: Vectors) -> list[int]:
        return [int(one.page_content) for one in store.similarity_search_by_vector(query.tolist(), k=TOP)]

    return nearest


def _lance(whole: Vectors) -> Callable[[Vectors], list[int]] | None:
    try:
        import lancedb
        import pyarrow as pa
    except ImportError:
        return None
    folder = tempfile.mkdtemp(prefix="lance-")
    values = pa.FixedSizeListArray.from_arrays(pa.array(whole.ravel()), DIM)
    table = lancedb.connect(folder).create_table("t", pa.table({"row": pa.array(range(len(whole))), "vector": values}))
    table.create_index(metric="cosine", num_partitions=256, num_sub_vectors=96)
    return lambda query: [
        int(row) for row in table.search(query).nprobes(32).refine_factor(20).limit(TOP).to_arrow()["row"].to_pylist()
    ]


class Ready:
    """An encoder that gives vectors which were made before."""

    model_id, dim = MODEL, DIM

    def __init__(self, texts: Sequence[str], vectors: Vectors) -> None:
        self._known = dict(zip(texts, vectors, strict=True))

    def encode(self, texts: Sequence[str], *, progress: Progress = no_progress) -> Vectors:
        """Return vectors `(n, d)` of texts."""
        return np.stack([self._known[text] for text in texts])


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


def measure(place: Place, *, quick: bool) -> dict[str, Any]:
    """Return every figure of speed and size."""
    banking77(place)
    known = real(place)
    print(f"  {len(known.texts)} real texts, {len(known.asked)} questions", flush=True)
    whole = whole_search(known, QUICK_COMMENTS if quick else COMMENTS)
    print("  whole searches", flush=True)
    sizes = {}
    for count in QUICK_SIZES if quick else SIZES:
        sizes[f"{count:,}"] = vectors_at(known, count)
        print(f"  {count:,} vectors", flush=True)
    return {"sizes": sizes, "whole": whole}


def table(measured: dict[str, Any]) -> str:
    """Return the tables in Markdown."""
    lines = ["| vectors | one thread, one question at a time | p50 ms | p99 ms | recall@10 |", "|--:|---|--:|--:|--:|"]
    for count, of in measured["sizes"].items():
        for name, one in of["rows"].items():
            lines.append(f"| {count} | {name} | {one['p50_ms']:.2f} | {one['p99_ms']:.2f} | {one['recall']:.4f} |")
    lines += [
        "",
        "| vectors | build, minutes | codes | words | keys, places | memory, bytes a vector |",
        "|--:|--:|--:|--:|--:|--:|",
    ]
    for count, of in measured["sizes"].items():
        disk = " | ".join(f"{of['bytes_a_vector_on_disk'][one]:.0f}" for one in ("codes", "words", "other"))
        lines.append(f"| {count} | {of['build_minutes']:.2f} | {disk} | {of['bytes_a_vector_in_memory']:.0f} |")
    whole = measured["whole"]
    ratio = whole["whole"]["p50_ms"] / whole["flat"]["p50_ms"]
    lines += [
        "",
        f"{whole['comments']:,} comments, whole hybrid search without encoding: p50 {whole['whole']['p50_ms']:.1f} ms, "
        f"p99 {whole['whole']['p99_ms']:.1f} ms; FAISS Flat alone p50 {whole['flat']['p50_ms']:.1f} ms "
        f"(ratio {ratio:.2f}).",
        "",
        "| filter lets through | texts | recall@10 | violations | meaning p50 ms | p99 ms | hybrid p99 ms |",
        "|---|--:|--:|--:|--:|--:|--:|",
    ]
    for share, one in whole["filtered"].items():
        lines.append(
            f"| {share} | {one['passing']:,} | {one['recall']:.4f} | {one['violations']} | {one['p50_ms']:.1f} | "
            f"{one['p99_ms']:.1f} | {one['hybrid_p99_ms']:.1f} |"
        )
    return "\n".join(lines)


def shortfalls(measured: dict[str, Any], *, quick: bool) -> list[str]:
    """Return each claim that fell short, in words."""
    said = []
    for count, of in measured["sizes"].items():
        ours = next(one for name, one in of["rows"].items() if name.startswith("voc"))
        if ours["recall"] < RECALL:
            said.append(f"{count} vectors: recall {ours['recall']:.4f}, wanted {RECALL}")
        if ours["p50_ms"] > VECTOR_MS:
            said.append(f"{count} vectors: p50 {ours['p50_ms']:.1f} ms, wanted {VECTOR_MS:g}")
    whole = measured["whole"]
    if whole["whole"]["p99_ms"] > WHOLE_MS:
        said.append(f"{whole['comments']:,} comments: p99 {whole['whole']['p99_ms']:.0f} ms, wanted {WHOLE_MS:g}")
    for share, one in whole["filtered"].items():
        if one["recall"] < RECALL:
            said.append(f"a filter of {share}: recall {one['recall']:.4f}, wanted {RECALL}")
        if one["violations"]:
            said.append(f"a filter of {share}: {one['violations']} hits do not pass it")
    return said
