"""Adoption: since when the markets of an approved proposal follow it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from voc.access import Act
from voc.errors import InputError
from voc.proposals.desk import Desk, allow_move, day, plain, step
from voc.proposals.draft import Draft
from voc.proposals.states import State
from voc.store import counts, editions, review
from voc.store.database import Connection
from voc.store.editions import EditionRow
from voc.store.proposals import ProposalRow
from voc.store.review import AdoptionRow
from voc.weeks import monday


@dataclass(frozen=True, slots=True)
class Adopted:
    """Which markets follow a proposal since when; `in_future` says that the day is still to come."""

    proposal: ProposalRow
    adoptions: tuple[AdoptionRow, ...]
    in_future: bool


def adopt(desk: Desk, proposal_id: str, *, on: str, markets: Sequence[str] = (), why: str = "") -> Adopted:
    """Keep the day from which markets follow an approved proposal; without markets, all that it was drafted for.

    A proposal that some markets adopted can be adopted by others later. A day in the future is kept, and said.

    Raises:
        NotAllowedError: the role may not.
        InputError: it is not approved, a market is not one of it or adopted already, or the day is before the edition
            is in force or before the first feedback.
    """
    desk.check(Act.ADOPT)
    since, said = day(on), plain(why)
    with desk.database.write() as connection:
        proposal = review.hold(connection, proposal_id)
        again = proposal.state == State.ADOPTED and proposal.outcome == "revision"
        if not again:
            allow_move(desk, connection, proposal, State.ADOPTED)
        if proposal.outcome != "revision":
            raise InputError(f"Proposal {proposal.id} is an {proposal.outcome}: close it with voc actions done.")
        chosen = _markets(desk, connection, proposal, markets)
        edition = _edition(connection, proposal)
        _check_day(connection, edition, since.isoformat())
        kept = review.adopt(
            connection,
            desk.stamp,
            proposal.id,
            markets=chosen,
            since=since.isoformat(),
            edition_id=edition.id if edition else None,
        )
        if not again:
            proposal = step(desk, connection, proposal, State.ADOPTED, why=said or f"in force since {since}")
    return Adopted(proposal, kept, since > desk.today)


def _markets(desk: Desk, connection: Connection, proposal: ProposalRow, asked: Sequence[str]) -> tuple[str, ...]:
    own = Draft.model_validate(proposal.draft).markets
    allowed = (proposal.market,) if proposal.market else desk.markets
    wanted = tuple(dict.fromkeys(asked)) or ((proposal.market,) if proposal.market else own)
    unknown = [one for one in wanted if one not in allowed]
    if unknown:
        raise InputError(
            f"Proposal {proposal.id} cannot be adopted in {', '.join(unknown)}. Markets that can: {', '.join(allowed)}."
        )
    known = {one.market: one.since for one in review.adoptions(connection, proposal_id=proposal.id)}
    twice = [f"{one} (since {known[one]})" for one in wanted if one in known]
    if twice:
        raise InputError(f"Proposal {proposal.id} is adopted already in {', '.join(twice)}.")
    return wanted


def _edition(connection: Connection, proposal: ProposalRow) -> EditionRow | None:
    """Return the edition that the approval published."""
    found = [one for one in editions.every(connection, document=proposal.document) if one.proposal_id == proposal.id]
    return found[-1] if found else None


def _check_day(connection: Connection, edition: EditionRow | None, since: str) -> None:
    if edition is not None and since < edition.effective:
        raise InputError(
            f"Edition {edition.name} is in force from {edition.effective}; nobody can have adopted it on {since}."
        )
    span = counts.bounds(connection)
    if span is None or since < monday(span[0]).isoformat():
        first = f"The first feedback is of {monday(span[0])}" if span else "There is no feedback yet"
        raise InputError(
            f"{first}; a change on {since} cannot be compared with anything before. Ingest earlier feedback first, or "
            "give the day on which it really began."
        )
