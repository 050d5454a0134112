"""A weekly report with its author, as it is being written and as it was published."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from voc.report.cover import Cover, Restated
from voc.report.model import Report
from voc.store.reports import Place, QuoteRow, Words


@dataclass(frozen=True, slots=True)
class DraftReport:
    """A report as it would be published now: what the store computes and what the author wrote.

    `version` grows with every change (0: nobody has touched it) and is what `on_version` names; `edition` is the number
    of the newest published edition, 0 without one; `differs` says that it says something else than that edition.
    """

    place: Place
    state: str
    version: int
    words: Words
    quotes: tuple[QuoteRow, ...]
    report: Report
    cover: Cover
    edition: int
    differs: bool


@dataclass(frozen=True, slots=True)
class PublishedReport:
    """A report as it was published: frozen figures, the quotes that are still there, and what is restated since."""

    place: Place
    edition: int
    editions: int
    words: Words
    report: Report
    cover: Cover
    sha256: str
    published_by: str
    published_at: str
    why: str

    @property
    def restated(self) -> tuple[Restated, ...]:
        """Return the figures that the store gives otherwise now, with the reason where it knows one."""
        return self.cover.restated

    @property
    def erased(self) -> int:
        """Return how many comments that it quoted were erased since."""
        return self.cover.erased


@dataclass(frozen=True, slots=True)
class ReportEntry:
    """A line of the list of reports; `names` of the market, "All markets" for the network."""

    place: Place
    name: str
    state: str
    version: int
    headline: str
    edition: int
    actor: str
    at: str


@dataclass(frozen=True, slots=True)
class ReportFile:
    """A report in one form; `undrawn` are scripts that no font of this machine has, which a PDF shows as boxes."""

    name: str
    media_type: str
    data: bytes
    undrawn: tuple[str, ...] = ()


def market_name(market: str, names: Mapping[str, str]) -> str:
    """Return the name of a market; "All markets" for the network."""
    return names.get(market, market) if market else "All markets"
