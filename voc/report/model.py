"""A report as a value: everything that any of its forms shows, and no clock."""

from __future__ import annotations

from dataclasses import dataclass

from voc.trends.emerging import Emerging
from voc.trends.table import Coverage, ThemeWeek
from voc.types import Quote


@dataclass(frozen=True, slots=True)
class ShownQuote:
    """A verbatim quote and, where a model made one, its machine translation, which is never evidence."""

    quote: Quote
    translation: str


@dataclass(frozen=True, slots=True)
class ThemeLine:
    """A theme in a scope: its label, its figures and its quotes."""

    row: ThemeWeek
    name: str
    summary: str
    keywords: tuple[str, ...]
    born_week: str
    quotes: tuple[ShownQuote, ...]


@dataclass(frozen=True, slots=True)
class EmergingLine:
    """A theme of the last weeks, under its name."""

    found: Emerging
    name: str


@dataclass(frozen=True, slots=True)
class SearchLine:
    """A saved search and how many comments match it, this week and the week before, as they are shown."""

    name: str
    text: str
    comments: str
    before: str


@dataclass(frozen=True, slots=True)
class ActionLine:
    """An action as of the week: overdue, open or done, with its result once it is; days are ISO dates, or ""."""

    id: str
    state: str
    theme: str
    markets: tuple[str, ...]
    clause: str
    duty: str
    owner: str
    due: str
    done_on: str
    result: str


@dataclass(frozen=True, slots=True)
class Scope:
    """The network or one market: coverage, its themes, and how many themes are too small to be shown."""

    market: str
    title: str
    coverage: Coverage
    per_delivery: bool
    themes: tuple[ThemeLine, ...]
    praised: tuple[ThemeLine, ...]
    hidden: int
    unassigned: tuple[ShownQuote, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """One week."""

    title: str
    week: str
    weeks: tuple[str, ...]
    headlines: tuple[str, ...]
    new_themes: tuple[ThemeLine, ...]
    emerging: tuple[EmergingLine, ...]
    scopes: tuple[Scope, ...]
    proposals: tuple[str, ...]
    proposal_sections: tuple[str, ...]
    notes: tuple[str, ...]
    k: int
    searches: tuple[SearchLine, ...] = ()
    actions: tuple[ActionLine, ...] = ()
