"""A report for those who see no single comments: no count of fewer than k, and none that a difference would tell."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from voc.report.model import Report, Scope, ThemeLine
from voc.trends.told import rest_told, told, untold
from voc.trends.week import NETWORK


def masked(report: Report) -> Report:
    """Return a report whose forms tell no small count.

    New themes with few complaints are left out, and in a market the line of a theme where the network less the lines of
    all others would tell what is too little to be told.
    """
    new = tuple(line for line in report.new_themes if line.row.complaints >= report.k)
    hidden = _given_away(report)
    scopes = tuple(
        replace(one, themes=kept, hidden=one.hidden + len(one.themes) - len(kept))
        for one in report.scopes
        for kept in [tuple(line for line in one.themes if (one.market, line.row.theme_id) not in hidden)]
    )
    return replace(report, new_themes=new, scopes=scopes, masked=True)


def untold_markets(report: Report) -> frozenset[str]:
    """Return the markets whose number of comments is not told: what is left of the network would tell a small one."""
    counts = {one.market: one.coverage.comments for one in report.scopes if one.market != NETWORK}
    return untold(counts, report.k) if len(counts) > 1 else frozenset()


def as_told(found: Mapping[str, Any], report: Report) -> dict[str, Any]:
    """Return a masked report as JSON holds it, null in the place of each count that is not told."""
    k, hidden = report.k, untold_markets(report)
    scopes = [
        {
            **scope,
            "coverage": _coverage(scope["coverage"], k, hidden=scope["market"] in hidden),
            **{name: [_line(line, k) for line in scope[name]] for name in ("themes", "praised")},
        }
        for scope in found["scopes"]
    ]
    emerging = [
        {**one, "found": {**one["found"], "complaints": [told(count, k) for count in one["found"]["complaints"]]}}
        for one in found["emerging"]
    ]
    return {
        **found,
        "scopes": scopes,
        "emerging": emerging,
        "new_themes": [_line(line, k) for line in found["new_themes"]],
    }


def _coverage(found: Mapping[str, Any], k: int, *, hidden: bool) -> dict[str, Any]:
    comments = None if hidden else told(found["comments"], k)
    parts = {name: rest_told(found[name], comments, k) for name in ("texts", "assigned")}
    return {**found, "comments": comments, **parts}


def _line(line: Mapping[str, Any], k: int) -> dict[str, Any]:
    row = dict(line["row"])
    few = {place for place, count in enumerate(row["series"]) if 0 < count < k}
    row["series"] = [None if place in few else one for place, one in enumerate(row["series"])]
    row["series_rates"] = [None if place in few else one for place, one in enumerate(row["series_rates"])]
    if told(row["complaints"], k) is None:
        row |= {"rate": None, "rate_drawn": None, "change": None, "usual": None}
    whole = told(row["comments"], k)
    row["complaints"], row["compared"] = told(row["complaints"], k), told(row["compared"], k)
    row["praise"] = told(row["praise"], k)
    known = sum(one for one in (row["complaints"], row["praise"]) if one is not None)
    row["comments"] = None if whole is None or 0 < whole - known < k else whole
    return {**line, "row": row}


def _given_away(report: Report) -> set[tuple[str, str]]:
    """Return (market, theme) of the lines that are left out, so that no difference to the network is small."""
    network = next((one for one in report.scopes if one.market == NETWORK), None)
    markets = [one for one in report.scopes if one.market != NETWORK]
    hidden: set[tuple[str, str]] = set()
    for line in network.themes if network and len(markets) > 1 else ():
        hidden |= _of_theme(line, markets, report.k)
    return hidden


def _of_theme(whole: ThemeLine, markets: Iterable[Scope], k: int) -> set[tuple[str, str]]:
    theme, hidden = whole.row.theme_id, set[tuple[str, str]]()
    shown = sorted(
        (line.row.complaints, scope.market) for scope in markets for line in scope.themes if line.row.theme_id == theme
    )
    left = whole.row.complaints - sum(count for count, _ in shown)
    while 0 < left < k and shown:
        count, market = shown.pop(0)
        hidden.add((market, theme))
        left += count
    return hidden
