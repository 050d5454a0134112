"""A question becomes hits: filters in SQL first, then exact nearest neighbours among what they let through."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from voc.embed.protocol import Embedder
from voc.errors import InputError
from voc.index.generation import open_current
from voc.store import assignments, feedback, labels
from voc.store.database import Database
from voc.store.feedback import Filter
from voc.types import Feedback

LONGEST_QUERY: Final = 2000
MOST_HITS: Final = 1000


@dataclass(frozen=True, slots=True)
class Hit:
    """A comment that was found, by its characters from `start` to `end`.

    `score` is their cosine to the question, `copies` how many others say just the same.
    """

    feedback: Feedback
    start: int
    end: int
    score: float
    theme_id: str | None
    theme: str
    copies: int


@dataclass(frozen=True, slots=True)
class Hits:
    """The nearest comments; `searched` of them passed the filters, `unindexed` are newer than the index."""

    hits: tuple[Hit, ...]
    searched: int
    unindexed: int


def search(
    database: Database, index_root: Path, embedder: Embedder, query: str, *, wanted: Filter, limit: int, language: str
) -> Hits:
    """Return the comments nearest to a question, nearest first; copies of a text in the filter count as one hit.

    Raises:
        InputError: the question is empty or too long, or the limit is not between 1 and 1,000.
        NotFoundError: there is no index yet.
        DamageError: the index is damaged.
    """
    if not query.strip():
        raise InputError('The question is empty. Write what to look for: voc search "parcel left in the rain"')
    if len(query) > LONGEST_QUERY:
        raise InputError(f"The question has {len(query):,} characters; at most {LONGEST_QUERY:,} are read.")
    if not 1 <= limit <= MOST_HITS:
        raise InputError(f"The limit {limit} is not between 1 and {MOST_HITS}.")
    generation = open_current(index_root, model_id=embedder.model_id)
    with database.read() as connection:
        passed = feedback.matching(connection, wanted)
    by_text: dict[str, list[str]] = {}
    for unit_id, text_hash in passed:
        by_text.setdefault(text_hash, []).append(unit_id)
    found = generation.search(embedder.encode([query])[0], limit=limit, among=list(by_text))
    ids = [by_text[one.text_hash][0] for one in found]
    with database.read() as connection:
        units = assignments.of_units(connection, ids)
        comments = {one.id: one for one in feedback.get(connection, [units[one].feedback_id for one in ids])}
        names = labels.newest(connection, language=language)
    hits = []
    for one, unit in zip(found, (units[name] for name in ids), strict=True):
        label = names.get(unit.theme_id) if unit.theme_id else None
        copies = len(by_text[one.text_hash]) - 1
        name = label.name if label else ""
        hits.append(Hit(comments[unit.feedback_id], unit.start, unit.end, one.score, unit.theme_id, name, copies))
    unindexed = len(set(by_text) - set(generation.rows))
    return Hits(tuple(hits), len(passed), unindexed)
