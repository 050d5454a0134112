"""The figures of a draft, each computed from the store and said in one line, and which have moved since."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from voc.proposals.draft import Figure
from voc.store.exposure import Signal
from voc.trends.table import ThemeWeek
from voc.trends.week import NETWORK, Week, has_deliveries
from voc.types import Estimate

_RECENT: Final = 4
_SAME: Final = 1e-9


@dataclass(frozen=True, slots=True)
class Scope:
    """Whom a draft is for: a theme in one market or, with market "", in several of them at once."""

    theme_id: str
    market: str
    markets: tuple[str, ...]


def figures(scope: Scope, week: Week, rows: Sequence[ThemeWeek], *, distinct: int) -> tuple[Figure, ...]:
    """Return what is known about a theme in the week and scope; `distinct` counts its comments of the last weeks."""
    row = row_of(scope, rows)
    if row is None:
        return (Figure(name="distinct", value=distinct, text=f"{distinct} different complaints in the weeks read"),)
    per = "deliveries" if has_deliveries(week, scope.market) else "comments"
    found = [_complaints(row, f"{week.week} ({_named(scope.market)})"), *_rate("rate", row, per), *_change(row)]
    present = sum(count > 0 for count in row.series)
    span = f"{week.weeks[0]} to {week.week}"
    found.append(
        Figure(name="weeks", value=present, text=f"complaints in {present} of {len(row.series)} weeks ({span})")
    )
    found.append(
        Figure(
            name="distinct",
            value=distinct,
            text=f"{distinct} different complaints in the last 8 weeks up to {week.week}",
        )
    )
    found += _impact(row)
    for market in scope.markets if len(scope.markets) > 1 else ():
        own = next((one for one in rows if (one.theme_id, one.market) == (scope.theme_id, market)), None)
        if own is not None:
            said = f"{market}: {own.complaints} complaints in {week.week}"
            rate = _rate("", own, "deliveries" if has_deliveries(week, market) else "comments")
            text = f"{said}, {rate[0].text}" if rate else said
            found.append(Figure(name=f"complaints {market}", value=own.complaints, text=text))
    return tuple(found)


def signals(scope: Scope, week: Week, known: Iterable[Signal]) -> tuple[str, ...]:
    """Return the business figures of the same weeks: the last four weeks beside those before; nothing is inferred."""
    recent, lines = set(week.weeks[-_RECENT:]), []
    groups: dict[tuple[str, str], dict[str, float]] = {}
    for one in known:
        if one.market in scope.markets and not one.attribute and one.week in week.weeks:
            groups.setdefault((one.market, one.name), {})[one.week] = one.value
    for (market, name), values in sorted(groups.items()):
        now = [value for when, value in values.items() if when in recent]
        before = [value for when, value in values.items() if when not in recent]
        if now and before:
            lines.append(
                f"{market}: {name.replace('_', ' ')} {_mean(now)} on average in the last {len(now)} weeks, "
                f"{_mean(before)} in the {len(before)} before"
            )
    return tuple(lines)


def moved(drafted: Sequence[Figure], now: Sequence[Figure]) -> tuple[str, ...]:
    """Return a sentence for each figure that is not what it was when the draft was written."""
    current = {one.name: one for one in now}
    lines = []
    for one in drafted:
        other = current.get(one.name)
        if other is None:
            lines.append(f"A figure can no longer be computed. Drafted with: {one.text}.")
        elif not _alike(one.value, other.value):
            lines.append(f"A figure has moved. Drafted with: {one.text}. Now: {other.text}.")
    return tuple(lines)


def success(scope: Scope, week: Week, rows: Sequence[ThemeWeek]) -> str:
    """Return how it will be seen whether the change worked."""
    row = row_of(scope, rows)
    per = "deliveries" if has_deliveries(week, scope.market) else "comments"
    now = f"{row.rate.value:.2f}" if row is not None and row.rate else "unknown"
    return (
        f"Complaints of this theme per 1,000 {per} in {_named(scope.market)}: now {now}. Compare the weeks "
        "after adoption with the weeks before, against markets that did not adopt; the target is for the owner to set."
    )


def row_of(scope: Scope, rows: Sequence[ThemeWeek]) -> ThemeWeek | None:
    """Return the row of a theme in its market, or in the network."""
    wanted = {(scope.theme_id, scope.market): 0, (scope.theme_id, NETWORK): 1}
    found = sorted(
        (one for one in rows if (one.theme_id, one.market) in wanted), key=lambda one: wanted[one.theme_id, one.market]
    )
    return found[0] if found else None


def scope_name(scope: Scope, names: Mapping[str, str]) -> str:
    """Return for whom a draft is: a market's name, or all markets together."""
    return "all markets" if not scope.market else names.get(scope.market, scope.market)


def _named(market: str) -> str:
    return market or "all markets"


def _complaints(row: ThemeWeek, where: str) -> Figure:
    return Figure(name="complaints", value=row.complaints, text=f"{row.complaints} complaints in {where}")


def _rate(name: str, row: ThemeWeek, per: str) -> list[Figure]:
    if row.rate is None:
        return []
    return [Figure(name=name, value=row.rate.value, text=f"{interval(row.rate)} complaints per 1,000 {per}")]


def _change(row: ThemeWeek) -> list[Figure]:
    if row.change is None:
        return []
    ratio = row.change.ratio
    said = " (rising: an alert)" if row.rising else " (falling: an alert)" if row.falling else ""
    value = None if math.isinf(ratio.value) else ratio.value
    return [Figure(name="change", value=value, text=f"{times(ratio)} its usual rate{said}")]


def _impact(row: ThemeWeek) -> list[Figure]:
    if row.impact is None:
        return []
    low, high = row.impact.low, row.impact.high
    span = "" if low is None or high is None else f" (95 % interval {low:+.3f} to {high:+.3f})"
    text = f"{row.impact.value:+.3f} points{span} of the mean rating go with this theme"
    return [Figure(name="impact", value=row.impact.value, text=text)]


def _alike(one: float | None, other: float | None) -> bool:
    if one is None or other is None:
        return one is other
    return math.isclose(one, other, rel_tol=1e-6, abs_tol=_SAME)


def _mean(values: Sequence[float]) -> str:
    return f"{math.fsum(values) / len(values):.4g}"


def interval(found: Estimate) -> str:
    """Return an estimate with its interval as text."""
    high = "open" if found.high is None else f"{found.high:.2f}"
    return f"{found.value:.2f} (95 % interval {found.low or 0:.2f} to {high})"


def times(ratio: Estimate) -> str:
    """Return a ratio with its interval as text."""
    value = "from nothing, no multiple of" if math.isinf(ratio.value) else f"{ratio.value:.1f} times"
    high = "open" if ratio.high is None else f"{ratio.high:.1f}"
    return f"{value} (95 % interval {ratio.low or 0:.1f} to {high})"
