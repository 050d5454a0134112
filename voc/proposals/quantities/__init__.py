"""Quantities of a text: value, unit, comparator and place, in digits of any script or in words of eight languages.

Values are in one unit of their kind, so that what is equal is equal: 1 day and 24 hours are 1,440 minutes, 2 kilometres
are 2,000 metres. Working days, months and calendar days are different kinds.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from voc.proposals.quantities.comparators import Comparator, comparator_of
from voc.proposals.quantities.folding import Folded, fold
from voc.proposals.quantities.number_words import ROMAN, read_roman
from voc.proposals.quantities.quantity import Quantity
from voc.proposals.quantities.reader import Read, Reader
from voc.proposals.quantities.soft import soft_quantities
from voc.proposals.quantities.units import read_unit

__all__ = ["Comparator", "Quantity", "quantities"]

_BREAK: Final = re.compile(r"[.;!?:](?=\s|$)|[。！？；]")
_RANGE: Final = frozenset("to - bis a e y et und and or oder ou o ate hasta until en ed ~ tot".split())  # noqa: SIM905


def quantities(text: str, language: str) -> tuple[Quantity, ...]:
    """Return the quantities of a text in its language, in order of place."""
    folded = fold(text)
    reader = Reader(folded.text, language[:2].lower())
    found = [*_with_comparators(reader, folded.text), *soft_quantities(folded.text)]
    placed = [_placed(one, folded) for one in found]
    placed += _roman(text, language)
    return tuple(sorted(placed, key=lambda one: (one.start, one.end)))


def _with_comparators(reader: Reader, folded: str) -> list[Quantity]:
    reads = _ranges(reader.read(), reader)
    found: list[Quantity] = []
    end = 0
    for place, one in enumerate(reads):
        start, stop = reader.at(one.first).start, reader.at(one.after - 1).end
        before = folded[max(end, start - 80) : start]
        cut = [match.end() for match in _BREAK.finditer(before)]
        ranged = place > 0 and _is_range(reads[place - 1], one, reader)
        comparator = one.comparator or comparator_of(before[cut[-1] if cut else 0 :], folded[stop : stop + 40])
        if ranged:
            comparator = found[-1].comparator
        noun = reader.at(one.after).text if one.unit.kind == "count" else ""
        found.append(Quantity(one.value, one.unit.kind, comparator, start, stop, noun[:24], one.per, one.loose))
        end = stop
    return _merged(found, folded)


def _is_range(left: Read, right: Read, reader: Reader) -> bool:
    return right.first == left.after + 1 and reader.at(left.after).text in _RANGE


def _ranges(reads: Sequence[Read], reader: Reader) -> list[Read]:
    """Give the first number of "2 to 4 hours" the unit of the second."""
    found = list(reads)
    for place in range(len(found) - 2, -1, -1):
        left, right = found[place], found[place + 1]
        if left.unit.kind == "count" and right.unit.kind != "count" and _is_range(left, right, reader):
            found[place] = left._replace(value=left.value * right.unit.factor, unit=right.unit)
    return found


def _merged(found: Sequence[Quantity], folded: str) -> list[Quantity]:
    """Join "1 hour 30 minutes" into one quantity."""
    merged: list[Quantity] = []
    for one in found:
        last = merged[-1] if merged else None
        between = folded[last.end : one.start].strip() if last else ""
        if (
            last
            and last.unit == one.unit == "minute"
            and between in ("", "and", "und", "et", "y", "e")
            and (last.value > one.value and last.value % 60 == 0 and one.value < 60)
        ):
            merged[-1] = replace(last, value=last.value + one.value, end=one.end)
        else:
            merged.append(one)
    return merged


def _placed(one: Quantity, folded: Folded) -> Quantity:
    start, end = folded.span(one.start, one.end)
    return replace(one, start=start, end=end)


def _roman(text: str, language: str) -> list[Quantity]:
    """Return Roman numerals that a unit follows."""
    found = []
    for match in ROMAN.finditer(text):
        word = re.match(r"\s{0,2}([^\W\d_]{1,24})", text[match.end() : match.end() + 28])
        unit = read_unit(fold(word[1]).text, language) if word else None
        if unit is not None:
            value = read_roman(match[0]) * unit.factor
            found.append(Quantity(value, unit.kind, Comparator.EXACTLY, match.start(), match.end()))
    return found
