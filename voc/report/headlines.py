"""At most five lines that say what changed; each is a figure that code computed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from voc.report.model import ThemeLine
from voc.trends.table import ThemeWeek
from voc.trends.week import NETWORK, Week

MOST: Final = 5
_MAINLY: Final = 2 / 3
"""A market is named alone when it holds this share of what a theme moved in the network."""


def headlines(
    week: Week,
    rows: Sequence[ThemeWeek],
    names: Mapping[str, str],
    fresh: Sequence[ThemeLine],
    markets: Mapping[str, str],
    *,
    k: int,
) -> tuple[str, ...]:
    """Return what is new, what rises and falls beyond noise, and how the volume moved, the weightiest first."""
    lines = [
        f"New theme: {line.name}, {line.row.complaints} complaints in its first week."
        for line in fresh[:2]
        if line.row.complaints >= k
    ]
    told = {line.row.theme_id for line in fresh}
    older = [row for row in rows if row.theme_id not in told]
    lines += [_moved(row, names, markets, "rises") for row in _alerts(older, k, up=True)]
    lines += [_moved(row, names, markets, "falls") for row in _alerts(older, k, up=False)]
    if not lines and week.past:
        lines = ["No theme rose or fell beyond chance."]
    volume = _volume(week)
    return tuple([*lines[: MOST - 1], volume] if volume else lines[:MOST])


def _alerts(rows: Sequence[ThemeWeek], k: int, *, up: bool) -> list[ThemeWeek]:
    marked = [
        row for row in rows if (row.rising if up else row.falling) and max(row.series) >= k and row.change is not None
    ]
    by_theme: dict[str, list[ThemeWeek]] = {}
    for row in marked:
        by_theme.setdefault(row.theme_id, []).append(row)
    chosen = []
    for found in by_theme.values():
        whole = next((row for row in found if row.market == NETWORK), None)
        most = max((row for row in found if row.market != NETWORK), key=_moved_by, default=None)
        spread = whole is not None and (most is None or _moved_by(most) < _MAINLY * _moved_by(whole))
        chosen.append(whole if whole is not None and spread else most or found[0])
    return sorted(chosen, key=lambda row: (-_moved_by(row), row.theme_id))


def _moved_by(row: ThemeWeek) -> float:
    return abs(row.complaints - (row.usual or 0.0))


def _moved(row: ThemeWeek, names: Mapping[str, str], markets: Mapping[str, str], verb: str) -> str:
    where = "all markets" if row.market == NETWORK else markets.get(row.market, row.market)
    ratio = row.change.ratio if row.change else None
    size = ""
    if ratio is not None and ratio.value == float("inf"):
        size = ", none in the weeks it is compared with"
    elif ratio is not None:
        high = "open" if ratio.high is None else f"{ratio.high:.1f}"
        size = f", {ratio.value:.1f} times its usual rate (95 % interval {ratio.low or 0:.1f} to {high})"
    lasting = f", for {row.moved_weeks} weeks now" if row.moved_weeks > 1 else ""
    noun = "complaint" if row.complaints == 1 else "complaints"
    return f"{names.get(row.theme_id, row.theme_id)} {verb} in {where}: {row.complaints} {noun}{size}{lasting}."


def _volume(week: Week) -> str:
    if not week.baseline:
        return ""
    now = sum(total.comments for total in week.totals if total.week == week.week)
    before = sum(total.comments for total in week.totals if total.week == week.baseline[-1])
    return f"{now} comments in all, {before} the week before." if before else ""
