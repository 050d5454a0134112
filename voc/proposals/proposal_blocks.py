"""A proposal told in the order in which a sceptical owner asks: what, who wants it, why, what speaks against it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from voc.proposals.blocks import (
    Block,
    Change,
    Chips,
    Clause,
    Facts,
    Fold,
    Heading,
    Items,
    Notice,
    Paragraph,
    Run,
    Saying,
    items,
    plain,
)
from voc.proposals.draft import Draft, Obligation, Sentence
from voc.proposals.gate import title_of
from voc.proposals.shown import Shown
from voc.store.proposals import GateRow
from voc.types import Quote

OUTCOMES: Final = {
    "revision": "Proposed revision",
    "action": "Proposed action",
    "brief": "Insufficient evidence",
    "failed": "Failed draft: not a proposal",
}
_ID: Final = 8
_NO_MODEL: Final = re.compile(r"\bno (?:language )?model\b")
_GRADE: Final = "reading-grade"
_TARGET: Final = re.compile(r"\[TARGET [^\]\n]{1,120}\]")


def proposal_blocks(shown: Shown) -> tuple[Block, ...]:
    """Return everything about a proposal, from what it asks for to how it was made."""
    if shown.row.outcome == "failed":
        return (*opening(shown), *_failed(shown))
    return (
        *opening(shown),
        *wording(shown),
        *support(shown),
        *voices(shown),
        *figures(shown),
        *closing(shown),
    )


def opening(shown: Shown) -> Iterator[Block]:
    """Yield outcome and state, title, notices, and which clause this is about."""
    row, draft = shown.row, shown.draft
    state = "" if row.outcome == "failed" else row.state.replace("_", " ")
    chips = (
        Run(_outcome(shown), "good" if row.outcome in ("revision", "action") else "warn"),
        Run(state, "strong"),
    )
    yield Chips(tuple(run for run in chips if run.text))
    yield Heading(shown.title, 1)
    yield from (Notice(text) for text in shown.notices)
    clause = f"{draft.clause_number} {draft.clause_title}, {draft.document} {draft.edition}".strip()
    facts = [
        ("Theme", draft.theme),
        ("Scope", _scope(shown)),
        ("Clause in force", clause if draft.clause_number else ""),
        ("Verdict on the clause", draft.verdict),
        ("Week", row.week),
        ("Proposal", row.id),
    ]
    yield Facts(tuple(pair for pair in facts if pair[1]))


def wording(shown: Shown) -> Iterator[Block]:
    """Yield what changes: a redline, an action beside the clause that stays, or why there is no draft."""
    row, draft = shown.row, shown.draft
    if row.outcome == "revision":
        yield Heading("What changes")
        yield Change(draft.old_text, draft.new_text, draft.language)
        if unset := targets(draft):
            yield plain(f"For the owner to set: {', '.join(unset)}. Nothing in the evidence says how much.", "soft")
        if grade := next((one.reason for one in shown.gate if one.rule == _GRADE), ""):
            yield plain(f"Reading {grade}.", "soft")
    elif row.outcome == "action":
        yield Heading("What is to be done")
        yield plain("The clause is right and is not followed. Its text stays:", "soft")
        yield Clause(draft.old_text, draft.language)
        if draft.obligations:
            yield Paragraph((Run("Make sure that this is done: ", "strong"), Run(draft.obligations[0].sentence)))
    else:
        yield Heading("Why there is no draft")
        yield plain(f"{_capital(draft.note) or 'The evidence does not bear a change'}.")


def support(shown: Shown) -> Iterator[Block]:
    """Yield who asks for each duty, and the rationale with what each of its sentences rests on."""
    draft = shown.draft
    if draft.obligations:
        yield Heading("Who asks for it")
        yield Items(
            tuple(
                (
                    Run(duty.sentence),
                    Run(_asked_for(duty, draft.offered), "strong"),
                    *_ids(shown, duty.evidence),
                )
                for duty in draft.obligations
            )
        )
        yield plain("Every comment is counted once, and copies and near-copies as one.", "soft")
    if draft.rationale:
        yield Heading("Why")
        yield Items(tuple(_reason(shown, one) for one in draft.rationale))


def voices(shown: Shown) -> Iterator[Block]:
    """Yield what customers said for it and against it, word for word."""
    if shown.quotes:
        yield Heading("What customers said")
        yield from (saying(shown, one) for one in shown.quotes)
    yield Heading("What speaks against it")
    if shown.counter:
        yield plain("Praise of the same weeks and markets that is nearest to the complaint:", "soft")
        yield from (saying(shown, one, against=True) for one in shown.counter)
    else:
        yield plain(
            "No comment of the same weeks and markets that speaks against it is stored with this draft.", "soft"
        )


def figures(shown: Shown) -> Iterator[Block]:
    """Yield computed figures, and what the business measured in the same weeks."""
    draft = shown.draft
    if draft.figures:
        yield Heading("Figures")
        yield items(tuple(_capital(one.text) for one in draft.figures))
    if draft.signals:
        yield Heading("Business figures of the same weeks")
        yield items(draft.signals)
        yield plain("They stand beside the complaints; neither is said to bring about the other.", "soft")


def closing(shown: Shown) -> Iterator[Block]:
    """Yield open questions, the measure of success, the gate and how the draft was made."""
    draft = shown.draft
    if draft.questions:
        yield Heading("Open questions")
        yield items(draft.questions)
    if draft.success:
        yield Heading("Measure of success")
        yield plain(draft.success)
    if shown.gate:
        passed = sum(row.passed for row in shown.gate)
        yield Fold(f"Gate: {passed} of {len(shown.gate)} rules passed", (gate(shown),))
    yield Fold("How this was made", (Facts(_making(shown)),))


def targets(draft: Draft) -> tuple[str, ...]:
    """Return the targets of a draft's wording that an owner has to set, each once."""
    return tuple(dict.fromkeys(_TARGET.findall(draft.new_text)))


def gate(shown: Shown) -> Items:
    """Return every rule of the gate, those that failed first, with what each said."""
    rows = sorted(shown.gate, key=lambda row: (row.passed, bool(row.reason), row.rule))
    return Items(tuple(_ruled(row) for row in rows))


def saying(shown: Shown, quote: Quote, *, against: bool = False) -> Saying:
    """Return a quote with market, language and the beginning of its id."""
    source = f"{quote.market} · {quote.language} · {quote.feedback_id[:_ID]}"
    return Saying(quote.text, quote.language, source, _anchor(shown, quote.feedback_id), against)


def _outcome(shown: Shown) -> str:
    """Return the outcome in words; where no model could draft, nobody has judged the evidence insufficient."""
    if shown.row.outcome == "brief" and _NO_MODEL.search(shown.draft.note):
        return "Evidence without a draft"
    return OUTCOMES.get(shown.row.outcome, shown.row.outcome)


def _ruled(row: GateRow) -> tuple[Run, ...]:
    reason = Run(f" ({row.reason})", "soft")
    if not row.passed:
        return Run("failed: ", "warn"), Run(title_of(row.rule)), reason
    passed = Run("passed: ", "good"), Run(title_of(row.rule))
    return (*passed, reason) if row.reason else passed


def _failed(shown: Shown) -> Iterator[Block]:
    yield Heading("What the gate found")
    failed = tuple(row for row in shown.gate if not row.passed)
    yield Items(tuple((Run(f"{title_of(row.rule)}: ", "strong"), Run(row.reason)) for row in failed))


def _reason(shown: Shown, sentence: Sentence) -> tuple[Run, ...]:
    strength = Run(f" Weak support ({sentence.support:.2f}).", "warn")
    strong = Run(f" Support {sentence.support:.2f}.", "soft")
    return (Run(sentence.text), strength if sentence.weak else strong, *_ids(shown, sentence.evidence))


def _ids(shown: Shown, evidence: tuple[str, ...]) -> Iterator[Run]:
    quoted = {quote.feedback_id for quote in shown.quotes}
    for place, one in enumerate(evidence):
        yield Run(" " if place else " [", "soft")
        yield Run(one[:_ID], "soft", _anchor(shown, one) if one in quoted else "")
    if evidence:
        yield Run("]", "soft")


def _anchor(shown: Shown, feedback_id: str) -> str:
    return f"q-{shown.row.id}-{feedback_id[:_ID]}"


def _scope(shown: Shown) -> str:
    edition = "addendum" if shown.row.market else "global edition"
    markets = ", ".join(shown.draft.markets)
    told = f"{shown.draft.scope} ({edition})"
    return f"{told}: {markets}" if len(shown.draft.markets) > 1 else told


def _making(shown: Shown) -> tuple[tuple[str, str], ...]:
    draft, cost = shown.draft, shown.draft.cost
    rows = [
        ("Comments read", str(draft.offered)),
        ("of these about this duty", str(draft.relevant) if draft.relevant else ""),
        ("Method", draft.method),
        ("Attempts", str(draft.attempts)),
    ]
    if cost.questions:
        asked = f"{cost.questions} questions, {cost.re_asked} asked again"
        rows.append(("Model", f"{asked}; {cost.tokens_in + cost.tokens_out:,} tokens, {cost.seconds:.1f} seconds"))
    return tuple(pair for pair in rows if pair[1])


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _asked_for(duty: Obligation, offered: int) -> str:
    rest = f", by itself or with other duties in the matter of {duty.matter}" if duty.matter else ""
    return f" Asked for in {duty.supporters} of the {offered} comments read{rest}."
