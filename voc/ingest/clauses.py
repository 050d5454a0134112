"""A long comment may speak of several things: the clauses that it is made of, as spans of its text.

A comment is cut at the ends of sentences, at line breaks and before words that turn round, such as "but". Short pieces
stay with the one before, because three words say too little to be about anything.
"""

from __future__ import annotations

import re
from typing import Final

Span = tuple[int, int]
"""Start and end of a piece of text, in characters; the end is not part of it."""

LONG: Final = 40
"""Words from which on a comment is cut. Source: four of five comments of the sample and of real reviews are shorter."""

LEAST: Final = 6
"""Words that a clause has at least."""

MOST: Final = 12
"""Clauses of one comment; a longer one is cut into longer pieces."""

_TURNS: Final = (
    *("but", "however", "although", "though", "aber", "jedoch", "allerdings", "mais", "cependant", "pourtant"),
    *("pero", "aunque", "mas", "porém", "contudo", "ma", "però", "tuttavia", "maar", "echter", "ale", "jednak"),
    *("ama", "fakat", "ancak", "tapi", "tetapi", "namun", "но", "однако", "men"),
)
_SPACELESS: Final = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u0e00-\u0e7f"
_CUT = re.compile(
    r"(?<=[.!?…])[)\"'»”]*\s+"  # a sentence ends and another begins
    r"|(?<=[。！？；])"
    r"|(?<=[؟।])\s*"
    r"|(?<=;)\s+"
    r"|\s*\n+\s*"
    rf"|(?<=[,–-])\s+(?=(?:{'|'.join(_TURNS)})\b)"
    r"|(?<=[，、,])(?=但|不过|可是|しかし|でも|ただ)",
    re.IGNORECASE,
)
_WORD = re.compile(rf"[{_SPACELESS}]|[^\W{_SPACELESS}]+(?:['’][^\W{_SPACELESS}]+)*")
_LETTERS_A_WORD: Final = 2
"""Characters of a script without spaces that stand for a word. Source: most Chinese words have two."""


def clauses(text: str) -> tuple[Span, ...]:
    """Return the clauses of a text in order, trimmed; together they hold all of it but white space.

    A text of fewer than `LONG` words is one clause.
    """
    whole = _trimmed(text, 0, len(text))
    total = words_in(text)
    if total < LONG:
        return (whole,)
    least = max(LEAST, -(-total // MOST))
    found: list[Span] = []
    start = 0
    for end in [*(match.start() for match in _CUT.finditer(text)), len(text)]:
        if words_in(text[start:end]) >= least:
            found.append(_trimmed(text, start, end))
            start = end
    if not found:
        return (whole,)
    found[-1] = (found[-1][0], whole[1])
    return tuple(found)


def words_in(text: str) -> int:
    """Return how many words a text has; characters of scripts without spaces count half a word each."""
    spaced = letters = 0
    for match in _WORD.finditer(text):
        if len(match[0]) == 1 and re.match(rf"[{_SPACELESS}]", match[0]):
            letters += 1
        else:
            spaced += 1
    return spaced + letters // _LETTERS_A_WORD


def _trimmed(text: str, start: int, end: int) -> Span:
    piece = text[start:end]
    return start + len(piece) - len(piece.lstrip()), end - (len(piece) - len(piece.rstrip()))
