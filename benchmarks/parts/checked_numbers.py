"""Numbers and limits for the independent checker: its own reading of both, shared with nothing that drafts.

Simple and strict. A number is a run of digits of any script, a sign such as ½, or a number word of six languages. A
limit is a number with a unit and what it bounds: a ceiling (within, at most, by, and what sets a duty off: when … for 3
days) or a floor (at least, for, a customer's own time). Sentences are looked at alone.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal

_TARGET: Final = re.compile(r"\[TARGET[^\]]*\]", re.IGNORECASE)
_CLOCK: Final = re.compile(
    r"(?<![\d.,])(\d{1,2})[:.h](\d{2})(?![\d%]|[.,:]\d)|(?<![\d.,])(\d{1,2})\s?(?=(?:Uhr|a\.?m\.?|p\.?m\.?)(?!\w))"
)
_DIGITS: Final = re.compile(r"\d+(?:[.,'’\u00a0\u202f]\d+)*")
_GROUPED: Final = re.compile(r"[1-9]\d{0,2}(?:[.,'’\u00a0\u202f]\d{3})+")

_END: Final = re.compile(
    r"(?<=[.!?])(?<!\b[ap]\.m\.)\s+|(?<=[^\W\d_][^\W\d_][.!?])(?=[^\W\d_])|(?<=[。！？])\s*|\n+", re.IGNORECASE
)

_ONES: Final = {
    "en": "two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen",
    "de": "zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn fünfzehn sechzehn siebzehn "
    "achtzehn neunzehn",
    "fr": "deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize dix-sept dix-huit "
    "dix-neuf",
    "es": "dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciséis diecisiete "
    "dieciocho diecinueve",
    "pt": "dois três quatro cinco seis sete oito nove dez onze doze treze catorze quinze dezesseis dezessete dezoito "
    "dezenove",
    "tr": "iki üç dört beş altı yedi sekiz dokuz on onbir oniki onüç ondört onbeş onaltı onyedi onsekiz ondokuz",
}
_TENS: Final = {
    "en": "twenty thirty forty fifty sixty seventy eighty ninety",
    "de": "zwanzig dreißig vierzig fünfzig sechzig siebzig achtzig neunzig",
    "fr": "vingt trente quarante cinquante soixante soixante-dix quatre-vingt quatre-vingt-dix",
    "es": "veinte treinta cuarenta cincuenta sesenta setenta ochenta noventa",
    "pt": "vinte trinta quarenta cinquenta sessenta setenta oitenta noventa",
    "tr": "yirmi otuz kırk elli altmış yetmiş seksen doksan",
}
_ONE: Final = {"en": "one", "de": "ein", "fr": "un", "es": "un", "pt": "um", "tr": "bir"}
_JOINED: Final = {"en": "{tens}-{one}", "de": "{one}und{tens}", "fr": "{tens}-{one}", "es": "{tens} y {one}",
                  "pt": "{tens} e {one}", "tr": "{tens} {one}"}  # fmt: skip
_MORE: Final[dict[str, dict[str, float]]] = {
    "en": {"zero": 0, "half": 0.5, "twice": 2, "thrice": 3, "dozen": 12, "hundred": 100, "thousand": 1000,
           "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8, "ninth": 9, "tenth": 10,
           "fortnight": 14, "twenty four": 24, "forty eight": 48, "seventy two": 72},
    "de": {"halb": 0.5, "halbe": 0.5, "halben": 0.5, "zweimal": 2, "dreimal": 3, "dutzend": 12, "hundert": 100,
           "tausend": 1000, "dreissig": 30},
    "fr": {"demi": 0.5, "demie": 0.5, "douzaine": 12, "cent": 100, "mille": 1000, "quinzaine": 15},
    "es": {"media": 0.5, "medio": 0.5, "docena": 12, "cien": 100, "ciento": 100, "mil": 1000, "veinticuatro": 24,
           "veintiuno": 21, "veintidós": 22, "veintitrés": 23, "veinticinco": 25, "dieciseis": 16},
    "pt": {"meia": 0.5, "duas": 2, "tres": 3, "dúzia": 12, "cem": 100, "cento": 100, "mil": 1000, "quatorze": 14},
    "tr": {"yarım": 0.5, "buçuk": 0.5, "düzine": 12, "yüz": 100, "bin": 1000},
}  # fmt: skip
_ONLY_IN: Final = {"once": "es", "on": "tr", "bin": "tr", "cent": "fr", "neuf": "fr", "elf": "de",
                   "media": "es", "medio": "es", "demi": "fr", "mil": "pt es", "elli": "tr"}  # fmt: skip
"""Words that mean something else in another language count only in sentences of their own."""

_FUNCTION_WORDS: Final = {
    "en": "the of and to a in is that for when shall should may must with by not be at or from before after within it",
    "de": "der die das und ist nicht den dem des ein eine zu mit von auf für muss soll wenn wird sind er bei nach",
    "fr": "le la les et est des du un une dans pour que qui doit ne pas sur avec par au aux il elle lorsque après",
    "es": "el la los las y es de del un una en para que debe no por con se al cuando su antes después",
    "pt": "o a os as e é de do da um uma em para que deve não por com se ao quando seu antes após dentro",
    "tr": "ve bir bu için ile de da en olarak veya ise gibi sonra önce her tarafından kadar olan değil içinde",
    "id": "yang dan di ke dari untuk dengan tidak ini itu pada akan harus dalam oleh atau jika saat",
    "it": "il lo la gli le e è di del della un una in per che deve non con dal quando dopo prima entro",
    "nl": "de het een en is van niet dat op te met voor moet als bij door wordt na binnen worden",
}

Sense = Literal["ceiling", "floor"]


@dataclass(frozen=True, slots=True)
class Number:
    """A number as it stands in a text; `kind` is "clock" for a time of day, in hours, else "number"."""

    kind: str
    value: float
    start: int
    end: int
    said: str

    @property
    def key(self) -> tuple[str, float]:
        """Return what makes two numbers the same."""
        return self.kind, round(self.value, 4)


@dataclass(frozen=True, slots=True)
class Limit:
    """A bound: its unit's dimension ("time" in hours, "clock", "length" in metres, …), value and sentence."""

    sense: Sense
    dimension: str
    value: float
    said: str
    sentence: str


def without_targets(text: str) -> str:
    """Return a text without what is marked for the owner to set."""
    return _TARGET.sub(lambda found: " " * len(found[0]), text)


def sentences(text: str) -> tuple[str, ...]:
    """Return the sentences of a text; the stops of numbers and of hours ("9 p.m.") end none."""
    return tuple(one.strip() for one in _END.split(text) if one.strip())


def language_of(text: str) -> str:
    """Return the language of a text by its script or its commonest small words, "" where nothing speaks for any."""
    for pattern, language in ((r"[\u3040-\u30ff]", "ja"), (r"[\u4e00-\u9fff]", "zh"), (r"[\u0400-\u04ff]", "ru")):
        if len(re.findall(pattern, text)) * 4 > len(text.replace(" ", "")):
            return language
    words = re.findall(r"[^\W\d_]+", text.casefold())
    found = {name: sum(word in set(small.split()) for word in words) for name, small in _FUNCTION_WORDS.items()}
    best = max(found, key=lambda name: found[name])
    return best if found[best] else ""


def numbers(text: str) -> tuple[Number, ...]:
    """Return the numbers of a text in order: digits, signs, times of day and number words."""
    found: list[Number] = []
    clear = text
    for reader in (_clocks, _decimals, _signs, _words):
        got = list(reader(clear))
        for one in got:
            clear = clear[: one.start] + " " * (one.end - one.start) + clear[one.end :]
        found += got
    return tuple(sorted(found, key=lambda one: one.start))


def _clocks(text: str) -> Iterator[Number]:
    for match in _CLOCK.finditer(text):
        hour, minute = int(match[1] or match[3]), int(match[2] or 0)
        dotted = match[2] is not None and text[match.end(1)] == "."
        after = text[match.end() : match.end() + 6].lstrip().casefold()
        if hour > 24 or minute > 59 or (dotted and not after.startswith(("uhr", "am", "pm", "a.m", "p.m"))):
            continue
        late = after.startswith(("pm", "p.m")) and hour < 12
        yield Number("clock", hour + 12 * late + minute / 60, match.start(), match.end(), match[0])


def _decimals(text: str) -> Iterator[Number]:
    for match in _DIGITS.finditer(text):
        plain = "".join(str(unicodedata.decimal(mark)) if mark.isdecimal() else mark for mark in match[0])
        if _GROUPED.fullmatch(plain):
            plain = re.sub(r"\D", "", plain)
        parts = re.split(r"\D", plain)
        value = float(".".join(parts)) if len(parts) <= 2 else float("".join(parts))
        yield Number("number", value, match.start(), match.end(), match[0])


def _signs(text: str) -> Iterator[Number]:
    for place, mark in enumerate(text):
        if unicodedata.category(mark) in ("No", "Nl"):
            yield Number("number", unicodedata.numeric(mark), place, place + 1, mark)


def _words(text: str) -> Iterator[Number]:
    table, pattern = _word_table()
    language = language_of(text)
    for match in pattern.finditer(text):
        word = re.sub(r"\s+", " ", match["word"].casefold())
        if word in _ONLY_IN and language not in _ONLY_IN[word].split():
            continue
        if word == "third" and re.match(r"\s+part(?:y|ies)\b", text[match.end() :]):
            continue
        yield Number("number", table[word], match.start("word"), match.end("word"), match["word"])
    for match in _single().finditer(text):
        yield Number("number", 1.0, match.start(1), match.end(1), match[1])


@lru_cache
def _word_table() -> tuple[dict[str, float], re.Pattern[str]]:
    table: dict[str, float] = {}
    for language, small in _ONES.items():
        ones = small.split()
        table |= {word: float(number) for number, word in enumerate(ones, 2)}
        for ten, tens in enumerate(_TENS[language].split(), 2):
            table[tens] = 10.0 * ten
            for unit, one in enumerate([_ONE[language], *ones[:8]], 1):
                joined = _JOINED[language].format(tens=tens, one=one)
                table |= {form: 10.0 * ten + unit for form in (joined, joined.replace("-", " "))}
        if language == "fr":
            table |= {f"soixante-{one}": 60.0 + number for number, one in enumerate(ones, 2) if number > 9}
            table |= {f"quatre-vingt-{one}": 80.0 + number for number, one in enumerate(ones, 2) if number > 10}
        table |= _MORE[language]
    longest = sorted(table, key=len, reverse=True)
    endings = r"(?=(?:stünd|tägig|wöch|monat|fach|mal)\w*|(?!\w))"
    body = "|".join(re.escape(word).replace(r"\ ", r"\s+") for word in longest)
    return table, re.compile(rf"(?<!\w)(?P<word>{body}){endings}", re.IGNORECASE)


@lru_cache
def _single() -> re.Pattern[str]:
    """Return what finds a one that counts something: articles do so only before a unit."""
    units = "|".join(re.escape(word) for words in _UNITS.values() for word in words[1].split())
    ones = "one|a single|eine[mnrs]?|ein|une?|una|uma|um|bir"
    return re.compile(
        rf"(?<!\w)({ones})(?=\s+(?:working |business |calendar |full |single )?(?:{units})(?!\w))", re.IGNORECASE
    )


_UNITS: Final[dict[str, tuple[tuple[str, float], str]]] = {
    "minute": (("time", 1 / 60), "minute minutes min Minute Minuten minuto minutos dakika"),
    "hour": (("time", 1.0), "hour hours h hr hrs Stunde Stunden heure heures hora horas saat"),
    "day": (("time", 24.0), "day days Tag Tage Tagen Kalendertage Kalendertagen jour jours día días dia dias gün"),
    "working day": (
        ("time", 33.6),
        "Werktag Werktage Werktagen Arbeitstag Arbeitstage Arbeitstagen weekday weekdays işgünü",
    ),
    "week": (("time", 168.0), "week weeks Woche Wochen semaine semaines semana semanas hafta fortnight"),
    "month": (("time", 720.0), "month months Monat Monate Monaten mois mes meses mês ay"),
    "metre": (("length", 1.0), "metre metres meter meters Meter Metern mètre mètres metro metros m"),
    "kilometre": (("length", 1000.0), "kilometre kilometres kilometer kilometers Kilometer kilomètres quilômetros km"),
    "mile": (("length", 1609.0), "mile miles Meilen"),
    "kilogram": (("weight", 1.0), "kilogram kilograms kg Kilogramm kilogrammes quilogramas quilos kilos"),
    "euro": (("euro", 1.0), "euro euros Euro EUR €"),
    "pound": (("pound", 1.0), "pound pounds GBP £"),
    "dollar": (("dollar", 1.0), "dollar dollars USD $"),
    "attempt": (("attempt", 1.0), "attempt attempts Versuch Versuche Zustellversuche tentative tentatives tentativa "
                "tentativas intento intentos deneme"),
    "time": (("time of", 1.0), "times Mal mal fois vezes veces kez kere"),
    "percent": (("percent", 1.0), "percent % Prozent"),
}  # fmt: skip
_WORKING: Final = re.compile(
    r"\s*(?:working|business|ouvrés?|ouvrables?|úteis|út[ei]l|hábiles|laborables)\b", re.IGNORECASE
)
_CEILING: Final = (
    r"within|at most|no more than|not more than|no longer than|not longer than|no later than|not later than|up to|"
    r"maximum(?: of)?|by|before|after|under|below|less than|fewer than|above|over|heavier than|until|till|"
    r"innerhalb(?: von)?|binnen|höchstens|spätestens|maximal|bis(?: zu)?|nicht (?:mehr|länger|später) als|vor|"
    r"dans(?: les| un délai de)?|sous|au plus(?: tard)?|au maximum|avant|jusqu'[àa]|(?:em )?até|dentro de|"
    r"no (?:máximo|prazo de)|em|en un plazo de|como máximo|a más tardar|hasta|en geç|en fazla"
)
_FLOOR: Final = (
    r"at least|minimum(?: of)?|no fewer than|no less than|not less than|not fewer than|more than|for|mindestens|"
    r"wenigstens|nicht weniger als|für|au moins|au minimum|pendant|pelo menos|no mínimo|durante|por|al menos|"
    r"como mínimo|en az"
)
_BOUND: Final = re.compile(
    rf"(?:(?P<floor>{_FLOOR})|(?P<ceiling>{_CEILING}))\s+(?:the |a |an |der |den |les |in )?$", re.IGNORECASE
)
_TRIGGER: Final = re.compile(r"\b(?:when|if|wenn|falls|lorsque?|quando|cuando|se|si)\b[^,;]*$", re.IGNORECASE)
"""What follows sets a duty off, so that a larger figure lets it wait longer."""

_CUSTOMER: Final = re.compile(
    r"\b(?:recipient|customer|Empfänger|Kunde|destinataire|client|destinatário|cliente|destinatario|alıcı)\w*\s+"
    r"(?:may|can|darf|kann|peut|pode|puede)\b",
    re.IGNORECASE,
)


def limits(text: str) -> tuple[Limit, ...]:
    """Return the limits of a text in order, those inside marks for the owner too."""
    found = []
    for sentence in sentences(text):
        own = bool(_CUSTOMER.search(sentence))
        for number in numbers(sentence):
            unit = _unit(sentence, number)
            sense = _sense(sentence, number, unit[0]) if unit else None
            if unit is None or sense is None:
                continue
            flipped: Sense = "floor" if own and sense == "ceiling" and unit[0] in ("time", "clock") else sense
            found.append(Limit(flipped, unit[0], number.value * unit[1], number.said, sentence))
    return tuple(found)


def _unit(sentence: str, number: Number) -> tuple[str, float] | None:
    if number.kind == "clock":
        return "clock", 1.0
    if number.said.casefold() == "fortnight":
        return "time", 24.0
    after = sentence[number.end :].lstrip(" -\u00a0")
    working = bool(_WORKING.match(after))
    match = re.match(r"(?:(?:more|further|full|calendar|consecutive|delivery|working|business|US|iş)\s+)*(\S+)", after)
    if match is None:
        return None
    word = match[1].strip(".,;:)]!?")
    tail = after[match.end() : match.end() + 12]
    for name, ((dimension, factor), words) in _UNITS.items():
        if word.casefold() in words.casefold().split():
            is_working = dimension == "time" and name == "day" and (working or bool(_WORKING.match(tail)))
            return dimension, 33.6 if is_working else factor
    return None


def _sense(sentence: str, number: Number, dimension: str) -> Sense | None:
    match = _BOUND.search(sentence[: number.start])
    if match is not None:
        return "ceiling" if match["ceiling"] or _TRIGGER.search(sentence[: number.start]) else "floor"
    if re.match(r"\W*\w+\s+içinde", sentence[number.end :], re.IGNORECASE):
        return "ceiling"
    return "floor" if dimension == "attempt" and re.search(r"\bshall|should\b", sentence) else None
