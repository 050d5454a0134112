"""At most five lines that say what changed; each is a figure that code computed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from voc.report.model import ThemeLine
from voc.trends.table import NETWORK, ThemeWeek, Week

MOST: Final = 5


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
    if not lines and week.baseline:
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
        inside = [row for row in found if row.market != NETWORK]
        chosen.append(
            inside[0] if len(inside) == 1 else next((row for row in found if row.market == NETWORK), found[0])
        )
    return sorted(chosen, key=lambda row: (-abs(row.complaints - _usual(row)), row.theme_id))


def _usual(row: ThemeWeek) -> float:
    before = row.series[:-1]
    return sum(before) / len(before) if before else 0.0


def _moved(row: ThemeWeek, names: Mapping[str, str], markets: Mapping[str, str], verb: str) -> str:
    where = "all markets" if row.market == NETWORK else markets.get(row.market, row.market)
    ratio = row.change.ratio if row.change else None
    size = ""
    if ratio is not None and ratio.value != float("inf"):
        high = "open" if ratio.high is None else f"{ratio.high:.1f}"
        size = f", {ratio.value:.1f} times its usual rate (95 % interval {ratio.low or 0:.1f} to {high})"
    last = f" after {row.series[-2]} the week before" if len(row.series) > 1 else ""
    name = names.get(row.theme_id, row.theme_id)
    return f"{name} {verb} in {where}: {row.complaints} complaints{last}{size}."


def _volume(week: Week) -> str:
    if not week.baseline:
        return ""
    now = sum(total.comments for total in week.totals if total.week == week.week)
    before = sum(total.comments for total in week.totals if total.week == week.baseline[-1])
    return f"{now} comments in all, {before} the week before." if before else ""
