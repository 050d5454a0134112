"""The ratings of the weeks shown, by theme and market."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from voc.trends.impact import Ratings, Stratum, impact
from voc.trends.week import NETWORK, Week
from voc.types import Estimate

_Cell = tuple[str, str | None]
"""A market and a theme; the theme None stands for all comments of the market."""


@dataclass(frozen=True, slots=True)
class Rated:
    """The ratings of the week and of all weeks shown, by market and theme."""

    markets: tuple[str, ...]
    week: Mapping[_Cell, Ratings]
    shown: Mapping[_Cell, Ratings]

    @classmethod
    def of(cls, week: Week) -> Rated:
        """Sum the ratings of a week."""
        now: dict[_Cell, Ratings] = defaultdict(Ratings)
        shown: dict[_Cell, Ratings] = defaultdict(Ratings)
        for row in week.ratings:
            cell, own = (row.market, row.theme_id), Ratings(row.rated, row.rating_sum, row.rating_squares)
            shown[cell] += own
            if row.week == week.week:
                now[cell] += own
        return cls(week.markets, dict(now), dict(shown))

    def of_week(self, theme_id: str, market: str) -> Ratings:
        """Return the ratings of a theme in the week."""
        found = Ratings()
        for one in self._inside(market):
            found += self.week.get((one, theme_id), Ratings())
        return found

    def impact(self, theme_id: str, market: str) -> Estimate | None:
        """Return the impact of a theme on the mean rating of the weeks shown, in a market or the whole network."""
        return impact(tuple(self.sides(theme_id, market).values()))

    def sides(self, theme_id: str, market: str) -> dict[str, Stratum]:
        """Return the ratings with and without a theme over the weeks shown, by market."""
        found = {}
        for one in self._inside(market):
            own = self.shown.get((one, theme_id), Ratings())
            found[one] = Stratum(own, self.shown.get((one, None), Ratings()) - own)
        return found

    def _inside(self, market: str) -> tuple[str, ...]:
        return self.markets if market == NETWORK else (market,)
