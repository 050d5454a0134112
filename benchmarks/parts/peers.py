"""Ways of finding themes that are compared: each takes a set and a seed and returns a theme number for each text."""

from __future__ import annotations

import contextlib
import io
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from parts.sets import LabelledSet
from voc.index.neighbours import nearest_rows
from voc.themes.engine import one_thread
from voc.themes.fit import find_themes
from voc.themes.space import COMPONENTS, fit_space
from voc.types import Vectors

Labels = NDArray[np.int64]
SMALLEST = 8

VOC, STOCK, REDUCED = "voc", "stock BERTopic", "BERTopic + reduce_outliers"
EVOC, TOPEAX, TOP2VEC = "EVoC", "Topeax", "Top2Vec-style"
ORACLE_RAW, ORACLE_OURS = "k-means told K, raw vectors", "k-means told K, our space"
ORACLES = (ORACLE_RAW, ORACLE_OURS)


@dataclass(frozen=True, slots=True)
class Outcome:
    """A theme number for each text (-1 is none) and the seconds that it took."""

    themes: Labels
    seconds: float


def place(one: LabelledSet, components: int = COMPONENTS) -> Vectors:
    """Return the rows of a set in voc's space."""
    with one_thread():
        return fit_space(one.vectors, one.languages, components=components).place(one.vectors, one.languages)


def voc(one: LabelledSet, components: int = COMPONENTS) -> Outcome:
    """Run voc's first fit; it draws nothing by chance."""
    start = time.perf_counter()
    found = find_themes(place(one, components), smallest=SMALLEST, neighbours=nearest_rows)
    themes = found.labels if found is not None else np.full(len(one.texts), -1, np.int64)
    return Outcome(themes, time.perf_counter() - start)


def bertopic(one: LabelledSet, seed: int) -> dict[str, Outcome]:
    """Run BERTopic with its defaults, its UMAP seeded, and the same with its outliers given to the nearest topic."""
    with quiet():
        from bertopic import BERTopic
        from umap import UMAP

        start = time.perf_counter()
        reducer = UMAP(n_neighbors=15, n_components=5, min_dist=0.0, metric="cosine", random_state=seed)
        model = BERTopic(umap_model=reducer, embedding_model=None)
        topics, _ = model.fit_transform(list(one.texts), embeddings=one.vectors)
        middle = time.perf_counter()
        whole = topics
        if -1 in topics and max(topics) >= 0:
            whole = model.reduce_outliers(list(one.texts), topics, strategy="embeddings", embeddings=one.vectors)
        end = time.perf_counter()
    return {
        STOCK: Outcome(np.asarray(topics, np.int64), middle - start),
        REDUCED: Outcome(np.asarray(whole, np.int64), end - start),
    }


def evoc(one: LabelledSet, seed: int) -> Outcome:
    """Run EVoC alone, with its defaults."""
    with quiet():
        from evoc import EVoC

        start = time.perf_counter()
        found = EVoC(random_state=seed).fit_predict(one.vectors)
    return Outcome(np.asarray(found, np.int64), time.perf_counter() - start)


def topeax(one: LabelledSet, seed: int) -> Outcome:
    """Run the clustering of Topeax, which is t-SNE and peaks of its density; its words are left out."""
    with quiet():
        from sklearn.manifold import TSNE
        from turftopic.models.topeax import Peax

        start = time.perf_counter()
        flat = TSNE(2, metric="cosine", perplexity=50, random_state=seed).fit_transform(one.vectors)
        found = Peax().fit_predict(flat)
    return Outcome(np.asarray(found, np.int64), time.perf_counter() - start)


def top2vec(one: LabelledSet, seed: int) -> Outcome:
    """Run UMAP to 5 dimensions and HDBSCAN with clusters of at least 15, outliers left, as Top2Vec does."""
    with quiet():
        from hdbscan import HDBSCAN
        from umap import UMAP

        start = time.perf_counter()
        flat = UMAP(n_neighbors=15, n_components=5, metric="cosine", random_state=seed).fit_transform(one.vectors)
        found = HDBSCAN(min_cluster_size=15).fit_predict(flat)
    return Outcome(np.asarray(found, np.int64), time.perf_counter() - start)


def oracle(rows: Vectors, count: int, seed: int) -> Outcome:
    """Run k-means that is told the true number of themes, the best of three starts."""
    from sklearn.cluster import KMeans

    start = time.perf_counter()
    found = KMeans(count, n_init=3, random_state=seed).fit_predict(rows)
    return Outcome(np.asarray(found, np.int64), time.perf_counter() - start)


def run_peers(one: LabelledSet, seed: int, absent: dict[str, str]) -> dict[str, Outcome]:
    """Run every peer that is installed on a set; the reasons of those that are not go into `absent`."""
    found = bertopic(one, seed)
    single: dict[str, Callable[[LabelledSet, int], Outcome]] = {EVOC: evoc, TOPEAX: topeax, TOP2VEC: top2vec}
    for name, method in single.items():
        try:
            found[name] = method(one, seed)
        except ImportError as error:
            absent[name] = f"{error}; {HOW[name]}"
    if one.is_labelled:
        count = len(set(one.labels))
        found[ORACLE_RAW] = oracle(one.vectors, count, seed)
        found[ORACLE_OURS] = oracle(place(one), count, seed)
    return found


HOW = {
    EVOC: "install it with pip install -c constraints.txt -e '.[bench]'",
    TOPEAX: "turftopic 0.28 wants rich below 14, voc 14 or later; put it beside: pip install --no-deps "
    "--target FOLDER turftopic==0.28.0 igraph==0.11.9 texttable pillow, and name FOLDER in PYTHONPATH",
    TOP2VEC: "umap-learn and hdbscan come with BERTopic",
}


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Keep the warnings and prints of other people's libraries away from the table."""
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        yield
