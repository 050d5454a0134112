"""How strongly a sentence of a standard asks: duty, ban, advice, permission or release, in eight languages."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from voc.proposals.quantities.folding import plain


class Modal(StrEnum):
    """A kind of modal; the order is that in which patterns are tried."""

    RELEASE = "release"
    BAN = "ban"
    DUTY = "duty"
    ADVICE = "advice"
    PERMISSION = "permission"
    FUTURE = "future"


@dataclass(frozen=True, slots=True)
class Force:
    """How often each kind of modal stands in a sentence, and where the first one begins."""

    release: int = 0
    ban: int = 0
    duty: int = 0
    advice: int = 0
    permission: int = 0
    future: int = 0
    first: int = -1

    @property
    def binding(self) -> int:
        """Return how many duties and bans there are."""
        return self.duty + self.ban

    @property
    def any(self) -> int:
        """Return how many modals there are."""
        return self.release + self.binding + self.advice + self.permission + self.future


_PATTERNS: Final = {
    "en": {
        Modal.RELEASE: (
            r"needs? not|(?:is|are) (?:not|no longer) (?:required|obliged|bound|expected) to"
            r"|(?:does|do) not (?:have|need) to|(?:is|are) exempt"
            r"|shall not be (?:required|obliged|bound|expected) to|shall be exempt"
        ),
        Modal.BAN: (
            r"(?:shall|must|may)(?: \w+ly)? (?:not|never|under no circumstances|in no case|no longer)"
            r"|(?:is|are) (?:prohibited|forbidden)"
        ),
        Modal.DUTY: (
            r"shall(?! (?:be (?:allowed|permitted|entitled|free|able)|have the (?:option|right|choice|freedom)) to)"
            r"|must"
            r"|(?:is|are) (?:required|obliged|bound) to|ha(?:s|ve) to"
        ),
        Modal.ADVICE: (r"should|ought to|(?:is|are) (?:encouraged|recommended|advised|expected|asked|invited) to"),
        Modal.PERMISSION: (
            r"may|might|could|(?:is|are) (?:allowed|permitted|free|entitled) to"
            r"|shall (?:be (?:allowed|permitted|entitled|free|able)|have the (?:option|right|choice|freedom)) to"
        ),
        Modal.FUTURE: (r"will|would"),
    },
    "de": {
        Modal.RELEASE: (
            r"(?:muss|mussen|braucht|brauchen)\b[^,.;:]{0,80}?\bnicht(?! (?:mehr|langer|weniger|spater|nur"
            r"|ohne)\b)|(?:ist|sind) [^,.;:]{0,80}?(?:befreit|nicht verpflichtet)"
        ),
        Modal.BAN: (
            r"(?:darf|durfen)\b[^,.;:]{0,80}?\b(?:nicht|nie|niemals|kein\w{0,2}|nur)"
            r"|(?:ist|sind) (?:verboten|untersagt)"
        ),
        Modal.DUTY: (
            r"muss|mussen|(?:ist|sind) verpflichtet"
            r"|(?:hat|haben|ist|sind)\b[^,.;:]{1,110}?\bzu \w{3,24}en(?=[,.;:]|$)"
        ),
        Modal.ADVICE: (r"soll|sollen|sollte|sollten"),
        Modal.PERMISSION: (r"darf|durfen|kann|konnen|konnte|konnten"),
        Modal.FUTURE: (r"wird|werden"),
    },
    "fr": {
        Modal.RELEASE: (
            r"n'(?:est|a) pas (?:tenue?|oblige\w?|a)|ne sont pas (?:tenu\w*|oblige\w*)|n'ont pas a"
            r"|(?:est|sont) dispense\w*"
        ),
        Modal.BAN: (
            r"ne (?:doit|doivent|devra|devront|peut|peuvent|pourra|pourront)\b[^,.;:]{0,60}?\b(?:pas|jamais"
            r"|plus|aucun\w?|que)|il est interdit|(?:est|sont) interdite?s?"
        ),
        Modal.DUTY: (r"doit|doivent|devra|devront|(?:est|sont) tenue?s? d[e']"),
        Modal.ADVICE: (r"devrait|devraient|il convient|il est recommande"),
        Modal.PERMISSION: (r"peut|peuvent|pourra|pourront|pourrait|pourraient"),
    },
    "es": {
        Modal.RELEASE: (
            r"no (?:esta|estan) obligad\w+|no (?:necesita|necesitan|tiene que|tienen que)"
            r"|(?:queda|quedan) exent\w+"
        ),
        Modal.BAN: (
            r"no (?:debe|deben|debera|deberan|puede|pueden|podra|podran)|nunca (?:debe|deben|puede|pueden)"
            r"|queda prohibid\w"
        ),
        Modal.DUTY: (r"debe|deben|debera|deberan|tiene que|tienen que|ha de|han de|(?:esta|estan) obligad\w+ a"),
        Modal.ADVICE: (r"deberia|deberian|conviene|se recomienda"),
        Modal.PERMISSION: (r"puede|pueden|podra|podran|podria|podrian"),
    },
    "pt": {
        Modal.RELEASE: (
            r"nao (?:precisa|precisam|e obrigad\w|esta obrigad\w)|(?:fica|ficam|e|sao) dispensad\w{1,2}"
            r"|(?:fica|ficam) isent\w{1,2}"
        ),
        Modal.BAN: (
            r"(?:nao|nunca|jamais) (?:deve|devem|devera|deverao|pode|podem|podera|poderao)"
            r"|(?:e|fica) (?:proibid|vedad)\w{1,2}"
        ),
        Modal.DUTY: (r"deve|devem|devera|deverao|tem de|tem que|(?:e|sao|esta) obrigad\w{1,2} a"),
        Modal.ADVICE: (r"deveria|deveriam|convem|recomenda-se"),
        Modal.PERMISSION: (r"pode|podem|podera|poderao|poderia|poderiam"),
    },
    "it": {
        Modal.RELEASE: (r"non (?:e|sono) tenut\w|non (?:occorre|necessita)|(?:e|sono) esentat\w"),
        Modal.BAN: (r"non (?:deve|devono|dovra|dovranno|puo|possono|potra)|(?:e|sono) vietat\w"),
        Modal.DUTY: (r"deve|devono|dovra|dovranno|(?:e|sono) tenut\w a"),
        Modal.ADVICE: (r"dovrebbe|dovrebbero|conviene"),
        Modal.PERMISSION: (r"puo|possono|potra|potrebbe"),
    },
    "nl": {
        Modal.RELEASE: (r"hoeft|hoeven|is niet verplicht|zijn niet verplicht|is vrijgesteld"),
        Modal.BAN: (r"(?:mag|mogen)\b[^,.;:]{0,80}?\b(?:niet|nooit|geen|alleen)|(?:is|zijn) verboden"),
        Modal.DUTY: (r"moet|moeten|dient|dienen|(?:is|zijn) verplicht"),
        Modal.ADVICE: (r"zou moeten|zouden moeten|behoort|behoren|hoort"),
        Modal.PERMISSION: (r"mag|mogen|kan|kunnen"),
    },
    "tr": {
        Modal.RELEASE: (r"zorunda degil\w*"),
        Modal.BAN: (r"\w{2,24}(?:mamali|memeli)(?:dir|lar|ler)?|\w{2,24}(?:amaz|emez)(?:lar|ler)?"),
        Modal.DUTY: (r"\w{2,24}(?:mali|meli)(?:dir|lar|ler)?|zorunda\w*"),
        Modal.PERMISSION: (r"\w{2,24}(?:abilir|ebilir)(?:ler)?"),
    },
}
_COMPILED: Final = {
    language: re.compile(
        r"(?<![^\W_])(?:" + "|".join(f"(?P<{kind.value}>{pattern})" for kind, pattern in kinds.items()) + r")(?![^\W_])"
    )
    for language, kinds in _PATTERNS.items()
}


def knows(language: str) -> bool:
    """Say whether the modals of a language are known."""
    return language[:2] in _COMPILED


def force_of(sentence: str, language: str) -> Force:
    """Return how strongly a sentence asks; nothing is found in a language that is not known."""
    pattern = _COMPILED.get(language[:2])
    if pattern is None:
        return Force()
    counts: dict[str, int] = {}
    first = -1
    for match in pattern.finditer(plain(sentence)):
        first = match.start() if first < 0 else first
        counts[str(match.lastgroup)] = counts.get(str(match.lastgroup), 0) + 1
    return Force(**counts, first=first)
