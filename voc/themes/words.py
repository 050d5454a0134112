"""Words of many languages and scripts, for keywords.

Scripts that are written without spaces give overlapping pairs of characters, as search does, so that every engine
behaves alike; pairs of Hiragana alone are grammar, not subject, and are left out.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

_PLACEHOLDER = re.compile(r"\[[A-Z]{2,12}\]")
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_SPACELESS: Final = (
    (0x0E00, 0x0E7F),  # Thai
    (0x3040, 0x30FF),  # Hiragana, Katakana
    (0x3400, 0x4DBF),  # Han, extension A
    (0x4E00, 0x9FFF),  # Han
    (0xF900, 0xFAFF),  # Han, compatibility
)
_SHORTEST: Final = 3
_ELISION = re.compile(r"^(?:[cdjlmnst]|qu|jusqu|lorsqu|puisqu)['’]")


def tokens(text: str) -> list[str]:
    """Return the words of a text, casefolded, spaceless scripts as overlapping pairs."""
    plain = unicodedata.normalize("NFKC", _PLACEHOLDER.sub(" ", text)).casefold()
    found: list[str] = []
    for match in _WORD.finditer(plain):
        for run, spaceless in _runs(_ELISION.sub("", match[0])):
            if spaceless:
                found.extend(pair for pair in _pairs(run) if not _only_hiragana(pair))
            elif len(run) >= _SHORTEST:
                found.append(run)
    return found


def stop_words(languages: Iterable[str]) -> frozenset[str]:
    """Return the stop-words of several languages, as `tokens` would write them.

    Source: the stopwords-iso collection.
    """
    import stopwordsiso

    known = sorted({language for language in languages if stopwordsiso.has_lang(language)})
    words: set[str] = set()
    for language in known:
        for word in sorted(stopwordsiso.stopwords(language)):
            words.update(tokens(word))
    return frozenset(words)


def _spaceless(character: str) -> bool:
    code = ord(character)
    return any(first <= code <= last for first, last in _SPACELESS)


def _runs(word: str) -> list[tuple[str, bool]]:
    runs: list[tuple[str, bool]] = []
    for character in word:
        kind = _spaceless(character)
        if runs and runs[-1][1] is kind:
            runs[-1] = (runs[-1][0] + character, kind)
        else:
            runs.append((character, kind))
    return runs


def _pairs(run: str) -> list[str]:
    return [run[at : at + 2] for at in range(len(run) - 1)]


def _only_hiragana(pair: str) -> bool:
    return all(0x3040 <= ord(character) <= 0x309F for character in pair)
