"""Gather a decision pack from the store."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from voc.errors import InputError, NotFoundError
from voc.proposals.evidence import WEEKS
from voc.proposals.gate import title_of
from voc.proposals.pack_model import (
    Adopted,
    Assessed,
    Consulted,
    Detectable,
    Edited,
    Happened,
    MarketRow,
    Pack,
)
from voc.proposals.proposal_blocks import targets
from voc.proposals.shown import Shown, load
from voc.standards.registry import Clause, clauses_in_force
from voc.store import counts, editions, review
from voc.store.database import Database
from voc.store.editions import EditionRow
from voc.store.review import ConsultationRow, EventRow, VersionRow
from voc.trends.read import read_week
from voc.trends.table import ThemeWeek, theme_weeks
from voc.trends.week import Week, has_deliveries
from voc.types import Market
from voc.weeks import monday, weeks_before

_SUNDAY: Final = timedelta(days=6)


@dataclass(frozen=True, slots=True)
class PackTask:
    """Which markets are configured, how many weeks alerts look back, and the fewest comments (k) that are counted."""

    markets: tuple[Market, ...]
    baseline_weeks: int
    k: int


def build_pack(
    database: Database,
    proposal_id: str,
    *,
    task: PackTask,
    shown: Shown | None = None,
    detectable: Sequence[Detectable] = (),
) -> Pack:
    """Return the pack of a proposal as the store has it; `shown` takes the place of loading it, with its notices.

    Raises:
        NotFoundError: no proposal, or more than one, begins with that id.
    """
    found = shown or load(database, proposal_id)
    row = found.row
    with database.read() as connection:
        edition = editions.get(connection, row.edition_id) if row.edition_id else None
        asked = review.consultations(connection, proposal_id=row.id)
        assessed = review.assessments(connection, row.id)
        versions = review.versions(connection, row.id)
        events = review.events_of(connection, row.id)
        adoptions = review.adoptions(connection, proposal_id=row.id)
    return Pack(
        shown=found,
        owner=edition.owner if edition else "",
        edition_title=f"{edition.title} {edition.name}" if edition else "",
        period=_period(found),
        k=task.k,
        markets=tuple(_Markets(database, found, task).rows()),
        consulted=tuple(_consulted(one) for one in asked),
        assessed=tuple(Assessed(one.cost, one.feasibility, one.actor, one.at) for one in assessed),
        versions=tuple(_edited(one) for one in versions),
        history=tuple(_happened(one) for one in events),
        adopted=tuple(Adopted(one.market, one.since) for one in adoptions),
        detectable=tuple(detectable),
        approving=tuple(_approving(found, edition)),
    )


@dataclass(frozen=True)
class _Markets:
    """The table of markets of one proposal."""

    database: Database
    shown: Shown
    task: PackTask

    def rows(self) -> Iterator[MarketRow]:
        """Yield the market of an addendum, or for the global edition all markets, those concerned first."""
        concerned, only = self.shown.draft.markets, self.shown.row.market
        wanted = [one for one in self.task.markets if not only or one.code == only]
        week = self._week()
        figures = (
            {row.market: row for row in theme_weeks(week) if row.theme_id == self.shown.row.theme_id} if week else {}
        )
        for market in sorted(wanted, key=lambda one: one.code not in concerned):
            yield self._row(market, figures.get(market.code), week)

    def _week(self) -> Week | None:
        codes, task = [market.code for market in self.task.markets], self.task
        try:
            return read_week(self.database, self.shown.row.week, markets=codes, baseline_weeks=task.baseline_weeks)
        except InputError:  # the week's feedback was erased since
            return None

    def _row(self, market: Market, figures: ThemeWeek | None, week: Week | None) -> MarketRow:
        with self.database.read() as connection:
            comments = counts.distinct_texts(
                connection, theme_id=self.shown.row.theme_id, market=market.code, weeks=_period(self.shown)
            )
            clause = self._clause(market.code)
            edition = editions.get(connection, clause.edition_id) if clause else None
        told = figures if figures is not None and figures.complaints >= self.task.k else None
        change = told.change if told else None
        return MarketRow(
            market=market.code,
            name=market.name,
            clause=f"{clause.number} {clause.title}" if clause else "",
            text=clause.text if clause else "",
            edition=clause.edition if clause else "",
            effective=edition.effective if edition else "",
            addendum=bool(clause and clause.market),
            comments=None if 0 < comments < self.task.k else comments,
            rate=told.rate if told else None,
            per="deliveries" if week and has_deliveries(week, market.code) else "comments",
            change=change.ratio if change else None,
            moved="rising" if told and told.rising else "falling" if told and told.falling else "",
        )

    def _clause(self, market: str) -> Clause | None:
        day = (monday(self.shown.row.week) + _SUNDAY).isoformat()
        try:
            found = clauses_in_force(self.database, document=self.shown.row.document, market=market, on=day)
        except NotFoundError:
            return None
        return next((one for one in found if one.number == self.shown.draft.clause_number), None)


def _period(shown: Shown) -> tuple[str, str]:
    """Return the weeks whose comments a draft may rest on."""
    return weeks_before(shown.row.week, WEEKS - 1)[0], shown.row.week


def _consulted(one: ConsultationRow) -> Consulted:
    return Consulted(
        reviewer=one.reviewer,
        part=one.part,
        due=one.due,
        answer=one.answer or "",
        text=one.text or "",
        answered_by=one.answered_by or "",
        answered_on=one.answered_at or "",
        version=one.answered_version or 0,
        override=one.override_why or "",
        overridden_by=one.override_by or "",
    )


def _edited(one: VersionRow) -> Edited:
    warnings = tuple(f"{title_of(row.rule)}: {row.reason}" for row in one.gate if not row.passed)
    return Edited(one.version, one.at, one.actor, one.why, str(one.draft.get("new_text", "")), warnings)


def _happened(one: EventRow) -> Happened:
    why = f"{one.reason}: {one.why}" if one.reason else one.why
    return Happened(one.at, one.actor, one.from_state or "", one.to_state, why)


def _approving(shown: Shown, edition: EditionRow | None) -> Iterator[str]:
    """Yield what follows from an approval, and what does not."""
    draft, row = shown.draft, shown.row
    if row.outcome == "action":
        yield f"An action is opened for clause {draft.clause_number} in {draft.scope}, with an owner and a due date."
        yield "The text of the standard stays as it is; whether complaints fall is measured like a change of the text."
    elif row.outcome == "revision":
        whose = "addendum of this market" if row.market else "global edition"
        yield (
            f"A new edition of the {whose} of '{draft.document}' is published in which clause {draft.clause_number} "
            "reads as below; the edition in force stays in the register unchanged."
        )
        if not row.market:
            yield "Markets with an addendum to this clause keep their own wording; the table of markets names them."
        if open_targets := targets(draft):
            yield f"Still to be set by the owner before that: {', '.join(open_targets)}."
        owner = edition.owner if edition else "the owner"
        yield f"Nothing else applies itself: since when it is followed is recorded by {owner}, market by market."
    else:
        yield "Nothing: there is no draft to approve."
        return
    yield "The decision, who took it, when and why are written to the audit log."
