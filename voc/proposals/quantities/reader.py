"""Read the numbers of a folded text with the units that follow them."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from voc.proposals.quantities import units
from voc.proposals.quantities.comparators import Comparator
from voc.proposals.quantities.number_words import evaluate, joins, may_follow, ordinal, read_han, read_word
from voc.proposals.quantities.tokens import (
    Token,
    read_clock,
    read_fraction,
    read_literal,
    read_reference,
    tokens_of,
)
from voc.proposals.quantities.unit_reader import HALF, UnitReader, words
from voc.proposals.quantities.units import CLOCK, COUNT, SHARE, Unit, read_unit

_ARTICLES: Final = {
    "en": ("a", "an", "one", "single"), "de": ("ein", "eine", "einer", "einem", "einen", "eines"), "fr": ("un", "une"),
    "es": ("un", "una", "uno"), "pt": ("um", "uma"), "it": ("un", "una", "uno"), "nl": ("een",), "tr": ("bir",),
}  # fmt: skip


_HALF_ALONE: Final = words("half halfte moitie mitad metade helft yarisi")
_QUARTER: Final = words("quarter quarters viertel quart quarts cuarto cuartos quarto quartos kwart ceyrek")
_THIRD: Final = words("third thirds drittel tiers terco tercos tercio tercios terzi derde")
_ALONE: Final = words("quarter quarters viertel kwart ceyrek third thirds drittel")
_REFERENCE: Final = words(
    "clause clauses section sections article articles ziffer abschnitt absatz abs nr nummer satz klausel klauseln "
    "clausula clausulas secao artigo artigos paragraph paragraphs punkt chapter annex anhang annexe anexo § #"
)
_PER: Final = words("a an per each every pro am im par por ao al op the le la")
_ATTEMPT: Final = re.compile(
    r"attempts?|\w{0,14}versuch(?:en?|es|s)?|tentativ(?:es?|as?|o|i)|intentos?|poging(?:en)?|deneme\w{0,4}|visits?|calls?|reminders?"
)
_WHOLE_CLOCK: Final = {
    **dict.fromkeys(("noon", "midday", "midi", "mittags", "mediodia", "mezzogiorno"), 720.0),
    **dict.fromkeys(("midnight", "mitternacht", "minuit", "medianoche", "mezzanotte", "middernacht"), 1440.0),
}
_WHOLE: Final = {"viertelstunde": 15.0, "dreiviertelstunde": 45.0, "kwartier": 15.0, "halfuur": 30.0, "tagelang": 0.0}
_EVERY: Final = words("every each jede jeden jeder jedes chaque cada ogni elke iedere her")
_EVERY_PLURAL: Final = {"tous": "les", "toutes": "les", "todos": "os", "todas": "as"}
_ONCE_BEFORE: Final = words("a per every at through within in more only , . ; )")
_NO_NUMBER: Final = ("einfach", "einmal", "einmalig", "eenmaal", "eenmalig")
_UNREAL_SECOND: Final = 1 / 60


class Read(NamedTuple):
    """A number with its unit, and where both lie among the tokens: from `first` up to `after`."""

    value: float
    unit: Unit
    first: int
    after: int
    comparator: Comparator | None = None
    per: str = ""
    loose: bool = False


class _Number(NamedTuple):
    value: float
    after: int
    rest: str = ""
    is_one: bool = False


class Reader:
    """Reads one folded text; each number looks at a bounded number of tokens, so the whole is linear."""

    def __init__(self, folded: str, language: str) -> None:
        self.tokens = tokens_of(folded)
        self._units = UnitReader(self.tokens, language)
        self._language = language
        self._articles = _ARTICLES.get(language, _ARTICLES["en"])

    def at(self, place: int) -> Token:
        """Return a token, or an empty one beyond the ends."""
        return self._units.at(place)

    def read(self) -> list[Read]:
        """Return the quantities in order of place."""
        found: list[Read] = []
        place = 0
        while place < len(self.tokens):
            one = self._read_at(place)
            if one is None:
                place += 1
                continue
            found.append(one)
            place = max(one.after, place + 1)
        return found

    def _read_at(self, place: int) -> Read | None:
        token = self.tokens[place]
        if token.kind in ("week", "date"):
            digits = float(re.sub(r"\D", "", token.text))
            return Read(digits, Unit(token.kind, 1.0), place, place + 1)
        if token.kind == "clock":
            return self._clock(read_clock(token.text), place, place + 1)
        if token.kind in ("number", "fraction", "han"):
            return self._literal(place)
        if token.kind == "word":
            return self._often(place) or self._half(place) or self._ordinal(place) or self._worded(place)
        return None

    def _clock(self, value: float, place: int, after: int) -> Read:
        tail = self.at(after).text
        if tail == "uhr":
            after += 1
        elif tail in ("am", "pm") or (tail in ("a", "p") and self._units.says(after + 1, ". m")):
            value = value % 720 + (720 if tail[0] == "p" else 0)
            after += 1 if len(tail) == 2 else (4 if self.at(after + 3).text == "." else 3)
        return Read(value, CLOCK, place, after)

    def _literal(self, place: int) -> Read | None:
        token, before = self.tokens[place], self.at(place - 1).text
        if token.kind == "han":
            return self._han(place)
        if before in _REFERENCE or (before == "." and self.at(place - 2).text in _REFERENCE):
            return Read(read_reference(token.text), Unit("reference", 1.0), place, place + 1)
        value = read_fraction(token.text) if token.kind == "fraction" else read_literal(token.text, self._language)
        scaled = read_word(self.at(place + 1).text, self._language)
        after = place + 1
        if scaled and len(scaled.atoms) == 1 and not scaled.rest and scaled.value in (100.0, 1000.0, 1e6, 12.0):
            value, after = value * scaled.value, after + 1
        return self._with_unit(_Number(value, after), place)

    def _han(self, place: int) -> Read | None:
        token = self.tokens[place]
        unit, after = self._units.cjk(place + 1)
        if unit is None and (self._language in ("zh", "ja") and len(token.text) == 1):
            return None
        return Read(read_han(token.text) * (unit or COUNT).factor, unit or COUNT, place, after)

    def _worded(self, place: int) -> Read | None:
        number = self._words(place)
        if number is None:
            return self._whole(place)
        if not number.is_one:
            return self._with_unit(number, place)
        found = self._with_unit(number, place)
        if found.unit.kind == "count" or found.unit.factor == _UNREAL_SECOND:
            return self._bare_one(place, found)
        rate = place > 0 and self.at(place).text in _PER and self._ends_quantity(place)
        return None if rate else found

    def _bare_one(self, place: int, found: Read) -> Read | None:
        """Return "one" without a unit only where it counts: "at least one", "a single attempt", "one attempt"."""
        near = {self.at(place - step).text for step in (1, 2)}
        counted = near & {
            "least",
            "most",
            "only",
            "mindestens",
            "wenigstens",
            "nur",
            "moins",
            "menos",
            "almeno",
            "minstens",
        }
        if counted or _ATTEMPT.fullmatch(self.at(place + 1).text) or self.at(place).text == "single":
            return found._replace(loose=True)
        return None

    def _ends_quantity(self, place: int) -> bool:
        before = self.at(place - 1).text
        return before in ("once", "twice", "thrice", "%") or read_unit(before, self._language) is not None

    def _words(self, place: int) -> _Number | None:
        word = self.tokens[place].text
        if word in ("a", "an", "single") and self._language == "en":
            follow = read_word(self.at(place + 1).text, "en")
            if follow is not None and follow.value in (12.0, 100.0, 1000.0, 1e6) and len(follow.atoms) == 1:
                return _Number(follow.value, place + 2)
            return _Number(1.0, place + 1, is_one=True)
        said = read_word(word, self._language)
        if said is None or (said.rest and not self._is_tail(said.rest)) or word in _NO_NUMBER:
            return None
        atoms, after, rest = list(said.atoms), place + 1, said.rest
        while not rest and (step := self._next_atom(atoms, after)) is not None:
            more, after, rest = step
            atoms += more
        value = evaluate(atoms, self._language) if len(atoms) > len(said.atoms) else said.value
        one = value == 1.0 and len(atoms) == 1 and word in self._articles and not rest
        return _Number(value, after, rest, one)

    def _next_atom(self, atoms: list[float], place: int) -> tuple[list[float], int, str] | None:
        skip = 1 if self.at(place).text == "-" else 0
        joined = self.at(place + skip).text in joins(self._language)
        skip += joined
        if self.at(place + skip).text == "-":
            skip += 1
        token = self.at(place + skip)
        if token.kind != "word":
            return None
        said = read_word(token.text, self._language)
        if said is None or (said.rest and not self._is_tail(said.rest)):
            return None
        if not may_follow(atoms, said.atoms[0], joined, self._language):
            return None
        return list(said.atoms), place + skip + 1, said.rest

    def _is_tail(self, rest: str) -> bool:
        if len(rest) == 1:  # "zweit" is no weight
            return False
        return units.TIMES.fullmatch(rest) is not None or read_unit(rest, self._language) is not None

    def _with_unit(self, number: _Number, first: int) -> Read:
        if number.rest:
            own = read_unit(number.rest, self._language) or COUNT
            return Read(number.value * own.factor, own, first, number.after)
        value, place = number.value, number.after
        if self._units.says(place, "and a half") and self._language == "en":
            value, place = value + 0.5, place + 3
        if (part := self._part(value, place)) is not None:
            return Read(part[0], part[1], first, part[2])
        unit, after = self._units.unit(place)
        if unit is CLOCK:
            return self._clock((60 * value) or 1440.0, first, place)
        if unit is None and (before := self._units.before(first)) is not None:
            unit, after = before, place
        if unit is None:
            return Read(value, COUNT, first, place)
        extra, after = self._units.and_half(after)
        per, after = self._units.rate(after)
        return Read((value + extra) * unit.factor, unit, first, after, per=per)

    def _part(self, value: float, place: int) -> tuple[float, Unit, int] | None:
        """Return parts of a unit: three quarters of an hour, two thirds."""
        word = self.at(place).text
        share = 0.25 if word in _QUARTER else 1 / 3 if word in _THIRD else 0.0
        if not share or self.at(place + 1).text in ("party", "parties"):
            return None
        unit, after = self._units.linked(place + 1)
        if unit is not None:
            return value * share * unit.factor, unit, after
        return (value * share, Unit(SHARE, 1.0), place + 1) if word in _ALONE and value >= 1 else None

    def _often(self, place: int) -> Read | None:
        """Return "daily", "every day", "once a week" and "once"."""
        word = self.tokens[place].text
        if word in units.EVERY:
            return Read(units.EVERY[word], Unit("minute", 1.0), place, place + 1, Comparator.EVERY)
        step = 1 if word in _EVERY else 2 if self.at(place + 1).text == _EVERY_PLURAL.get(word) else 0
        if step:
            if nth := ordinal(self.at(place + step).text, self._language):  # "every third customer"
                return self._ordinal(place + step) or Read(1 / nth, Unit(SHARE, 1.0), place, place + step + 1)
            unit, after = self._units.unit(place + step)
            if unit is not None and unit.kind in ("minute", "month", "working day") and unit.factor > _UNREAL_SECOND:
                return Read(unit.factor, unit, place, after, Comparator.EVERY)
            return None
        if (
            word == "once"
            and self._language == "en"
            and (self.at(place + 1).text in _ONCE_BEFORE or place + 1 >= len(self.tokens))
        ):
            per, after = self._units.rate(place + 1)
            return Read(1.0, COUNT, place, after, per=per, loose=not per)
        return None

    def _half(self, place: int) -> Read | None:
        word = self.tokens[place].text
        if word in HALF:
            unit, after = self._units.linked(place + 1)
            if unit is not None and unit is not COUNT:
                return Read(unit.factor / 2, unit, place, after)
            for step in (1, 2):  # "half a dozen", "halbes Dutzend"
                dozen = read_word(self.at(place + step).text, self._language)
                if dozen is not None and dozen.value == 12.0 and len(dozen.atoms) == 1:
                    return Read(6.0, COUNT, place, place + step + 1)
        elif word.startswith("halb") and (part := read_unit(word[4:], "de")) is not None:
            return Read(part.factor / 2, part, place, place + 1)
        return Read(0.5, Unit(SHARE, 1.0), place, place + 1) if word in _HALF_ALONE else None

    def _ordinal(self, place: int) -> Read | None:
        value = ordinal(self.tokens[place].text, self._language)
        if value is None:
            return None
        unit, after = self._units.unit(place + 1)
        if unit is not None and unit.kind in ("minute", "working day", "month") and unit.factor > _UNREAL_SECOND:
            return Read(value * unit.factor, unit, place, after)
        return Read(value, COUNT, place, place + 1) if _ATTEMPT.fullmatch(self.at(place + 1).text) else None

    def _whole(self, place: int) -> Read | None:
        word = self.tokens[place].text
        if word in _WHOLE_CLOCK:
            return Read(_WHOLE_CLOCK[word], CLOCK, place, place + 1)
        if word in ("meia", "meio") and self.at(place + 2).text in ("noite", "dia") and self.at(place + 1).text == "-":
            return Read(1440.0 if self.at(place + 2).text == "noite" else 720.0, CLOCK, place, place + 3)
        if word in _QUARTER and (part := self._part(1.0, place)) and part[1].kind == "minute":
            return Read(part[0], part[1], place, part[2])
        if word in _WHOLE:
            return Read(_WHOLE[word], Unit("minute", 1.0), place, place + 1)
        if word == "couple" and self.at(place + 1).text == "of":
            unit, after = self._units.unit(place + 2)
            return Read(2.0 * unit.factor, unit, place, after) if unit else None
        return None
