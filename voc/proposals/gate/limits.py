"""Rules on numbers and limits: none is invented, none is lost, none is weakened."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from voc.proposals.gate.case import TARGET, Case, without_targets
from voc.proposals.gate.modals import Force, force_of
from voc.proposals.gate.phrases import is_of_customers
from voc.proposals.gate.sentences import Change, shared
from voc.proposals.quantities import Comparator, Quantity, quantities
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
_HOLDING: Final = (
    "hold", "keep", "store", "retain", "remain", "stay", "open", "available", "preserve", "archive", "wait", "valid",
    "aufbewahr", "bereithalt", "halten", "lager", "speicher", "offen", "geoffnet", "wart", "verbleib",
    "conserv", "garde", "ouvert", "attend", "dispos", "mainten", "rest",
    "guard", "manter", "armazen", "aberto", "aguard", "esper", "permanec", "reter", "mantener", "almacen", "abiert",
    "tenere", "apert", "bewaar", "bewar", "beschikbaar", "wacht", "sakla", "bekle",
)  # fmt: skip
_CONFLICT: Final = 0.5


def new_numbers(text: str, allowed: str, language: str = "en") -> tuple[str, ...]:
    """Return the numbers of a text, in digits or words, that the allowed text does not hold; targets do not count.

    Equal quantities in other units are the same number: 1 day and 24 hours, but not 2 working days and 48 hours.
    """
    known = [*quantities(without_targets(allowed, language), language)]
    return _unknown(without_targets(text, language), known, language)


def no_new_number(case: Case) -> str:
    """Every number of new text and rationale is in the clause, in a computed figure, or in a marked target.

    How many complaints there were says nothing of how often something shall be done: counts in figures are for the
    rationale only.
    """
    figures = " ; ".join((*(one.text for one in case.draft.figures), *case.draft.signals))
    computed = [*quantities(figures, "en"), *quantities(figures, case.language)]
    own = [*case.old_quantities, *quantities(f"clause {case.offered.clause_number}", "en")]
    measured = [one for one in computed if one.unit != "count"]
    found = _unknown(case.fresh, [*own, *measured], case.language)
    for sentence in case.rationale:
        for language in ("en", case.language):
            found += _unknown(without_targets(sentence), [*own, *computed], language)
    distinct = tuple(dict.fromkeys(found))
    return f"new numbers: {', '.join(distinct[:6])}" if distinct else ""


def _unknown(text: str, known: Sequence[Quantity], language: str) -> tuple[str, ...]:
    found = [
        one for one in quantities(text, language) if not one.loose and not any(one.equals(other) for other in known)
    ]
    return tuple(dict.fromkeys(text[one.start : one.end] for one in found))


def no_limit_lost(case: Case) -> str:
    """Every quantity of the clause in force is in the draft, or has a stronger one in its place."""
    missing = []
    for change in case.changes.changed:
        old, new = _read(change.old, case.language), _read(change.new, case.language)
        for one in _unpaired(old, new):
            if not any(one.equals(other) for other in case.fresh_quantities):
                missing.append(change.old[one.start : one.end])
    if not missing:
        return ""
    target = " and a target stands in the new text" if TARGET.search(" ".join(case.changes.fresh)) else ""
    return f"lost: {', '.join(dict.fromkeys(missing))}{target}"


def no_limit_weakened(case: Case) -> str:
    """No limit moves in the direction that asks less; where the direction cannot be told, none moves at all."""
    for change in case.changes.changed:
        old, new = _read(change.old, case.language), _read(change.new, case.language)
        for one, other in _pairs(old, new):
            if reason := _weaker(one, other, change, case.language):
                return f"{reason}: {change.old[one.start : one.end]} became {change.new[other.start : other.end]}"
    for sentence in case.changes.added:
        if reason := _conflict(sentence, case):
            return reason
    return ""


def _conflict(sentence: str, case: Case) -> str:
    """Return why an added sentence takes back a limit of one that was kept."""
    fresh = _read(sentence, case.language)
    for kept in case.changes.kept:
        if not fresh or shared(kept, sentence) < _CONFLICT:
            continue
        for one, other in _pairs(_read(kept, case.language), fresh):
            if not one.equals(other) and (reason := _weaker(one, other, Change(kept, sentence, 1.0), case.language)):
                return f"{reason}: beside {kept[one.start : one.end]} now {sentence[other.start : other.end]}"
    return ""


def _read(sentence: str, language: str) -> tuple[Quantity, ...]:
    return quantities(without_targets(sentence, language), language)


def _pairs(old: Sequence[Quantity], new: Sequence[Quantity]) -> list[tuple[Quantity, Quantity]]:
    """Return quantities with what became of them: equal ones first, then those of one unit in order of place."""
    left, found, open_ = list(new), [], []
    for one in old:
        same = next((other for other in left if one.equals(other)), None)
        if same is None:
            open_.append(one)
        else:
            left.remove(same)
            found.append((one, same))
    for one in open_:
        near = next((o for o in left if (o.unit, o.per, o.noun) == (one.unit, one.per, one.noun)), None)
        near = near or next(
            (o for o in left if (o.unit, o.per) == (one.unit, one.per) and one.unit != "reference"), None
        )
        if near is not None:
            left.remove(near)
            found.append((one, near))
    return found


def _unpaired(old: Sequence[Quantity], new: Sequence[Quantity]) -> list[Quantity]:
    paired = [one for one, _ in _pairs(old, new)]
    return [one for one in old if one not in paired]


def _weaker(old: Quantity, new: Quantity, change: Change, language: str) -> str:
    """Return why a quantity is weaker than the one before it, "" when it is not."""
    force = force_of(change.old, language)
    if _turned(old, new, change):
        return "the limit lies on the other side"
    if old.equals(new):
        return ""
    weaker_up = _weakens_upwards(old, change.old, force, language)
    if weaker_up is None:
        return "whether this is weaker cannot be told"
    return "weaker" if (new.value > old.value) == weaker_up else ""


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
    forbidden.
    """
    if force.permission and not force.binding:
        return _right(old, sentence, force)
    if old.comparator in _SIDES:
        up, banned = _SIDES[old.comparator]
        return banned if force.ban else up
    if force.ban:
        return None
    if _holds(sentence) and old.unit != "count":
        return False
    return True if old.comparator is Comparator.UNTIL else None


def _right(old: Quantity, sentence: str, force: Force) -> bool | None:
    """Say of a customer's right that a shorter time weakens it; of a carrier's freedom nothing can be told."""
    is_right = is_of_customers(plain(sentence)[: max(force.first, 0)])
    return False if is_right and old.comparator in (*_UPPER, Comparator.LASTING) else None


def _holds(sentence: str) -> bool:
    folded = plain(sentence)
    return any(word in folded for word in _HOLDING)
