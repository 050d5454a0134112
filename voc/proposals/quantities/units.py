"""Units of quantities in eight languages, each as a multiple of one unit of its kind."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final, NamedTuple

DAY: Final = 1440.0
"""Minutes."""


class Unit(NamedTuple):
    """A kind of quantity, such as "minute" or "working day", and how many of it one unit is."""

    kind: str
    factor: float


COUNT: Final = Unit("count", 1.0)
CLOCK: Final = Unit("time of day", 1.0)
WORKDAY: Final = Unit("working day", 1.0)
SHARE: Final = "share"
TIMES: Final = re.compile(
    r"times?|mal|malig\w*|fach\w*|fois|vez|veces|vezes|volte|volta|keer|maal|kez|kere|defa|次|回|번"
)

_TABLE: Final = (
    (
        WORKDAY,
        r"(?:werk|arbeits|geschafts|bankarbeits)tag\w{0,8}|werkdag(?:en)?|weekdays?|workdays?|工作日|営業日|영업일",
    ),
    (Unit("minute", 1 / 60), r"seconds?|secs?|sekunden?|secondes?|segundos?|second[oi]|seconden|saniye\w{0,4}|秒"),
    (Unit("minute", 1.0), r"minut\w{0,6}|mins?|dakika\w{0,4}|dk|分钟|分鐘|分間|분"),
    (
        Unit("minute", 60.0),
        r"hours?|hrs?|hourly|h|stund\w{0,6}|std|heures?|horas?|or[ae]|uur|uren|uurs|saat\w{0,5}|小时|小時|時間|시간|ساعة|ساعات|घंटे|часов|часа|час",
    ),
    (
        Unit("minute", DAY),
        r"days?|tag|tage|tagen|tages|tagig\w{0,3}|jours?|journees?|dias?|giorn[oi]|giornat[ae]|dag|dagen|daags\w?|gun|gunu|gunluk|gunde|天|日|日間|일|يوم|أيام|दिन|дней|дня|день",
    ),
    (
        Unit("minute", 7 * DAY),
        r"weeks?|woche\w{0,3}|wochig\w{0,3}|semaines?|semanas?|settiman[ae]|weken|hafta\w{0,4}|周|週|週間|星期|주|недели|недель",
    ),
    (Unit("minute", 14 * DAY), r"fortnights?"),
    (Unit("month", 1.0), r"months?|monat\w{0,4}|mois|mes|meses|mes[ei]|maand(?:en)?|aylik|ay|个月|か月|ヶ月|개월"),
    (Unit("month", 3.0), r"quartale?n?|trimestres?|trimestri"),
    (Unit("month", 12.0), r"years?|yrs?|jahr\w{0,4}|annees?|anos?|ann[oi]|jaar|jaren|yil\w{0,4}|年"),
    (Unit("metre", 0.001), r"mm|millimet\w{1,4}|milimetros?"),
    (Unit("metre", 0.01), r"cm|centimet\w{1,4}|zentimetern?|santimetre"),
    (Unit("metre", 1.0), r"m|met(?:er|re)s?|metern|metros?|metr[oi]|米|メートル"),
    (Unit("metre", 1000.0), r"km|kilomet\w{1,4}|kilometern|quilometros?|chilometr[oi]|公里"),
    (Unit("metre", 1609.344), r"miles?|meilen?|mijl(?:en)?"),
    (Unit("metre", 0.9144), r"yards?"),
    (Unit("metre", 0.3048), r"feet|foot|ft"),
    (Unit("metre", 0.0254), r"inch(?:es)?|zoll"),
    (Unit("gram", 1.0), r"g|gr|grams?|gramm?e?s?|gramos?|gramas?|grammi|gram|克"),
    (Unit("gram", 1000.0), r"kg|kilos?|kilogram\w{0,4}|quilos?|quilogramas?|chil[oi]|chilogramm[oi]|公斤|千克"),
    (Unit("gram", 1e6), r"tonnes?|tons?|tonnen|toneladas?|tonnellat[ae]"),
    (Unit("gram", 453.59237), r"lbs?"),
    (Unit(SHARE, 0.01), r"%|percent\w{0,5}|prozent\w{0,3}|percento|procent"),
    (Unit(SHARE, 0.001), r"‰|permille|promille"),
    (Unit("euro", 1.0), r"€|euros?|eur"),
    (Unit("dollar", 1.0), r"\$|dollars?|usd|dolares|dollari|dolar"),
    (Unit("pound", 1.0), r"£|pounds?|gbp|pfund|livres?|libras?|sterline"),
    (Unit("real", 1.0), r"r\$|reais|brl"),
    (Unit("franc", 1.0), r"chf|francs?|franken"),
    (Unit("lira", 1.0), r"₺|liras?\w{0,3}|tl"),
    (Unit("yuan", 1.0), r"¥|yuan|rmb|cny|元|yen|円"),
    (Unit("litre", 1.0), r"lit(?:er|re)s?|litros?|litr[oi]"),
)
_UNITS: Final = tuple((unit, re.compile(pattern)) for unit, pattern in _TABLE)
_ONLY_IN: Final = {"mes": ("es", "pt"), "ay": ("tr",), "an": ("fr",), "ans": ("fr",), "ora": ("it",), "ore": ("it",)}
_YEAR_FR: Final = ("an", "ans")
_WORKING: Final = {
    "working": "en", "business": "en", "work": "en", "ouvre": "fr", "ouvres": "fr", "ouvrable": "fr", "ouvrables": "fr",
    "util": "pt", "uteis": "pt", "habil": "es", "habiles": "es", "laborable": "es", "laborables": "es",
    "lavorativo": "it", "lavorativi": "it", "feriale": "it", "feriali": "it", "is": "tr",
}  # fmt: skip
WORKING_BEFORE: Final = frozenset(word for word, language in _WORKING.items() if language in ("en", "tr"))
WORKING_AFTER: Final = frozenset(_WORKING) - WORKING_BEFORE
PERCENT_AFTER: Final = ("per cent", "pour cent", "por ciento", "por cento", "per cento", "vom hundert", "v. h.")
_OFTEN: Final = (
    (60.0, "hourly stundlich stundliche stundlichen"),
    (
        DAY,
        "daily taglich tagliche taglichen taglicher quotidien quotidienne quotidiennement diario diaria diariamente "
        "quotidiano quotidiana quotidianamente giornaliero giornaliera dagelijks dagelijkse",
    ),
    (
        7 * DAY,
        "weekly wochentlich wochentliche wochentlichen hebdomadaire hebdomadairement semanal semanalmente settimanale "
        "settimanalmente wekelijks wekelijkse",
    ),
    (14 * DAY, "fortnightly biweekly"),
)
EVERY: Final = {word: minutes for minutes, words in _OFTEN for word in words.split()}
"""Adverbs of how often, in minutes."""


@lru_cache(maxsize=4096)
def read_unit(word: str, language: str) -> Unit | None:
    """Return the unit that a folded word names."""
    if word in _YEAR_FR:
        return Unit("month", 12.0) if language == "fr" else None
    if word in _ONLY_IN and language not in _ONLY_IN[word]:
        return None
    if len(word) > 24:
        return None
    return next((unit for unit, pattern in _UNITS if pattern.fullmatch(word)), None)
