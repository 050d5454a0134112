"""The one module that imports BERTopic. What leaves it is plain arrays.

Importing BERTopic silences every UserWarning of the process, and its default UMAP is unseeded; both are undone here.
"""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from voc.types import Vectors


@contextlib.contextmanager
def one_thread() -> Iterator[None]:
    """Do arithmetic on one thread, so that sums are made in one order whatever the machine allows."""
    from threadpoolctl import threadpool_limits

    with threadpool_limits(limits=1):
        yield


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep warnings of these libraries, and their changes to the warning filters, inside."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def find_clusters(rows: Vectors, texts: Sequence[str], *, smallest: int, seed: int) -> NDArray[np.int64]:
    """Return a cluster number for each row `(n, c)`, -1 where it belongs to none.

    Rows and texts come in canonical order; the same rows give the same numbers on one type of processor.
    """
    with _quiet(), one_thread():
        model = _bertopic(len(rows), smallest=smallest, seed=seed)
        labels, _ = model.fit_transform(list(texts), embeddings=rows)
    return np.asarray(labels, dtype=np.int64)


def class_tf_idf(counts: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return class-based TF-IDF weights `(themes, words)` of word counts of the same shape."""
    with _quiet():
        from bertopic.vectorizers import ClassTfidfTransformer
        from scipy.sparse import csr_matrix

        matrix = csr_matrix(counts.astype(np.float64))
        weights = ClassTfidfTransformer(bm25_weighting=True).fit(matrix).transform(matrix)
    return np.asarray(weights.todense(), dtype=np.float64)


def _bertopic(size: int, *, smallest: int, seed: int) -> Any:  # noqa: ANN401  BERTopic has no types
    from bertopic import BERTopic
    from hdbscan import HDBSCAN
    from sklearn.feature_extraction.text import CountVectorizer
    from umap import UMAP

    from voc.themes.words import tokens

    return BERTopic(
        embedding_model=None,
        language="multilingual",
        umap_model=UMAP(
            n_neighbors=min(15, size - 1),
            n_components=min(5, size - 2),
            min_dist=0.0,
            metric="cosine",
            random_state=seed,
            n_jobs=1,
        ),
        hdbscan_model=HDBSCAN(
            min_cluster_size=smallest,
            min_samples=max(2, smallest // 2),
            cluster_selection_method="leaf",
            core_dist_n_jobs=1,
        ),
        vectorizer_model=CountVectorizer(analyzer=tokens),
        calculate_probabilities=False,
        verbose=False,
    )
