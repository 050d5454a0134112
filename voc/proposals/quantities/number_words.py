"""Numbers in words: English, German, French, Spanish, Portuguese, Italian, Dutch, Turkish, and Han numerals."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Final

LANGUAGES: Final = ("en", "de", "fr", "es", "pt", "it", "nl", "tr")
_LONGEST_WORD: Final = 48


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _atoms(words: str) -> dict[str, float]:
    """Return the values of words: `a/b=3` says that a and b are 3."""
    found: dict[str, float] = {}
    for entry in words.split():
        names, value = entry.split("=")
        found.update(dict.fromkeys(names.split("/"), float(value)))
    return found


_ATOMS: Final = {
    "en": _atoms(
        "zero/nil=0 one=1 two=2 three=3 four=4 five=5 six=6 seven=7 eight=8 nine=9 ten=10 eleven=11 twelve=12 "
        "thirteen=13 fourteen=14 fifteen=15 sixteen=16 seventeen=17 eighteen=18 nineteen=19 twenty=20 thirty=30 "
        "forty/fourty=40 fifty=50 sixty=60 seventy=70 eighty=80 ninety=90 hundred/hundreds=100 "
        "thousand/thousands=1000 million/millions=1000000 dozen/dozens=12 twice/double=2 thrice/triple=3 fortnightly=14"
    ),
    "de": _atoms(
        "null=0 eins/ein/eine/einer/einem/einen/eines=1 zwei/zwo=2 drei=3 vier=4 funf/fuenf=5 sechs/sech=6 "
        "sieben/sieb=7 acht=8 neun=9 zehn=10 elf=11 zwolf/zwoelf=12 sechzehn=16 siebzehn=17 zwanzig=20 "
        "dreissig=30 vierzig=40 funfzig/fuenfzig=50 sechzig=60 siebzig=70 achtzig=80 neunzig=90 hundert=100 "
        "tausend=1000 million/millionen=1000000 dutzend=12 doppelt/doppelte/doppelten=2 anderthalb/anderthalbe=1.5 "
        "eineinhalb=1.5 zweieinhalb=2.5 dreieinhalb=3.5"
    ),
    "fr": _atoms(
        "zero=0 un/une=1 deux=2 trois=3 quatre=4 cinq=5 six=6 sept=7 huit=8 neuf=9 dix=10 onze=11 douze=12 treize=13 "
        "quatorze=14 quinze=15 seize=16 vingt/vingts=20 trente=30 quarante=40 cinquante=50 soixante=60 septante=70 "
        "huitante/octante=80 nonante=90 cent/cents=100 mille=1000 million/millions=1000000 douzaine/douzaines=12 "
        "dizaine/dizaines=10 quinzaine=15 vingtaine=20 trentaine=30 centaine=100 double=2 triple=3"
    ),
    "es": _atoms(
        "cero=0 uno/una/un=1 dos=2 tres=3 cuatro=4 cinco=5 seis=6 siete=7 ocho=8 nueve=9 diez=10 once=11 doce=12 "
        "trece=13 catorce=14 quince=15 dieciseis=16 diecisiete=17 dieciocho=18 diecinueve=19 veinte=20 veinti=20 "
        "treinta=30 cuarenta=40 cincuenta=50 sesenta=60 setenta=70 ochenta=80 noventa=90 cien/ciento/cientos=100 "
        "quinientos/quinientas=500 setecientos=700 novecientos=900 mil=1000 millon/millones=1000000 docena/docenas=12 "
        "quincena=15 doble=2 triple=3 doscientos/doscientas=200 trescientos/trescientas=300"
    ),
    "pt": _atoms(
        "zero=0 um/uma=1 dois/duas=2 tres=3 quatro=4 cinco=5 seis=6 sete=7 oito=8 nove=9 dez=10 onze=11 doze=12 "
        "treze=13 quatorze/catorze=14 quinze=15 dezesseis/dezasseis=16 dezessete/dezassete=17 dezoito=18 "
        "dezenove/dezanove=19 vinte=20 trinta=30 quarenta=40 cinquenta=50 sessenta=60 setenta=70 oitenta=80 "
        "noventa=90 cem/cento=100 duzentos/duzentas=200 trezentos/trezentas=300 quatrocentos=400 quinhentos=500 "
        "seiscentos=600 setecentos=700 oitocentos=800 novecentos=900 mil=1000 milhao/milhoes=1000000 duzia/duzias=12 "
        "dezena/dezenas=10 quinzena=15 dobro/duplo=2 triplo=3"
    ),
    "it": _atoms(
        "zero=0 uno/una/un=1 due=2 tre=3 quattro=4 cinque=5 sei=6 sette=7 otto=8 nove=9 dieci=10 undici=11 dodici=12 "
        "tredici=13 quattordici=14 quindici=15 sedici=16 diciassette=17 diciotto=18 diciannove=19 venti/vent=20 "
        "trenta/trent=30 quaranta/quarant=40 cinquanta/cinquant=50 sessanta/sessant=60 settanta/settant=70 "
        "ottanta/ottant=80 novanta/novant=90 cento/cent=100 mille/mila=1000 milione/milioni=1000000 dozzina=12 "
        "decina/decine=10 doppio=2 triplo=3"
    ),
    "nl": _atoms(
        "nul=0 een=1 twee=2 drie=3 vier=4 vijf=5 zes=6 zeven=7 acht=8 negen=9 tien=10 elf=11 twaalf=12 dertien=13 "
        "veertien=14 vijftien=15 zestien=16 zeventien=17 achttien=18 negentien=19 twintig=20 dertig=30 veertig=40 "
        "vijftig=50 zestig=60 zeventig=70 tachtig=80 negentig=90 honderd=100 duizend=1000 miljoen=1000000 dozijn=12 "
        "dubbel/dubbele=2 anderhalf/anderhalve=1.5"
    ),
    "tr": _atoms(
        "sifir=0 bir=1 iki=2 uc=3 dort=4 bes=5 alti=6 yedi=7 sekiz=8 dokuz=9 on=10 yirmi=20 otuz=30 kirk=40 elli=50 "
        "altmis=60 yetmis=70 seksen=80 doksan=90 yuz=100 bin=1000 milyon=1000000 duzine=12"
    ),
}
_GLUE: Final = {"de": "und", "nl": "en"}
_JOINS: Final = {
    "en": {"and"},
    "de": {"und"},
    "fr": {"et"},
    "es": {"y"},
    "pt": {"e"},
    "it": {"e"},
    "nl": {"en"},
    "tr": set[str](),
}
_INSIDE: Final = frozenset({"de", "nl", "it", "es", "tr", "en"})
_WHOLE: Final = frozenset({"tr", "en"})
"""Languages in which only a whole word of several parts is a number: "twentyfour", not "tenth"."""
_COMMON: Final = _words(
    "once cents double triple million millions quarante trente setenta noventa cinco venti cento mille novanta cento "
    "quinze treize seize onze doze sette alti yedi elli altmis null hundert acht drei duplo doppio doppelt dobro doble "
    "quatro quattro nueve siete cuatro thrice dozen dozens hundreds thousands double nonante dizaine centaine"
)
"""Number words of one language that are everyday words of another; they count in their own language only."""
_ORDINALS: Final = {
    "en": _atoms("second=2 third=3 fourth=4 fifth=5 sixth=6 seventh=7 eighth=8 ninth=9 tenth=10"),
    "de": {
        stem + end: value
        for stem, value in _atoms("zweite=2 dritte=3 vierte=4 funfte=5 sechste=6 siebte=7 achte=8 zehnte=10").items()
        for end in ("", "n", "r", "s", "m")
    },
    "fr": _atoms("deuxieme/second/seconde=2 troisieme=3 quatrieme=4 cinquieme=5 sixieme=6 septieme=7 dixieme=10"),
    "es": _atoms("segundo/segunda=2 tercer/tercero/tercera=3 cuarto/cuarta=4 quinto/quinta=5 sexto=6 septimo=7"),
    "pt": _atoms("segundo/segunda=2 terceiro/terceira=3 quarto/quarta=4 quinto/quinta=5 sexto=6 setimo=7"),
    "it": _atoms("secondo/seconda=2 terzo/terza=3 quarto/quarta=4 quinto/quinta=5 sesto=6 settimo=7"),
    "nl": _atoms("tweede=2 derde=3 vierde=4 vijfde=5 zesde=6 zevende=7 tiende=10"),
    "tr": _atoms("ikinci=2 ucuncu=3 dorduncu=4 besinci=5"),
}
_HAN: Final = dict(zip("〇零一二三四五六七八九两兩", (0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 2, 2), strict=True))
_HAN_POWERS: Final = {"十": 10, "百": 100, "千": 1000, "万": 10_000, "萬": 10_000}
HAN: Final = "〇零一二三四五六七八九两兩十百千万萬半"


@dataclass(frozen=True, slots=True)
class Said:
    """A number word read: its value, whether it is only "one" or an article, and what of the word is left over."""

    value: float
    atoms: tuple[float, ...]
    rest: str = ""


@cache
def lexicon(language: str) -> dict[str, float]:
    """Return number words of a language, with those of the others that cannot be mistaken for its own words."""
    own = _ATOMS.get(language, {})
    others = {
        word: value
        for other in LANGUAGES
        for word, value in _ATOMS[other].items()
        if other != language and len(word) > 4 and word not in _COMMON and word.isalpha()
    }
    return others | own


def ordinal(word: str, language: str) -> float | None:
    """Return the value of an ordinal from the second on, None for another word."""
    return _ORDINALS.get(language, {}).get(word)


def joins(language: str) -> set[str]:
    """Return the words that join parts of a number, such as "and" in "a hundred and twenty"."""
    return _JOINS.get(language, set())


@lru_cache(maxsize=4096)
def read_word(word: str, language: str) -> Said | None:
    """Return a folded word as a number, whole or as the beginning of a compound ("zweitägig" leaves "tagig")."""
    known = lexicon(language)
    if word in known:
        return Said(known[word], (known[word],))
    for inner in (language, *(one for one in ("en", "de", "nl", "it") if one != language)):
        found = _inside(word, inner) if inner in _INSIDE and len(word) <= _LONGEST_WORD else None
        compound = found is not None and len(found.atoms) > 1 and not found.rest
        if found is not None and (compound or (inner == language and inner not in _WHOLE)):
            return found
    return None


def _inside(word: str, language: str) -> Said | None:
    """Return a compound by taking the longest atom again and again; linear, since words are of bounded length."""
    atoms: list[float] = []
    place, glue, known = 0, _GLUE.get(language, ""), _ATOMS[language]
    while place < len(word):
        glued = atoms and glue and word.startswith(glue, place)
        found = _atom_at(word, place + len(glue), known) if glued else None
        found = found or _atom_at(word, place, known)
        if found is None:
            break
        atoms.append(known[word[found[0] : found[1]]])
        place = found[1]
    if not atoms or (len(atoms) == 1 and place == len(word)):
        return None
    return Said(evaluate(atoms, language), tuple(atoms), word[place:])


def _atom_at(word: str, start: int, known: dict[str, float]) -> tuple[int, int] | None:
    ends = range(min(len(word), start + 14), start, -1)
    return next(((start, end) for end in ends if word[start:end] in known), None)


def may_follow(atoms: Sequence[float], value: float, joined: bool, language: str) -> bool:
    """Say whether a number word goes on the number before it rather than beginning another."""
    last = atoms[-1]
    if value in (100.0, 1000.0, 1_000_000.0):
        return not joined and last < value
    if last >= 100:
        return value < min(last, 100.0) or (last >= 1000 and value < 1000)
    if joined and language == "en":
        return False
    if language == "fr" and (
        (last == 60 and 10 <= value <= 19)
        or (last == 4 and value == 20)
        or (last == 20 and len(atoms) > 1 and atoms[-2] == 4 and 1 <= value <= 19)
        or (last == 10 and len(atoms) > 1 and 7 <= value <= 9)
    ):
        return True
    return 20 <= last <= 90 and 1 <= value <= 9


def evaluate(atoms: Sequence[float], language: str) -> float:
    """Return the value of number words in the order in which they stand."""
    total = current = 0.0
    for value in atoms:
        if value >= 1000:
            total, current = total + max(current, 1.0) * value, 0.0
        elif value == 100:
            current = max(current, 1.0) * 100
        elif language == "fr" and value == 20 and current % 100 == 4:
            current += 76
        else:
            current += value
    return total + current


def read_han(numeral: str) -> float:
    """Return the value of a Han numeral such as 三十 or 二十四; 半 is a half."""
    if all(mark in _HAN for mark in numeral) and len(numeral) > 1:
        return float("".join(str(_HAN[mark]) for mark in numeral))
    total = section = digit = 0.0
    for mark in numeral:
        if mark == "半":
            total += 0.5
        elif mark in _HAN:
            digit = _HAN[mark]
        elif _HAN_POWERS[mark] == 10_000:
            total, section, digit = total + (section + digit or 1) * 10_000, 0.0, 0.0
        else:
            section, digit = section + (digit or 1) * _HAN_POWERS[mark], 0.0
    return total + section + digit


ROMAN: Final = re.compile(r"\b(?=[IVXLC]{2,12}\b)C{0,3}(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3})\b")


def read_roman(numeral: str) -> float:
    """Return the value of a Roman numeral."""
    worth = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100}
    values = [worth[mark] for mark in numeral]
    return float(sum(-v if v < max(values[place:], default=0) else v for place, v in enumerate(values)))
