"""The standards of a workspace: import editions, and say which clause is in force in a market on a day."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from voc.errors import InputError, NotFoundError
from voc.standards.against import Stored, against
from voc.standards.document import Front, Parsed, ParsedClause, accepted_standard
from voc.standards.files import read_file
from voc.standards.numbers import natural_key
from voc.store import audit, editions
from voc.store.database import Connection, Database
from voc.store.editions import ClauseRow, EditionRow
from voc.types import Stamp

NEWEST: Final = "9999-12-31"
"""A day on which the newest editions are in force."""


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


@dataclass(frozen=True, slots=True)
class InForce:
    """What holds in a market on a day: the base, the market's addendum to it, and the clauses of both together.

    The base is the global edition, or a market's own where the document has no global one.
    """

    base: EditionRow
    addendum: EditionRow | None
    clauses: tuple[Clause, ...]
    exempt: tuple[str, ...]


def read_standard(path: Path) -> Parsed:
    """Read a file with one standard: Markdown, YAML, Word or JSON lines.

    Raises:
        NotFoundError: there is no such file.
        InputError: something in it is wrong, or it holds several documents.
    """
    found = read_file(path)
    if len(found) != 1:
        raise InputError(f"{path} holds {len(found)} documents. Import it with: voc standards import {path}")
    return accepted_standard(found[0])


def import_standard(database: Database, parsed: Parsed, *, markets: tuple[str, ...], stamp: Stamp) -> Imported:
    """Store an edition; importing the same one again, from whatever format, changes nothing.

    Raises:
        InputError: its market is not configured, an addendum has no global edition or changes a clause that is not
            there, its day conflicts with another edition's, or an edition of that name has another text.
    """
    with database.write() as connection:
        known = stored_editions(connection, parsed.front.document)
        same = next((one for one in known if one.same_as(parsed.front, parsed.clauses)), None)
        if same is not None:
            return Imported(_row_of(connection, same.id), len(parsed.clauses), False)
        today = stamp.at.date().isoformat()
        problems = against(parsed.front, parsed.clauses, known, markets=markets, today=today)
        errors = [problem for problem in problems if problem.severity == "error"]
        if errors:
            raise InputError(
                "\n".join(f"Line {one.line}: {one.message}" if one.line else one.message for one in errors)
            )
        edition = store_edition(connection, parsed, stamp=stamp, action="import edition")
    return Imported(edition, len(parsed.clauses), True)


def store_edition(
    connection: Connection, parsed: Parsed, *, stamp: Stamp, action: str, proposal_id: str | None = None
) -> EditionRow:
    """Write an edition and its clauses, with what was done in the audit log."""
    front = parsed.front
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
        proposal_id,
    )
    if editions.add(connection, stamp, edition, clauses=_rows(parsed)):
        detail = {"edition": front.edition} | ({"proposal": proposal_id} if proposal_id else {})
        audit.record(connection, stamp, action=action, subject=parsed.id, detail=detail)
    return edition


def stored_editions(connection: Connection, document: str) -> tuple[Stored, ...]:
    """Return the stored editions of a document with their clauses, in order of market and day."""
    return tuple(
        Stored(row.id, front_of_row(row), clauses_of(connection, row.id))
        for row in editions.every(connection, document=document)
    )


def clauses_of(connection: Connection, edition_id: str) -> tuple[ParsedClause, ...]:
    """Return the clauses of an edition as they were written."""
    rows = editions.clauses(connection, edition_id=edition_id)
    return tuple(ParsedClause(row.number, row.chapter, row.title, row.action, row.text) for row in rows)


def front_of_row(row: EditionRow) -> Front:
    """Return the front matter of a stored edition."""
    return Front.model_validate(
        {
            "document": row.document,
            "title": row.title,
            "edition": row.name,
            "owner": row.owner,
            "effective": row.effective,
            "language": row.language,
            "market": row.market,
        }
    )


def clauses_in_force(database: Database, *, document: str, market: str, on: str) -> tuple[Clause, ...]:
    """Return the clauses of a document that hold in a market ("" is the global edition) on a day, in order of number.

    Raises:
        NotFoundError: no edition is in force.
    """
    with database.read() as connection:
        return in_force(connection, document=document, market=market, on=on).clauses


def in_force(connection: Connection, *, document: str, market: str, on: str) -> InForce:
    """Return what holds in a market ("" is the global edition) on a day.

    Raises:
        NotFoundError: no edition is in force.
    """
    base = editions.in_force(connection, document=document, market="", on=on)
    own = editions.in_force(connection, document=document, market=market, on=on) if market else None
    changes = editions.clauses(connection, edition_id=own.id) if own else ()
    if base is None:
        if own is None or any(row.action != "base" for row in changes):
            raise NotFoundError(_nothing(connection, document, on))
        return InForce(own, None, _sorted([_clause(row, own) for row in changes]), ())
    found = {row.number: _clause(row, base) for row in editions.clauses(connection, edition_id=base.id)}
    exempt = [row.number for row in changes if row.action == "exempt"]
    for row in changes:
        if own is not None and row.action != "exempt":
            found[row.number] = _clause(row, own)
    kept = [clause for number, clause in found.items() if number not in set(exempt)]
    return InForce(base, own, _sorted(kept), tuple(exempt))


def _nothing(connection: Connection, document: str, on: str) -> str:
    known = editions.every(connection)
    mine = [one for one in known if one.document == document]
    when = "is stored" if on == NEWEST else f"is in force on {on}"
    told = f"No global edition of the standard '{document}' {when}. "
    alone = sorted({one.market for one in mine if one.market})
    first = min((one.effective for one in mine if not one.market), default="")
    if first:
        return told + f"The first one holds from {first}."
    if alone:
        return told + f"It has editions of {', '.join(alone)} only: name one with --market."
    others = sorted({one.document for one in known})
    return told + "Import one: voc standards import FILE" + (f" (stored: {', '.join(others)})" if others else "")


def _row_of(connection: Connection, edition_id: str) -> EditionRow:
    row = editions.get(connection, edition_id)
    if row is None:
        raise NotFoundError(f"There is no edition {edition_id[:8]}.")
    return row


def _rows(parsed: Parsed) -> list[ClauseRow]:
    return [
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


def _clause(row: ClauseRow, edition: EditionRow) -> Clause:
    return Clause(row.number, row.chapter, row.title, row.text, edition.market, edition.id, edition.name)


def _sorted(clauses: Sequence[Clause]) -> tuple[Clause, ...]:
    return tuple(sorted(clauses, key=lambda clause: natural_key(clause.number)))
