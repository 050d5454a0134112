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
_THAI, _KANA, _HAN = "\u0e00-\u0e7f", "\u3040-\u30ff", "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_SPACELESS: Final = f"{_THAI}{_KANA}{_HAN}"
_RUN = re.compile(f"([{_SPACELESS}]+)|[^{_SPACELESS}]+")
_SHORTEST: Final = 3
_ELISION = re.compile(r"^(?:[cdjlmnst]|qu|jusqu|lorsqu|puisqu)['’]")


def tokens(text: str) -> list[str]:
    """Return the words of a text, casefolded, spaceless scripts as overlapping pairs."""
    plain = unicodedata.normalize("NFKC", _PLACEHOLDER.sub(" ", text)).casefold()
    found: list[str] = []
    for match in _WORD.finditer(plain):
        for run in _RUN.finditer(_ELISION.sub("", match[0])):
            if run[1]:
                found.extend(pair for pair in _pairs(run[1]) if not _only_hiragana(pair))
            elif len(run[0]) >= _SHORTEST:
                found.append(run[0])
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


def _pairs(run: str) -> list[str]:
    return [run[at : at + 2] for at in range(len(run) - 1)]


def _only_hiragana(pair: str) -> bool:
    return all(0x3040 <= ord(character) <= 0x309F for character in pair)
