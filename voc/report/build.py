"""Gather one week from the store."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from voc.proposals.render import as_section, load
from voc.report.actions import action_lines
from voc.report.headlines import headlines
from voc.report.model import (
    NOTHING_CHOSEN,
    Chosen,
    EmergingLine,
    Report,
    Scope,
    SearchLine,
    ShownQuote,
    ThemeLine,
)
from voc.report.notes import notes
from voc.report.quotes import WeekUnits, quotes_without_theme, theme_quotes, week_units
from voc.search.watch import WeekOfSearch
from voc.store import actions, batch_checks, labels, proposals, themes
from voc.store.database import Database
from voc.store.labels import LabelRow
from voc.store.themes import FIRST_FIT
from voc.trends.emerging import emerging, first_emerging_week
from voc.trends.table import Coverage, ThemeWeek, coverage, theme_weeks
from voc.trends.week import NETWORK, Week, has_deliveries
from voc.types import Market, Polarity, Quote
from voc.weeks import week_range

_PRAISED: Final = 3

Translate = Callable[[Quote], str]


@dataclass(frozen=True, slots=True)
class ReportTask:
    """What a report shows: themes, quotes, in whose language, from how many comments (k) on, and saved searches.

    `chosen` are the quotes that an author pinned or hid.
    """

    title: str
    language: str
    markets: tuple[Market, ...]
    themes: int
    quotes: int
    k: int
    searches: tuple[WeekOfSearch, ...] = ()
    chosen: Chosen = NOTHING_CHOSEN


def no_translation(_quote: Quote) -> str:
    """Leave a quote as it is."""
    return ""


def build_report(database: Database, week: Week, task: ReportTask, *, translate: Translate = no_translation) -> Report:
    """Return the report of a week; the same store gives the same report."""
    rows = theme_weeks(week)
    with database.read() as connection:
        known = labels.newest(connection, language=task.language)
        births = {
            event.theme_id: event.week
            for one in week_range(first_emerging_week(week.week), week.week)
            for event in themes.events(connection, week=one)
            if event.kind == "born" and event.why != FIRST_FIT and not event.by_person
        }
        written = proposals.every(connection, week=week.week)
        to_do = actions.every(connection)
        everywhere = [""] if len(week.markets) == len(task.markets) else []
        strange = batch_checks.warnings(connection, week=week.week, markets=[*week.markets, *everywhere])
    names = {market.code: market.name for market in task.markets}
    found = emerging(week, rows, births)
    born = frozenset(one.theme_id for one in found if one.new)
    gather = _Gather(database, week, task, known, born, translate, week_units(database, week.week))
    scopes = tuple(gather.scope(one, names.get(one.market, "All markets"), rows) for one in coverage(week))
    shown = [load(database, row.id) for row in written if row.outcome != "failed" and _in_scope(row.draft, week)]
    fresh = tuple(gather.new_lines(rows))
    called = {theme: label.name for theme, label in known.items()}
    young = tuple(EmergingLine(one, called.get(one.theme_id, one.theme_id)) for one in found)
    return Report(
        title=task.title,
        week=week.week,
        weeks=week.weeks,
        headlines=headlines(week, rows, called, young, names, k=task.k),
        new_themes=fresh,
        emerging=tuple(one for one in young if sum(one.found.complaints) >= task.k),
        scopes=scopes,
        proposals=tuple(one.title for one in shown),
        proposal_sections=tuple(as_section(one) for one in shown),
        notes=(*notes(week, rows, scopes, names), *(f"Data: {one}" for one in strange)),
        k=task.k,
        searches=tuple(_search_line(one, task.k) for one in task.searches),
        actions=action_lines(to_do, week=week.week, markets=week.markets, names=called),
        proposal_ids=tuple(one.row.id for one in shown),
    )


def _search_line(one: WeekOfSearch, k: int) -> SearchLine:
    return SearchLine(one.name, one.text, _matches(one.comments, k), _matches(one.before, k))


def _matches(count: int | None, k: int) -> str:
    if count is None:
        return "–"
    return f"fewer than {k}" if 0 < count < k else f"{count:,}"


def _in_scope(draft: Mapping[str, object], week: Week) -> bool:
    markets = draft.get("markets", ())
    return isinstance(markets, list) and set(markets) <= set(week.markets)


@dataclass(frozen=True)
class _Gather:
    """Puts labels, quotes and translations beside figures."""

    database: Database
    week: Week
    task: ReportTask
    labels: Mapping[str, LabelRow]
    born: frozenset[str]
    translate: Translate
    units: WeekUnits

    def scope(self, found: Coverage, title: str, rows: Sequence[ThemeWeek]) -> Scope:
        own = [row for row in rows if row.market == found.market]
        complained = sorted((row for row in own if row.complaints > 0), key=lambda row: (-row.complaints, row.theme_id))
        praised = sorted((row for row in own if row.praise > 0), key=lambda row: (-row.praise, row.theme_id))
        enough = [row for row in complained if row.complaints >= self.task.k]
        return Scope(
            market=found.market,
            title=title,
            coverage=found,
            per_delivery=has_deliveries(self.week, found.market),
            themes=tuple(self.line(row, Polarity.COMPLAINT) for row in enough[: self.task.themes]),
            praised=tuple(self.line(row, Polarity.PRAISE) for row in praised[:_PRAISED] if row.praise >= self.task.k),
            hidden=len(complained) - len(enough),
            unassigned=tuple(ShownQuote(one, self._translated(one)) for one in self._without_theme(found)),
        )

    def new_lines(self, rows: Sequence[ThemeWeek]) -> list[ThemeLine]:
        fresh = [row for row in rows if row.market == NETWORK and row.theme_id in self.born]
        return [
            self.line(row, Polarity.COMPLAINT) for row in sorted(fresh, key=lambda row: (-row.complaints, row.theme_id))
        ]

    def line(self, row: ThemeWeek, polarity: Polarity) -> ThemeLine:
        label = self.labels.get(row.theme_id)
        with self.database.read() as connection:
            born_week = themes.get(connection, row.theme_id).born_week
        chosen = self.task.chosen
        quotes = theme_quotes(
            self.database,
            self.units.by_theme.get(row.theme_id, ()),
            polarity,
            markets=self._markets(row.market),
            most=self.task.quotes,
            pinned=chosen.pinned.get(row.theme_id, ()),
            hidden=chosen.hidden,
        )
        return ThemeLine(
            row=row,
            name=label.name if label else row.theme_id,
            summary=label.summary if label else "",
            keywords=label.keywords if label else (),
            born_week=born_week,
            quotes=tuple(ShownQuote(one, self._translated(one)) for one in quotes),
        )

    def _without_theme(self, found: Coverage) -> tuple[Quote, ...]:
        if found.comments - found.assigned < self.task.k:
            return ()
        markets = self._markets(found.market)
        return quotes_without_theme(
            self.database,
            self.units.without_theme,
            markets=markets,
            most=self.task.quotes,
            hidden=self.task.chosen.hidden,
        )

    def _markets(self, market: str) -> Sequence[str]:
        return self.week.markets if market == NETWORK else (market,)

    def _translated(self, quote: Quote) -> str:
        return self.translate(quote) if quote.language != self.task.language else ""
