"""Name an edition, or what is in force, in one word: "2024-1", an id, "delivery/DE@2024-09-30"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Final

from voc.errors import InputError, NotFoundError
from voc.standards.document import MAX_NAME, Front, Parsed, ParsedClause, standard
from voc.standards.registry import NEWEST, Clause, InForce, clauses_of, front_of_row, in_force
from voc.store import editions
from voc.store.database import Connection
from voc.store.editions import EditionRow

_PLACE = re.compile(r"(?P<document>[a-z][a-z0-9-]{1,60})(?:/(?P<market>[^@/]{1,20}))?(?:@(?P<day>.+))?")
_HOW: Final = (
    "Name an edition (2024-1, delivery:2024-1 or the beginning of its id), or what is in force: DOCUMENT, "
    "DOCUMENT/MARKET, DOCUMENT@DAY or DOCUMENT/MARKET@DAY."
)


@dataclass(frozen=True, slots=True)
class Side:
    """A standard as one side of a comparison, or as what is exported; `label` says which."""

    label: str
    parsed: Parsed


def read_side(connection: Connection, spec: str, *, markets: Sequence[str] = ()) -> Side:
    """Return the edition, or what is in force, that a word names; `markets` are those that may be named.

    Raises:
        NotFoundError: nothing has that name.
        InputError: several editions have it, or the market is none of those.
    """
    document, _, name = spec.rpartition(":")
    found = editions.named(connection, name, document=document)
    if len(found) == 1:
        return _edition(connection, found[0])
    if found:
        shown = ", ".join(f"{one.document}:{one.name} ({one.id[:8]})" for one in found[:8])
        raise InputError(f"Several editions are named '{spec}': {shown}. Name one by document or id.")
    match = _PLACE.fullmatch(spec)
    known = {one.document for one in editions.every(connection)}
    if match is None or match["document"] not in known:
        stored = ", ".join(sorted(known)) or "none"
        raise NotFoundError(f"There is no edition or document '{spec}' (documents: {stored}). {_HOW}")
    market, day = match["market"] or "", read_day(match["day"] or "")
    if market and markets and market not in markets:
        raise InputError(f"The market '{market}' is not configured. Configured: {', '.join(markets)}.")
    found_now = in_force(connection, document=match["document"], market=market, on=day)
    if not market or (found_now.addendum is None and found_now.base.market):
        return _edition(connection, found_now.base)
    return Side(spec, composed(found_now, market))


def read_day(text: str) -> str:
    """Return a day as ISO text; "" is the day on which the newest editions are in force.

    Raises:
        InputError: it is no day.
    """
    try:
        return date.fromisoformat(text).isoformat() if text else NEWEST
    except ValueError as error:
        raise InputError(f"'{text}' is not a day such as 2024-09-30.") from error


def composed(found: InForce, market: str) -> Parsed:
    """Return what is in force in a market as one standard of that market alone."""
    names = [found.base.name, *([found.addendum.name] if found.addendum else [])]
    last = found.addendum or found.base
    front = Front(
        document=found.base.document,
        title=last.title,
        edition="+".join(names)[:MAX_NAME],
        owner=last.owner,
        effective=date.fromisoformat(max(found.base.effective, last.effective)),
        language=found.base.language,
        market=market,
    )
    return standard(front, _chaptered([_written(one) for one in found.clauses]))


def _written(clause: Clause) -> ParsedClause:
    return ParsedClause(clause.number, clause.chapter, clause.title, "base", clause.text)


def _chaptered(clauses: list[ParsedClause]) -> list[ParsedClause]:
    """Return clauses of which none without a chapter follows one that has one: it stands in that chapter."""
    done = clauses[:1]
    for _, one in pairwise(clauses):
        chapter = one.chapter or done[-1].chapter
        done.append(ParsedClause(one.number, chapter, one.title, one.action, one.text))
    return done


def _edition(connection: Connection, row: EditionRow) -> Side:
    parsed = Parsed(row.id, front_of_row(row), clauses_of(connection, row.id), row.source)
    return Side(f"{row.document}:{row.name}", parsed)
