"""Other ways of finding near vectors, on the same vectors in the same run."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Sequence

import numpy as np

from parts.timing import DIM, TOP, percentiles, recall, timed
from voc.index.snapshot import Snapshot
from voc.types import Vectors


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
