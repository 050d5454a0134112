"""Gather clauses while a document is read from top to bottom: chapters, headings, lines of text."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from voc.standards.document import Problem, plain_line
from voc.standards.numbers import Heading
from voc.standards.rules import Raw


@dataclass(slots=True)
class Collector:
    """What was read so far; `lost` says that text belongs to something that was reported already."""

    raws: list[Raw] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    lost: bool = False
    _chapter: str = ""
    _chapter_at: int = 0
    _body: list[str] = field(default_factory=list)
    _open: bool = False

    def chapter(self, text: str, at: int) -> None:
        """Begin a chapter."""
        self.end()
        self._chapter, self._chapter_at = plain_line(text), at

    def clause(self, heading: Heading, at: int) -> None:
        """Begin a clause."""
        self._close()
        self.raws.append(Raw(heading.number, self._chapter, heading.title, heading.action, "", at))
        self._open, self.lost, self._body = True, False, []

    def wrong(self, rule: str, message: str, at: int) -> None:
        """Report something that is no clause; the text below it belongs to it."""
        self._close()
        self.problems.append(Problem(at, "error", rule, message))
        self.lost = True

    def text(self, line: str, at: int) -> None:
        """Take a line of text."""
        if self._open:
            self._body.append(line)
        elif line.strip() and not self.lost:
            self.wrong("stray-text", "text stands before the first clause of its chapter.", at)

    def end(self) -> None:
        """Close what is open, at the end of a chapter or of the document."""
        if self._chapter and not self._open and not self.lost:
            told = f"the chapter '{self._chapter[:60]}' has no clause and is not kept."
            self.problems.append(Problem(self._chapter_at, "warning", "empty-chapter", told))
        self._close()
        self.lost = False

    def _close(self) -> None:
        if self._open:
            self.raws[-1] = replace(self.raws[-1], text="\n".join(self._body))
        self._open = False
