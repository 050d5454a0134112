"""Markets whose whole volume jumps while deliveries do not: the collection changed, not the themes.

A new survey, a lost feed or a double export moves all themes together. Such a market's themes are judged by their share
of feedback instead, and the report says so. A jump that one theme explains is that theme's alert and no such change.
What moves through one channel alone is told apart before (channels.py).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from voc.store.counts import CountRow
from voc.trends.alerts import judge
from voc.trends.grid import deliveries_by_market, texts_by_market, theme_grid
from voc.trends.together import CHANCE, moved_together, p_value
from voc.trends.week import Week, has_deliveries


@dataclass(frozen=True, slots=True)
class CollectionChange:
    """A market whose feedback of the week is `ratio` times what its deliveries lead to expect."""

    market: str
    ratio: float


def collection_changes(week: Week) -> tuple[CollectionChange, ...]:
    """Return the markets whose collection changed in the week as it is compared, in the configured order."""
    week = week.compared
    texts, deliveries = texts_by_market(week), np.nan_to_num(deliveries_by_market(week))
    found = []
    for place, market in enumerate(week.markets):
        if not has_deliveries(week, market):
            continue
        whole = judge(texts[[place]], deliveries[[place]])
        up = bool(whole.p_rise[0] < whole.p_fall[0])
        if p_value(whole, up=up) > CHANCE or whole.expected[0] <= 0:
            continue
        themes = sorted({row.theme_id for row in week.counts if row.market == market and row.theme_id is not None})
        grid = theme_grid(week, [(theme, market) for theme in themes], by_share=(), counted=_any)
        if moved_together(texts[place], grid.counts, deliveries[place], up=up, chance=CHANCE):
            found.append(CollectionChange(market, float(texts[place, -1] / whole.expected[0])))
    return tuple(found)


def _any(_row: CountRow) -> bool:
    return True
