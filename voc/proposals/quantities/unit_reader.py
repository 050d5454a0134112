"""Read the unit that follows a number, or stands before it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from voc.proposals.quantities import units
from voc.proposals.quantities.tokens import END, Token
from voc.proposals.quantities.units import CLOCK, COUNT, SHARE, WORKDAY, Unit, read_unit


def words(text: str) -> frozenset[str]:
    """Return the words of a text as a set."""
    return frozenset(text.split())


HALF: Final = words(
    "half halb halbe halben halber halbes demi demie media medio meia meio mezza mezzo mezz halve yarim"
)
_SKIP: Final = words(
    "full whole clear consecutive calendar further more additional another other different us complete separate "
    "volle vollen ganze ganzen weitere weiteren verschiedene verschiedenen aufeinanderfolgende aufeinanderfolgenden -"
)
_LINKS: Final = words("a an of d de di van einer ' -")
_PER: Final = words("a an per each every pro am im par por ao al op the le la")
_NOT_PER: Final = words("of der des de du da do della di van after before nach")
_MONEY: Final = ("euro", "dollar", "pound", "real", "franc", "lira", "yuan")


class UnitReader:
    """Reads units among the tokens of one text; each question looks at a bounded number of tokens."""

    def __init__(self, tokens: Sequence[Token], language: str) -> None:
        self._tokens = tokens
        self._language = language

    def at(self, place: int) -> Token:
        """Return a token, or an empty one beyond the ends."""
        return self._tokens[place] if 0 <= place < len(self._tokens) else END

    def cjk(self, place: int) -> tuple[Unit | None, int]:
        """Return the unit that the next characters name, up to three, and the token after it."""
        if self.at(place).text in ("个", "個") and self.at(place + 1).text not in ("月",):
            place += 1
        for length in (3, 2, 1):
            word = "".join(self.at(place + step).text for step in range(length))
            if units.TIMES.fullmatch(word):
                return COUNT, place + length
            if (unit := read_unit(word, self._language)) is not None:
                return unit, place + length
        return None, place

    def linked(self, place: int) -> tuple[Unit | None, int]:
        """Return the unit after words such as "of an"."""
        for _ in range(3):
            if self.at(place).text not in _LINKS:
                break
            place += 1
        unit, after = self.unit(place)
        return (None, place) if unit is CLOCK else (unit, after)

    def unit(self, place: int) -> tuple[Unit | None, int]:
        """Return the unit at a token, past words such as "consecutive", and the token after it."""
        for _ in range(2):
            if self.at(place).text not in _SKIP:
                break
            place += 1
        if (found := self._clock_unit(place) or self._percent(place)) is not None:
            return found
        word = self.at(place).text
        if word in units.WORKING_BEFORE and (working := read_unit(self.at(place + 1).text, self._language)):
            is_day = working.factor == units.DAY
            return WORKDAY if is_day else Unit(f"working {working.kind}", working.factor), place + 2
        if self.at(place).kind == "cjk":
            return self.cjk(place)
        unit = COUNT if units.TIMES.fullmatch(word) else read_unit(word, self._language)
        if unit == Unit("minute", units.DAY) and self.at(place + 1).text in units.WORKING_AFTER:
            return WORKDAY, place + 2
        return unit, place + 1

    def _clock_unit(self, place: int) -> tuple[Unit, int] | None:
        word = self.at(place).text
        english = self._language == "en" and (
            word in ("am", "pm") or (word in ("a", "p") and self.says(place + 1, ". m"))
        )
        if word == "uhr" or english:
            return CLOCK, place + 1
        if word == "o" and self.says(place + 1, "' clock"):
            return Unit("time of day", 60.0), place + 3
        return None

    def _percent(self, place: int) -> tuple[Unit, int] | None:
        for phrase in units.PERCENT_AFTER:
            if self.says(place, phrase):
                return Unit(SHARE, 0.01), place + len(phrase.replace(".", " .").split())
        return None

    def and_half(self, place: int) -> tuple[float, int]:
        """Return the half after a unit: "deux heures et demie", "hora y media"."""
        if self.at(place).text in ("et", "y", "e") and self.at(place + 1).text in HALF:
            return 0.5, place + 2
        return 0.0, place

    def rate(self, place: int) -> tuple[str, int]:
        """Return what a quantity is by, as in "24 hours a day", and the token after it."""
        if self.at(place).text not in _PER:
            return "", place
        unit = read_unit(self.at(place + 1).text, self._language)
        if unit is None or unit.kind not in ("minute", "month") or self.at(place + 2).text in _NOT_PER:
            return "", place
        return f"{unit.kind} {unit.factor:g}", place + 2

    def before(self, first: int) -> Unit | None:
        """Return the unit that stands before its number: "€ 30", "EUR 30", "yüzde 50"."""
        word = self.at(first - 1).text
        if word in ("yuzde", "%"):
            return Unit(SHARE, 0.01)
        unit = read_unit(word, self._language)
        return unit if unit is not None and unit.kind in _MONEY else None

    def says(self, place: int, words: str) -> bool:
        """Say whether the tokens from a place on are these words."""
        parts = words.replace(".", " .").split()
        return all(self.at(place + step).text == part for step, part in enumerate(parts))
