"""Sentences of a clause, and which of the old one became which of the new one."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from voc.proposals.quantities.folding import plain

_END: Final = re.compile(r"(?<=[.!?…])[\"'”»)\]]{0,2}\s+|(?<=[。！？])|\n+")
_ABBREVIATION: Final = re.compile(
    r"(?:^|[\s(])(?:[A-Za-zÀ-ÿ]|nr|no|abs|art|bzw|ca|vgl|inkl|ggf|etc|evtl|max|min|mr|mrs|ms|dr|sr|sra|st|approx|tel|str|usw|\d)\.$",
    re.IGNORECASE,
)
_WORD: Final = re.compile(r"[^\W\d_]+")
_SPACELESS: Final = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\u0e00-\u0e7f]")
_STEM: Final = 6
_LEAST_WORD: Final = 4
_MODALS: Final = frozenset(
    ("shall", "must", "should", "muss", "mussen", "darf", "soll", "sollte", "doit", "doiven", "devrai", "peut", "deve")
)
_MOST: Final = 200
"""Sentences that are paired; a clause with more of them fails for its length."""
SAME: Final = 0.34
"""Share of an old sentence's words in a new one before the new one counts as what became of it."""


@dataclass(frozen=True, slots=True)
class Change:
    """An old sentence and what became of it, "" when it is gone; `likeness` is the share of words in common."""

    old: str
    new: str
    likeness: float


@dataclass(frozen=True, slots=True)
class Changes:
    """What a draft does to a clause: sentences kept as they are, changed or lost ones, and added ones."""

    kept: tuple[str, ...]
    changed: tuple[Change, ...]
    added: tuple[str, ...]

    @property
    def fresh(self) -> tuple[str, ...]:
        """Return the sentences that are not those of the old clause."""
        return (*(one.new for one in self.changed if one.new), *self.added)


def sentences(text: str) -> tuple[str, ...]:
    """Return the sentences of a text; none ends with an abbreviation, none begins with a small letter."""
    found: list[str] = []
    for part in _END.split(text):
        line = " ".join(part.split())
        if not line:
            continue
        if found and (line[0].islower() or _ABBREVIATION.search(found[-1][-12:])):
            found[-1] = f"{found[-1]} {line}"
        else:
            found.append(line)
    return tuple(found)


def compare(old: str, new: str) -> Changes:
    """Return what became of each sentence of the old clause; likest sentences are paired first."""
    before, after = sentences(old), sentences(new)
    same = Counter(before) & Counter(after)
    gone, fresh = _less(before, same), _less(after, same)
    words = [content(one) for one in gone[:_MOST]], [content(one) for one in fresh[:_MOST]]
    likeness = {
        (i, j): share
        for i, one in enumerate(words[0])
        for j, other in enumerate(words[1])
        if (share := _share(one, other)) >= SAME
    }
    taken: dict[int, int] = {}
    for i, j in sorted(likeness, key=lambda pair: (-likeness[pair], pair)):
        if i not in taken and j not in taken.values():
            taken[i] = j
    changed = tuple(
        Change(one, fresh[taken[i]], likeness[i, taken[i]]) if i in taken else Change(one, "", 0.0)
        for i, one in enumerate(gone)
    )
    added = tuple(one for j, one in enumerate(fresh) if j not in taken.values())
    return Changes(tuple(same.elements()), changed, added)


def shared(one: str, other: str) -> float:
    """Return the share of the words of one sentence that stand in another."""
    return _share(content(one), content(other))


def _share(own: frozenset[str], theirs: frozenset[str]) -> float:
    return len(own & theirs) / len(own) if own else 0.0


def content(text: str) -> frozenset[str]:
    """Return the beginnings of the words of a text without modals, pairs of characters where no spaces are written."""
    folded = plain(text)
    pairs = {folded[at : at + 2] for at in range(len(folded) - 1) if _SPACELESS.match(folded, at)}
    words = {word[:_STEM] for word in _WORD.findall(folded) if len(word) >= _LEAST_WORD and not _SPACELESS.search(word)}
    return frozenset((words | pairs) - _MODALS)


def _less(texts: Sequence[str], same: Counter[str]) -> list[str]:
    left, found = Counter(same), []
    for one in texts:
        if left[one]:
            left[one] -= 1
        else:
            found.append(one)
    return found
