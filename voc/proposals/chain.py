"""The proposal chain: select, offer evidence, map to duties, locate, classify, assemble, explain, gate, keep."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from voc.errors import LLMError
from voc.failpoints import reach
from voc.llm.chain import Chain
from voc.proposals.catalogue import Catalogue
from voc.proposals.draft import Draft
from voc.proposals.drafting import Made, Materials, draft_revision
from voc.proposals.evidence import Evidence, distinct_complaints, offered_evidence, quotes
from voc.proposals.explain import Support
from voc.proposals.figures import figures, scope_name, signals, success
from voc.proposals.locate import Places
from voc.proposals.nearness import Nearness
from voc.proposals.select import Candidate, select_themes
from voc.proposals.settled import NO_MODEL, Standing, standing
from voc.proposals.states import State
from voc.standards.registry import clauses_in_force
from voc.store import exposure, proposals, review
from voc.store.database import Database
from voc.store.proposals import EvidenceRow, ProposalRow
from voc.trends.table import ThemeWeek, theme_weeks
from voc.trends.week import Week
from voc.types import Market, Progress, Stamp, no_progress
from voc.weeks import monday


@dataclass(frozen=True, slots=True)
class ProposalTask:
    """What to draft for: theme names by id, how many drafts a week, and the fewest comments (k) each rests on.

    `evidence` comments are read for a draft; `growth` is the share by which evidence must grow before a gap that was
    drafted is drafted again.
    """

    document: str
    markets: tuple[Market, ...]
    names: dict[str, str]
    per_run: int
    evidence: int
    k: int
    smooth: bool
    growth: float
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
class Means:
    """What drafting needs beside the store: duties, nearness of texts, support of sentences, and a model (or none)."""

    catalogue: Catalogue
    nearness: Nearness
    support: Support
    weak_below: float
    chain: Chain | None


@dataclass
class Drafter:
    """Drafts for one week; without a chain, briefs of the evidence take the place of drafts."""

    database: Database
    week: Week
    task: ProposalTask
    means: Means

    def propose(self, *, stamp: Callable[[], Stamp], progress: Progress = no_progress) -> ProposeReport:
        """Draft for the themes that deserve it, at most `per_run` a week; what is settled is left alone.

        Raises:
            NotFoundError: no edition of the document is in force.
        """
        clauses_in_force(self.database, document=self.task.document, market="", on=self._day)
        with self.database.read() as connection:
            known = list(proposals.every(connection))
        room = self.task.per_run - sum(row.week == self.week.week for row in known)
        rows = theme_weeks(self.week)
        written: dict[str, list[str]] = {"revision": [], "action": [], "brief": [], "failed": []}
        problem, places = "", dict[str, Places]()
        chosen = select_themes(self.database, rows, week=self.week.week, markets=self.week.markets, k=self.task.k)
        for candidate in chosen:
            done = sum(map(len, written.values()))
            if done >= room:
                break
            distinct, held = self._standing(candidate, known)
            comments = self.offered(candidate)
            if held.settled or len(comments) < self.task.k:
                continue
            progress(done, room)
            base = self.base(candidate, rows, offered=len(comments), distinct=distinct)
            try:
                made = self._made(candidate, base, comments, places)
            except LLMError as error:
                problem = str(error)
                if held.replaces:  # what stands there is no worse than a brief
                    continue
                made = _brief(base, comments, "no model could be asked", method=NO_MODEL)
            row = self._keep(candidate, comments, made, held, stamp())
            known = [one for one in known if one not in held.replaces] + [row]
            written[made.outcome].append(row.id)
        progress(room, room)
        by_outcome = {name: tuple(ids) for name, ids in written.items()}
        return ProposeReport(
            by_outcome["revision"], by_outcome["action"], by_outcome["brief"], by_outcome["failed"], problem
        )

    def draft_for(self, row: ProposalRow) -> Made | str:
        """Return what would be drafted now for the theme and scope of a proposal; nothing is kept.

        Raises:
            LLMError: the model cannot be asked.
        """
        rows = theme_weeks(self.week)
        chosen = select_themes(self.database, rows, week=self.week.week, markets=self.week.markets, k=self.task.k)
        same = [one for one in chosen if (one.theme_id, one.market) == (row.theme_id, row.market)]
        comments = self.offered(same[0]) if same else ()
        if len(comments) < self.task.k:
            return "the theme is no longer one to draft for"
        base = self.base(same[0], rows, offered=len(comments), distinct=len(comments))
        return self._made(same[0], base, comments, {})

    @property
    def _day(self) -> str:
        return (monday(self.week.week) + timedelta(days=6)).isoformat()

    def _standing(self, candidate: Candidate, known: Sequence[ProposalRow]) -> tuple[int, Standing]:
        distinct = distinct_complaints(
            self.database, candidate.theme_id, markets=candidate.markets, week=self.week.week
        )
        return distinct, standing(
            candidate.scope,
            known,
            document=self.task.document,
            distinct=distinct,
            growth=self.task.growth,
            has_model=self.means.chain is not None,
        )

    def offered(self, candidate: Candidate) -> tuple[Evidence, ...]:
        """Return the comments that a draft for a candidate may rest on."""
        return offered_evidence(
            self.database,
            candidate.theme_id,
            markets=candidate.markets,
            week=self.week.week,
            most=self.task.evidence,
        )

    def _made(self, candidate: Candidate, base: Draft, comments: Sequence[Evidence], places: dict[str, Places]) -> Made:
        chain = self.means.chain
        if chain is None:
            return _brief(base, comments, "no language model is configured", method=NO_MODEL)
        found = draft_revision(base, comments, self.materials(candidate, chain, places))
        return found if isinstance(found, Made) else _brief(base, comments, found, method=chain.model.model_id)

    def materials(self, candidate: Candidate, chain: Chain, places: dict[str, Places]) -> Materials:
        """Return what a draft for a candidate is made with; `places` keeps the clauses of each market."""
        if candidate.market not in places:
            clauses = clauses_in_force(
                self.database, document=self.task.document, market=candidate.market, on=self._day
            )
            places[candidate.market] = Places.of(clauses, self.means.catalogue, self.means.nearness)
        return Materials(
            self.database,
            places[candidate.market],
            self.means.support,
            self.means.weak_below,
            chain,
            k=self.task.k,
            smooth=self.task.smooth,
            week=self.week.week,
            regions=tuple(market.code for market in self.task.markets),
        )

    def base(self, candidate: Candidate, rows: Sequence[ThemeWeek], *, offered: int, distinct: int) -> Draft:
        """Return a draft with everything that code computes and nothing that a model words."""
        names = {market.code: market.name for market in self.task.markets}
        with self.database.read() as connection:
            known = exposure.signals(connection, first_week=self.week.weeks[0], last_week=self.week.week)
        scope, chain = candidate.scope, self.means.chain
        return Draft(
            theme=self.task.names.get(candidate.theme_id, candidate.theme_id),
            scope=scope_name(scope, names),
            markets=candidate.markets,
            document=self.task.document,
            figures=figures(scope, self.week, rows, distinct=distinct),
            signals=signals(scope, self.week, known),
            success=success(scope, self.week, rows),
            offered=offered,
            method=chain.model.model_id if chain else NO_MODEL,
        )

    def _keep(
        self, candidate: Candidate, comments: Sequence[Evidence], made: Made, held: Standing, stamp: Stamp
    ) -> ProposalRow:
        basis = _digest([candidate.theme_id, candidate.market, *sorted(one.id for one in comments)])
        row = ProposalRow(
            self._new_id([basis, self.task.document, made.draft.method, self.week.week]),
            candidate.theme_id,
            candidate.market,
            self.week.week,
            self.task.document,
            made.draft.clause_number or None,
            made.edition_id,
            made.outcome,
            State.FAILED if made.outcome == "failed" else State.DRAFT,
            made.draft.model_dump(mode="json"),
            basis,
            self.task.run_id,
        )
        with self.database.write() as connection:
            for old in held.replaces:
                why = f"evidence grew: {row.id} takes its place"
                review.move(connection, stamp, old, to_state=State.SUPERSEDED, why=why)
            proposals.add(connection, stamp, row, evidence=made.evidence, quotes=made.quotes, gate=made.gate)
            reach("proposals.before-commit")
        reach("proposals.after-commit")
        return row

    def _new_id(self, parts: Sequence[str]) -> str:
        """Return an id that no proposal has: what was superseded may be drafted again from the same comments."""
        with self.database.read() as connection:
            taken = {row.id for row in proposals.every(connection)}
        wanted = (_digest([*parts, *(["again"] * turn)])[:12] for turn in itertools.count())
        return next(one for one in wanted if one not in taken)


def _brief(base: Draft, comments: Sequence[Evidence], why: str, *, method: str) -> Made:
    draft = base.model_copy(update={"note": why, "method": method})
    rows = tuple(EvidenceRow(one.id, "evidence", None) for one in comments)
    return Made("brief", draft, rows, quotes(comments))


def _digest(parts: Sequence[str]) -> str:
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()
