"""References from one clause to another: "clause 6.3", "§ 2 Nr. 1", "§§ 24 und 25"; which of them lead nowhere.

A reference that names another act ("§ 435 des Handelsgesetzbuches", "clause 4 of the carrier's terms") is not followed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from voc.standards.document import ParsedClause, Problem

_NUMBER: Final = r"\d{1,4}[a-z]?(?:\.\d{1,4}[a-z]?){0,5}(?![\w])"
_VALUE: Final = r"(?:\d{1,4}[a-z]?|[a-z])(?![\w])"
_AND: Final = r"(?:,|,?\s+(?:und|oder|bis|sowie|and|or|to|et|ou|e|y|o))"
_PART: Final = (
    r"(?:Abs(?:\.|atz(?:es)?|ätzen?)|Satz(?:es)?|Sätzen?|Nrn?\.|Nummern?|Buchstaben?|Buchst\.|Halbs(?:\.|atz)"
    r"|paragraph)"
)
_PARTS: Final = rf"(?:,?\s+{_PART}\s+{_VALUE}(?:{_AND}\s+(?:{_PART}\s+)?{_VALUE}){{0,20}})"
_SIGN: Final = r"(?:§{1,2}|Art\.|Art[ií][ck](?:el|le|olo|ulo)s?)\s*"
_REFERENCE: Final = rf"{_SIGN}{_NUMBER}(?:{_AND}\s+{_NUMBER}){{0,30}}{_PARTS}{{0,6}}"
_RUN = re.compile(rf"{_REFERENCE}(?:(?:{_AND}|\s+in\s+Verbindung\s+mit)\s+{_REFERENCE}){{0,20}}", re.IGNORECASE)
_ONE = re.compile(rf"(?P<sign>{_SIGN})(?P<numbers>{_NUMBER}(?:{_AND}\s+{_NUMBER}){{0,30}})", re.IGNORECASE)
_OTHER_ACT = re.compile(
    r"\s+(?:des|der|of(?:\s+the)?|du|de\s+la|del|della|do|da)\s+(?!diese[rs]\b|this\b|present\b)[\w'’-]+"
    r"|\s+[A-ZÄÖÜ]\w*[A-ZÄÖÜ]\w*\b"
)
_CLAUSES = re.compile(
    r"\b(?:clauses?|Klauseln?|Ziffern?|cl[aá]usulas?|clausol[ae])\s+"
    rf"(?P<numbers>(?:[A-Z]\.)?{_NUMBER}(?:{_AND}\s+(?:[A-Z]\.)?{_NUMBER}){{0,30}})",
    re.IGNORECASE,
)
_OTHER_TEXT = re.compile(
    r"\s+(?:of|der|des|du|de|del|della|da|do)\s+(?!this\b|diese[rs]?\b|ce\b|cette\b|est[ea]\b|quest[aoe]\b)"
)
_PIECE = re.compile(rf"(?:[A-Z]\.)?{_NUMBER}")


def dangling(clauses: Sequence[ParsedClause], also: Sequence[str] = ()) -> Iterator[Problem]:
    """Yield the references that lead to no clause of the document; `also` are numbers of its global edition.

    A house standard must be whole in itself, so there they are errors; a law cites what was repealed, so there (numbers
    with § or Art.) they are warnings.
    """
    numbers = {*also, *(clause.number for clause in clauses)}
    plain = {one for one in numbers if one[0] != "§" and not one.startswith("Art.")}
    wide = plain | {one.rsplit(".", cut)[0] for one in plain for cut in range(1, one.count(".") + 1)}
    signs = [sign for sign in ("§", "Art.") if any(one.startswith(sign) for one in numbers)]
    for clause in clauses:
        text = clause.text
        wrong = [] if not plain else [one for one in _to_clauses(text) if one not in wide]
        if wrong:
            told = f"clause {clause.number} refers to clause {', '.join(dict.fromkeys(wrong))}, which there is not."
            yield Problem(clause.line, "error", "dangling", told)
        missing = [one for one in _to_sections(text, signs) if one not in numbers]
        if missing:
            told = f"{clause.number} refers to {', '.join(dict.fromkeys(missing))}, which the document does not hold."
            yield Problem(clause.line, "warning", "dangling", told)


def _to_clauses(text: str) -> Iterator[str]:
    for match in _CLAUSES.finditer(text):
        if not _OTHER_TEXT.match(text, match.end()):
            yield from _PIECE.findall(match["numbers"])


def _to_sections(text: str, signs: Sequence[str]) -> Iterator[str]:
    """Yield the numbers that a text refers to with § or Art., as they are stored."""
    for run in _RUN.finditer(text) if signs else ():
        if _OTHER_ACT.match(text, run.end()):
            continue
        for one in _ONE.finditer(run[0]):
            sign = "§" if one["sign"].startswith("§") else "Art."
            if sign in signs:
                yield from (f"{sign} {number}" for number in _PIECE.findall(one["numbers"]))
