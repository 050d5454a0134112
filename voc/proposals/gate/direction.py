"""Which way a limit is weakened: by what bounds it, by whether it stands in a duty, a ban, a right or a condition."""

from __future__ import annotations

import re
from typing import Final

from voc.proposals.gate import phrases
from voc.proposals.gate.modals import Force, force_of
from voc.proposals.gate.sentences import Change
from voc.proposals.quantities import Comparator, Quantity
from voc.proposals.quantities.folding import plain

_UPPER: Final = (Comparator.AT_MOST, Comparator.BELOW, Comparator.UNTIL)
_LOWER: Final = (Comparator.AT_LEAST, Comparator.ABOVE, Comparator.FROM)
_SIDES: Final[dict[Comparator, tuple[bool | None, bool | None]]] = {
    Comparator.ABOVE: (True, True),
    Comparator.AT_MOST: (True, False),
    Comparator.BELOW: (True, False),
    Comparator.AT_LEAST: (False, None),
    Comparator.EVERY: (True, None),
}
"""Whether a larger number asks less: in a duty, in a ban; None where it cannot be told."""
_HOLDING: Final = re.compile(
    r"(?<![^\W_])(?:hold|keep|store|retain|remain|stay|be open|available|preserve|archive|wait|valid"
    r"|aufbewahr|aufzubewahr|verwahr|bereithalt|bereitzuhalt|vorhalt|vorzuhalt|lagern|gelagert|speicher|offen|geoffnet"
    r"|warte|verbleib|conserv|gard|ouvert|attend|disponib|mainten|rest(?:e|ent|er)(?![^\W_])|guard|mant|armazen|abert"
    r"|aguard|espera|permanec|reter|almacen|abiert|tener|apert|bewaar|bewar|beschikbaar|wacht|sakla|bekle)"
)
"""Beginnings of words of holding, keeping and staying: what lasts is weaker when it is shorter."""
_WORD: Final = re.compile(r"[^\W_]+")


def weaker(old: Quantity, new: Quantity, change: Change, language: str) -> str:
    """Return why a quantity is weaker than the one before it, "" when it is not."""
    force = force_of(change.old, language)
    if _turned(old, new, change):
        return "the limit lies on the other side"
    if reason := _loosened(old, new, change):
        return reason
    if old.equals(new):
        return ""
    weaker_up = _weakens_upwards(old, change.old, force, language)
    if weaker_up is None:
        return "whether this is weaker cannot be told"
    return "weaker" if (new.value > old.value) == weaker_up else ""


def _loosened(old: Quantity, new: Quantity, change: Change) -> str:
    """Return why a limit no longer holds as it did: its bound, or what it is counted from, is another.

    "Within 48 hours of the report" may not become "within 48 hours of an approval" or "within about 48 hours": whether
    such a change asks less cannot be told by code.
    """
    if old.loose or new.loose:
        return ""
    bounds = (Comparator.EXACTLY, Comparator.LASTING)
    if new.comparator in bounds and old.comparator not in bounds:
        return f"'{old.comparator.value}' is gone"
    before, after = _words_after(change.old, old), _words_after(change.new, new)
    if before != after:
        return f"after it, '{before or 'nothing'}' became '{after or 'nothing'}'"
    return ""


def _words_after(sentence: str, quantity: Quantity) -> str:
    found = _WORD.search(sentence, quantity.end)
    return plain(found[0]) if found else ""


def _turned(old: Quantity, new: Quantity, change: Change) -> bool:
    if (old.comparator in _UPPER and new.comparator in _LOWER) or (
        old.comparator in _LOWER and new.comparator in _UPPER
    ):
        return True
    exact = old.comparator in (Comparator.EXACTLY, Comparator.LASTING)
    counted = old.unit == "count" or _holds(change.old)
    return exact and counted and new.comparator in (Comparator.AT_MOST, Comparator.BELOW)


def _weakens_upwards(old: Quantity, sentence: str, force: Force, language: str) -> bool | None:
    """Say whether a larger number asks less; None where neither direction is safe.

    A duty within a time is weaker when the time grows, a duty of at least so many when the number falls; a ban turns
    this round, save for "above": what begins only above a larger number reaches fewer cases, whether it is asked or
    forbidden. So does a condition: "when there was no scan for 3 days" is weaker when it says 10.
    """
    before = plain(sentence[: old.start]).rsplit(",", 1)[-1]
    if phrases.exceptions(language).search(before):
        return None
    if phrases.conditions(language).search(before) and old.comparator is not Comparator.EVERY:
        return None if old.comparator in _UPPER else True
    if force.permission and not force.binding:
        return _right(old, sentence, force)
    if old.comparator in _SIDES:
        up, banned = _SIDES[old.comparator]
        return banned if force.ban else up
    if _holds(sentence) and old.unit != "count":
        return None if force.ban else False
    return True if old.comparator is Comparator.UNTIL and not force.ban else None


def _right(old: Quantity, sentence: str, force: Force) -> bool | None:
    """Say of a customer's right that a shorter time weakens it; of a carrier's freedom nothing can be told."""
    is_right = phrases.is_of_customers(plain(sentence)[: max(force.first, 0)])
    return False if is_right and old.comparator in (*_UPPER, Comparator.LASTING) else None


def _holds(sentence: str) -> bool:
    return _HOLDING.search(plain(sentence)) is not None
