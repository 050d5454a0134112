"""Peers that follow topics from week to week as users of BERTopic do: merged models, and refits matched by name.

Neither tells that a topic fell asleep, woke, split or merged; a topic's first week is told as its birth.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from parts.peers import quiet

SIMILAR = 0.7
"""The similarity from which merge_models takes two topics for one: its default."""
WINDOW = 8
"""Weeks that a refit looks at: with all of history a refit a week takes minutes."""
WORDS = 4


@dataclass(frozen=True)
class Followed:
    """The topic of each text in the week it came (None is the outlier topic), and (topic, week) of births."""

    homes: dict[int, str | None]
    born: list[tuple[str, int]]


def merged_models(
    weeks: Sequence[Sequence[int]], texts: Sequence[str], vectors: NDArray[np.float32], *, first: int, seed: int
) -> Followed:
    """Fit stock BERTopic on the first weeks together, then on each week, and merge every new model into the known."""
    with quiet():
        from bertopic import BERTopic

        start = [row for week in weeks[:first] for row in week]
        known = _fit(start, texts, vectors, seed)
        homes = {row: _id(topic) for row, topic in zip(start, known.topics_, strict=True)}
        seen, born = set(known.topics_), []
        for week in range(first, len(weeks)):
            rows = list(weeks[week])
            known = BERTopic.merge_models([known, _fit(rows, texts, vectors, seed)], min_similarity=SIMILAR)
            topics = known.topics_[-len(rows) :]
            homes |= {row: _id(topic) for row, topic in zip(rows, topics, strict=True)}
            born += [(str(topic), week) for topic in sorted(set(topics) - seen - {-1})]
            seen |= set(topics)
    return Followed(homes, born)


def refits_by_name(
    weeks: Sequence[Sequence[int]], texts: Sequence[str], vectors: NDArray[np.float32], *, first: int, seed: int
) -> Followed:
    """Refit stock BERTopic every week on the last weeks; a topic is the one that had the same name before."""
    homes: dict[int, str | None] = {}
    seen: set[str] = set()
    born = []
    for week in range(first - 1, len(weeks)):
        rows = [row for one in weeks[max(0, week - WINDOW + 1) : week + 1] for row in one]
        with quiet():
            model = _fit(rows, texts, vectors, seed)
            names = {
                topic: "_".join(word for word, _ in model.get_topic(topic)[:WORDS]) for topic in set(model.topics_)
            }
        fresh = set(rows if week < first else weeks[week])
        found = {row: names[topic] if topic >= 0 else None for row, topic in zip(rows, model.topics_, strict=True)}
        homes |= {row: home for row, home in found.items() if row in fresh}
        now = {name for topic, name in names.items() if topic >= 0}
        born += [(name, week) for name in sorted(now - seen) if week >= first]
        seen |= now
    return Followed(homes, born)


def _fit(rows: Sequence[int], texts: Sequence[str], vectors: NDArray[np.float32], seed: int) -> object:
    from bertopic import BERTopic
    from umap import UMAP

    reducer = UMAP(n_neighbors=15, n_components=5, min_dist=0.0, metric="cosine", random_state=seed)
    model = BERTopic(umap_model=reducer, embedding_model=None)
    model.fit_transform([texts[row] for row in rows], embeddings=vectors[list(rows)])
    return model


def _id(topic: int) -> str | None:
    return str(topic) if topic >= 0 else None
