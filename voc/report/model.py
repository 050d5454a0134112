"""A report as a value: everything that any of its forms shows, and no clock."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Final

from voc.trends.emerging import Emerging
from voc.trends.table import Coverage, ThemeWeek
from voc.types import Quote

_NONE_PINNED: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Chosen:
    """Quotes that an author chose: pinned ones by theme, in their order, and hidden ones (all by feedback id).

    What is hidden stands nowhere in the report, under no theme.
    """

    pinned: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: _NONE_PINNED)
    hidden: frozenset[str] = frozenset()


NOTHING_CHOSEN: Final = Chosen()


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


_NETWORK_AND_ONE: Final = 2


@dataclass(frozen=True, slots=True)
class Report:
    """One week; `masked` is one whose forms tell no count of fewer than k comments."""

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
    proposal_ids: tuple[str, ...] = ()
    masked: bool = False

    @property
    def shown_scopes(self) -> tuple[Scope, ...]:
        """Return the scopes without repeating: where there is one market only, the network is that market."""
        return self.scopes[1:] if len(self.scopes) == _NETWORK_AND_ONE else self.scopes

    @property
    def where(self) -> str:
        """Return the name of the one market that it is about, "" where it is about more."""
        return self.shown_scopes[0].title if len(self.scopes) == _NETWORK_AND_ONE else ""


def with_quotes(report: Report, change: Callable[[ShownQuote], ShownQuote | None]) -> Report:
    """Return a report with every quote changed, or left out where `change` returns None."""

    def quotes(found: tuple[ShownQuote, ...]) -> tuple[ShownQuote, ...]:
        return tuple(one for each in found if (one := change(each)) is not None)

    def lines(found: tuple[ThemeLine, ...]) -> tuple[ThemeLine, ...]:
        return tuple(replace(line, quotes=quotes(line.quotes)) for line in found)

    scopes = tuple(
        replace(one, themes=lines(one.themes), praised=lines(one.praised), unassigned=quotes(one.unassigned))
        for one in report.scopes
    )
    return replace(report, new_themes=lines(report.new_themes), scopes=scopes)
