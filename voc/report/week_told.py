"""What of a week may be told to those who see no single comments, all markets that they see taken together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace

from voc.report.week_page import WeekPage
from voc.trends.table import Coverage, ThemeWeek
from voc.trends.told import rest_told, series_untold, told, untold
from voc.trends.week import NETWORK

Place = tuple[str, str]
"""A theme and a market."""


@dataclass(frozen=True, slots=True)
class Told:
    """What is withheld of a week: complaints of themes in markets, weeks of their series, and markets' comments.

    `network` is the market that rows of all markets are of: "" but for a page that is of one market only.
    """

    k: int
    rows: frozenset[Place]
    weeks: Mapping[Place, frozenset[int]]
    markets: frozenset[str]
    network: str = NETWORK

    @classmethod
    def of(cls, page: WeekPage, k: int) -> Told:
        """Return what is withheld of a page of all markets that somebody sees."""
        by_theme: dict[str, list[ThemeWeek]] = defaultdict(list)
        for row in page.rows:
            if row.market != NETWORK:
                by_theme[row.theme_id].append(row)
        hidden: set[Place] = set()
        weeks: dict[Place, frozenset[int]] = {}
        for theme, rows in by_theme.items():
            hidden |= {(theme, one) for one in untold({row.market: row.complaints for row in rows}, k)}
            for market, places in series_untold({row.market: row.series for row in rows}, k).items():
                weeks[theme, market] = places
        markets = {one.market: one.comments for one in page.coverage if one.market != NETWORK}
        return cls(k, frozenset(hidden), weeks, untold(markets, k))

    @classmethod
    def plain(cls, k: int) -> Told:
        """Return what is withheld from those who may read comments: small counts, whatever differences would tell."""
        return cls(k, frozenset(), {}, frozenset())

    def at(self, market: str) -> Told:
        """Return the same for a page of one market ("": of all), whose network is that market."""
        return replace(self, network=market)

    def tells(self, row: ThemeWeek) -> bool:
        """Say whether the complaints of a theme in a market may be told."""
        return row.complaints >= self.k and (row.theme_id, self._market(row.market)) not in self.rows

    def series(self, row: ThemeWeek) -> tuple[int | None, ...]:
        """Return the complaints of the weeks, None where they are not told."""
        hidden = self._hidden(row)
        return tuple(None if place in hidden else told(one, self.k) for place, one in enumerate(row.series))

    def rates(self, row: ThemeWeek) -> tuple[float | None, ...]:
        """Return the rates of the weeks, None where there is none or the complaints are not told."""
        counts = zip(self.series(row), row.series_rates, strict=True)
        return tuple(None if count is None else rate for count, rate in counts)

    def comments(self, found: Coverage) -> int | None:
        """Return how many comments a market has, None where that is not told."""
        return None if self._market(found.market) in self.markets else told(found.comments, self.k)

    def assigned(self, found: Coverage) -> int | None:
        """Return how many of them have a theme, None where that, or how many have none, is not told."""
        return rest_told(found.assigned, self.comments(found), self.k)

    def share(self, found: Coverage) -> float | None:
        """Return the share that has a theme, None where it would tell a count that is not told."""
        return None if self.assigned(found) is None else found.share

    def _hidden(self, row: ThemeWeek) -> frozenset[int]:
        return self.weeks.get((row.theme_id, self._market(row.market)), frozenset())

    def _market(self, market: str) -> str:
        return self.network if market == NETWORK else market
