"""At most five lines that say what changed; each is a figure that code computed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from voc.report.model import EmergingLine
from voc.trends.emerging import Growth
from voc.trends.rates import Change
from voc.trends.table import ThemeWeek
from voc.trends.week import NETWORK, Week

MOST: Final = 5
_NEW: Final = 2
_MAINLY: Final = 2 / 3
"""A market is named alone when it holds this share of what a theme moved in the network."""


def headlines(
    week: Week,
    rows: Sequence[ThemeWeek],
    names: Mapping[str, str],
    young: Sequence[EmergingLine],
    markets: Mapping[str, str],
    *,
    k: int,
) -> tuple[str, ...]:
    """Return what is new, what rises and falls beyond noise, and how the volume moved, the weightiest first."""
    lines = [
        f"New theme: {line.name}, {line.found.complaints[-1]} complaints in its first week."
        for line in [one for one in young if one.found.new][:_NEW]
        if line.found.complaints[-1] >= k
    ]
    growing = [one for one in young if one.found.growth is Growth.GROWS]
    lines += [_grows(line, k) for line in growing[:_NEW] if sum(line.found.complaints) >= k]
    told = {line.found.theme_id for line in young if line.found.new or line in growing}
    older = [row for row in rows if row.theme_id not in told]
    lines += [_moved(row, names, markets, "rises", k) for row in _alerts(older, k, up=True)]
    lines += [_moved(row, names, markets, "falls", k) for row in _alerts(older, k, up=False)]
    if not lines and week.past:
        lines = ["No theme rose or fell beyond chance."]
    volume = _volume(week, k)
    return tuple([*lines[: MOST - 1], volume] if volume else lines[:MOST])


def _grows(line: EmergingLine, k: int) -> str:
    found = line.found
    told = [_told(one, k) for one in found.complaints]
    series = f"{', '.join(told[:-1])} and {told[-1]} complaints a week"
    return f"{line.name} emerges and grows: {series} since {found.born_week}{_times(found.ratio)}."


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
    return abs(row.compared - (row.usual or 0.0))


def _moved(row: ThemeWeek, names: Mapping[str, str], markets: Mapping[str, str], verb: str, k: int) -> str:
    where = "all markets" if row.market == NETWORK else markets.get(row.market, row.market)
    none = row.change is not None and row.change.ratio.value == float("inf")
    size = ", none in the weeks it is compared with" if none else _times(row.change, " its usual rate")
    lasting = f", for {row.moved_weeks} weeks now" if row.moved_weeks > 1 else ""
    noun = "complaint" if row.complaints == 1 else "complaints"
    return (
        f"{names.get(row.theme_id, row.theme_id)} {verb} in {where}: {_told(row.complaints, k)} {noun}{size}{lasting}."
    )


def _told(count: int, k: int) -> str:
    """Return a count as it may stand in a line that goes out by mail: small groups are not counted."""
    return f"fewer than {k}" if 0 < count < k else str(count)


def _times(found: Change | None, of: str = "") -> str:
    if found is None or found.ratio.value == float("inf"):
        return ""
    ratio, high = found.ratio, "open" if found.ratio.high is None else f"{found.ratio.high:.1f}"
    return f", {ratio.value:.1f} times{of} (95 % interval {ratio.low or 0:.1f} to {high})"


def _volume(week: Week, k: int) -> str:
    if not week.baseline:
        return ""
    now = sum(total.comments for total in week.totals if total.week == week.week)
    before = sum(total.comments for total in week.totals if total.week == week.baseline[-1])
    return f"{_told(now, k)} comments in all, {_told(before, k)} the week before." if before else ""
