"""The language of a text: the script where it decides, else a statistical guess among configured languages."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from copy import copy
from functools import cache
from typing import Any, Final

_SCRIPTS: Final = (
    ("ja", re.compile(r"[\u3040-\u30ff]")),
    ("ko", re.compile(r"[\uac00-\ud7af\u1100-\u11ff]")),
    ("th", re.compile(r"[\u0e00-\u0e7f]")),
    ("zh", re.compile(r"[\u3400-\u9fff]")),
    ("he", re.compile(r"[\u0590-\u05ff]")),
    ("hi", re.compile(r"[\u0900-\u097f]")),
    ("el", re.compile(r"[\u0370-\u03ff]")),
)
_SHARE: Final = 0.2
_SURE: Final = 0.95
"""A language that its market does not name must be this probable, and its text this long, to be believed."""
_LONG_ENOUGH: Final = 25
_PLACEHOLDER = re.compile(r"\[[A-Z]{2,12}\]")


class LanguageGuesser:
    """Guesses among the languages of all markets; a market's own languages come first.

    Source: py3langid, a naive Bayes classifier over byte n-grams (Lui and Baldwin, ACL 2012).
    """

    def __init__(self, languages: Iterable[str]) -> None:
        self._identifier = identifier(languages)

    def guess(self, text: str, market_languages: Sequence[str]) -> str:
        """Return a language code; an empty or wordless text has the market's first language."""
        plain = _PLACEHOLDER.sub(" ", text)
        letters = sum(character.isalpha() for character in plain)
        if letters == 0:
            return market_languages[0]
        for language, pattern in _SCRIPTS:
            if len(pattern.findall(plain)) >= _SHARE * letters:
                return (
                    "ja" if language == "zh" and "ja" in market_languages and "zh" not in market_languages else language
                )
        ranked = [(str(language), float(probability)) for language, probability in self._identifier.rank(plain)]
        best, probability = ranked[0]
        if best in market_languages or (probability >= _SURE and letters >= _LONG_ENOUGH):
            return best
        for language, _ in ranked:
            if language in market_languages:
                return language
        return market_languages[0]


def identifier(languages: Iterable[str]) -> Any:  # noqa: ANN401  py3langid has no types
    """Return a classifier among those of some languages that its model knows, among all where it knows none."""
    found = copy(_every_language())
    found.set_languages(sorted(set(found.labels).intersection(languages)) or None)
    return found


@cache
def _every_language() -> Any:  # noqa: ANN401  py3langid has no types
    """Return the classifier of all languages, read once; a copy is restricted without touching it."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
