"""How hard a text is to read: the grade of Flesch and Kincaid for English, LIX for other languages.

Source: Kincaid, Fishburne, Rogers and Chissom 1975; Björnsson 1968.
"""

from __future__ import annotations

import re
from typing import Final

from voc.proposals.gate.sentences import sentences

_WORD: Final = re.compile(r"[^\W\d_]+")
_VOWELS: Final = re.compile(r"[aeiouy]+")
_LONG: Final = 6
"""Letters; a longer word is a long one in LIX."""


def flesch_kincaid(text: str) -> float | None:
    """Return the school grade (United States) at which an English text can be read; None without words."""
    words, count = _WORD.findall(text), len(sentences(text))
    if not words:
        return None
    return 0.39 * len(words) / count + 11.8 * sum(map(syllables, words)) / len(words) - 15.59


def lix(text: str) -> float | None:
    """Return LIX: words a sentence plus per cent of words longer than six letters; None without words."""
    words, count = _WORD.findall(text), len(sentences(text))
    if not words:
        return None
    return len(words) / count + 100 * sum(len(word) > _LONG for word in words) / len(words)


def syllables(word: str) -> int:
    """Return about how many syllables an English word has: groups of vowels, without a silent e."""
    low = word.lower()
    count = len(_VOWELS.findall(low))
    silent = low.endswith("e") and not low.endswith(("le", "ee", "ye")) and count > 1
    return max(1, count - silent)


def said(new: str, old: str, language: str) -> str:
    """Return the grade of a new text beside that of the old one, in words."""
    english = language == "en"
    name, measure = ("grade (Flesch-Kincaid)", flesch_kincaid) if english else ("LIX", lix)
    value, before = measure(new), measure(old)
    if value is None:
        return f"{name}: no words"
    return f"{name} {value:.1f}" + (f", the clause in force {before:.1f}" if before is not None else "")
