"""Draft one proposal: from the comments of a theme to a revision, an action, or the reason why there is neither."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from voc.errors import InvalidAnswer
from voc.llm.chain import Chain
from voc.llm.outputs import ClauseText
from voc.llm.prompts import read_prompt
from voc.proposals.assemble import assemble
from voc.proposals.catalogue import Duty
from voc.proposals.classify import PRACTICE, TOO_WEAK, Verdict, classify
from voc.proposals.counter import counter_evidence
from voc.proposals.draft import Cost, Draft, Obligation, Offered
from voc.proposals.evidence import Evidence, quotes
from voc.proposals.explain import Support, rationale
from voc.proposals.gate import TARGET, check, new_numbers, title_of
from voc.proposals.locate import Places, Subject
from voc.proposals.mapping import Mapped, Wanted, map_duties, wanted_duties
from voc.standards.registry import Clause
from voc.store import editions
from voc.store.database import Database
from voc.store.proposals import EvidenceRow, GateRow
from voc.types import Quote

TRIES: Final = 3
LEAST_SHARE: Final = 0.3
"""Share of the comments read that must ask for one duty; with less, they are too mixed to say what should change."""
_TRIED: Final = 2
"""Clauses that are looked at: the duty's words decide between the first two."""
_UNIT: Final = re.compile(r"\[TARGET:? ([^,\[\]]+)")
_TEXT_ONLY: Final = ("length-of-a-clause",)


@dataclass(frozen=True, slots=True)
class Made:
    """A draft with what is stored beside it; `outcome` is revision, action, brief or failed."""

    outcome: str
    draft: Draft
    evidence: tuple[EvidenceRow, ...]
    quotes: tuple[Quote, ...]
    gate: tuple[GateRow, ...] = ()
    edition_id: str | None = None


@dataclass(frozen=True, slots=True)
class Materials:
    """What a draft is made with; `places` holds the clauses in force, and `k` the fewest comments it may rest on."""

    database: Database
    places: Places
    support: Support
    weak_below: float
    chain: Chain
    k: int
    smooth: bool
    week: str
    regions: tuple[str, ...]


def draft_revision(base: Draft, comments: Sequence[Evidence], materials: Materials) -> Made | str:
    """Return a revision, an action or a failed draft; the reason, where evidence or standard allow none.

    Raises:
        LLMError: the model cannot be asked.
    """
    chain, places = materials.chain, materials.places
    before = chain.spent
    subject = Subject(base.theme, comments)
    if not places.meant(subject):
        return "what these comments complain about is not a matter of this standard"
    mapped = map_duties(comments, places.catalogue.duties, places.nearness, chain)
    wanted = wanted_duties(mapped, least=materials.k)
    if not wanted:
        return f"no duty is asked for by {materials.k} of the {len(comments)} comments"
    first = wanted[0]
    if len(first.supporters) < LEAST_SHARE * len(comments):
        return "the comments are about too many different things"
    about = Subject(base.theme, first.supporters, first.duty, len(first.supporters) / len(comments))
    clause, verdict, language = _placed(about, first.duty, materials)
    made = _best_of(_Work(base, mapped, first, clause, verdict, language), materials)
    spent = chain.spent.less(before)
    cost = Cost(
        tokens_in=spent.tokens_in,
        tokens_out=spent.tokens_out,
        seconds=round(spent.seconds, 1),
        questions=spent.questions,
        re_asked=spent.re_asked,
    )
    return Made(
        made.outcome,
        made.draft.model_copy(update={"cost": cost}),
        made.evidence,
        made.quotes,
        made.gate,
        clause.edition_id,
    )


@dataclass(frozen=True, slots=True)
class _Work:
    """A draft in the making."""

    base: Draft
    mapped: Sequence[Mapped]
    wanted: Wanted
    clause: Clause
    verdict: Verdict
    language: str

    @property
    def is_action(self) -> bool:
        """Say whether the text is right and is not followed."""
        return self.verdict.verdict == PRACTICE


def _placed(about: Subject, duty: Duty, materials: Materials) -> tuple[Clause, Verdict, str]:
    """Return the clause to look at: the nearest, or the second where that one speaks of the duty and the first not."""
    found = []
    for clause in materials.places.nearest(about)[:_TRIED]:
        language = _language_of(materials.database, clause.edition_id)
        verdict = classify(
            clause,
            duty,
            materials.places.catalogue.duties,
            language=language,
            nearness=materials.places.nearness,
            chain=materials.chain,
        )
        found.append((clause, verdict, language))
        if verdict.verdict in (PRACTICE, TOO_WEAK):
            break
    spoken = [one for one in found if one[1].verdict in (PRACTICE, TOO_WEAK)]
    return (spoken or found)[0]


def _best_of(work: _Work, materials: Materials) -> Made:
    """Return the first try that passes; each further one is told what was wrong, the last is in the words of code."""
    obligation, new_text = _obligation(work, materials)
    counter = counter_evidence(
        materials.database,
        work.wanted.duty,
        markets=work.base.markets,
        week=materials.week,
        nearness=materials.places.nearness,
    )
    evidence = (
        *(EvidenceRow(one.evidence.id, "evidence", _asked_for(one, work.wanted.duty)) for one in work.mapped),
        *(EvidenceRow(one.id, "counter", None) for one in counter),
    )
    cited, reasons, tried = quotes(work.wanted.supporters), tuple[str, ...](), []
    for attempt in range(1, TRIES + 1):
        last = attempt == TRIES
        text = new_text if last else _smoothed(work, new_text, obligation.sentence, materials, reasons)
        draft = work.base.model_copy(
            update={
                "edition": work.clause.edition,
                "clause_number": work.clause.number,
                "clause_title": work.clause.title,
                "verdict": work.verdict.verdict,
                "language": work.language,
                "old_text": work.clause.text,
                "new_text": text,
                "obligations": (obligation,),
                "rationale": rationale(
                    work.wanted,
                    offered=len(work.mapped),
                    nearness=materials.places.nearness,
                    chain=None if last else materials.chain,
                    support=materials.support,
                    weak_below=materials.weak_below,
                    avoid=reasons,
                ),
                "relevant": len(work.wanted.supporters),
                "questions": _questions(text, work),
                "attempts": attempt,
            }
        )
        gate = _gate(draft, work, cited, materials)
        failed = [row for row in gate if not row.passed]
        if not failed or last:
            break
        tried.append(tuple(row.rule for row in failed))
        reasons = tuple(f"{title_of(row.rule)}: {row.reason}" for row in failed)
    outcome = "failed" if failed else "action" if work.is_action else "revision"
    return Made(outcome, draft.model_copy(update={"refused": tuple(tried)}), evidence, cited, gate)


def _asked_for(one: Mapped, wanted: Duty) -> str | None:
    duty = wanted if wanted in one.duties else one.duty
    return duty.id if duty else None


def _gate(draft: Draft, work: _Work, cited: Sequence[Quote], materials: Materials) -> tuple[GateRow, ...]:
    texts = {one.evidence.id: one.evidence.comment.text for one in work.mapped}
    offered = Offered(texts, work.clause.number, work.clause.text, work.language)
    found = check(draft, offered, cited, regions=materials.regions, k=materials.k)
    return tuple(row for row in found if row.rule not in _TEXT_ONLY) if work.is_action else found


def _obligation(work: _Work, materials: Materials) -> tuple[Obligation, str]:
    duty, supporters = work.wanted.duty, work.wanted.supporters
    sentence = _in_language(duty.sentence, work, materials)
    text = work.clause.text
    if not work.is_action:
        advice = work.verdict.sentence if work.verdict.verdict == TOO_WEAK else ""
        text = assemble(work.clause.text, duty, advice=advice, sentence=sentence)
    return (
        Obligation(
            id=duty.id,
            who=duty.actor,
            what=duty.what,
            when=duty.when,
            limit=duty.limit,
            proof=duty.proof,
            sentence=work.verdict.sentence if work.is_action else sentence,
            supporters=len(supporters),
            matter=work.wanted.matter,
            evidence=tuple(one.id for one in supporters),
        ),
        text,
    )


def _in_language(sentence: str, work: _Work, materials: Materials) -> str:
    if work.language == "en" or work.is_action:
        return sentence
    try:
        answer = materials.chain.ask(
            read_prompt("word_obligation"),
            ClauseText,
            {"language": work.language, "sentence": sentence, "clause": work.clause.text[:400]},
            objections=lambda found: _kept(found.text, sentence, work.language),
        )
    except InvalidAnswer:
        return sentence
    return " ".join(answer.value.text.split())


def _smoothed(work: _Work, assembled: str, added: str, materials: Materials, avoid: Sequence[str]) -> str:
    if not materials.smooth or work.is_action:
        return assembled
    try:
        answer = materials.chain.ask(
            read_prompt("smooth_clause"),
            ClauseText,
            {
                "clause": work.clause.text,
                "duties": added,
                "avoid": f"An earlier answer was refused: {'; '.join(avoid)}.\n" if avoid else "",
            },
            objections=lambda found: _kept(found.text, assembled, work.language),
        )
    except InvalidAnswer:
        return assembled
    return answer.value.text


def _kept(text: str, wanted: str, language: str) -> tuple[str, ...]:
    """Return what a wording in a language has put in or left out: numbers, targets, and in English modal verbs."""
    added, lost = new_numbers(text, wanted, language), new_numbers(wanted, text, language)
    problems = [f"{word} {', '.join(numbers)}" for word, numbers in (("added", added), ("lost", lost)) if numbers]
    if sorted(TARGET.findall(text)) != sorted(TARGET.findall(wanted)):
        problems.append("keep what stands in square brackets exactly")
    for word in ("shall not", "shall", "should", "may") if wanted.isascii() and text.isascii() else ():
        if text.count(word) not in (wanted.count(word), 0):
            problems.append(f"'{word}' stands {wanted.count(word)} times in the text and {text.count(word)} in yours")
    return tuple(problems)


def _questions(text: str, work: _Work) -> tuple[str, ...]:
    units = _UNIT.findall(" ".join(TARGET.findall(text)))
    asked = [f"Which target in {unit}? The evidence does not say; the owner sets it." for unit in units]
    if work.is_action:
        return ("Who makes sure that the clause is followed, and by when?",)
    if not work.wanted.duty.proof:
        asked.append("How is it shown that this was done: a scan, a photograph, a message?")
    return (*asked, "Can the people named in the clause do this on every route, and what does it cost?")


def _language_of(database: Database, edition_id: str) -> str:
    with database.read() as connection:
        edition = editions.get(connection, edition_id)
    return edition.language if edition else "en"
