"""Rules on what is asked: modals are kept, nothing is turned round or softened, one duty a sentence."""

from __future__ import annotations

import re
from typing import Final

from voc.proposals.gate import phrases
from voc.proposals.gate.case import Case
from voc.proposals.gate.modals import Force, force_of, knows
from voc.proposals.gate.sentences import Change, content, shared
from voc.proposals.quantities.folding import plain

_ALIKE: Final = 0.7
_SAME_MATTER: Final = 0.8
_LEAST_WORDS: Final = 4
"""A shorter sentence has too few words to say that another is about the same matter."""


def modals_kept(case: Case) -> str:
    """No duty or ban becomes advice, a permission or nothing."""
    if not knows(case.language):
        return ""
    for change in case.changes.changed:
        before, after = force_of(change.old, case.language), force_of(change.new, case.language)
        if not change.new and before.any and not _said_elsewhere(change.old, case):
            return f"a requirement is gone: {change.old[:80]}"
        if change.new and (reason := _lowered(before, after) or _moved(change, before, after)):
            return f"{reason}: {change.new[:80]}"
    old, new = force_of(case.offered.old_text, case.language), force_of(case.draft.new_text, case.language)
    if new.binding < old.binding:
        return f"the clause binds {old.binding} times, the draft {new.binding}"
    return ""


def _said_elsewhere(old: str, case: Case) -> bool:
    """Say whether a sentence went into two or into another: most of its words stand in what is new."""
    return shared(old, " ".join(case.changes.fresh)) >= _ALIKE


def _lowered(before: Force, after: Force) -> str:
    if before.binding and not after.binding:
        return "what had to be done no longer has to be"
    if after.release > before.release:
        return "someone is released from a duty"
    if before.advice and not after.binding and not after.advice:
        return "advice is gone"
    if (
        before.binding
        and after.advice + after.permission + after.future > before.advice + before.permission + before.future
    ):
        return "a weaker modal verb comes in"
    return ""


def _moved(change: Change, before: Force, after: Force) -> str:
    """Return why a duty or a right is now another's: what the carrier had to do is asked of the customer."""
    if min(before.first, after.first) < 0 or change.likeness < _ALIKE:
        return ""
    subjects = plain(change.old)[: before.first], plain(change.new)[: after.first]
    old, new = (phrases.is_of_customers(subject) for subject in subjects)
    return "it is now asked of, or allowed to, someone else" if old != new else ""


def no_negation_flip(case: Case) -> str:
    """Nothing that was forbidden is asked for, and nothing that was asked for is forbidden."""
    for change in case.changes.changed:
        if change.new and (reason := _flipped(change, case.language)):
            return f"{reason}: {change.new[:80]}"
    for sentence in case.changes.added:
        for kept in case.changes.kept:
            if len(content(kept)) < _LEAST_WORDS or shared(kept, sentence) < _SAME_MATTER:
                continue
            if reason := _flipped(Change(kept, sentence, 1.0), case.language):
                return f"{reason}, beside the sentence that is kept: {sentence[:80]}"
    return ""


def _flipped(change: Change, language: str) -> str:
    before, after = force_of(change.old, language), force_of(change.new, language)
    if before.ban and not after.ban:
        return "a ban is gone"
    if before.duty and not before.ban and after.ban and not after.duty:
        return "a duty became a ban"
    alike = shared(change.old, change.new) >= _ALIKE and shared(change.new, change.old) >= _ALIKE
    negated = phrases.negations(language)
    counts = [len(negated.findall(plain(text))) for text in (change.old, change.new)]
    return "a negation was put in or taken out" if alike and counts[0] != counts[1] else ""


def no_softening(case: Case) -> str:
    """No exception, condition or vague word comes into a duty, and no new sentence takes a duty back."""
    language = case.language
    for change in case.changes.changed:
        before, after = plain(change.old), plain(change.new)
        bound = _binds(change.old, language)
        kinds = [("vague", phrases.hedges(language)), ("an exception", phrases.exceptions(language))]
        if bound:
            kinds += [("a condition", phrases.conditions(language)), ("fewer cases", phrases.some(language))]
        for name, pattern in kinds:
            if change.new and (more := _more(pattern, before, after)):
                return f"{name}: '{more}' in {change.new[:80]}"
        if change.new and bound and (lost := _more(phrases.only(language), after, before)):
            return f"reaches less far without '{lost}': {change.new[:80]}"
    for sentence in case.changes.added:
        if reason := _takes_back(sentence, case):
            return f"{reason}: {sentence[:80]}"
    return ""


def _binds(sentence: str, language: str) -> bool:
    """Say whether a sentence is a duty, a ban or a right of a customer."""
    force = force_of(sentence, language)
    of_customers = phrases.is_of_customers(plain(sentence)[: max(force.first, 0)])
    return force.binding > 0 or (force.permission > 0 and of_customers)


def _more(pattern: re.Pattern[str], before: str, after: str) -> str:
    """Return a word of a kind that a text has more often than the one before it."""
    old, new = [one[0] for one in pattern.finditer(before)], [one[0] for one in pattern.finditer(after)]
    return next((one for one in new if new.count(one) > old.count(one)), "") if len(new) > len(old) else ""


def _takes_back(sentence: str, case: Case) -> str:
    folded, force = plain(sentence), force_of(sentence, case.language)
    if found := phrases.hedges(case.language).search(folded):
        return f"vague: '{found[0]}'"
    if force.release:
        return "someone is released from a duty"
    if force.permission and not force.binding and not phrases.is_of_customers(folded[: max(force.first, 0)]):
        return "a freedom of the carrier is added"
    excepts = phrases.exceptions(case.language).search(folded)
    if excepts and (not force.binding or any(shared(kept, sentence) >= _ALIKE for kept in case.changes.kept)):
        return f"an exception: '{excepts[0]}'"
    return ""


def one_requirement(case: Case) -> str:
    """Each new sentence says one thing that shall be done."""
    if not knows(case.language):
        return ""
    most = {change.new: max(1, force_of(change.old, case.language).binding) for change in case.changes.changed}
    for sentence in case.changes.fresh:
        force = force_of(sentence, case.language)
        if force.binding > most.get(sentence, 1):
            return f"{force.binding} requirements in one sentence: {sentence[:80]}"
        if not force.any and content(sentence):
            return f"says nothing that shall be done: {sentence[:80]}"
        if ";" in sentence and most.get(sentence) is None:
            return f"several requirements, parted by a semicolon: {sentence[:80]}"
    return ""
