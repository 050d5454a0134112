"""The one module that imports BERTopic. What leaves it is plain arrays.

Importing BERTopic silences every UserWarning of the process, and its default UMAP is unseeded; both are undone here.
"""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from voc.types import Vectors

SWALLOWED: Final = 1 / 3
"""Share of all texts in one cluster above which the tree's leaves are taken instead. Source: on tweets to airlines the
stable clusters were two, one of 98 % (docs/decisions.md)."""


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
        found = np.asarray(labels, dtype=np.int64)
        if _swallowed(found):
            reduced = np.asarray(model.umap_model.embedding_)
            found = np.asarray(_hdbscan(smallest, "leaf").fit_predict(reduced), dtype=np.int64)
    return found


def _swallowed(labels: NDArray[np.int64]) -> bool:
    """Say whether one cluster swallowed so much that the clustering says nothing."""
    inside = labels[labels >= 0]
    return len(inside) > 0 and int(np.bincount(inside).max()) > SWALLOWED * len(labels)


def _hdbscan(smallest: int, method: str) -> Any:  # noqa: ANN401  hdbscan has no types
    from hdbscan import HDBSCAN

    return HDBSCAN(
        min_cluster_size=smallest,
        min_samples=max(2, smallest // 2),
        cluster_selection_method=method,
        core_dist_n_jobs=1,
    )


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
        hdbscan_model=_hdbscan(smallest, "eom"),
        vectorizer_model=CountVectorizer(analyzer=tokens),
        calculate_probabilities=False,
        verbose=False,
    )
