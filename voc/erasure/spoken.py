"""What is to be struck out wherever it is written: texts of comments, whole or from their beginning, and phrases."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Final

MARK: Final = "[erased on request]"
"""Stands where something was struck out."""

_ANCHOR: Final = 5
"""Characters by which the beginning of a text is found."""

_LEAST: Final = 10
"""A shorter text in letters says nothing of who wrote it; in scripts that need few signs, half as long is enough."""

_FEW_SIGNS: Final = "\u0e00"
"""From here on scripts of Asia that are written without spaces, or with a syllable in a sign."""

ENOUGH: Final = 40
"""So many characters from the beginning of a text are that text, cut short; what is shorter must be there whole."""

_LEAST_PHRASE: Final = 4


class Spoken:
    """Strikes out what erased comments said, and phrases made from them; very short texts are left to others."""

    def __init__(self, texts: Iterable[str], phrases: Iterable[str] = ()) -> None:
        self._texts: dict[str, list[str]] = defaultdict(list)
        for text in sorted({one.strip() for one in texts}, key=lambda one: (-len(one), one)):
            if len(text) >= (_ANCHOR if max(text, default="") >= _FEW_SIGNS else _LEAST):
                self._texts[text[:_ANCHOR]].append(text)
        self._phrases = sorted({one for one in phrases if len(one) >= _LEAST_PHRASE}, key=lambda one: (-len(one), one))

    def strike(self, text: str) -> str:
        """Return a text with the mark in the place of everything that is to be struck out."""
        for phrase in self._phrases:
            text = text.replace(phrase, MARK)
        parts: list[str] = []
        start = at = 0
        while at <= len(text) - _ANCHOR:
            run = self._run(text, at, self._texts.get(text[at : at + _ANCHOR], ()))
            if run:
                parts += [text[start:at], MARK]
                start = at = at + run
            else:
                at += 1
        return "".join([*parts, text[start:]]) if parts else text

    def holds(self, text: str) -> bool:
        """Say whether a text holds anything that is to be struck out."""
        return self.strike(text) != text

    def _run(self, text: str, at: int, candidates: Sequence[str]) -> int:
        """Return how many characters from a place on are the beginning of one of the texts, 0 where too few are."""
        best = 0
        for one in candidates:
            common = _common(text, at, one)
            if common >= min(len(one), ENOUGH):
                best = max(best, common)
        return best


def _common(text: str, at: int, other: str) -> int:
    most = min(len(text) - at, len(other))
    if text[at : at + most] == other[:most]:
        return most
    return next(place for place in range(most) if text[at + place] != other[place])
