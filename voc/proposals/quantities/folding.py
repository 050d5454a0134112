"""A text folded so that hidden forms show: digits of any script as 0 to 9, no accents, no case, places remembered."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

_PLAIN: Final = {
    "ı": "i",
    "œ": "oe",
    "æ": "ae",
    "ø": "o",
    "ł": "l",
    "đ": "d",
    "٫": ".",
    "٬": ",",
    "’": "'",
    "‘": "'",
    "ʼ": "'",
    "´": "'",
    "⁄": "/",
    "∕": "/",
    "−": "-",
    **dict.fromkeys("‐‑‒–—―", "-"),
}


@dataclass(frozen=True, slots=True)
class Folded:
    """The folded text, and for each of its characters the place in the text that it came from."""

    text: str
    places: tuple[int, ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return the span of the first text that a span of the folded one came from."""
        return self.places[start], self.places[end - 1] + 1


def fold(text: str) -> Folded:
    """Return a text with digits of every script, fractions, accents, case, dashes and invisible marks made plain."""
    if text.isascii():
        return Folded(text.lower(), tuple(range(len(text))))
    parts, places = [], []
    for place, mark in enumerate(text):
        plain = _folded(mark)
        parts.append(plain)
        places.extend([place] * len(plain))
    return Folded("".join(parts), tuple(places))


def plain(text: str) -> str:
    """Return the folded text alone."""
    return fold(text).text


@lru_cache(maxsize=4096)
def _folded(mark: str) -> str:
    if mark.isascii():
        return mark.lower()
    if mark in _PLAIN:
        return _PLAIN[mark]
    kind = unicodedata.category(mark)
    if kind[0] == "M" or kind == "Cf":
        return ""
    if kind[0] == "N":
        return _digits(mark)
    if kind == "Zs":
        return " "
    wide = unicodedata.normalize("NFKD", mark).casefold()
    return "".join(_PLAIN.get(one, one) for one in wide if unicodedata.category(one)[0] != "M")


def _digits(mark: str) -> str:
    value = unicodedata.numeric(mark, -1.0)
    if value < 0:
        return mark
    if value == int(value):
        return str(int(value))
    return " " + unicodedata.normalize("NFKC", mark).replace("⁄", "/")
