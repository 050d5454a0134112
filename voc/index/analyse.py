"""The words of a text as the lexical index knows them, with the characters that each stands on.

Every engine then behaves alike, because all of them are given these words and split at nothing but spaces. Words are
compared without case, compatibility forms and accents; scripts without spaces become overlapping pairs of characters.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from dataclasses import dataclass
from typing import Final

import regex

VERSION: Final = 1
"""Of the rules below; an index that was made by others is made anew."""

_SPACELESS: Final = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}ー"
_RUN = rf"[{_SPACELESS}][{_SPACELESS}\p{{Mn}}\p{{Mc}}]*"
_LETTERS = rf"[\p{{L}}\p{{N}}--[{_SPACELESS}]][\p{{L}}\p{{N}}\p{{M}}--[{_SPACELESS}]]*"
_PIECE = regex.compile(rf"{_RUN}|{_LETTERS}", regex.V1)
_STARTS_RUN = regex.compile(rf"[{_SPACELESS}]", regex.V1)
_CHARACTER = regex.compile(r"\X")
_LOOSE_MARKS = regex.compile(r"(?<=[\p{Latin}\p{Greek}\p{Cyrillic}\p{Arabic}\p{Hebrew}\p{M}])\p{Mn}+|ـ")
_ASCII = re.compile(r"[a-z0-9]+")
_LONGEST: Final = 64
"""Characters of a word that are kept; what is longer is noise, and engines refuse words without end."""


@dataclass(frozen=True, slots=True)
class Word:
    """A word in the form that is compared, and the characters of the text that it stands on (the end excluded)."""

    form: str
    start: int
    end: int


def words(text: str) -> tuple[Word, ...]:
    """Return the words of a text in order.

    A run of Han, Kana, Hangul, Thai or the like gives its overlapping pairs of characters, and alone a single one.
    Source: pairs of characters serve retrieval in Chinese as well as segmented words (Nie, Gao, Zhang & Zhou 2000).
    """
    if text.isascii():
        return tuple(Word(one[0][:_LONGEST], *one.span()) for one in _ASCII.finditer(text.lower()))
    found: list[Word] = []
    for match in _PIECE.finditer(text):
        piece = match[0]
        if _STARTS_RUN.match(piece):
            found.extend(_pairs(piece, match.start()))
        else:
            found.append(Word(_folded(piece)[:_LONGEST], *match.span()))
    return tuple(word for word in found if word.form)


def forms(text: str) -> list[str]:
    """Return the compared forms of the words of a text, in order."""
    if text.isascii():
        return [one[:_LONGEST] for one in _ASCII.findall(text.lower())]
    return [word.form for word in words(text)]


def _folded(piece: str) -> str:
    """Return a piece without case, compatibility forms and, in scripts where people leave them out, accents."""
    if piece.isascii():
        return piece.lower()
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", piece).casefold())
    bare = unicodedata.normalize("NFC", _LOOSE_MARKS.sub("", plain)).replace("ı", "i")
    return "".join(bare.split())


def _pairs(piece: str, start: int) -> list[Word]:
    spans = [match.span() for match in _CHARACTER.finditer(piece)]
    if len(spans) == 1:
        return [Word(_folded(piece), start, start + len(piece))]
    return [
        Word(_folded(piece[first[0] : second[1]]), start + first[0], start + second[1])
        for first, second in itertools.pairwise(spans)
    ]
