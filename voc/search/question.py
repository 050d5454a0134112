"""What is asked: cleaned, bounded, and turned into a vector and words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from voc.errors import InputError, NotFoundError
from voc.index.analyse import forms
from voc.index.snapshot import Snapshot
from voc.ingest.identity import clean
from voc.search.fuse import Mode
from voc.store import assignments
from voc.store.database import Database
from voc.types import Vectors

LONGEST: Final = 2000
MOST_HITS: Final = 1000


@dataclass(frozen=True, slots=True)
class Question:
    """What is looked for: by a vector unless only words count, by words unless only meaning counts.

    The vector `(d,)` is of unit length in the space of the index. `not_ids` are comments that are no answer: the one
    that others shall be like.
    """

    text: str
    mode: Mode
    vector: Vectors | None
    terms: tuple[str, ...]
    not_ids: tuple[str, ...] = ()


def ask(text: str, snapshot: Snapshot, *, mode: Mode, encode: Callable[[Sequence[str]], Vectors]) -> Question:
    """Return the question that a text asks.

    Raises:
        InputError: the text is empty, has no word, or is too long.
    """
    plain = clean(text)
    if not plain:
        raise InputError('The question is empty. Write what to look for: voc search "parcel left in the rain"')
    if len(plain) > LONGEST:
        raise InputError(f"The question has {len(plain):,} characters; at most {LONGEST:,} are read. Shorten it.")
    terms = tuple(dict.fromkeys(forms(plain)))
    if not terms:
        raise InputError(
            f"'{plain[:40]}' has no letters or digits to look for. Write words, in any language: "
            'voc search "parcel left in the rain"'
        )
    vector = None if mode is Mode.LEXICAL else snapshot.base.space.place_question(encode([plain])[0])
    return Question(plain, mode, vector, () if mode is Mode.DENSE else terms)


def ask_like(database: Database, snapshot: Snapshot, feedback_id: str) -> Question:
    """Return the question that asks for what is like a stored comment: the mean of the vectors of its clauses.

    Raises:
        NotFoundError: the comment waits for its vector.
    """
    with database.read() as connection:
        units = assignments.of_feedback(connection, feedback_id)
    vectors = snapshot.vectors([unit.text_hash for unit in units])
    if not len(vectors):
        raise NotFoundError(
            f"The comment {feedback_id[:8]} has no vector yet, so nothing can be likened to it. Run 'voc run' first."
        )
    mean = vectors.mean(axis=0)
    unit_vector = np.asarray(mean / np.linalg.norm(mean), dtype=np.float32)
    return Question("", Mode.DENSE, unit_vector, (), (feedback_id,))


def check_page(*, limit: int, start: int = 0) -> None:
    """Check which hits are wanted.

    Raises:
        InputError: the limit is not between 1 and 1,000, or the page lies beyond the first 1,000.
    """
    if not 1 <= limit <= MOST_HITS:
        raise InputError(
            f"The limit {limit:,} is not between 1 and {MOST_HITS:,}. For how many there are in all: voc search --count"
        )
    if start + limit > MOST_HITS:
        raise InputError(f"Only the best {MOST_HITS:,} hits are ranked. Narrow the question or add a filter.")
