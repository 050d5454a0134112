"""What the rules look at: a draft beside what it may rest on, with everything that several rules need read once."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from voc.proposals.draft import Draft, Offered
from voc.proposals.gate.sentences import Changes, compare
from voc.proposals.quantities import Quantity, quantities
from voc.proposals.quantities.folding import plain
from voc.proposals.quantities.number_words import read_word
from voc.types import Quote

TARGET: Final = re.compile(r"\[TARGET(?::\s?[^\W\d_][^\d\[\]]{1,40}, to be set by the owner| [a-z ]{2,40})\]")
"""A marked target: what is to be set, never a number."""


@dataclass(frozen=True)
class Case:
    """A draft under test; `least_share` of the offered comments, and at least `k`, must have been judged relevant."""

    draft: Draft
    offered: Offered
    quotes: Sequence[Quote]
    regions: Sequence[str]
    k: int
    least_share: float

    @property
    def language(self) -> str:
        """Return the language of the standard, two letters."""
        return self.offered.language[:2].lower()

    @cached_property
    def changes(self) -> Changes:
        """Return what the draft does to the clause in force."""
        return compare(self.offered.old_text, self.draft.new_text)

    @cached_property
    def fresh(self) -> str:
        """Return the sentences that are new, without marked targets."""
        return without_targets(" ".join(self.changes.fresh), self.language)

    @cached_property
    def rationale(self) -> tuple[str, ...]:
        """Return the sentences of the rationale."""
        return tuple(one.text for one in self.draft.rationale)

    @cached_property
    def old_quantities(self) -> tuple[Quantity, ...]:
        """Return the quantities of the clause in force."""
        return quantities(self.offered.old_text, self.language)

    @cached_property
    def fresh_quantities(self) -> tuple[Quantity, ...]:
        """Return the quantities of the sentences that are new."""
        return quantities(self.fresh, self.language)


def without_targets(text: str, language: str = "en") -> str:
    """Return a text with blanks for its marked targets, places kept; a target that names a number is none."""
    return TARGET.sub(lambda found: found[0] if _names_a_number(found[0], language) else " " * len(found[0]), text)


def _names_a_number(target: str, language: str) -> bool:
    inside = plain(target).replace("to be set by the owner", "")
    if any(mark.isnumeric() for mark in inside):
        return True
    said = [read_word(word, one) for word in re.findall(r"[^\W\d_]+", inside) for one in {language, "en"}]
    return any(one is not None and not one.rest and one.value != 1.0 for one in said)
