"""How the terminal shows a report with its author."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from voc.report.authored import DraftReport
    from voc.report.cover import Cover
    from voc.store.reports import Place


def report_title(place: Place) -> str:
    """Return which report it is."""
    return f"Report of {place.week}, {place.market or 'all markets'}"


def published_lines(cover: Cover) -> Iterator[str]:
    """Yield state, headline, comments and what is restated."""
    words = cover.words
    yield cover.state + (f" because: {cover.why}" if cover.why else "")
    if words.headline:
        yield f"\n{words.headline}"
    if words.comment:
        yield f"\n{words.comment}"
    for theme, text in sorted(words.themes.items()):
        yield f"\n{cover.names.get(theme, theme)} [{theme}]: {text}"
    if cover.gone:
        yield f"\n{cover.gone}"
    if cover.restated:
        yield "\nRestated since it was published:"
    for one in cover.restated:
        place = f" ({one.market or 'all markets'})" if one.theme_id else ""
        yield f"  {one.about}{place}, {one.figure}: {one.published} → {one.now}  [{one.reason}]"


def written_lines(found: DraftReport) -> Iterator[str]:
    """Yield a draft with its version and the quotes that were chosen."""
    yield f"{report_title(found.place)}: version {found.version}"
    yield from published_lines(found.cover)
    for quote in found.quotes:
        yield f"  {quote.state}: {quote.feedback_id[:8]} under {quote.theme_id}, by {quote.actor}"
    if found.edition:
        differs = "says something else than" if found.differs else "says what stands in"
        yield f"It {differs} edition {found.edition}."
