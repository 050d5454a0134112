"""Rules on numbers and limits: none is invented, none is lost, none is weakened."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from voc.proposals.gate.case import TARGET, Case, without_targets
from voc.proposals.gate.direction import weaker
from voc.proposals.gate.sentences import Change, shared
from voc.proposals.quantities import Quantity, quantities

_NAMES: Final = ("reference", "date", "week")
"""What a number names rather than limits: another clause or day is not the same one tightened."""
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
            if reason := weaker(one, other, change, case.language):
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
            if not one.equals(other) and (reason := weaker(one, other, Change(kept, sentence, 1.0), case.language)):
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
        alike = [other for other in left if (other.unit, other.per) == (one.unit, one.per) and one.unit not in _NAMES]
        near = next((other for other in alike if other.noun == one.noun), alike[0] if alike else None)
        if near is not None:
            left.remove(near)
            found.append((one, near))
    return found


def _unpaired(old: Sequence[Quantity], new: Sequence[Quantity]) -> list[Quantity]:
    paired = [one for one, _ in _pairs(old, new)]
    return [one for one in old if one not in paired]
