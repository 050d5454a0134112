"""Compare two editions clause by clause: added, removed, moved, renamed, changed, and how many are as they were."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from voc.standards.document import ParsedClause
from voc.standards.numbers import natural_key
from voc.standards.redline import Span, as_text, redline

Clauses = Sequence[ParsedClause]


@dataclass(frozen=True, slots=True)
class Change:
    """A clause on both sides; `spans` is the redline of its text."""

    old: ParsedClause
    new: ParsedClause
    spans: tuple[Span, ...]

    @property
    def moved(self) -> bool:
        """Say whether its number is another one."""
        return self.old.number != self.new.number

    @property
    def renamed(self) -> bool:
        """Say whether its title is another one."""
        return self.old.title != self.new.title

    @property
    def reworded(self) -> bool:
        """Say whether its text is another one."""
        return self.old.text != self.new.text

    @property
    def acts_otherwise(self) -> bool:
        """Say whether an addendum does something else with it."""
        return self.old.action != self.new.action


@dataclass(frozen=True, slots=True)
class Comparison:
    """What differs between two standards, in the order of numbers."""

    added: tuple[ParsedClause, ...]
    removed: tuple[ParsedClause, ...]
    changed: tuple[Change, ...]
    unchanged: int


def compare(old: Clauses, new: Clauses) -> Comparison:
    """Compare clauses by number; a clause with the same words under another number was moved."""
    before, after = {one.number: one for one in old}, {one.number: one for one in new}
    pairs = [(before[number], after[number]) for number in before if number in after]
    gone = [one for one in old if one.number not in after]
    come = [one for one in new if one.number not in before]
    moves = list(_moves(gone, come))
    taken = {one.number for pair in moves for one in pair}
    changed = [Change(a, b, redline(a.text, b.text)) for a, b in (*pairs, *moves) if _differ(a, b)]
    return Comparison(
        _in_order(one for one in come if one.number not in taken),
        _in_order(one for one in gone if one.number not in taken),
        tuple(sorted(changed, key=lambda one: natural_key(one.new.number))),
        sum(not _differ(a, b) for a, b in pairs),
    )


def as_lines(found: Comparison) -> Iterator[str]:
    """Yield a comparison for the terminal; struck out is [-so-], put in is {+so+}."""
    for one in found.removed:
        yield f"removed   {one.number} {one.title}"
        yield f"    [-{one.text}-]"
    for one in found.added:
        yield f"added     {one.number} {one.title}"
        yield f"    {{+{one.text}+}}"
    for change in found.changed:
        yield f"{_kind(change):<9} {_heading(change)}"
        if change.reworded:
            yield f"    {as_text(change.spans)}"
    counts = (len(found.added), len(found.removed), len(found.changed), found.unchanged)
    yield "{} added, {} removed, {} changed, {} unchanged".format(*counts)


def _kind(change: Change) -> str:
    if change.moved:
        return "moved"
    return "renamed" if change.renamed and not change.reworded else "changed"


def _heading(change: Change) -> str:
    old, new = change.old, change.new
    text = f"{old.number} -> {new.number}" if change.moved else new.number
    text += f" {old.title} -> {new.title}" if change.renamed else f" {new.title}"
    return text + (f" [{old.action}] -> [{new.action}]" if change.acts_otherwise else "")


def _differ(old: ParsedClause, new: ParsedClause) -> bool:
    return (old.number, old.title, old.text, old.action) != (new.number, new.title, new.text, new.action)


def _moves(gone: Clauses, come: Clauses) -> Iterator[tuple[ParsedClause, ParsedClause]]:
    """Yield pairs that are one clause under two numbers: the same text, else the same title, once on each side."""
    for by_title in (False, True):
        before, after = _alike(gone, by_title=by_title), _alike(come, by_title=by_title)
        pairs = [(old, after[key]) for key, old in before.items() if key in after]
        yield from pairs
        gone = [one for one in gone if one not in {old for old, _ in pairs}]
        come = [one for one in come if one not in {new for _, new in pairs}]


def _alike(clauses: Clauses, *, by_title: bool) -> dict[str, ParsedClause]:
    """Return clauses by text or title, without those of which there are several."""
    keys = [one.title if by_title else one.text for one in clauses]
    seen = Counter(keys)
    return {key: one for key, one in zip(keys, clauses, strict=True) if key and seen[key] == 1}


def _in_order(clauses: Iterator[ParsedClause]) -> tuple[ParsedClause, ...]:
    return tuple(sorted(clauses, key=lambda one: natural_key(one.number)))
