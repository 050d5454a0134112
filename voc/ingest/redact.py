"""Take personal data out of a text before anything else sees it.

Every recogniser is a linear-time pattern with bounded repetition, checked where a check exists (Luhn, modulo 97,
national numbering plans); what is found becomes a typed placeholder such as [EMAIL]. Names are not recognised.

Source: Luhn, US patent 2,950,048; IBAN check digits, ISO 13616 and ISO 7064 (modulo 97-10); numbering plans by the
phonenumbers library.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

_LABELS: Final = (
    r"order|tracking|parcel|shipment|consignment|ref(?:erence)?|ticket|case|claim|invoice|"
    r"bestell(?:ung|nummer)?|auftrag(?:snummer)?|sendung(?:snummer)?|paket(?:nummer)?|"
    r"commande|colis|suivi|pedido|rastreio|rastreamento|encomenda|protocolo|"
    r"注文番号|追跡番号|伝票番号|お問い合わせ番号"
)
_NUMBER_WORDS: Final = r"(?:\s{0,2}(?:number|num|no|nr|nummer|numéro|número|n[°º]|id|code|ref)\b\.?)?"


_LEAST_PHONE_DIGITS: Final = 8


@dataclass(frozen=True, slots=True)
class Redacted:
    """A text without personal data, and how many of each kind were taken out."""

    text: str
    found: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class _Recogniser:
    kind: str
    pattern: re.Pattern[str]
    accepts: Callable[[str], bool]


def luhn(digits: str) -> bool:
    """Say whether digits carry a right Luhn check digit."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def _card(found: str) -> bool:
    digits = re.sub(r"\D", "", found)
    return 13 <= len(digits) <= 19 and len(set(digits)) > 1 and luhn(digits)


def _iban(found: str) -> bool:
    plain = re.sub(r"\s", "", found).upper()
    if not 15 <= len(plain) <= 34:
        return False
    moved = plain[4:] + plain[:4]
    return int("".join(str(int(character, 36)) for character in moved)) % 97 == 1


def _tracking(found: str) -> bool:
    return sum(character.isdigit() for character in found) >= 6


def _has_digits(found: str) -> bool:
    return sum(character.isdigit() for character in found) >= 4


def _always(_found: str) -> bool:
    return True


_RECOGNISERS: Final = (
    _Recogniser("URL", re.compile(r"\b(?:https?://|www\.)[^\s<>\"'）)\]]{2,2000}", re.IGNORECASE | re.ASCII), _always),
    _Recogniser(
        "EMAIL", re.compile(r"(?<![\w.+-])[\w.+%-]{1,64}\s?@\s?[\w-]{1,63}(?:\.[\w-]{1,63}){1,6}", re.UNICODE), _always
    ),
    _Recogniser(
        "URL",
        re.compile(
            r"\b(?:[a-z0-9-]{1,63}\.){1,4}(?:com|org|net|de|fr|io|jp|br|uk|es|it|info|app|example)"
            r"(?:/[^\s<>\"')\]]{0,500})?\b",
            re.ASCII,
        ),
        _always,
    ),
    _Recogniser(
        "IBAN", re.compile(r"\b[A-Z]{2}\d{2}(?:[ ]?[A-Z0-9]{2,4}){3,8}(?:[ ]?[A-Z0-9]{1,3})?\b", re.ASCII), _iban
    ),
    _Recogniser("CARD", re.compile(r"(?<![\d-])\d(?:[ -]?\d){12,18}(?![\d-])"), _card),
    _Recogniser(
        "TRACKING",
        re.compile(r"\b1Z[\s]?[0-9A-Z]{3}[\s]?[0-9A-Z]{3}[\s]?[0-9A-Z]{2}[\s]?[0-9A-Z\s]{8,11}\b", re.ASCII),
        _tracking,
    ),
    _Recogniser("TRACKING", re.compile(r"\b[A-Z]{2}[ ]?\d{3}[ ]?\d{3}[ ]?\d{3}[ ]?[A-Z]{2}\b", re.ASCII), _always),
    _Recogniser("TRACKING", re.compile(r"\b[A-Z]{1,5}\d{8,30}[A-Z]{0,3}\b", re.ASCII), _tracking),
    _Recogniser(
        "ORDER",
        re.compile(
            rf"(?<=\W)(?:(?<=#)|(?<=n°)|(?<=nº))\s?[A-Z0-9][A-Z0-9-]{{3,30}}\b|"
            rf"(?<![A-Za-z])(?:{_LABELS}){_NUMBER_WORDS}\s{{0,2}}(?:is|ist|est|[:#])?\s{{0,2}}#?(?P<number>[A-Z]{{0,4}}-?\d[\dA-Z-]{{3,30}})(?![A-Za-z0-9])",
            re.IGNORECASE,
        ),
        _has_digits,
    ),
)
_LONG_NUMBER: Final = re.compile(r"(?<![\d.,:/€$£¥-])\d{4,6}-\d{4,8}(?![\d-])|(?<![\d.,€$£¥])\d{10,30}(?![\d,.]\d)")
_HANDLE: Final = re.compile(r"(?<![\w@/.])@[A-Za-z_][\w.]{1,38}\w")
_PHONE: Final = re.compile(
    r"(?<![A-Za-z0-9_+])(?:"
    r"(?:\+|00)[1-9](?:[ ().-]{0,2}\d){6,13}"
    r"|\(?0\d{1,5}\)?/?(?:[ .-]{0,2}\d){5,11}"
    r"|\(\d{2,4}\)\s?\d{3,5}[ .-]?\d{3,4}"
    r"|\d{3}[-. ]\d{3}[-. ]\d{4}"
    r")(?![A-Za-z0-9_])"
)
_DATE: Final = re.compile(r"\d{1,2}[./-]\d{1,2}[./-](?:\d{4}|\d{2})(?!\d)")


class Redactor:
    """Redacts the texts of one market; phone numbers follow the numbering plans of its regions."""

    def __init__(self, regions: Iterable[str]) -> None:
        self._regions = tuple(region for region in regions if len(region) == 2)

    def redact(self, text: str) -> Redacted:
        """Return the text with placeholders; a second pass changes nothing."""
        counts: dict[str, int] = {}
        for recogniser in _RECOGNISERS:
            text = self._replace(text, recogniser, counts)
        text = self._phones(text, counts)
        text = self._replace(text, _Recogniser("ORDER", _LONG_NUMBER, _always), counts)
        text = self._replace(text, _Recogniser("HANDLE", _HANDLE, _always), counts)
        return Redacted(text, tuple(sorted(counts.items())))

    def _replace(self, text: str, recogniser: _Recogniser, counts: dict[str, int]) -> str:
        def put(match: re.Match[str]) -> str:
            groups = match.groupdict()
            found = groups.get("number") or match[0]
            if not recogniser.accepts(found):
                return match[0]
            counts[recogniser.kind] = counts.get(recogniser.kind, 0) + 1
            return match[0].replace(found, f"[{recogniser.kind}]", 1)

        return recogniser.pattern.sub(put, text)

    def _phones(self, text: str, counts: dict[str, int]) -> str:
        return _PHONE.sub(lambda match: self._phone(match[0], counts), text)

    def _phone(self, found: str, counts: dict[str, int]) -> str:
        import phonenumbers

        if _DATE.match(found) or sum(character.isdigit() for character in found) < _LEAST_PHONE_DIGITS:
            return found
        for region in (*self._regions, None):
            try:
                number = phonenumbers.parse(found, region)
            except phonenumbers.NumberParseException:
                continue
            if phonenumbers.is_possible_number(number):
                counts["PHONE"] = counts.get("PHONE", 0) + 1
                return "[PHONE]"
        return found
