"""Whether clause text was taken from a comment: the same words in a row, or most of the same letters in a row."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from voc.proposals.quantities.folding import plain

RUN: Final = 6
"""Words in a row that a comment and a new sentence may not share; 8 characters where no spaces are written."""
COPIED: Final = 0.5
"""Share of a new sentence's letter groups that one comment may hold."""
ABSORBED: Final = 0.6
"""Share of a comment's letter groups that one new sentence may hold."""
_LEAST_GRAMS: Final = 14
_SPACELESS: Final = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\u0e00-\u0e7f]")
_WORD: Final = re.compile(r"[^\W_]+")


def taken_from(sentence: str, comments: Iterable[str], old: str) -> str:
    """Return the comment that a sentence was taken from, "" when there is none; what the old clause says is free."""
    free_runs, free_grams = _runs(old), _grams(old)
    runs, grams = _runs(sentence) - free_runs, _grams(sentence) - free_grams
    for comment in comments:
        if runs & _runs(comment):
            return comment
        theirs = _grams(comment)
        both = len(grams & theirs)
        if len(grams) >= _LEAST_GRAMS and both >= COPIED * len(grams):
            return comment
        own = theirs - free_grams
        if len(own) >= _LEAST_GRAMS and both >= ABSORBED * len(own):
            return comment
    return ""


def _words(text: str) -> list[str]:
    return _WORD.findall(plain(text))


def _runs(text: str) -> frozenset[tuple[str, ...]]:
    words = _words(text)
    if _spaceless(text):
        joined = "".join(words)
        return frozenset((joined[at : at + RUN + 2],) for at in range(len(joined) - RUN - 1))
    return frozenset(tuple(words[at : at + RUN]) for at in range(len(words) - RUN + 1))


def _grams(text: str) -> frozenset[str]:
    """Return groups of 5 letters over word borders, of 3 where no spaces are written."""
    spaceless = _spaceless(text)
    size, joined = (3, "".join(_words(text))) if spaceless else (5, " ".join(_words(text)))
    return frozenset(joined[at : at + size] for at in range(len(joined) - size + 1))


def _spaceless(text: str) -> bool:
    return 2 * len(_SPACELESS.findall(text)) > sum(mark.isalpha() for mark in text)
