"""Check an edition against those that are stored: names, days, and whether an addendum fits what it changes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from voc.standards.document import Front, ParsedClause, Problem
from voc.standards.references import dangling
from voc.standards.rules import stands_alone

Clauses = Sequence[ParsedClause]


@dataclass(frozen=True, slots=True)
class Stored:
    """An edition that is stored, or stands before this one in the same import."""

    id: str
    front: Front
    clauses: tuple[ParsedClause, ...]

    @property
    def numbers(self) -> frozenset[str]:
        """Return the numbers of its clauses."""
        return frozenset(clause.number for clause in self.clauses)

    @property
    def day(self) -> str:
        """Return the day from which it holds."""
        return self.front.effective.isoformat()

    def same_as(self, front: Front, clauses: Clauses) -> bool:
        """Say whether it says the same, however that was written."""
        return self.front == front and self.clauses == tuple(clauses)


def against(
    front: Front, clauses: Clauses, known: Sequence[Stored], *, markets: Sequence[str], today: str
) -> tuple[Problem, ...]:
    """Return what is wrong with an edition beside the known ones of its document; `today` is an ISO day."""
    if front.market and front.market not in markets:
        told = f"The market '{front.market}' is not configured. Configured: {', '.join(markets)}."
        return (Problem(0, "error", "market", told),)
    peers = [one for one in known if one.front.market == front.market]
    found = [*_names(front, peers), *_days(front, clauses, peers, today=today)]
    if front.market and stands_alone(clauses):
        found += _alone(front, known)
    elif front.market:
        found += [*_fits(front, clauses, known), *_dropped(front, clauses, peers)]
    else:
        found += _beside(front, clauses, known)
    base = base_on(known, front.effective.isoformat()) if front.market else None
    if base or not front.market or stands_alone(clauses):
        found += dangling(clauses, sorted(base.numbers) if base else ())
    return tuple(sorted(found, key=lambda one: one.line))


def base_on(known: Sequence[Stored], day: str) -> Stored | None:
    """Return the global edition in force on a day, else the first one that comes into force."""
    bases = [one for one in known if not one.front.market]
    now = [one for one in bases if one.day <= day]
    return now[-1] if now else (bases[0] if bases else None)


def _problem(severity: Literal["error", "warning"], rule: str, message: str, line: int = 0) -> Problem:
    return Problem(line, severity, rule, message)


def _names(front: Front, peers: Sequence[Stored]) -> Iterator[Problem]:
    if any(one.front.edition == front.edition for one in peers):
        told = (
            f"Edition {front.edition} is stored with another text. Editions never change: give the new text a new "
            "edition name."
        )
        yield _problem("error", "same-name", told)


def _days(front: Front, clauses: Clauses, peers: Sequence[Stored], *, today: str) -> Iterator[Problem]:
    """Yield conflicts of days: what held on a day that has passed never changes afterwards."""
    day = front.effective.isoformat()
    past = [one for one in peers if one.day <= today and one.front.edition != front.edition]
    for one in peers:
        if one.day != day or one.front.edition == front.edition:
            continue
        shared = sorted(one.numbers & {clause.number for clause in clauses}) if front.market else []
        what = f" and both touch {', '.join(shared[:8])}" if shared else ""
        told = (
            f"{front.edition} and {one.front.edition} would be in force from the same day, {day}{what}. Put them "
            "together, or give one a later day."
        )
        yield _problem("error", "overlap" if front.market else "same-day", told)
    if past and day < past[-1].day:
        last = past[-1]
        told = (
            f"{front.edition} holds from {day}, before {last.front.edition} that is in force since {last.day}. Import "
            "editions in the order of their days; what held in the past cannot change."
        )
        yield _problem("error", "date-order", told)
    elif later := [one for one in peers if one.day > day]:
        told = f"{front.edition} holds only until {later[0].day}, when {later[0].front.edition} takes its place."
        yield _problem("warning", "date-order", told)


def _alone(front: Front, known: Sequence[Stored]) -> Iterator[Problem]:
    if any(not one.front.market for one in known):
        told = (
            f"No clause is marked, but '{front.document}' has a global edition: each clause of an addendum ends in "
            "[add], [replace] or [exempt]."
        )
        yield _problem("error", "action", told)


def _fits(front: Front, clauses: Clauses, known: Sequence[Stored]) -> Iterator[Problem]:
    base = base_on(known, front.effective.isoformat())
    if base is None:
        told = f"The standard '{front.document}' has no global edition yet. Import that first, then its addenda."
        yield _problem("error", "no-base", told)
        return
    if base.day > front.effective.isoformat():
        told = (
            f"No global edition is in force on {front.effective}; the first, {base.front.edition}, is from {base.day}."
        )
        yield _problem("warning", "date-order", told)
    for clause in clauses:
        if clause.action == "add" and clause.number in base.numbers:
            told = f"clause {clause.number} is in the global edition {base.front.edition}; use [replace]."
            yield _problem("error", "addendum", told, clause.line)
        if clause.action != "add" and clause.number not in base.numbers:
            told = f"clause {clause.number} is not in the global edition {base.front.edition}; use [add]."
            yield _problem("error", "addendum", told, clause.line)


def _dropped(front: Front, clauses: Clauses, peers: Sequence[Stored]) -> Iterator[Problem]:
    before = [one for one in peers if one.day < front.effective.isoformat()]
    if not before:
        return
    gone = sorted(before[-1].numbers - {clause.number for clause in clauses})
    if gone:
        told = (
            f"{front.edition} takes the place of {before[-1].front.edition}, which also changed "
            f"{', '.join(gone[:20])}: there the global edition holds again."
        )
        yield _problem("warning", "addendum-dropped", told)


def _beside(front: Front, clauses: Clauses, known: Sequence[Stored]) -> Iterator[Problem]:
    """Yield what a new global edition does to the addenda that are in force."""
    numbers, day = {clause.number for clause in clauses}, front.effective.isoformat()
    newest = {one.front.market: one for one in known if one.front.market and one.day <= day}
    for market, one in sorted(newest.items()):
        if stands_alone(one.clauses):
            told = (
                f"'{front.document}' is a standard of {market} alone ({one.front.edition}); it takes no global edition."
            )
            yield _problem("error", "action", told)
            continue
        for clause in one.clauses:
            if clause.action == "add" and clause.number in numbers:
                told = (
                    f"{one.front.edition} adds clause {clause.number}, which this edition has too; it stays replaced."
                )
                yield _problem("warning", "addendum", told)
            if clause.action != "add" and clause.number not in numbers:
                told = f"{one.front.edition} changes clause {clause.number}, which this edition no longer has."
                yield _problem("warning", "addendum", told)
