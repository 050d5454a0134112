"""Who reviews, under which rules: what every act on a proposal needs, and what it begins with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from voc.access import Act, Role, check
from voc.errors import ConflictError, InputError, NotAllowedError
from voc.proposals.states import State, check_move
from voc.standards.document import unkept
from voc.store import proposals, review
from voc.store.database import Connection, Database
from voc.store.proposals import ProposalRow
from voc.types import Stamp

MOST_CHARACTERS: Final = 4_000
"""The longest reason, answer or assessment that is kept."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What a workspace asks of reviews: two people, and whom (a name or a part) approval needs the answer of.

    `k` is the fewest comments that the gate lets a duty rest on.
    """

    four_eyes: bool = True
    consult: tuple[str, ...] = ()
    k: int = 5


@dataclass(frozen=True, slots=True)
class Desk:
    """Somebody at work on proposals.

    `seal` hashes text with the workspace key, for the audit log; `markets` are the configured codes, `sees` those that
    they see (None: all).
    """

    database: Database
    stamp: Stamp
    role: Role
    seal: Callable[[str], str]
    rules: Rules
    markets: tuple[str, ...]
    sees: frozenset[str] | None = None

    @property
    def today(self) -> date:
        """Return the day of the act."""
        return self.stamp.at.date()

    def check(self, act: Act) -> None:
        """Let only pass what the role may do.

        Raises:
            NotAllowedError: it may not.
        """
        check(self.role, act)

    def sealed(self, **texts: str) -> Mapping[str, object]:
        """Return texts as the audit log may hold them: hashes that only the workspace's key can make."""
        return {name: self.seal(text) for name, text in texts.items() if text}


def allow_move(desk: Desk, connection: Connection, proposal: ProposalRow, to: State) -> None:
    """Let only moves of the table pass, and say who moved it last where there is none.

    Raises:
        NotAllowedError: it would decide for a market that they do not see.
        ConflictError: somebody else has decided on it.
        InputError: there is no such move from its state.
    """
    _check_sees(desk, proposal, to)
    try:
        check_move(proposal, to)
    except InputError as error:
        last = review.events_of(connection, proposal.id)[-1]
        if last.from_state is None:
            raise
        kind = InputError if last.actor == desk.stamp.actor else ConflictError
        raise kind(f"{error} {last.actor} made it {last.to_state} on {last.at[:10]}: {last.why}") from error


def _check_sees(desk: Desk, proposal: ProposalRow, to: State) -> None:
    """Let nobody decide for markets that they do not see; what is global is for those who see all."""
    if desk.sees is None or to is State.IN_REVIEW:
        return
    own = proposal.draft.get("markets", ())
    concerned = set(own) if isinstance(own, list | tuple) and proposal.market else set(desk.markets)
    hidden = sorted(concerned - desk.sees)
    if hidden:
        raise NotAllowedError(
            f"This would decide for {', '.join(hidden)}, which you do not see. Leave it to somebody who does."
        )


def step(
    desk: Desk,
    connection: Connection,
    proposal: ProposalRow,
    to: State,
    *,
    why: str,
    reason: str | None = None,
) -> ProposalRow:
    """Bring a proposal into another state, and return it as it is then.

    Raises:
        ConflictError: somebody else has decided on it.
        InputError: there is no such move from its state.
    """
    allow_move(desk, connection, proposal, to)
    review.move(connection, desk.stamp, proposal, to_state=to, why=why, reason=reason, detail=desk.sealed(why=why))
    return proposals.get(connection, proposal.id)


def check_seen(connection: Connection, proposal: ProposalRow, version: int | None) -> None:
    """Let only pass who saw the newest version; without a number the newest is meant.

    Raises:
        ConflictError: the text was edited since.
    """
    newest = review.versions(connection, proposal.id)[-1]
    if version is not None and version != newest.version:
        raise ConflictError(
            f"Proposal {proposal.id} was edited meanwhile: you decided on version {version}, the newest is "
            f"{newest.version} by {newest.actor} ({newest.why}). Look at it first: voc proposals show {proposal.id}"
        )


def plain(text: str, *, need: str = "") -> str:
    """Return a reason or an answer with single spaces.

    Raises:
        InputError: it is empty where `need` says why it is needed, too long, or holds control characters.
    """
    said = " ".join(text.split())
    if need and not said:
        raise InputError(need)
    if len(said) > MOST_CHARACTERS:
        raise InputError(f"That has {len(said):,} characters; at most {MOST_CHARACTERS:,} are kept. Say it shorter.")
    odd = unkept(said)
    if odd:
        raise InputError(f"{said[:20]!a} holds the invisible character {odd}. Take it out.")
    return said


def day(text: str) -> date:
    """Return the day that is written as 2024-10-21.

    Raises:
        InputError: it is no day.
    """
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise InputError(f"'{text}' is not a day such as 2024-10-21.") from error
