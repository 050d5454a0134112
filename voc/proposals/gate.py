"""The gate: rules that a draft passes or is not a proposal. Code only; no model judges another."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Final

from voc.ingest.redact import Redactor
from voc.llm.fence import gives_orders
from voc.proposals.draft import Draft, Offered
from voc.store.proposals import GateRow
from voc.types import Quote

MOST_ADDED_WORDS: Final = 120
_NUMBER: Final = re.compile(r"\d+(?:[.,:]\d+)*")
_SPELT: Final = re.compile(
    r"\b(?:two|three|four|five|six|seven|eight|nine|ten|twelve|twenty|thirty|sixty|hundred|thousand|half|double|twice)\b",
    re.IGNORECASE,
)
_TARGET: Final = re.compile(r"\[TARGET [a-z ]{2,40}\]")
_MODAL: Final = re.compile(r"\b(?:shall|should|may)\b")

Rule = Callable[[Draft, Offered, Sequence[Quote]], str]
"""Returns what is wrong, empty when nothing is."""


def check(draft: Draft, offered: Offered, quotes: Sequence[Quote], *, regions: Sequence[str]) -> tuple[GateRow, ...]:
    """Return one row a rule, in a fixed order; the draft passes when every row does."""
    rules: dict[str, Rule] = {
        "evidence is among the offered comments": _evidence_offered,
        "every sentence of the rationale has evidence": _rationale_rests,
        "quotes are verbatim": _verbatim,
        "no number that is not in the clause or a target": _numbers,
        "no limit of the clause is lost": _limits_kept,
        "clause number is kept": _clause_kept,
        "length is that of a clause": _length,
        "language is that of the standard": _language,
        "no personal data": lambda draft, _offered, _quotes: _personal(draft, regions),
        "no order of a comment is echoed": _echo,
    }
    reasons = {name: rule(draft, offered, quotes) for name, rule in rules.items()}
    return tuple(GateRow(name, not reason, reason) for name, reason in reasons.items())


def new_numbers(text: str, allowed: str) -> tuple[str, ...]:
    """Return numbers of a text, in digits or words, that the allowed text does not hold; targets do not count."""
    plain = _TARGET.sub(" ", text)
    known = {*_NUMBER.findall(allowed), *(word.casefold() for word in _SPELT.findall(allowed))}
    found = [*_NUMBER.findall(plain), *(word.casefold() for word in _SPELT.findall(plain))]
    return tuple(dict.fromkeys(number for number in found if number not in known))


def _evidence_offered(draft: Draft, offered: Offered, quotes: Sequence[Quote]) -> str:
    cited = {one for sentence in draft.rationale for one in sentence.evidence} | {quote.feedback_id for quote in quotes}
    unknown = sorted(cited - set(offered.texts))
    return f"{len(unknown)} cited ids were not offered: {', '.join(unknown[:3])}" if unknown else ""


def _rationale_rests(draft: Draft, _offered: Offered, _quotes: Sequence[Quote]) -> str:
    if not draft.rationale:
        return "there is no rationale"
    bare = [sentence.text for sentence in draft.rationale if not sentence.evidence]
    return f"without evidence: {bare[0][:80]}" if bare else ""


def _verbatim(_draft: Draft, offered: Offered, quotes: Sequence[Quote]) -> str:
    if not quotes:
        return "there is no quote"
    wrong = [q for q in quotes if offered.texts.get(q.feedback_id, "")[q.start : q.end].encode() != q.text.encode()]
    return f"not what {wrong[0].feedback_id} says: {wrong[0].text[:60]}" if wrong else ""


def _numbers(draft: Draft, offered: Offered, _quotes: Sequence[Quote]) -> str:
    allowed = f"{offered.old_text} {' '.join(one.text for one in draft.figures)}"
    found = new_numbers(draft.new_text, offered.old_text)
    for sentence in draft.rationale:
        found += new_numbers(sentence.text, allowed)
    return f"new numbers: {', '.join(found)}" if found else ""


def _limits_kept(draft: Draft, offered: Offered, _quotes: Sequence[Quote]) -> str:
    missing = [number for number in _NUMBER.findall(offered.old_text) if number not in _NUMBER.findall(draft.new_text)]
    if missing:
        return f"lost: {', '.join(missing)}"
    before, after = len(re.findall(r"\bshall\b", offered.old_text)), len(re.findall(r"\bshall\b", draft.new_text))
    return f"the clause had {before} times 'shall', the draft {after}" if after < before else ""


def _clause_kept(draft: Draft, offered: Offered, _quotes: Sequence[Quote]) -> str:
    if draft.clause_number != offered.clause_number or draft.old_text != offered.old_text:
        return f"drafted for clause {draft.clause_number}, located was {offered.clause_number}"
    return ""


def _length(draft: Draft, offered: Offered, _quotes: Sequence[Quote]) -> str:
    added = len(draft.new_text.split()) - len(offered.old_text.split())
    if draft.new_text == offered.old_text:
        return "nothing is changed"
    if added > MOST_ADDED_WORDS:
        return f"{added} words are added; at most {MOST_ADDED_WORDS} may be"
    return "" if _MODAL.search(draft.new_text) else "no sentence says what shall be done"


def _language(draft: Draft, offered: Offered, _quotes: Sequence[Quote]) -> str:
    if offered.language != "en":
        return ""
    words = [draft.new_text, *(sentence.text for sentence in draft.rationale)]
    foreign = [one for one in words if not one.replace("’", "'").replace("–", "-").isascii()]
    return f"not English: {foreign[0][:60]}" if foreign else ""


def _personal(draft: Draft, regions: Sequence[str]) -> str:
    words = " ".join([draft.new_text, *(sentence.text for sentence in draft.rationale)])
    found = Redactor(regions).redact(words).found
    return f"holds {', '.join(kind for kind, _ in found)}" if found else ""


def _echo(draft: Draft, _offered: Offered, _quotes: Sequence[Quote]) -> str:
    words = [draft.new_text, *(sentence.text for sentence in draft.rationale)]
    echoed = [one for one in words if gives_orders(one)]
    return f"reads like an order to a model: {echoed[0][:80]}" if echoed else ""
