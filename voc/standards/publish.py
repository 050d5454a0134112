"""Publish a revision: the next immutable edition, in which one clause has new words and every other is as it was."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from voc.errors import ConflictError, InputError, NotFoundError
from voc.standards.document import MAX_FRONT, MAX_NAME, Front, ParsedClause, plain_text, standard, unkept
from voc.standards.numbers import natural_key
from voc.standards.registry import clauses_of, front_of_row, store_edition
from voc.store import editions
from voc.store.database import Connection, Database
from voc.store.editions import EditionRow
from voc.types import Stamp


@dataclass(frozen=True, slots=True)
class Revision:
    """New words for one clause of an edition, in a market or ("") everywhere."""

    base_edition_id: str
    market: str
    number: str
    new_text: str
    edition_name: str
    effective: str | date
    proposal_id: str | None


def revise(  # noqa: PLR0913  one call says all of a revision
    database: Database,
    *,
    base_edition_id: str,
    market: str,
    number: str,
    new_text: str,
    edition_name: str,
    effective: str | date,
    proposal_id: str | None,
    stamp: Stamp,
) -> EditionRow:
    """Publish new words of one clause, drafted against the edition that it comes from, and return the new edition.

    With `market` "" the next global edition is made. With a market whose clause comes from the global edition, an
    addendum of that market is made that carries all of its present addendum and this clause as [replace]; else the
    market's next edition. Other clauses that were changed since are kept as they are now.

    Raises:
        ConflictError: this clause was changed since; draft again from the clause in force.
        InputError: the text is empty or the same, the name is taken, or the day is before what it follows.
        NotFoundError: there is no such edition or clause.
    """
    revision = Revision(base_edition_id, market, number, new_text, edition_name, effective, proposal_id)
    with database.write() as connection:
        return revise_within(connection, revision, stamp=stamp)


def revise_within(connection: Connection, revision: Revision, *, stamp: Stamp) -> EditionRow:
    """Do what `revise` does inside a transaction that the caller began."""
    market, base = revision.market, _base(connection, revision)
    old = _clause(connection, base, revision.number)
    day, text = _day(revision.effective), _checked_text(old, revision.new_text)
    latest = editions.newest(connection, document=base.document, market=base.market) or base
    new = replace(_unchanged(connection, base, latest, old), text=text)
    if market and not base.market:
        own = editions.newest(connection, document=base.document, market=market)
        clauses = _with_replacement(connection, own, replace(new, action="replace"))
        last = own if own and own.effective > base.effective else base
        front = front_of_row(own) if own else _addendum_front(front_of_row(latest), market)
    else:
        clauses, last, front = _changed(clauses_of(connection, latest.id), new), latest, front_of_row(latest)
    _check_day(day, last)
    _check_name(connection, base.document, market, revision.edition_name)
    made = Front.model_validate(
        front.model_dump() | {"edition": revision.edition_name, "effective": date.fromisoformat(day)}
    )
    return store_edition(
        connection, standard(made, clauses), stamp=stamp, action="publish edition", proposal_id=revision.proposal_id
    )


def next_name(database: Database, *, document: str, market: str) -> str:
    """Suggest a free name for the next edition of a document: its last one counted up ("2024-1" gives "2024-2")."""
    with database.read() as connection:
        return next_name_within(connection, document=document, market=market)


def next_name_within(connection: Connection, *, document: str, market: str) -> str:
    """Do what `next_name` does inside a transaction that the caller began."""
    taken = {one.name for one in editions.every(connection, document=document) if one.market == market}
    own = editions.newest(connection, document=document, market=market)
    base = own or editions.newest(connection, document=document, market="")
    name = own.name if own else f"{market}-{base.name}" if base else f"{market}-1".strip("-")
    while name in taken:
        name = _counted_up(name)
    return name


def _counted_up(name: str) -> str:
    match = re.fullmatch(r"(.*?)(\d{1,9})", name)
    return f"{match[1]}{int(match[2]) + 1:0{len(match[2])}d}" if match else f"{name}-2"


def _clause(connection: Connection, edition: EditionRow, number: str) -> ParsedClause:
    for clause in clauses_of(connection, edition.id):
        if clause.number == number and clause.action != "exempt":
            return clause
    raise NotFoundError(f"Edition {edition.name} has no clause {number}.")


def _base(connection: Connection, revision: Revision) -> EditionRow:
    base = editions.get(connection, revision.base_edition_id)
    if base is None:
        raise NotFoundError(
            f"There is no edition {revision.base_edition_id[:12]}. 'voc standards list' shows the editions."
        )
    if base.market not in ("", revision.market):
        meant = revision.market or "all markets"
        raise InputError(f"Edition {base.name} is of {base.market}; it cannot be revised for {meant}.")
    return base


def _day(effective: str | date) -> str:
    try:
        return effective.isoformat() if isinstance(effective, date) else date.fromisoformat(effective).isoformat()
    except ValueError as error:
        raise InputError(f"'{effective}' is not a day such as 2024-09-30.") from error


def _checked_text(old: ParsedClause, new_text: str) -> str:
    text = plain_text(new_text)
    bad = unkept(text)
    if bad:
        raise InputError(f"The new text has the character {bad}, which cannot be kept. Take it out.")
    if not text:
        raise InputError(
            f"The new text of clause {old.number} is empty. Write it, or exempt the clause in an addendum."
        )
    if text == old.text:
        raise InputError(f"The new text of clause {old.number} is the text in force. There is nothing to publish.")
    return text


def _check_day(day: str, last: EditionRow) -> None:
    if day < last.effective:
        raise InputError(
            f"The new edition cannot hold from {day}: it follows {last.name}, which holds from {last.effective}. Take "
            "that day or a later one."
        )


def _unchanged(connection: Connection, base: EditionRow, latest: EditionRow, old: ParsedClause) -> ParsedClause:
    """Return the clause as the latest edition has it, when its words are still those of the base."""
    if latest.id == base.id:
        return old
    now = next((one for one in clauses_of(connection, latest.id) if one.number == old.number), None)
    if now is None or (now.text, now.action) != (old.text, old.action):
        raise ConflictError(
            f"Clause {old.number} was changed since: the draft is based on {base.name}, but {latest.name} has other "
            "words for it. Draft the change again from those words (rebase)."
        )
    return now


def _addendum_front(base: Front, market: str) -> Front:
    title = base.title[: MAX_FRONT - len(market) - 15]
    return base.model_copy(update={"market": market, "title": f"{title}: addendum for {market}"})


def _with_replacement(connection: Connection, own: EditionRow | None, clause: ParsedClause) -> tuple[ParsedClause, ...]:
    """Return the clauses of a market's addendum with one more, in the order of numbers."""
    present = clauses_of(connection, own.id) if own else ()
    touched = next((one for one in present if one.number == clause.number), None)
    if own and touched:
        raise ConflictError(
            f"Clause {clause.number} was changed since: {own.name} has [{touched.action}] for it, and the draft is "
            "based on the global edition. Draft the change again from what is in force in this market (rebase)."
        )
    key = natural_key(clause.number)
    place = next((at for at, one in enumerate(present) if natural_key(one.number) > key), len(present))
    return (*present[:place], clause, *present[place:])


def _changed(clauses: Sequence[ParsedClause], new: ParsedClause) -> tuple[ParsedClause, ...]:
    return tuple(new if one.number == new.number else one for one in clauses)


def _check_name(connection: Connection, document: str, market: str, name: str) -> None:
    if not name.strip() or len(name) > MAX_NAME or unkept(name) or len(name.splitlines()) > 1:
        raise InputError(f"'{name[:60]}' is no name of an edition. Allowed: one line of at most {MAX_NAME} characters.")
    if any(one.market == market for one in editions.named(connection, name, document=document) if one.name == name):
        raise InputError(f"The edition name {name} is taken. Editions never change: choose another name.")
