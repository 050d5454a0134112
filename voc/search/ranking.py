"""Both halves of a ranking over a snapshot, and what they are fused into; nothing here asks the store."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from voc.index.analyse import forms
from voc.index.snapshot import Ranked, Snapshot
from voc.search.fuse import Scale, Scored, coverage, fuse, scale_of
from voc.search.question import Question

TextsOf = Callable[[Sequence[str]], Mapping[str, str]]
"""Returns the texts of keys."""


def halves(
    snapshot: Snapshot, question: Question, *, limit: int, among: Sequence[str] | None = None
) -> tuple[Ranked, Ranked]:
    """Return the texts nearest in meaning and those with the words, all or among some keys.

    A half that is not asked for is empty.
    """
    dense = lexical = Ranked((), ())
    if question.vector is not None:
        dense = snapshot.nearest(question.vector, limit=limit, among=among)
    if question.terms:
        lexical = snapshot.with_words(question.terms, limit=limit, among=among)
    return dense, lexical


def fused(
    snapshot: Snapshot, question: Question, dense: Ranked, lexical: Ranked, *, texts_of: TextsOf
) -> tuple[Scored, ...]:
    """Return the texts of both halves as one ranking, best first."""
    covered, scale, cosines = 0.0, Scale(0.0, 1.0), dict[str, float]()
    if lexical.keys:
        best = texts_of(lexical.keys[:1])
        covered = coverage(question.terms, [form for text in best.values() for form in forms(text)], snapshot.rarity)
    if question.vector is not None:
        scale = scale_of(question.vector, snapshot.background)
        only_words = sorted(set(lexical.keys) - set(dense.keys))
        cosines = snapshot.cosines(question.vector, only_words)
    return fuse(dense, lexical, scale=scale, cosines=cosines, covered=covered, mode=question.mode)
