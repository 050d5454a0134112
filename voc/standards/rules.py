"""What holds for the clauses of one standard, whatever file they come from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from voc.standards.document import MAX_CLAUSES, Front, ParsedClause, Problem, plain_line, plain_text, unkept
from voc.standards.numbers import ACTIONS, normal_number

MAX_TITLE: Final = 300


@dataclass(frozen=True, slots=True)
class Raw:
    """A clause as a file has it, before anything is checked; `action` "" is none."""

    number: str
    chapter: str
    title: str
    action: str
    text: str
    line: int


def checked(front: Front | None, raws: Sequence[Raw]) -> tuple[tuple[ParsedClause, ...], list[Problem]]:
    """Return the clauses as they are stored, and every problem of them."""
    clauses, problems = [], list[Problem]()
    for raw in raws[:MAX_CLAUSES]:
        problems += _one(raw)
        number = normal_number(raw.number) or plain_line(raw.number)
        clauses.append(
            ParsedClause(
                number,
                plain_line(raw.chapter),
                plain_line(raw.title),
                raw.action or "base",
                plain_text(raw.text),
                raw.line,
            )
        )
    if len(raws) > MAX_CLAUSES:
        problems.append(_error(0, "size", f"{len(raws):,} clauses are too many; at most {MAX_CLAUSES:,} are read."))
    problems += [*_twice(clauses), *_chapters(clauses), *_actions(front, clauses)]
    return tuple(clauses), problems


def stands_alone(clauses: Sequence[ParsedClause]) -> bool:
    """Say whether clauses are a whole text rather than changes to a global edition."""
    return all(clause.action == "base" for clause in clauses)


def _error(line: int, rule: str, message: str) -> Problem:
    return Problem(line, "error", rule, message)


def _one(raw: Raw) -> Iterator[Problem]:
    if normal_number(raw.number) is None:
        yield _error(raw.line, "number", f"'{raw.number[:60]}' is not a clause number such as 1.1, 3a, § 18a or A.2.")
    for name, text in (("title", plain_line(raw.title)), ("chapter", plain_line(raw.chapter))):
        if len(text) > MAX_TITLE:
            told = f"the {name} of clause {raw.number} has {len(text)} characters; at most {MAX_TITLE} are kept."
            yield _error(raw.line, "size", told)
    if not plain_line(raw.title):
        yield _error(raw.line, "title", f"clause {raw.number} has no title.")
    if not plain_text(raw.text) and raw.action != "exempt":
        yield _error(raw.line, "empty-clause", f"clause {raw.number} has no text.")
    bad = unkept(plain_line(raw.chapter) + plain_line(raw.title) + plain_text(raw.text))
    if bad:
        yield _error(raw.line, "character", f"clause {raw.number} has the character {bad}, which cannot be kept.")
    if raw.action and raw.action not in ACTIONS:
        yield _error(raw.line, "action", f"[{raw.action[:40]}] is not allowed. Allowed: [add], [replace] and [exempt].")


def _twice(clauses: Sequence[ParsedClause]) -> Iterator[Problem]:
    first: dict[str, int] = {}
    for clause in clauses:
        if clause.number in first:
            told = f"clause {clause.number} stands there twice; first at {first[clause.number]}."
            yield _error(clause.line, "duplicate-number", told)
        first.setdefault(clause.number, clause.line)


def _chapters(clauses: Sequence[ParsedClause]) -> Iterator[Problem]:
    seen = ""
    for clause in clauses:
        named = clause.chapter.split(" ")[0].removesuffix(".")
        dotted = "." in clause.number and not clause.number.startswith(("§", "Art."))
        if clause.chapter and dotted and not clause.number.startswith(f"{named}."):
            told = f"clause {clause.number} does not stand in its chapter, but in '{clause.chapter[:60]}'."
            yield _error(clause.line, "chapter", told)
        if seen and not clause.chapter:
            told = f"clause {clause.number} has no chapter, but those before it have one. Give it a chapter."
            yield _error(clause.line, "chapter", told)
        seen = clause.chapter or seen


def _actions(front: Front | None, clauses: Sequence[ParsedClause]) -> Iterator[Problem]:
    if front is None or not clauses:
        return
    alone = stands_alone(clauses)
    for clause in clauses:
        if not front.market and clause.action in ACTIONS:
            yield _error(clause.line, "action", f"[{clause.action}] is for addenda; this standard names no market.")
        if front.market and not alone and clause.action == "base":
            told = f"clause {clause.number}: a clause of an addendum ends in [add], [replace] or [exempt]."
            yield _error(clause.line, "action", told)
