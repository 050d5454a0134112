"""The gate: rules that a draft passes or is not a proposal. Code only; no model judges another.

The same rules look at what a person edits, and are warnings there. Every rule has a short name that never changes, and
a line in docs/gate.md.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from voc.proposals.draft import Draft, Offered
from voc.proposals.gate import duties, evidence, limits, wording
from voc.proposals.gate.case import TARGET, Case
from voc.proposals.gate.limits import new_numbers
from voc.proposals.gate.wording import MOST_ADDED_WORDS
from voc.store.proposals import GateRow
from voc.types import Quote

__all__ = ["LEAST_SHARE", "MOST_ADDED_WORDS", "RULES", "TARGET", "Rule", "check", "new_numbers", "title_of"]

LEAST_SHARE: Final = 0.2
"""Share of the offered comments that must have been judged relevant, unless the caller says another."""
_K: Final = 5


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule: its short name, its title, and what is wrong with a draft ("" when nothing is).

    A rule that only reports never fails; what it returns is shown.
    """

    id: str
    title: str
    reason: Callable[[Case], str]
    reports: bool = False


RULES: Final = (
    Rule("evidence-offered", "evidence is among the offered comments", evidence.evidence_offered),
    Rule("rationale-has-evidence", "every sentence of the rationale has evidence", evidence.rationale_rests),
    Rule("quotes-verbatim", "quotes are verbatim", evidence.quotes_verbatim),
    Rule("evidence-relevant", "enough of the offered comments ask for it, not simply all", evidence.evidence_relevant),
    Rule("no-new-number", "no number that is not in the clause, a figure or a target", limits.no_new_number),
    Rule("no-limit-lost", "no limit of the clause is lost", limits.no_limit_lost),
    Rule("no-limit-weakened", "no limit is weakened", limits.no_limit_weakened),
    Rule("modals-kept", "what had to be done still has to be", duties.modals_kept),
    Rule("no-negation-flip", "nothing is turned into its opposite", duties.no_negation_flip),
    Rule("no-softening", "no exception, condition or vague word comes in", duties.no_softening),
    Rule("one-requirement", "one requirement a sentence", duties.one_requirement),
    Rule("clause-kept", "clause number is kept", wording.clause_kept),
    Rule("length-of-a-clause", "length is that of a clause", wording.length_of_a_clause),
    Rule("language-of-the-standard", "language is that of the standard", wording.language_of_the_standard),
    Rule("no-personal-data", "no personal data", wording.no_personal_data),
    Rule("no-order-echoed", "no order of a comment is echoed", wording.no_order_echoed),
    Rule("no-meta-text", "no refusal and no remark of a model", wording.no_meta_text),
    Rule("no-pasted-complaint", "no complaint is pasted as clause text", wording.no_pasted_complaint),
    Rule("plain-text", "no markup and no hidden characters", wording.plain_text),
    Rule("reading-grade", "how hard the new text is to read (reported only)", wording.reading_grade, reports=True),
)


def check(
    draft: Draft,
    offered: Offered,
    quotes: Sequence[Quote],
    *,
    regions: Sequence[str],
    k: int = _K,
    least_share: float = LEAST_SHARE,
) -> tuple[GateRow, ...]:
    """Return one row a rule, in a fixed order, named by its id; the draft passes when every row does."""
    case = Case(draft, offered, quotes, regions, k, least_share)
    rows = [(rule, rule.reason(case)) for rule in RULES]
    return tuple(GateRow(rule.id, rule.reports or not reason, reason) for rule, reason in rows)


def title_of(rule_id: str) -> str:
    """Return the title of a rule by its short name; the name itself where no rule has it (rows of older drafts)."""
    return next((rule.title for rule in RULES if rule.id == rule_id), rule_id)
