"""The standards of a workspace: import editions, and say which clause is in force in a market on a day."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from voc.errors import InputError, NotFoundError
from voc.standards.markdown import Parsed, parse
from voc.store import audit, editions
from voc.store.database import Database
from voc.store.editions import ClauseRow, EditionRow
from voc.types import Stamp


@dataclass(frozen=True, slots=True)
class Clause:
    """A clause in force: its words and the edition they come from ("" is no market: the global edition)."""

    number: str
    chapter: str
    title: str
    text: str
    market: str
    edition_id: str
    edition: str


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did."""

    edition: EditionRow
    clauses: int
    new: bool


def read_standard(path: Path) -> Parsed:
    """Read a Markdown file as a standard.

    Raises:
        NotFoundError: there is no such file.
        InputError: it is not UTF-8, or a line is wrong.
    """
    try:
        return parse(path.read_text(encoding="utf-8"), str(path))
    except (FileNotFoundError, IsADirectoryError) as error:
        raise NotFoundError(f"There is no standard at {path}. Name a Markdown file.") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path} is not UTF-8 text. Save it as UTF-8.") from error


def import_standard(database: Database, parsed: Parsed, *, markets: tuple[str, ...], stamp: Stamp) -> Imported:
    """Store an edition; importing the same text again changes nothing.

    Raises:
        InputError: its market is not configured, an addendum has no global edition or changes a clause that is not
            there, or an edition of that name has another text.
    """
    front = parsed.front
    if front.market and front.market not in markets:
        raise InputError(f"The market '{front.market}' is not configured. Configured: {', '.join(markets)}.")
    edition = EditionRow(
        parsed.id,
        front.document,
        front.edition,
        front.title,
        front.market,
        front.owner,
        front.language,
        front.effective.isoformat(),
        parsed.source,
    )
    rows = [
        ClauseRow(
            parsed.id,
            one.number,
            ordinal,
            one.chapter,
            one.title,
            one.action,
            one.text,
            hashlib.sha256(one.text.encode()).hexdigest()[:32],
        )
        for ordinal, one in enumerate(parsed.clauses)
    ]
    with database.write() as connection:
        known = editions.every(connection, document=front.document)
        same_name = [one for one in known if (one.market, one.name) == (front.market, front.edition)]
        if same_name and same_name[0].id != parsed.id:
            raise InputError(
                f"Edition {front.edition} is stored with another text. Editions never change: give the new text a new "
                "edition name."
            )
        if front.market:
            base = _newest_global(known, front.document)
            _check_addendum(parsed, {one.number for one in editions.clauses(connection, edition_id=base.id)})
        new = editions.add(connection, stamp, edition, clauses=rows)
        if new:
            audit.record(
                connection, stamp, action="import edition", subject=parsed.id, detail={"edition": front.edition}
            )
    return Imported(edition, len(rows), new)


def clauses_in_force(database: Database, *, document: str, market: str, on: str) -> tuple[Clause, ...]:
    """Return the clauses of a document that hold in a market ("" is the global edition) on a day, in order of number.

    Raises:
        NotFoundError: no global edition is in force.
    """
    with database.read() as connection:
        base = editions.in_force(connection, document=document, market="", on=on)
        if base is None:
            raise NotFoundError(
                f"No global edition of the standard '{document}' is in force on {on}. Import one: "
                "voc standards import FILE.md"
            )
        found = {row.number: _clause(row, base) for row in editions.clauses(connection, edition_id=base.id)}
        addendum = editions.in_force(connection, document=document, market=market, on=on) if market else None
        if addendum is not None:
            for row in editions.clauses(connection, edition_id=addendum.id):
                if row.action == "exempt":
                    found.pop(row.number, None)
                else:
                    found[row.number] = _clause(row, addendum)
    return tuple(found[number] for number in sorted(found, key=_order))


def _clause(row: ClauseRow, edition: EditionRow) -> Clause:
    return Clause(row.number, row.chapter, row.title, row.text, edition.market, edition.id, edition.name)


def _order(number: str) -> tuple[int, ...]:
    return tuple(int(part) for part in number.split("."))


def _newest_global(known: tuple[EditionRow, ...], document: str) -> EditionRow:
    base = [one for one in known if not one.market]
    if not base:
        raise InputError(f"The standard '{document}' has no global edition yet. Import that first, then its addenda.")
    return base[-1]


def _check_addendum(parsed: Parsed, numbers: set[str]) -> None:
    for clause in parsed.clauses:
        if clause.action == "add" and clause.number in numbers:
            raise InputError(f"Line {clause.line}: clause {clause.number} is in the global edition; use [replace].")
        if clause.action != "add" and clause.number not in numbers:
            raise InputError(f"Line {clause.line}: clause {clause.number} is not in the global edition; use [add].")
