"""Check files of standards, beside each other and beside what is stored, and import them together or not at all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from voc.errors import InputError
from voc.standards.against import Stored, against
from voc.standards.document import NOTHING_GIVEN, Given, Problem, Reading, accepted_standard, one_line, said
from voc.standards.files import is_word, read_file
from voc.standards.registry import Imported, import_standard, stored_editions
from voc.store.database import Database
from voc.types import Stamp


@dataclass(frozen=True, slots=True)
class Checked:
    """One standard of a file with all its problems; `known` says that the same is stored already."""

    reading: Reading
    known: bool

    @property
    def errors(self) -> tuple[Problem, ...]:
        """Return what stops an import."""
        return tuple(one for one in self.reading.problems if one.severity == "error")


def check_files(
    database: Database, files: Sequence[Path], *, given: Given = NOTHING_GIVEN, markets: Sequence[str], today: str
) -> tuple[Checked, ...]:
    """Read files and check each standard beside those before it and those that are stored; store nothing.

    Global editions are taken before addenda, older ones before newer ones.

    Raises:
        NotFoundError: there is no such file.
        InputError: a file is of no known kind, too large, or not text.
    """
    known: dict[str, list[Stored]] = {}
    found = []
    for reading in sorted((one for file in files for one in read_file(file, given)), key=_turn):
        front = reading.front
        if front is None:
            found.append(Checked(reading, False))
            continue
        if front.document not in known:
            with database.read() as connection:
                known[front.document] = list(stored_editions(connection, front.document))
        beside = known[front.document]
        same = any(one.same_as(front, reading.clauses) for one in beside)
        more = () if same else against(front, reading.clauses, beside, markets=markets, today=today)
        problems = tuple(sorted((*reading.problems, *more), key=lambda one: one.line))
        found.append(Checked(replace(reading, problems=problems), same))
        if not same:
            beside.append(Stored("", front, reading.clauses))
            beside.sort(key=lambda one: (one.front.market, one.day))
    return tuple(found)


def _turn(reading: Reading) -> tuple[bool, date]:
    """Return what sorts global editions before addenda, and each by their days."""
    front = reading.front
    return (bool(front and front.market), front.effective if front else date.max)


def import_files(
    database: Database,
    files: Sequence[Path],
    *,
    given: Given = NOTHING_GIVEN,
    markets: tuple[str, ...],
    stamp: Stamp,
    accept: bool = False,
) -> tuple[Imported, ...]:
    """Import every standard of the files; nothing is stored when one has an error.

    Raises:
        NotFoundError: there is no such file.
        InputError: something is wrong, and the message names it all; or a Word document comes without `accept`, and
            the message is its check listing.
    """
    checked = check_files(database, files, given=given, markets=markets, today=stamp.at.date().isoformat())
    errors = [said(one.reading, problem) for one in checked for problem in one.errors]
    word = [file for file in files if is_word(file)]
    if word and not accept:
        told = "Nothing was imported: " + ("mend this first." if errors else "look through this first.")
        told += "" if errors else f" If it is right: voc standards import {word[0]} --accept"
        raise InputError("\n".join([told, *(line for one in checked for line in listing(one))]))
    if errors:
        raise InputError("\n".join(("Nothing was imported.", *errors)))
    return tuple(
        import_standard(database, accepted_standard(one.reading), markets=markets, stamp=stamp) for one in checked
    )


def listing(checked: Checked) -> Iterator[str]:
    """Yield what an import would bring, line by line: front matter, clauses with words, problems."""
    reading, front = checked.reading, checked.reading.front
    total = sum(words(clause.text) for clause in reading.clauses)
    size = f"{len(reading.clauses):,} clauses, {total:,} words"
    if front is None:
        yield one_line(f"{reading.place}: {size}")
    else:
        state = ", known already" if checked.known else ""
        head = f"{front.document}, edition {front.edition} ({front.market or 'global'}) from {front.effective}"
        yield one_line(f"{reading.place}: {head}, {front.language}, owner {front.owner}: {size}{state}")
        yield one_line(f"  {front.title}")
    chapter = ""
    for clause in reading.clauses:
        if clause.chapter != chapter:
            chapter = clause.chapter
            yield one_line(f"  {chapter}")
        mark = "" if clause.action == "base" else f" [{clause.action}]"
        yield one_line(f"    {clause.number:<7} {clause.title}{mark} ({words(clause.text)} words)")
    for problem in reading.problems:
        yield f"  {problem.severity}: {said(reading, problem)} [{problem.rule}]"
    counts = [sum(one.severity == kind for one in reading.problems) for kind in ("error", "warning")]
    yield f"  {counts[0]} errors, {counts[1]} warnings"


def words(text: str) -> int:
    """Return how many words a text has, as white space parts them."""
    return len(text.split())
