"""The proposal chain: select, offer evidence, map to duties, group, locate, assemble, explain, gate, keep."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import numpy as np

from voc.errors import InvalidAnswer, LLMError
from voc.failpoints import reach
from voc.llm.chain import Chain
from voc.llm.fence import fenced, gives_orders
from voc.llm.outputs import ClauseText, Rationale
from voc.llm.prompts import read_prompt
from voc.proposals.assemble import assemble
from voc.proposals.catalogue import Duty
from voc.proposals.draft import Draft, Obligation, Offered, Sentence
from voc.proposals.evidence import (
    Evidence,
    Mapped,
    Nearness,
    best_supported,
    counter_evidence,
    map_duties,
    offered_evidence,
    quotes,
)
from voc.proposals.figures import figures, scope_name, success
from voc.proposals.gate import check, new_numbers
from voc.proposals.locate import PRACTICE, Located, locate
from voc.proposals.select import Candidate, is_settled, select_themes
from voc.standards.registry import clauses_in_force
from voc.store import editions, proposals
from voc.store.database import Database
from voc.store.proposals import EvidenceRow, GateRow, ProposalRow
from voc.trends.table import theme_weeks
from voc.trends.week import Week
from voc.types import Market, Progress, Quote, Stamp, no_progress
from voc.weeks import monday

_SUPPORT: Final = 2
"""Comments cited under a sentence of the rationale: the nearest of those that asked for the duty."""
_RATIONALE_FROM: Final = 6
_VERB: Final = re.compile(r"\b(?:is|are|was|were|has|have|had|did|do|does|could|cannot|came|went|got)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ProposalTask:
    """What to draft for: theme names by id, how many drafts a week, and the fewest comments (k) each rests on."""

    document: str
    markets: tuple[Market, ...]
    names: dict[str, str]
    per_run: int
    evidence: int
    k: int
    smooth: bool
    run_id: str | None


@dataclass(frozen=True, slots=True)
class ProposeReport:
    """The ids that were written, by outcome, and what stopped the model."""

    revisions: tuple[str, ...]
    actions: tuple[str, ...]
    briefs: tuple[str, ...]
    failed: tuple[str, ...]
    problem: str = ""


@dataclass(frozen=True, slots=True)
class _Parts:
    """A draft with what is stored beside it."""

    outcome: str
    draft: Draft
    evidence: tuple[EvidenceRow, ...]
    quotes: tuple[Quote, ...]
    gate: tuple[GateRow, ...] = ()
    edition_id: str | None = None


@dataclass(frozen=True)
class Drafter:
    """Drafts for one week; without a chain, briefs of the evidence take the place of drafts."""

    database: Database
    week: Week
    task: ProposalTask
    duties: tuple[Duty, ...]
    nearness: Nearness
    chain: Chain | None

    def propose(self, *, stamp: Callable[[], Stamp], progress: Progress = no_progress) -> ProposeReport:
        """Draft for the themes that deserve it, at most `per_run` a week; what is settled is left alone.

        Raises:
            NotFoundError: no global edition of the document is in force.
        """
        day = (monday(self.week.week) + timedelta(days=6)).isoformat()
        clauses_in_force(self.database, document=self.task.document, market="", on=day)
        with self.database.read() as connection:
            known = proposals.every(connection)
        room = self.task.per_run - sum(row.week == self.week.week for row in known)
        rows = theme_weeks(self.week)
        written: dict[str, list[str]] = {"revision": [], "action": [], "brief": [], "failed": []}
        problem = ""
        for candidate in select_themes(
            self.database, rows, week=self.week.week, markets=self.week.markets, k=self.task.k
        ):
            done = sum(map(len, written.values()))
            if done >= room:
                break
            comments = offered_evidence(
                self.database,
                candidate.theme_id,
                markets=candidate.markets,
                week=self.week.week,
                most=self.task.evidence,
            )
            basis = _digest([candidate.theme_id, candidate.market, *sorted(one.id for one in comments)])
            if len(comments) < self.task.k or is_settled(candidate, basis, known):
                continue
            progress(done, room)
            try:
                parts = self._draft(candidate, comments, day)
            except LLMError as error:
                parts, problem = self._brief(candidate, comments, "no model could be asked"), str(error)
            identity = _digest([basis, self.task.document])[:12]
            self._keep(identity, candidate, basis, parts, stamp())
            written[parts.outcome].append(identity)
        progress(room, room)
        return ProposeReport(
            tuple(written["revision"]),
            tuple(written["action"]),
            tuple(written["brief"]),
            tuple(written["failed"]),
            problem,
        )

    def _draft(self, candidate: Candidate, comments: Sequence[Evidence], day: str) -> _Parts:
        if self.chain is None:
            return self._brief(candidate, comments, "no language model is configured")
        mapped = map_duties(comments, self.duties, self.nearness, self.chain)
        wanted = best_supported(mapped, least=self.task.k)
        if not wanted:
            return self._brief(candidate, comments, f"no duty of the catalogue is asked for by {self.task.k} comments")
        supporters = [one.evidence for one in mapped if one.duty == wanted[0]]
        clauses = clauses_in_force(self.database, document=self.task.document, market=candidate.market, on=day)
        theme = self.task.names.get(candidate.theme_id, candidate.theme_id)
        place = locate(clauses, wanted[0], theme, supporters, nearness=self.nearness, chain=self.chain)
        if place is None:
            return self._brief(candidate, comments, "no clause in force is about this")
        return self._parts(candidate, mapped, wanted[0], place, supporters)

    def _parts(
        self, candidate: Candidate, mapped: Sequence[Mapped], duty: Duty, place: Located, supporters: Sequence[Evidence]
    ) -> _Parts:
        clause = place.clause
        action = place.verdict == PRACTICE
        assembled = clause.text if action else assemble(clause.text, [duty])
        with self.database.read() as connection:
            edition = editions.get(connection, clause.edition_id)
        language = edition.language if edition else "en"
        counter = counter_evidence(
            self.database, duty, markets=candidate.markets, week=self.week.week, nearness=self.nearness
        )
        draft = self._base(candidate, len(mapped)).model_copy(
            update={
                "edition": clause.edition,
                "clause_number": clause.number,
                "clause_title": clause.title,
                "verdict": place.verdict,
                "old_text": clause.text,
                "new_text": assembled if action else self._smoothed(clause.text, assembled, duty),
                "obligations": (
                    Obligation(
                        id=duty.id,
                        who=duty.actor,
                        what=duty.text,
                        sentence=duty.sentence,
                        supporters=len(supporters),
                        evidence=tuple(one.id for one in supporters),
                    ),
                ),
                "relevant": len(supporters),
                "language": language,
                "rationale": self._rationale(duty, supporters, len(mapped)),
                "questions": _questions(assembled),
            }
        )
        cited = quotes(supporters)
        offered = Offered(
            {one.evidence.id: one.evidence.comment.text for one in mapped}, clause.number, clause.text, language
        )
        gate = check(draft, offered, cited, regions=[market.code for market in self.task.markets])
        if action:
            gate = tuple(row for row in gate if not row.rule.startswith("length"))
        outcome = ("action" if action else "revision") if all(row.passed for row in gate) else "failed"
        evidence = (
            *(EvidenceRow(one.evidence.id, "evidence", one.duty.id if one.duty else None) for one in mapped),
            *(EvidenceRow(one.id, "counter", None) for one in counter),
        )
        return _Parts(outcome, draft, evidence, cited, gate, clause.edition_id)

    def _smoothed(self, old: str, assembled: str, duty: Duty) -> str:
        if not self.task.smooth or self.chain is None:
            return assembled
        try:
            answer = self.chain.ask(
                read_prompt("smooth_clause"),
                ClauseText,
                {"clause": old, "duties": duty.sentence},
                objections=lambda found: _smoothing_objections(found.text, assembled),
            )
        except InvalidAnswer:
            return assembled
        return answer.value.text

    def _rationale(self, duty: Duty, supporters: Sequence[Evidence], offered: int) -> tuple[Sentence, ...]:
        shown = supporters[:_RATIONALE_FROM]
        texts = [_said_by(len(supporters), offered, duty)]
        try:
            answer = self.chain.ask(  # type: ignore[union-attr]
                read_prompt("rationale"),
                Rationale,
                {"comments": fenced([one.text for one in shown])},
                feedback_ids=[one.id for one in shown],
                objections=_rationale_objections,
            )
            texts += [" ".join(text.split()) for text in answer.value.sentences]
        except InvalidAnswer:
            pass
        rows = self.nearness.clauses(supporters)
        wordings = self.nearness.wordings([*texts, *(other.about for other in self.duties)])[: len(texts)]
        sentences = []
        for text, wording in zip(texts, wordings, strict=True):
            cosines = rows @ wording
            near = np.argsort(-cosines, kind="stable")[:_SUPPORT]
            sentences.append(
                Sentence(
                    text=text,
                    evidence=tuple(supporters[int(place)].id for place in near),
                    support=round(float(cosines[near[0]]), 2),
                )
            )
        return tuple(sentences)

    def _brief(self, candidate: Candidate, comments: Sequence[Evidence], why: str) -> _Parts:
        draft = self._base(candidate, len(comments)).model_copy(update={"note": why})
        return _Parts(
            "brief", draft, tuple(EvidenceRow(one.id, "evidence", None) for one in comments), quotes(comments)
        )

    def _base(self, candidate: Candidate, offered: int) -> Draft:
        names = {market.code: market.name for market in self.task.markets}
        return Draft(
            theme=self.task.names.get(candidate.theme_id, candidate.theme_id),
            scope=scope_name(candidate, names),
            markets=candidate.markets,
            document=self.task.document,
            figures=figures(candidate, self.week, offered=offered),
            success=success(candidate, self.week),
            offered=offered,
            method=self.chain.model.model_id if self.chain else "no model",
        )

    def _keep(self, identity: str, candidate: Candidate, basis: str, parts: _Parts, stamp: Stamp) -> None:
        row = ProposalRow(
            identity,
            candidate.theme_id,
            candidate.market,
            self.week.week,
            self.task.document,
            parts.draft.clause_number or None,
            parts.edition_id,
            parts.outcome,
            "failed" if parts.outcome == "failed" else "draft",
            parts.draft.model_dump(mode="json"),
            basis,
            self.task.run_id,
        )
        with self.database.write() as connection:
            proposals.add(connection, stamp, row, evidence=parts.evidence, quotes=parts.quotes, gate=parts.gate)
            reach("proposals.before-commit")
        reach("proposals.after-commit")


def _said_by(supporters: int, offered: int, duty: Duty) -> str:
    """Return what the supporters of a duty have in common, in the words of the catalogue."""
    share = "Most" if 2 * supporters > offered else "Several"
    return f"{share} of the comments read for this draft describe this: {duty.about[0].lower()}{duty.about[1:]}"


def _rationale_objections(found: Rationale) -> tuple[str, ...]:
    words = " ".join(found.sentences)
    problems = []
    if numbers := new_numbers(words, ""):
        problems.append(f"leave out the figures {', '.join(numbers)}")
    if gives_orders(words) or not words.replace("’", "'").isascii():
        problems.append("write plain English about what customers report")
    if not found.sentences[0].casefold().startswith(("customers", "recipients")):
        problems.append("begin the first sentence with 'Customers report that' and say what happened to them")
    if not all(_VERB.search(sentence) for sentence in found.sentences):
        problems.append("write whole sentences, such as 'Customers report that their parcels were left outside.'")
    if any(not 20 <= len(sentence) <= 320 for sentence in found.sentences):
        problems.append("each sentence has 20 to 320 characters")
    return tuple(problems)


def _smoothing_objections(text: str, assembled: str) -> tuple[str, ...]:
    added = new_numbers(text, assembled)
    lost = new_numbers(assembled, text)
    problems = [f"{word} {', '.join(numbers)}" for word, numbers in (("added", added), ("lost", lost)) if numbers]
    for word in ("shall", "shall not", "should", "may", "["):
        if text.count(word) != assembled.count(word):
            problems.append(
                f"'{word}' stands {assembled.count(word)} times in the clause and {text.count(word)} in yours"
            )
    return tuple(problems)


def _questions(text: str) -> tuple[str, ...]:
    found = re.findall(r"\[TARGET ([a-z ]+)\]", text)
    asked = [f"Which target in {unit}? The evidence does not say; the owner sets it." for unit in found]
    return (*asked, "Can the people named in the clause do this on every route, and what does it cost?")


def _digest(parts: Sequence[str]) -> str:
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()
