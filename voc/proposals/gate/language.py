"""Whether a sentence is in the language of the standard: its script, a statistical guess, and its function words."""

from __future__ import annotations

import unicodedata
from functools import cache
from typing import Any, Final

from voc.ingest.language import identifier
from voc.themes.words import stop_words, tokens

_GUESSED: Final = (
    "en", "de", "fr", "es", "pt", "it", "nl", "tr", "pl", "sv", "da", "no", "fi", "cs", "hu", "ro", "id", "vi",
)  # fmt: skip
_SCRIPTS: Final = {
    "zh": ("CJK",),
    "ja": ("CJK", "HIRAGANA", "KATAKANA"),
    "ko": ("HANGUL",),
    "ru": ("CYRILLIC",),
    "uk": ("CYRILLIC",),
    "bg": ("CYRILLIC",),
    "el": ("GREEK",),
    "he": ("HEBREW",),
    "ar": ("ARABIC",),
    "fa": ("ARABIC",),
    "hi": ("DEVANAGARI",),
    "th": ("THAI",),
}
_LEAST_LETTERS: Final = 12
_SURE: Final = 0.8
_UNLIKELY: Final = 0.1
_LEAST_SHARE: Final = 0.6
"""Letters of its script that a sentence must have where the standard's script is not Latin; names may be Latin."""


def foreign(sentence: str, language: str) -> str:
    """Return why a sentence is not in a language, "" where it is or where it is too short to tell."""
    letters = [mark for mark in sentence if mark.isalpha()]
    scripts = _SCRIPTS.get(language, ("LATIN",))
    strange = [mark for mark in letters if _script(mark) not in scripts]
    if scripts == ("LATIN",) and strange:
        return f"'{strange[0]}' is not a letter of its script"
    if len(letters) < _LEAST_LETTERS:
        return ""
    if scripts != ("LATIN",):
        return "" if len(letters) - len(strange) >= _LEAST_SHARE * len(letters) else "mostly in another script"
    return _guess(sentence, language)


def _guess(sentence: str, language: str) -> str:
    chances = {str(name): float(chance) for name, chance in _identifier().rank(sentence)}
    best = max(chances, key=lambda name: chances[name])
    if language not in chances or best == language:
        return ""
    own, theirs = _function_words(sentence, language), _function_words(sentence, best)
    sure = chances[best] >= _SURE and chances[language] <= _UNLIKELY
    if theirs > own and (sure or own == 0):
        return f"reads like '{best}'"
    return f"reads like '{best}'" if sure and theirs == own and theirs == 0 and len(sentence) > 60 else ""


def _function_words(sentence: str, language: str) -> int:
    return sum(word in _stops(language) for word in tokens(sentence))


@cache
def _stops(language: str) -> frozenset[str]:
    return stop_words([language])


def _script(mark: str) -> str:
    name = unicodedata.name(mark, "")
    if name.startswith(("FEMININE ORDINAL", "MASCULINE ORDINAL", "FULLWIDTH LATIN", "MICRO")):
        return "LATIN"
    return name.split(" ")[0].split("-")[0]


@cache
def _identifier() -> Any:  # noqa: ANN401  py3langid has no types
    return identifier(_GUESSED)
