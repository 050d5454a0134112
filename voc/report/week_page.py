"""One week as the first page shows it: figures and names only, no quotes, so that it is cheap to make and to keep."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from voc.report.headlines import headlines
from voc.report.model import EmergingLine
from voc.store import labels, themes
from voc.store.database import Database
from voc.store.labels import LabelRow
from voc.store.themes import FIRST_FIT, ThemeEvent
from voc.trends.emerging import emerging, first_emerging_week
from voc.trends.table import Coverage, ThemeWeek, coverage, theme_weeks
from voc.trends.week import Week, has_deliveries
from voc.weeks import week_range

TOLD = frozenset({"born", "split", "merged", "dormant", "revived", "renamed"})
"""Events of the ledger that the page tells; that a theme went on is no news."""


@dataclass(frozen=True, slots=True)
class WeekPage:
    """A week: `rows` of every theme in every market ("" is the network), names, what moved and what happened.

    `muted` are themes that are counted and not alarmed; groups of fewer than `k` comments are for the page to hide.
    """

    week: Week
    coverage: tuple[Coverage, ...]
    rows: tuple[ThemeWeek, ...]
    names: Mapping[str, LabelRow]
    headlines: tuple[str, ...]
    emerging: tuple[EmergingLine, ...]
    events: tuple[ThemeEvent, ...]
    per_delivery: Mapping[str, bool]

    def name(self, theme_id: str) -> str:
        """Return the name of a theme, its id where it has none yet."""
        found = self.names.get(theme_id)
        return found.name if found else theme_id

    def of_market(self, market: str) -> tuple[ThemeWeek, ...]:
        """Return the rows of a market, those with the most complaints first."""
        own = (row for row in self.rows if row.market == market and (row.complaints or row.praise))
        return tuple(sorted(own, key=lambda row: (-row.complaints, row.theme_id)))

    def alerts(self, k: int) -> tuple[ThemeWeek, ...]:
        """Return what rose or fell beyond chance, what moved the most complaints first."""
        moved = [row for row in self.rows if (row.rising or row.falling) and max(row.series, default=0) >= k]
        return tuple(sorted(moved, key=lambda row: (-abs(row.compared - (row.usual or 0.0)), row.market, row.theme_id)))


def week_page(database: Database, week: Week, *, language: str, markets: Mapping[str, str], k: int) -> WeekPage:
    """Return a week as its page shows it; `markets` are names by code."""
    rows = theme_weeks(week)
    with database.read() as connection:
        known = labels.newest(connection, language=language)
        span = week_range(first_emerging_week(week.week), week.week)
        events = [event for one in span for event in themes.events(connection, week=one)]
    births = {
        event.theme_id: event.week
        for event in events
        if event.kind == "born" and event.why != FIRST_FIT and not event.by_person
    }
    called = {theme: label.name for theme, label in known.items()}
    young = tuple(EmergingLine(one, called.get(one.theme_id, one.theme_id)) for one in emerging(week, rows, births))
    scopes = coverage(week)
    return WeekPage(
        week=week,
        coverage=scopes,
        rows=rows,
        names=known,
        headlines=headlines(week, rows, called, young, markets, k=k),
        emerging=tuple(one for one in young if sum(one.found.complaints) >= k),
        events=tuple(one for one in events if one.week == week.week and one.kind in TOLD and one.why != FIRST_FIT),
        per_delivery={one.market: has_deliveries(week, one.market) for one in scopes},
    )
