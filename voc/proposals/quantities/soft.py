"""What stands for a limit without naming a number: "the same day", "by the next working day", "immediately"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from voc.proposals.quantities.comparators import Comparator
from voc.proposals.quantities.quantity import Quantity

_SAME: Final = (
    r"same (?:working |business )?day|(?:selben|gleichen) (?:werk|arbeits)?tag|jour meme|meme jour|mesmo dia|mismo dia"
    r"|stesso giorno|(?:zelfde|dezelfde) (?:werk)?dag|ayni gun"
)
_NEXT: Final = (
    r"(?:next|following) (?:working |business )?day|(?:nachsten|folgenden) (?:werk|arbeits)?tag|lendemain"
    r"|jour (?:ouvre |ouvrable )?suivant|dia (?:util )?(?:seguinte|imediato)|proximo dia(?: util)?"
    r"|dia (?:habil |laborable )?siguiente|giorno (?:lavorativo )?(?:seguente|successivo)"
    r"|volgende (?:werk)?dag|ertesi gun"
)
_NOW: Final = (
    r"immediately|at once|without (?:undue )?delay|straight away|promptly|unverzuglich|sofort|umgehend"
    r"|immediatement|sans (?:delai|tarder)|imediatamente|sem demora|de imediato|inmediatamente|sin demora"
    r"|immediatamente|senza indugio|onmiddellijk|onverwijld|derhal|hemen"
)
_FIND: Final = re.compile(rf"(?<![^\W_])(?:(?P<same>{_SAME})|(?P<next>{_NEXT})|(?P<now>{_NOW}))(?![^\W_])")
_VALUES: Final = {"same": ("days later", 0.0), "next": ("days later", 1.0), "now": ("immediacy", 0.0)}


def soft_quantities(folded: str) -> Iterator[Quantity]:
    """Yield loose quantities of a folded text."""
    for match in _FIND.finditer(folded):
        unit, value = _VALUES[str(match.lastgroup)]
        yield Quantity(value, unit, Comparator.AT_MOST, match.start(), match.end(), loose=True)
