"""What stands before the figures of a report: who says what about them, in which state, and what differs since."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from voc.store.reports import EditionRow, Words


@dataclass(frozen=True, slots=True)
class Restated:
    """A figure that the store now gives otherwise than it was published; `theme_id` is "" for a whole market."""

    market: str
    theme_id: str
    about: str
    figure: str
    published: str
    now: str
    reason: str


@dataclass(frozen=True, slots=True)
class Cover:
    """What an author adds; `edition` is 0 for a draft, `on` the day of publication, `erased` how many quotes are gone.

    `names` are those of themes that are commented upon, `newest` is the number of the newest edition.
    """

    words: Words
    edition: int = 0
    by: str = ""
    on: str = ""
    why: str = ""
    restated: tuple[Restated, ...] = ()
    erased: int = 0
    names: Mapping[str, str] = field(default_factory=dict)
    newest: int = 0

    @property
    def published(self) -> bool:
        """Say whether the figures are those that were published."""
        return self.edition > 0

    @property
    def state(self) -> str:
        """Return how the report stands, in a few words."""
        if not self.published:
            return "Draft, not published"
        several = f", edition {self.edition}" if max(self.edition, self.newest) > 1 else ""
        gone = f"; edition {self.newest} has taken its place" if self.newest > self.edition else ""
        return f"Published {self.on} by {self.by}{several}{gone}"

    @property
    def gone(self) -> str:
        """Return how many quotes were erased since, "" where none was."""
        if not self.erased:
            return ""
        return "1 quote was erased." if self.erased == 1 else f"{self.erased} quotes were erased."


def paragraphs(text: str) -> tuple[str, ...]:
    """Return the paragraphs of a text, which blank lines part."""
    return tuple(one.strip() for one in text.split("\n\n") if one.strip())


def cover_of(
    edition: EditionRow, *, newest: int, restated: tuple[Restated, ...], erased: int, names: Mapping[str, str]
) -> Cover:
    """Return the cover of a published report; `newest` is the number of the newest edition."""
    return Cover(
        edition.words,
        edition.number,
        edition.actor,
        edition.at[:10],
        edition.why if edition.number > 1 else "",
        restated,
        erased,
        names,
        newest,
    )
