"""Tokens of a folded text: number literals, words, single marks; one pass, linear time."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from voc.proposals.quantities.number_words import HAN

_CJK: Final = "\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
_FIND: Final = re.compile(
    rf"(?P<week>\d{{4}}-w\d{{2}}(?!\d))|(?P<date>\d{{4}}-\d{{2}}-\d{{2}}(?!\d)|\d{{1,2}}[./]\d{{1,2}}[./]\d{{4}}(?!\d))"
    r"|(?P<clock>\d{1,2}:\d{2}(?!\d)|\d{1,2} ?h ?\d{2}(?!\d))"
    r"|(?P<fraction>(?:\d{1,4} )?\d{1,4}/\d{1,4}(?![\d/]))"
    r"|(?P<number>\d{1,3}(?:[ ']\d{3})+(?!\d)|\d+(?:[.,]\d+)*)"
    rf"|(?P<han>[{HAN}]+)|(?P<cjk>[{_CJK}])|(?P<word>r\$|[^\W\d_{_CJK}]+)|(?P<mark>[^\w\s]|_)"
)


class Token(NamedTuple):
    """A token, its kind, and its place in the folded text."""

    kind: str
    text: str
    start: int
    end: int


END: Final = Token("end", "", 0, 0)


def tokens_of(folded: str) -> list[Token]:
    """Return the tokens of a folded text."""
    return [Token(str(one.lastgroup), one[0], one.start(), one.end()) for one in _FIND.finditer(folded)]


def read_literal(literal: str, language: str) -> float:
    """Return the value of digits; which of comma and full stop parts thousands follows the language."""
    plain = literal.replace(" ", "").replace("'", "")
    comma_parts_thousands = language in ("en", "zh", "ja", "ko", "th", "he", "hi")
    thousands, decimal = (",", ".") if comma_parts_thousands else (".", ",")
    if re.fullmatch(rf"\d{{1,3}}(?:{re.escape(thousands)}\d{{3}})+(?:{re.escape(decimal)}\d+)?", plain):
        plain = plain.replace(thousands, "")
    plain = plain.replace(",", ".")
    head, *rest = plain.split(".")
    return float(head[:300] + ("." + "".join(rest)[:300] if rest else ""))


def read_fraction(literal: str) -> float:
    """Return the value of "1/2" or "1 1/2"; the number itself where it divides by zero."""
    *whole, part = literal.split(" ")
    above, below = part.split("/")
    value = int(above) / int(below) if int(below) else float(above)
    return value + (int(whole[0]) if whole else 0)


def read_reference(literal: str) -> float:
    """Return a clause number such as "6.10" as a number that no other clause has."""
    parts = [re.sub(r"\D", "", part)[:6] or "0" for part in re.split(r"[.,]", literal)[:4]]
    return sum(int(part) / 1000.0**place for place, part in enumerate(parts))


def read_clock(literal: str) -> float:
    """Return minutes after midnight; midnight itself is 1,440."""
    hour, minute = (int(part) for part in re.split(r"[:h]", literal.replace(" ", ""))[:2])
    return float(60 * hour + minute) or 1440.0
