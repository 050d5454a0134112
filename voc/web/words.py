"""Figures and days as pages show them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import urlencode

from markupsafe import Markup

from voc.proposals.blocks_html import safe
from voc.report.render import number, percent, signed
from voc.store.exposure import Signal
from voc.trends.rates import Change
from voc.types import Estimate


def visible(text: object) -> Markup:
    """Return what people or customers wrote, escaped, with steering characters made visible."""
    return Markup(safe(str(text)))  # noqa: S704  safe escapes it


def marked(text: str, spans: Sequence[tuple[int, int]]) -> Markup:
    """Return a text escaped, its spans (places of characters, in order) marked; a span over all of it marks nothing."""
    if not spans or tuple(spans) == ((0, len(text)),):
        return visible(text)
    parts, at = [], 0
    for start, end in spans:
        start = max(start, at)
        if end > start:
            parts += [visible(text[at:start]), Markup("<mark>{}</mark>").format(visible(text[start:end]))]
            at = end
    return Markup("").join([*parts, visible(text[at:])])


def whole(value: int | float | None) -> str:
    """Return a count with groups of three digits."""
    return "–" if value is None else f"{value:,.0f}".replace(",", "\u202f")


def change(found: Change | None) -> str:
    """Return a ratio to the usual rate with its interval, short."""
    if found is None:
        return "–"
    if found.ratio.value == float("inf"):
        return "new"
    high = "…" if found.ratio.high is None else f"{found.ratio.high:.1f}"
    return f"×{found.ratio.value:.1f} ({found.ratio.low or 0:.1f}–{high})"


def impact(found: Estimate | None) -> str:
    """Return an impact on the mean rating with its interval, short."""
    if found is None or found.low is None or found.high is None:
        return "–"
    return f"{signed(found.value)} ({signed(found.low)} to {signed(found.high)})"


def moment(text: str | None) -> str:
    """Return a stored time as day and minute, UTC."""
    if not text:
        return "–"
    return datetime.fromisoformat(text.replace("Z", "+00:00")).strftime("%Y-%m-%d %H:%M")


def seconds(value: float | None) -> str:
    """Return how long something took."""
    if value is None:
        return "–"
    return f"{value:.1f} s" if value < 90 else f"{value / 60:.1f} min"


def groupby_market(rows: Sequence[Signal]) -> list[tuple[tuple[str, str], dict[str, str]]]:
    """Return business figures by market and name, each as its values by week."""
    found: dict[tuple[str, str], dict[str, str]] = {}
    for row in rows:
        found.setdefault((row.market, row.name), {})[row.week] = f"{row.value:g}"
    return sorted(found.items())


def query_of(asked: Mapping[str, str], more: Mapping[str, object]) -> str:
    """Return a stored question and its filter as the query of an address."""
    names = {"markets": "market", "languages": "lang", "channels": "channel", "kinds": "kind"}
    found = dict(asked)
    for name, value in more.items():
        first = value[0] if isinstance(value, list | tuple) and value else value
        if isinstance(first, str) and first:
            found[names.get(name, name)] = first
    return urlencode(found)


def zipped(first: Sequence[str], second: Sequence[str]) -> list[tuple[str, str]]:
    """Return pairs, as a picker takes them."""
    return list(zip(first, second, strict=True))


FILTERS: Final[Mapping[str, Callable[..., Any]]] = MappingProxyType(
    {
        "visible": visible,
        "marked": marked,
        "query_of": query_of,
        "zip": zipped,
        "groupby_market": groupby_market,
        "whole": whole,
        "number": number,
        "percent": percent,
        "change": change,
        "impact": impact,
        "moment": moment,
        "seconds": seconds,
        "signed": signed,
    }
)
