"""What the store gives otherwise now than a report that was published, figure by figure, with the reason it knows.

Figures are compared as they are shown, so that what nobody could see is not told. A reason names what was brought in,
replaced, erased or edited since; where nothing of that bears on a figure, the reason is not known.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from voc.report.cover import Restated
from voc.report.model import Report, Scope, ThemeLine
from voc.report.render import number, ratio_of, signed
from voc.store.changed import Since, ThemeChange
from voc.trends.table import Coverage, ThemeWeek
from voc.trends.week import NETWORK

UNKNOWN: Final = "reason not known"
_FILES: Final = 3


@dataclass(frozen=True, slots=True)
class Now:
    """What the store gives now: coverage and themes by market, names of themes, and how many a market shows."""

    coverage: Mapping[str, Coverage]
    rows: Mapping[tuple[str, str], ThemeWeek]
    names: Mapping[str, str]
    themes: int


def restated(published: Report, now: Now, since: Since) -> tuple[Restated, ...]:
    """Return every figure of a published report that differs now, market by market in the order of the report."""
    why = _Why(published.week, since, now.names)
    found: list[Restated] = []
    told: set[str] = set()
    for scope in published.shown_scopes:
        found += _of_scope(scope, now, why)
        for line in (*scope.themes, *scope.praised):
            found += _of_theme(scope.market, line, now, why, praised=line not in scope.themes)
            name = now.names.get(line.row.theme_id, line.name)
            if name != line.name and line.row.theme_id not in told:
                told.add(line.row.theme_id)
                reason = why.name(line.row.theme_id)
                found.append(Restated("", line.row.theme_id, line.name, "name", line.name, name, reason))
        found += _only_now(scope, published.k, now, why)
    return tuple(found)


def _of_scope(scope: Scope, now: Now, why: _Why) -> list[Restated]:
    was, found = scope.coverage, now.coverage.get(scope.market)
    pairs: tuple[tuple[str, Callable[[Coverage], str], Callable[[str], str]], ...] = (
        ("comments", lambda one: f"{one.comments:,}", why.comments),
        ("comments in a theme", lambda one: f"{one.assigned:,}", why.assigned),
        ("deliveries", lambda one: "not known" if one.deliveries is None else f"{one.deliveries:,}", why.deliveries),
    )
    return [
        Restated(scope.market, "", scope.title, figure, before, after, reason(scope.market))
        for figure, show, reason in pairs
        if (before := show(was)) != (after := show(found) if found else "none")
    ]


def _only_now(scope: Scope, k: int, now: Now, why: _Why) -> list[Restated]:
    """Return the themes that would be shown today and were not."""
    shown = {line.row.theme_id for line in scope.themes}
    rows = [row for (_, market), row in now.rows.items() if market == scope.market and row.complaints >= k]
    first = sorted(rows, key=lambda row: (-row.complaints, row.theme_id))[: now.themes]
    return [
        Restated(
            scope.market,
            row.theme_id,
            now.names.get(row.theme_id, row.theme_id),
            "complaints",
            "not shown",
            f"{row.complaints:,}",
            why.complaints(row.theme_id, scope.market),
        )
        for row in first
        if row.theme_id not in shown
    ]


def _of_theme(market: str, line: ThemeLine, now: Now, why: _Why, *, praised: bool) -> list[Restated]:
    theme = line.row.theme_id
    found = now.rows.get((theme, market))
    figures = _PRAISED if praised else _COMPLAINED
    figures = figures if found else figures[:1]
    rows = []
    for figure, show, cause in figures:
        before, after = show(line.row), show(found) if found else "none"
        if before != after:
            rows.append(Restated(market, theme, line.name, figure, before, after, cause(why, theme, market)))
    return rows


def _impact(row: ThemeWeek) -> str:
    found = row.impact
    if found is None or found.low is None or found.high is None:
        return "–"
    return f"{signed(found.value)} ({signed(found.low)} to {signed(found.high)})"


def _marked(row: ThemeWeek) -> str:
    return "rises" if row.rising else "falls" if row.falling else "no change beyond chance"


class _Why:
    """Finds the reasons for figures among what changed."""

    def __init__(self, week: str, since: Since, names: Mapping[str, str]) -> None:
        self.week, self.since, self.names = week, since, names

    def comments(self, market: str) -> str:
        return _said([*self._late(market, own=True), *self._erased()])

    def assigned(self, market: str) -> str:
        return _said([*self._late(market, own=True), *self._erased(), *self._moved(None, market)])

    def deliveries(self, market: str) -> str:
        return _said(self._delivered(market, own=True))

    def complaints(self, theme: str, market: str) -> str:
        return _said(self._counted(theme, market) or self._erased())

    def rate(self, theme: str, market: str) -> str:
        known = [*self._counted(theme, market), *self._delivered(market, own=True)]
        return _said(known or [*self._late(market, own=True), *self._erased()])

    def history(self, theme: str, market: str) -> str:
        before = [*self._late_in(theme, market, own=False), *self._delivered(market, own=False)]
        known = [*self._counted(theme, market), *self._delivered(market, own=True), *before]
        return _said(known or [*self._late(market, own=True), *self._late(market, own=False), *self._erased()])

    def impact(self, theme: str, market: str) -> str:
        known = [*self._themes(theme), *self._moved(theme, market)]
        return _said([*self._late(market, own=True), *self._late(market, own=False), *self._erased(), *known])

    def name(self, theme: str) -> str:
        return _said(["named anew"] if theme in self.since.renamed else [])

    def _counted(self, theme: str, market: str) -> list[str]:
        return [*self._late_in(theme, market, own=True), *self._themes(theme), *self._moved(theme, market)]

    def _late_in(self, theme: str, market: str, *, own: bool) -> list[str]:
        rows = [
            one
            for one in self.since.late_in
            if one.theme_id == theme and market in (NETWORK, one.market) and (one.week == self.week) is own
        ]
        total, when = sum(one.comments for one in rows), "" if own else " of earlier weeks"
        return [f"{_comments(total)}{when} on it came in late"] if total else []

    def _late(self, market: str, *, own: bool) -> list[str]:
        rows = [one for one in self.since.late if market in (NETWORK, one.market) and (one.week == self.week) is own]
        if not rows:
            return []
        names = list(dict.fromkeys(one.file_name for one in rows))
        more = f" and {len(names) - _FILES} more" if len(names) > _FILES else ""
        when = "" if own else " of earlier weeks"
        total = sum(one.comments for one in rows)
        return [f"{_comments(total)}{when} came in late ({', '.join(names[:_FILES])}{more})"]

    def _erased(self) -> list[str]:
        return [f"{_comments(self.since.erased)} erased"] if self.since.erased else []

    def _delivered(self, market: str, *, own: bool) -> list[str]:
        rows = [one for one in self.since.deliveries if market in (NETWORK, one[0]) and (one[1] == self.week) is own]
        when = "" if own else " of earlier weeks"
        return [f"deliveries{when} replaced ({', '.join(sorted({one[0] for one in rows}))})"] if rows else []

    def _themes(self, theme: str) -> list[str]:
        if self.since.refitted:
            return ["all themes found anew"]
        rows = [one for one in self.since.themes if theme in (one.theme_id, *one.others)]
        return list(dict.fromkeys(self._told(one) for one in rows if one.kind != "renamed"))

    def _told(self, one: ThemeChange) -> str:
        name = self.names.get(one.theme_id, one.theme_id)
        done = {"born": "found", "split": "split", "merged": "merged"}[one.kind]
        return f"theme {name} was {done}" + (f" by {one.actor}" if one.by_person else "")

    def _moved(self, theme: str | None, market: str) -> list[str]:
        rows = [
            one
            for one in self.since.moved
            if market in (NETWORK, one.market) and (theme is None or one.theme_id == theme)
        ]
        found = []
        for method, said in (("person", "moved or judged by people"), ("machine", "put under themes by a later run")):
            total = sum(one.comments for one in rows if (one.method == "person") is (method == "person"))
            found += [f"{_comments(total)} {said}"] if total else []
        return found


_Figure = tuple[str, Callable[[ThemeWeek], str], Callable[[_Why, str, str], str]]

_COMPLAINED: Final[Sequence[_Figure]] = (
    ("complaints", lambda row: f"{row.complaints:,}", _Why.complaints),
    ("rate per 1,000", lambda row: number(row.rate), _Why.rate),
    ("against usual", lambda row: ratio_of(row.change), _Why.history),
    ("alert", _marked, _Why.history),
    ("impact on rating", _impact, _Why.impact),
)
_PRAISED: Final[Sequence[_Figure]] = (("praise", lambda row: f"{row.praise:,}", _Why.complaints),)


def _comments(count: int) -> str:
    return "1 comment" if count == 1 else f"{count:,} comments"


def _said(reasons: Sequence[str]) -> str:
    return "; ".join(reasons) or UNKNOWN
