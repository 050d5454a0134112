"""What a page is made of, whatever it is written as: one account of a proposal, and a writer for each form."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Tone = Literal["plain", "strong", "soft", "good", "warn"]


@dataclass(frozen=True, slots=True)
class Run:
    """Some words in one tone; `to` is the anchor that they lead to."""

    text: str
    tone: Tone = "plain"
    to: str = ""


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading; level 1 is the title."""

    text: str
    level: int = 2


@dataclass(frozen=True, slots=True)
class Chips:
    """The few words that say what this is and where it stands."""

    runs: tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class Facts:
    """Names with what they stand for."""

    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Notice:
    """What a reader has to know before anything else."""

    text: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph."""

    runs: tuple[Run, ...]

    @property
    def leads(self) -> bool:
        """Return whether it leads to what follows, and must not be parted from it by the end of a page."""
        return bool(self.runs) and self.runs[-1].text.rstrip().endswith(":")


@dataclass(frozen=True, slots=True)
class Items:
    """A list; every item is a paragraph."""

    items: tuple[tuple[Run, ...], ...]


@dataclass(frozen=True, slots=True)
class Saying:
    """A verbatim quote with where it comes from; `against` says that it speaks against the proposal."""

    text: str
    language: str
    source: str
    anchor: str
    against: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """A redline from an old text to a new one; in a Word file one can accept or reject it where it is `tracked`."""

    old: str
    new: str
    language: str
    tracked: bool = True


@dataclass(frozen=True, slots=True)
class Clause:
    """A text of a standard as it stands."""

    text: str
    language: str


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table."""

    title: str
    number: bool = False


@dataclass(frozen=True, slots=True)
class Grid:
    """A table."""

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Fold:
    """Details that a screen folds away under their title."""

    title: str
    blocks: tuple[Block, ...]


Block = Heading | Chips | Facts | Notice | Paragraph | Items | Saying | Change | Clause | Grid | Fold


def plain(text: str, tone: Tone = "plain") -> Paragraph:
    """Return a paragraph in one tone."""
    return Paragraph((Run(text, tone),))


def items(texts: tuple[str, ...]) -> Items:
    """Return a list of plain items."""
    return Items(tuple((Run(text),) for text in texts))
