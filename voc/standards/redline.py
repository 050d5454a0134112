"""Redline: what is struck out and what is put in; rejecting all gives the old text, accepting all the new.

Sentences are paired first, then words within a pair, so that a rewritten sentence reads as one sentence struck out and
one put in, not as scraps of both.

Source: pairing as in Gale and Church, Computational Linguistics 19 (1993), with shared words in place of lengths;
words by longest matching blocks (Ratcliff and Obershelp), Python's difflib.
"""

from __future__ import annotations

import difflib
import html
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Final, Literal

from voc.standards.pieces import is_spoken, pieces, sentences
from voc.standards.visible import visible

if TYPE_CHECKING:
    from rich.text import Text

Kind = Literal["same", "out", "in"]

LEAST_SHARED: Final = 0.4
"""Share of words that two sentences have in common before one is shown as an edit of the other."""
_MANY: Final = 6
_MOST_PAIRS: Final = 10_000
_MOST_PRODUCTS: Final = 4_000_000
"""Beyond these sizes (sentences of a changed part, words of a sentence) a part is shown as replaced; it stays quick."""

CSS: Final = (
    "del,ins{text-decoration-thickness:.08em;text-underline-offset:.18em;border-radius:.15em;padding:0 .06em;"
    "-webkit-box-decoration-break:clone;box-decoration-break:clone}"
    "del{color:#8f1d22;background:#fdecec;text-decoration-line:line-through}"
    "ins{color:#0f5a33;background:#e6f5ec;text-decoration-line:underline;font-weight:600}"
    ".sr{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}"
)
"""How a page shows `as_html`: struck through and underlined besides the colour, the spoken words out of sight."""


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of a redline."""

    kind: Kind
    text: str


def redline(old: str, new: str) -> tuple[Span, ...]:
    """Return spans whose "same" and "out" texts join to `old`, and "same" and "in" texts to `new`."""
    before, after = sentences(old), sentences(new)
    spans: list[Span] = []
    for was, now in _pairs(before, after):
        spans += _within(was, now)
    return tuple(_joined(spans))


def rejected(spans: Sequence[Span]) -> str:
    """Return the text when every change is rejected."""
    return "".join(span.text for span in spans if span.kind != "in")


def accepted(spans: Sequence[Span]) -> str:
    """Return the text when every change is accepted."""
    return "".join(span.text for span in spans if span.kind != "out")


def as_html(spans: Sequence[Span]) -> str:
    """Return HTML with `<del>` and `<ins>` and words for those who listen; text is escaped."""
    said = '<span class="sr"> [{}: </span>', '<span class="sr">] </span>'
    tags = {
        "same": ("", ""),
        "out": (f"<del>{said[0].format('struck out')}", f"{said[1]}</del>"),
        "in": (f"<ins>{said[0].format('put in')}", f"{said[1]}</ins>"),
    }
    return "".join(tags[span.kind][0] + html.escape(visible(span.text)) + tags[span.kind][1] for span in spans)


def as_text(spans: Sequence[Span]) -> str:
    """Return plain text in which `[-…-]` is struck out and `{+…+}` put in."""
    return "".join(_marked(span) for span in spans)


def as_rich(spans: Sequence[Span]) -> Text:
    """Return the same for a terminal, in colours too; the console leaves them away under NO_COLOR and in a file."""
    from rich.text import Text

    styles = {"same": "", "out": "red strike", "in": "bold green"}
    return Text.assemble(*((_marked(span), styles[span.kind]) for span in spans))


def _marked(span: Span) -> str:
    marks = {"same": ("", ""), "out": ("[-", "-]"), "in": ("{+", "+}")}
    return marks[span.kind][0] + visible(span.text) + marks[span.kind][1]


def _pairs(before: Sequence[str], after: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield sentences that belong together, "" where one has no partner; both sides stay in order."""
    plain = [one.strip() for one in before], [one.strip() for one in after]
    matcher = difflib.SequenceMatcher(None, *plain, autojunk=False)
    for kind, i1, i2, j1, j2 in matcher.get_opcodes():
        if kind == "equal":
            yield from zip(before[i1:i2], after[j1:j2], strict=True)
        else:
            yield from _aligned(before[i1:i2], after[j1:j2])


def _aligned(before: Sequence[str], after: Sequence[str]) -> list[tuple[str, str]]:
    """Pair sentences of a changed part so that the words which pairs share are as many as can be."""
    rows, columns = len(before), len(after)
    if rows * columns > _MOST_PAIRS:
        return [(one, "") for one in before] + [("", one) for one in after]
    words = [_spoken(one) for one in before], [_spoken(one) for one in after]
    gain = [[_gain(one, other) for other in words[1]] for one in words[0]]
    best = [[0.0] * (columns + 1) for _ in range(rows + 1)]
    for row in reversed(range(rows)):
        for column in reversed(range(columns)):
            pair = gain[row][column] + best[row + 1][column + 1] if gain[row][column] else 0.0
            best[row][column] = max(pair, best[row + 1][column], best[row][column + 1])
    found, row, column = [], 0, 0
    while row < rows and column < columns:
        if gain[row][column] and best[row][column] == gain[row][column] + best[row + 1][column + 1]:
            found.append((before[row], after[column]))
            row, column = row + 1, column + 1
        elif best[row][column] == best[row + 1][column]:
            found.append((before[row], ""))
            row += 1
        else:
            found.append(("", after[column]))
            column += 1
    return found + [(one, "") for one in before[row:]] + [("", one) for one in after[column:]]


def _spoken(sentence: str) -> list[str]:
    return [piece for piece in pieces(sentence) if is_spoken(piece)]


def _gain(before: Sequence[str], after: Sequence[str]) -> float:
    """Return how many words two sentences share in order, 0 when that is too small a part of them."""
    total = len(before) + len(after)
    most = (Counter(before) & Counter(after)).total()
    if not total or 2 * most < LEAST_SHARED * total:
        return 0.0
    if len(before) * len(after) > _MOST_PRODUCTS:
        return float(most)
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    shared = sum(block.size for block in matcher.get_matching_blocks())
    return float(shared) if 2 * shared >= LEAST_SHARED * total else 0.0


def _within(was: str, now: str) -> Iterator[Span]:
    if was == now:
        yield Span("same", was)
        return
    before, after = pieces(was), pieces(now)
    if len(before) * len(after) > _MOST_PRODUCTS:
        yield from (Span("out", was), Span("in", now))
        return
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    for kind, i1, i2, j1, j2 in matcher.get_opcodes():
        if kind == "equal":
            yield Span("same", "".join(before[i1:i2]))
        else:
            yield from (Span("out", "".join(before[i1:i2])), Span("in", "".join(after[j1:j2])))


def _joined(spans: Iterable[Span]) -> Iterator[Span]:
    """Gather neighbours of a kind; scraps between two replaced parts are replaced with them."""
    parts = _islands_sunk([span for span in spans if span.text])
    for same, run in groupby(parts, key=lambda span: span.kind == "same"):
        group = list(run)
        kinds: tuple[Kind, ...] = ("same",) if same else ("out", "in")
        for kind in kinds:
            text = "".join(span.text for span in group if span.kind == kind)
            if text:
                yield Span(kind, text)


def _islands_sunk(parts: Sequence[Span]) -> list[Span]:
    runs = [list(run) for _, run in groupby(parts, key=lambda span: span.kind == "same")]
    found: list[Span] = []
    for place, run in enumerate(runs):
        text = "".join(span.text for span in run)
        if run[0].kind == "same" and 0 < place < len(runs) - 1 and _is_island(text, runs[place - 1], runs[place + 1]):
            found += (Span("out", text), Span("in", text))
        else:
            found += run
    return found


def _is_island(text: str, left: Sequence[Span], right: Sequence[Span]) -> bool:
    """Say whether what stayed is a scrap: a space, signs, or a single word amid at least six that changed."""
    kinds = [{span.kind for span in side} for side in (left, right)]
    if "\n" in text or not kinds[0] & kinds[1]:
        return False
    if text.isspace():
        return True
    if any(one != {"out", "in"} for one in kinds):
        return False
    changed = sum(len(_spoken(span.text)) for span in (*left, *right))
    return len(_spoken(text)) <= (1 if changed >= _MANY else 0)
