"""Markets whose whole volume jumps while deliveries do not: the collection changed, not the themes.

A new survey, a lost feed or a double export moves all themes together. Such a market's themes are judged by their share
of feedback instead, and the report says so. A jump that one theme explains is that theme's alert and no such change.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from voc.store.counts import CountRow
from voc.trends.alerts import Judged, judge
from voc.trends.grid import deliveries_by_market, texts_by_market, theme_grid
from voc.trends.predict import Floats
from voc.trends.week import Week, has_deliveries

CHANCE: Final = 0.001
TOGETHER: Final = 2 / 3
"""The share of the usual volume whose themes must have moved the same way."""


@dataclass(frozen=True, slots=True)
class CollectionChange:
    """A market whose feedback of the week is `ratio` times what its deliveries lead to expect."""

    market: str
    ratio: float


def collection_changes(week: Week) -> tuple[CollectionChange, ...]:
    """Return the markets whose collection changed, in the configured order."""
    texts, deliveries = texts_by_market(week), np.nan_to_num(deliveries_by_market(week))
    found = []
    for place, market in enumerate(week.markets):
        if not has_deliveries(week, market):
            continue
        whole = judge(texts[[place]], deliveries[[place]])
        up = whole.p_rise[0] < whole.p_fall[0]
        if min(whole.p_rise[0], whole.p_fall[0]) > CHANCE or whole.expected[0] <= 0:
            continue
        if _together(week, market, texts[place], deliveries[place], up=bool(up)):
            found.append(CollectionChange(market, float(texts[place, -1] / whole.expected[0])))
    return tuple(found)


def _together(week: Week, market: str, texts: Floats, deliveries: Floats, *, up: bool) -> bool:
    themes = sorted({row.theme_id for row in week.counts if row.market == market and row.theme_id is not None})
    if not themes:
        return True
    grid = theme_grid(week, [(theme, market) for theme in themes], by_share=(), counted=_any)
    judged = judge(grid.counts, grid.exposures)
    moved = np.nan_to_num(grid.counts[:, -1]) - judged.expected
    weight = np.maximum(judged.expected, 1e-9)
    same = float(weight[(moved > 0) if up else (moved < 0)].sum() / weight.sum())
    most = int(np.argmax(moved if up else -moved))
    rest = texts - grid.counts[most]
    return same >= TOGETHER and _side(judge(rest[None], deliveries[None]), up=up) <= CHANCE


def _side(judged: Judged, *, up: bool) -> float:
    return float((judged.p_rise if up else judged.p_fall)[0])


def _any(_row: CountRow) -> bool:
    return True
