"""The one module that imports BERTopic. What leaves it is plain arrays.

Importing BERTopic silences every UserWarning of the process; that is undone here.
"""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from voc.themes.graph import CommunityClusterer, NearestRows
from voc.themes.light_import import light
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


def find_clusters(rows: Vectors, near: NearestRows, *, smallest: int) -> NDArray[np.int64]:
    """Return a cluster number for each row `(n, c)` with its nearest others, -1 where it belongs to none.

    Rows come in canonical order; the same rows give the same numbers on one type of processor. BERTopic is given no
    words: it would weigh them once a cluster here, and they are weighed once a member later (`keywords`).
    """
    with _quiet(), one_thread():
        with light():
            from bertopic import BERTopic
            from bertopic.dimensionality import BaseDimensionalityReduction
        from sklearn.feature_extraction.text import CountVectorizer

        model = BERTopic(
            embedding_model=None,
            language="multilingual",
            umap_model=BaseDimensionalityReduction(),
            hdbscan_model=CommunityClusterer(near, smallest=smallest),
            vectorizer_model=CountVectorizer(analyzer=_no_words),
            calculate_probabilities=False,
            verbose=False,
        )
        labels, _ = model.fit_transform([""] * len(rows), embeddings=rows)
    return np.asarray(labels, dtype=np.int64)


def class_tf_idf(counts: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return class-based TF-IDF weights `(themes, words)` of word counts of the same shape."""
    with _quiet():
        with light():
            from bertopic.vectorizers import ClassTfidfTransformer
        from scipy.sparse import csr_matrix

        matrix = csr_matrix(counts.astype(np.float64))
        weights = ClassTfidfTransformer(bm25_weighting=True).fit(matrix).transform(matrix)
    return np.asarray(weights.todense(), dtype=np.float64)


def _no_words(_text: str) -> tuple[str, str]:
    """Return the smallest vocabulary that BERTopic can do with."""
    return "·", "··"
