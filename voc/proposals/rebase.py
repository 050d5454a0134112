"""Carry a change of one text over to another state of that text, sentence by sentence.

Source: three-way merge (diff3; Khanna, Kunal and Pierce 2007), with sentences in place of lines.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

_ENDS: Final = "。！？।"
_SENTENCE: Final = re.compile(rf"[^.!?؟{_ENDS}\n]*(?:[.!?؟](?!\s|$)[^.!?؟{_ENDS}\n]*)*[.!?؟{_ENDS}\n]?\s*")
"""Up to a full stop that white space follows, or one of the marks that end a sentence by themselves."""


@dataclass(frozen=True, slots=True)
class Rebased:
    """The new text, and what of the change could not be applied where it stood."""

    text: str
    added: tuple[str, ...]
    kept: tuple[str, ...]

    @property
    def clean(self) -> bool:
        """Say whether every change found its place."""
        return not self.added and not self.kept


def sentences(text: str) -> list[str]:
    """Return the sentences of a text, which joined are the text."""
    return [one for one in _SENTENCE.findall(text) if one]


def rebase(old: str, new: str, now: str) -> Rebased:
    """Return `now` with the change from `old` to `new`.

    A sentence that `now` still has is replaced or taken out as in `new`. Where `now` has changed it, what `new` says
    comes to the end of the text (`added`), and what `new` takes out stays (`kept`).
    """
    base, mine, theirs = sentences(old), sentences(new), sentences(now)
    wanted, before, present = _keys(mine), _keys(base), _keys(theirs)
    if present in (before, wanted):
        return Rebased(new if present == before else now, (), ())
    still = _same_places(before, present)
    edits: list[tuple[int, int, list[str]]] = []
    added: list[str] = []
    kept: list[str] = []
    for i1, i2, j1, j2 in _changes(before, wanted):
        span = _span(still, i1, i2, len(base), len(theirs))
        if span is not None:
            edits.append((*span, mine[j1:j2]))
            continue
        added += [one for one in mine[j1:j2] if one.strip() not in present]
        kept += [one for one in before[i1:i2] if one in present and one not in wanted]
    result = list(theirs)
    for start, end, put in reversed(sorted(edits, key=lambda one: one[:2])):
        result[start:end] = put
    added += _lost(theirs, _keys([*result, *added]), stays=lambda one: one in wanted or one not in before)
    return Rebased(_joined([*result, *added]), tuple(one.strip() for one in added), tuple(kept))


def _lost(theirs: Sequence[str], result: Sequence[str], *, stays: Callable[[str], bool]) -> list[str]:
    """Return sentences in force that fell out although nobody took them out, as where they were moved."""
    return [one for one in theirs if one.strip() not in result and stays(one.strip())]


def _keys(pieces: Sequence[str]) -> list[str]:
    return [one.strip() for one in pieces]


def _joined(pieces: Sequence[str]) -> str:
    """Return sentences as one text, a space put in where two would touch."""
    apart = [one if one[-1:].isspace() or one[-1:] in _ENDS else f"{one} " for one in pieces if one.strip()]
    return "".join(apart).strip()


def _changes(before: Sequence[str], wanted: Sequence[str]) -> Iterator[tuple[int, int, int, int]]:
    """Yield what was changed; as many sentences as take the place of as many others are changes each."""
    for kind, i1, i2, j1, j2 in difflib.SequenceMatcher(None, before, wanted, autojunk=False).get_opcodes():
        if kind == "replace" and i2 - i1 == j2 - j1:
            yield from ((i1 + step, i1 + step + 1, j1 + step, j1 + step + 1) for step in range(i2 - i1))
        elif kind != "equal":
            yield i1, i2, j1, j2


def _same_places(before: Sequence[str], present: Sequence[str]) -> dict[int, int]:
    """Return where each sentence that was not touched stands now."""
    blocks = difflib.SequenceMatcher(None, before, present, autojunk=False).get_matching_blocks()
    return {block.a + step: block.b + step for block in blocks for step in range(block.size)}


def _span(still: Mapping[int, int], i1: int, i2: int, base: int, theirs: int) -> tuple[int, int] | None:
    """Return where base[i1:i2] stands now, None where it was touched; an insertion stands at its neighbours."""
    if i2 > i1:
        start = still.get(i1)
        whole = start is not None and all(still.get(i1 + step) == start + step for step in range(i2 - i1))
        return (start, start + i2 - i1) if start is not None and whole else None
    if i1 in still:
        return still[i1], still[i1]
    if i1 - 1 in still:
        return still[i1 - 1] + 1, still[i1 - 1] + 1
    if i1 in (0, base):
        return (0, 0) if i1 == 0 else (theirs, theirs)
    return None
