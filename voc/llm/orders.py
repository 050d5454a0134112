"""Recognise a comment that speaks to a model, or dictates to the editors of a standard, and not to the carrier.

A table of words by language (orders.toml) is looked up in several readings of the text: as it stands, with letters that
only look Latin made Latin, with digits read as letters, put together again where it was split, backwards, in ROT13 and
in Base64. Every pattern is bounded, so that the time grows with the length of the text.
"""

from __future__ import annotations

import base64
import binascii
import codecs
import re
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

_TABLE: Final = Path(__file__).with_name("orders.toml")
_PAIRS: Final = (("dismiss", "rules"), ("edit", "draft"), ("decide", "proposal"), ("reveal", "prompt"))
NEAR: Final = 48
"""Characters between a verb and its object."""
LONGEST_READ: Final = 4000
"""Characters of a comment that are read; what lies beyond is never shown to a model."""

_LOOKALIKES: Final = str.maketrans("аеорсухіјѕԁһӏкмтпαορνικτυεηχıɡ", "aeopcyxijsdhlkmtnaopviktuenxig")
_LEET: Final = str.maketrans("013457@$", "oieastas")
_IGNORABLE: Final = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u3164\uffa0")
_MARKS: Final = re.compile(
    r"<\|[^|<>]{1,40}\|>|\[/?(?:inst|sys)\]|<</?sys>>|</?(?:start|end)_of_turn>|</s>|<!--|<script|javascript:"
    r"|\bon(?:error|click|load)=|</?\s{0,3}(?:comment|feedback|clause|system|instruction|prompt|data)\w{0,3}\b"
    r"|&lt;/?\s{0,3}(?:comment|system)|[\"']role[\"']\s{0,3}:|display:\s?none|https?://\S{1,80}\?\S{0,20}="
)
_ROLE: Final = re.compile(
    r"(?:^|[\n\[#【])[ \t]{0,4}(?:system|systeme|sistema|sistem|assistant|assistent|asistan|asistente|assistente"
    r"|developer|human|系统|系統|助手|システム|アシスタント|النظام|المساعد)(?: mesaji| message| note| override|提示)?"
    r"[ \t]{0,4}[:\]】#]"
)
_LINE: Final = r"(?:^|\n)[ #]{0,6}"
_CLAUSE_NUMBER: Final = r"\d{1,2}[.,]\d{1,2}"
_OVERRIDES: Final = re.compile("[\u202d\u202e]|[\U000e0020-\U000e007e]{4}")
_FLAG: Final = re.compile("\U0001f3f4[\U000e0020-\U000e007e]{1,6}\U000e007f")
"""The flag of a part of a country, spelt in hidden letters."""
_NUMBER: Final = r"(?:\d+|[一二两三四五六七八九十百半]+)"
_BASE64: Final = re.compile(r"[A-Za-z0-9+/]{20,}={0,2}")
_WORD: Final = re.compile(r"\w+")
_PIECE: Final = re.compile(r"(?<![^\W_])[^\W\d_](?![^\W_])")
_SPLIT_LINES: Final = re.compile(r"^.{1,9}$", re.MULTILINE)
_MANY: Final = 4
_KNOWN_MARKS: Final = 4096
"""Characters of which it is remembered what they are."""


@dataclass(frozen=True, slots=True)
class _Language:
    """The patterns of one language, and words of which a text that holds an order holds at least one."""

    first: frozenset[str]
    spaced: bool
    whole: re.Pattern[str]
    joined: re.Pattern[str]
    heading: re.Pattern[str]

    def may_hold(self, text: str, words: frozenset[str]) -> bool:
        return not self.first.isdisjoint(words) if self.spaced else any(one in text for one in self.first)


def is_order(text: str) -> bool:
    """Say whether a text speaks to a model or dictates a change of the standard."""
    text = _FLAG.sub(" ", text[:LONGEST_READ])
    if _OVERRIDES.search(text):
        return True
    plain = skeleton(text)
    if _MARKS.search(plain) or _ROLE.search(plain) or any(one.heading.search(plain) for one in _languages()):
        return True
    if any(_matches(reading, "whole") for reading in _readings(plain)) or _hidden_words(text):
        return True
    return _is_split(plain) and _matches("".join(_WORD.findall(plain)).replace("_", ""), "joined")


def skeleton(text: str) -> str:
    """Return a text for comparison only: no marks, no invisible characters, lower case, lookalikes made Latin."""
    tagged = "".join(chr(ord(mark) - 0xE0000) if 0xE0020 <= ord(mark) <= 0xE007E else mark for mark in text)
    flat = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", tagged).casefold())
    kept = "".join(filter(_is_compared, flat))
    lines = [" ".join(line.split()) for line in kept.translate(_LOOKALIKES).replace("ـ", "").splitlines()]
    return "\n".join(line for line in lines if line)


@lru_cache(maxsize=_KNOWN_MARKS)
def _is_compared(mark: str) -> bool:
    return is_visible(mark) and unicodedata.category(mark) not in ("Mn", "Me")


@lru_cache(maxsize=_KNOWN_MARKS)
def is_visible(mark: str) -> bool:
    """Say whether a character is more than a hidden mark; a line break counts as visible."""
    if mark in "\n\t\r\u2028\u2029":
        return True
    return mark not in _IGNORABLE and unicodedata.category(mark) not in ("Cc", "Cf", "Co", "Cs", "Cn")


def _readings(plain: str) -> Iterator[str]:
    yield plain.replace("\n", " ")
    if re.search(r"[a-z][013457@$]|[013457@$][a-z]", plain):
        yield " ".join(
            word.translate(_LEET) if any(mark.isalpha() for mark in word) else word for word in plain.split()
        )
    if plain.isascii():
        yield plain[::-1]
        yield codecs.decode(plain, "rot13")
    else:
        yield plain[::-1]


def _hidden_words(text: str) -> bool:
    """Say whether a text holds words in Base64; numbers of parcels are no words."""
    for match in _BASE64.finditer(text):
        try:
            words = base64.b64decode(match.group(), validate=True).decode("utf-8")
        except (binascii.Error, UnicodeDecodeError):
            continue
        if words.isprintable() and (" " in words or not words.isascii()):
            return True
    return False


def _is_split(plain: str) -> bool:
    return len(_PIECE.findall(plain)) >= _MANY or len(_SPLIT_LINES.findall(plain)) >= _MANY


def _matches(text: str, form: str) -> bool:
    words = frozenset(_WORD.findall(text))
    if form == "joined":
        return any(one.joined.search(text) for one in _languages())
    return any(one.whole.search(text) for one in _languages() if one.may_hold(text, words))


@lru_cache(maxsize=1)
def _languages() -> tuple[_Language, ...]:
    table = tomllib.loads(_TABLE.read_text(encoding="utf-8"))
    return tuple(_language(entries) for entries in table.values())


def _language(entries: Mapping[str, list[str] | bool]) -> _Language:
    lists = {
        name: sorted(map(_flat, words), key=len, reverse=True)
        for name, words in entries.items()
        if isinstance(words, list)
    }
    spaced = not entries.get("unspaced", False)
    gap, close = (rf".{{0,{NEAR}}}?", rf".{{0,{NEAR // 2}}}?")
    found = []
    for verbs, objects in _PAIRS:
        one, other = _any(lists[verbs], spaced), _any(lists[objects], spaced)
        if verbs == "dismiss" and "lead" in lists:
            one = rf"(?:^|[^\w\s]['\")]? ?|{_any(lists['lead'], spaced)} ){one}"
        found.append(f"{one}{gap}{other}")
        if entries.get("last"):
            found.append(f"{other}{gap}{one}")
    number, unit, to = _NUMBER, _any(lists["units"], spaced=False), _any(lists["to"], spaced)
    joint = f"(?:{to}.{{0,12}}?){'?' if spaced else ''}"
    limit = (
        rf"(?:{number} ?{unit}\w{{0,3}}\W{{0,4}}{joint}{number} ?{unit}"
        rf"|{number} ?{unit}\W{{0,4}}{to} ?{number}|{number} ?{to} ?{number} ?{unit})"
    )
    alter = _any(lists["alter"], spaced)
    found += [f"{alter}{close}{limit}", f"{limit}{close}{alter}", _any(lists["alone"], spaced)]
    joined = [
        f"(?:{_joined(lists[verbs])}).{{0,12}}(?:{_joined(lists[objects])})"
        for pair in _PAIRS[:1]
        for verbs, objects in (pair, pair[::-1])
    ]
    must, near = _any(lists["must"], spaced), r"[\s\S]{0,160}?"
    heading = (
        f"{_LINE}(?:{_any(lists['heading'], spaced=False)} ?{_CLAUSE_NUMBER}{near}{must}"
        f"|{_CLAUSE_NUMBER} {near}{_any(lists['actors'], spaced)} ?{must})"
    )
    first = [word for name in ("dismiss", "edit", "decide", "reveal", "alter", "alone") for word in lists[name]]
    return _Language(
        frozenset((_WORD.findall(word) or [word])[0] if spaced else word for word in first),
        spaced,
        re.compile("|".join(found)),
        re.compile("|".join(joined)),
        re.compile(heading),
    )


def _any(words: list[str], spaced: bool) -> str:
    """Return a pattern of whole words, `*` for any ending; where words are not spaced, of their characters."""
    inner = "|".join(re.escape(word).replace(r"\*", r"\w*").replace(r"\ ", " ") for word in words)
    return rf"(?<!\w)(?:{inner})(?!\w)" if spaced else f"(?:{inner})"


def _joined(words: list[str]) -> str:
    return "|".join(re.escape(re.sub(r"[\W_]", "", word)) for word in words)


def _flat(word: str) -> str:
    return skeleton(word) if word.strip() else word
