"""Words that say on which side of a number a limit lies: "within", "mindestens", "au plus tard", "acima de"."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final


class Comparator(StrEnum):
    """How a quantity bounds what it is said of."""

    AT_MOST = "at most"
    AT_LEAST = "at least"
    ABOVE = "above"
    BELOW = "below"
    UNTIL = "until"
    FROM = "from"
    LASTING = "for"
    EVERY = "every"
    EXACTLY = "exactly"


_WINDOW: Final = 72
_BEFORE: Final = {
    Comparator.AT_MOST: """
        within|at most|at the most|not? more than|not? longer than|not? later than|by no later than|by|up to
        |maximum(?: of)?|max|not exceeding|not over|before|inside|in no more than|binnen|innerhalb(?: von)?
        |spatestens(?: bis)?(?: um)?|bis spatestens(?: um)?|bis zu|hochstens|maximal|nicht mehr als
        |nicht langer als|nicht spater als|vor|dans (?:les|un delai(?: maximal| maximum)? de)|sous
        |au plus tard(?: a| le| dans les| dans)?|au plus|maximum|pas plus de|d'ici|avant|en moins de
        |jusqu'a concurrence de|dentro de|dentro das|dentro dos|em ate|no prazo(?: maximo)? de|no maximo
        |nao mais (?:de|que|do que)|antes (?:de|das|dos|da|do)|em menos de|o mais tardar(?: ate)?
        |en un plazo(?: maximo)? de|en el plazo de|a mas tardar|como maximo|no mas de
        |entro(?: le| il| i| un)?|al massimo|non piu di|non oltre(?: le)?|prima (?:di|delle)
        |uiterlijk(?: om)?|hoogstens|ten hoogste|niet meer dan|en gec|en fazla
        """,
    Comparator.AT_LEAST: """
        at least|no fewer than|no less than|not less than|not fewer than|minimum(?: of)?|min|no earlier than
        |not earlier than|mindestens|wenigstens|nicht weniger als|nicht unter|zumindest|au moins|au minimum
        |minimum|pas moins de|au plus tot|no minimo|pelo menos|ao menos|nao menos (?:de|que)|al menos
        |como minimo|por lo menos|no menos de|almeno|non meno di|minstens|ten minste|tenminste|minimaal
        |niet minder dan|en az
        """,
    Comparator.ABOVE: """
        after|nach|apres|apos|depois de|despues de|dopo
        |above|over|more than|exceeding|exceeds?|longer than|heavier than|greater than|higher than
        |larger than|later than|beyond|uber|mehr als|langer als|schwerer als|hoher als|oberhalb von
        |ubersteigt|plus de|superieure?s? a|au-dela de|depassant|depasse|excedant|acima (?:de|dos|das)
        |mais (?:de|do que|que)|superior(?:es)? a|alem de|exced(?:a|er|e)|mas de|por encima de|oltre|piu di
        |superiore a|meer dan|boven|langer dan|zwaarder dan
        """,
    Comparator.BELOW: """
        below|under|less than|fewer than|shorter than|in under|unter|weniger als|kurzer als|unterhalb von
        |moins de|inferieure?s? a|abaixo (?:de|dos)|inferior(?:es)? a|menos (?:de|do que|que)|por debajo de
        |meno di|inferiore a|minder dan|onder|beneden
        """,
    Comparator.UNTIL: """
        until|till|bis(?: um)?|jusqu'a|jusqu'au|ate(?: as| os| a| o)?|hasta(?: las?| los| el)?|fino a
        |fino alle|tot
        """,
    Comparator.FROM: """
        from|since|starting at|as of|ab|von|seit|a partir (?:de|das|del)|des|desde(?: las)?|da|dalle|vanaf
        """,
    Comparator.LASTING: """
        for|during|fur|wahrend|pendant|durant|durante|por|gedurende
        """,
    Comparator.EVERY: """
        every|each|jede[rsn]?|alle|chaque|tous les|toutes les|a cada|cada|todos os|todas as|todos los
        |todas las|ogni|elke|iedere|her
        """,
}  # fmt: skip


def _pattern(table: dict[Comparator, str]) -> tuple[re.Pattern[str], tuple[Comparator, ...]]:
    phrases = [(re.sub(r"\s*\n\s*", "", one).strip(), name) for name, words in table.items() for one in _split(words)]
    ordered = sorted(phrases, key=lambda entry: -len(entry[0]))
    named = "|".join(f"(?P<c{place}>{phrase})" for place, (phrase, _) in enumerate(ordered))
    return re.compile(rf"(?<![^\W_])(?:{named})(?![^\W_])"), tuple(name for _, name in ordered)


def _split(words: str) -> list[str]:
    parts, depth, current = [], 0, ""
    for mark in words:
        depth += (mark == "(") - (mark == ")")
        if mark == "|" and depth == 0:
            parts.append(current)
            current = ""
        else:
            current += mark
    return [one for one in (*parts, current) if one.strip()]


_FIND, _NAMES = _pattern(_BEFORE)
_AFTER: Final = (
    (
        Comparator.AT_LEAST,
        re.compile(
            r"\W{0,2}(?:\w{1,24} )?(?:or (?:more|longer|later)|oder (?:mehr|langer)|ou (?:plus|mais)|o (?:mas|piu)"
            r"|of meer|at (?:the )?least|minimum|mindestens|au moins|no minimo|lang\b)"
        ),
    ),
    (
        Comparator.AT_MOST,
        re.compile(
            r"\W{0,2}(?:\w{1,24} )?(?:or (?:less|fewer|sooner|earlier)|oder (?:weniger|fruher)|ou moins|ou menos"
            r"|o menos|at (?:the )?(?:most|latest)|maximum|hochstens|au plus(?: tard)?|no maximo|icinde)"
        ),
    ),
)


def comparator_of(before: str, after: str) -> Comparator:
    """Return the comparator of a number from the folded words before it in its sentence, and those after."""
    window = before[-_WINDOW:]
    found, end = Comparator.EXACTLY, 0
    for match in _FIND.finditer(window):
        found, end = _NAMES[int(str(match.lastgroup)[1:])], match.end()
    if found is not Comparator.EXACTLY and len(window[end:].split()) > 3:
        found = Comparator.EXACTLY
    if found in (Comparator.EXACTLY, Comparator.LASTING):
        return next((name for name, pattern in _AFTER if pattern.match(after[:24])), found)
    return found
