"""Which themes deserve a draft this week, and for whom: one market, or several at once through the global edition."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from voc.proposals.figures import Scope
from voc.store import counts
from voc.store.database import Database
from voc.trends.table import ThemeWeek
from voc.trends.week import NETWORK
from voc.weeks import weeks_before

RECENT_WEEKS: Final = 4
_SHARE: Final = 0.2
"""A market belongs to a proposal when it holds this share of the theme's recent complaints, and at least k."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A theme to draft for: `market` "" is the global edition, on behalf of `markets`."""

    theme_id: str
    market: str
    markets: tuple[str, ...]
    rising: bool
    row: ThemeWeek

    @property
    def scope(self) -> Scope:
        """Return whom it is for."""
        return Scope(self.theme_id, self.market, self.markets)


def select_themes(
    database: Database, rows: Sequence[ThemeWeek], *, week: str, markets: Sequence[str], k: int
) -> tuple[Candidate, ...]:
    """Return candidates, rising themes first, then by complaints of the week; none rests on fewer than k comments."""
    recent = (weeks_before(week, RECENT_WEEKS - 1)[0], week)
    by_theme = {row.theme_id: row for row in rows if row.market == NETWORK and row.complaints > 0}
    rising = {(row.theme_id, row.market) for row in rows if row.rising}
    found = []
    for theme_id in sorted(by_theme):
        with database.read() as connection:
            texts = {
                market: counts.distinct_texts(connection, theme_id=theme_id, market=market, weeks=recent)
                for market in markets
            }
        total = sum(texts.values())
        strong = tuple(market for market in markets if texts[market] >= max(k, _SHARE * total))
        if not strong:
            continue
        market = strong[0] if len(strong) == 1 else NETWORK
        row = next((one for one in rows if (one.theme_id, one.market) == (theme_id, market)), by_theme[theme_id])
        up = any((theme_id, one) in rising for one in (*strong, NETWORK))
        found.append(Candidate(theme_id, market, strong, up, row))
    return tuple(sorted(found, key=lambda one: (not one.rising, -one.row.complaints, one.theme_id)))
