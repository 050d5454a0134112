"""Tokens for programs: whose they are, what they are good for, and until when."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final

from voc.access import Act, Role, Who
from voc.errors import InputError
from voc.people.sign_in import Doorkeeper
from voc.store import people, sign_ins
from voc.store.sign_ins import TokenRow
from voc.store.times import from_text, to_text
from voc.types import Stamp

PREFIX: Final = "voc_"
MOST_DAYS: Final = 366
_USED_EVERY: Final = timedelta(minutes=1)

_COUNTS: Final = frozenset({Act.VIEW})
_COMMENTS: Final = _COUNTS | {Act.READ, Act.LOOK_UP, Act.SAVE_SEARCH}
_PEOPLE: Final = frozenset({Act.MANAGE_PEOPLE, Act.SET_UP})

SCOPES: Final[Mapping[str, frozenset[Act]]] = MappingProxyType(
    {
        "counts": _COUNTS,
        "comments": _COMMENTS,
        "work": frozenset(Act) - _PEOPLE,
    }
)
"""What a token can be good for: counts only, also single comments, or everything its person may do but set up."""


@dataclass(frozen=True, slots=True)
class Bearer:
    """Whose token came, and the acts that it is good for; the person's role limits them further."""

    who: Who
    acts: frozenset[Act]


def make_token(
    keeper: Doorkeeper, stamp: Stamp, *, person: str, title: str, scopes: Sequence[str], days: int
) -> tuple[TokenRow, str]:
    """Make a token for somebody; its text is told once and stored nowhere.

    Raises:
        NotFoundError: there is nobody of that name.
        InputError: a scope does not exist, none is named, or the days or the title cannot be used.
    """
    wrong = sorted(set(scopes) - set(SCOPES))
    if wrong or not scopes:
        raise InputError(f"There is no scope '{', '.join(wrong)}'. Name at least one of: {', '.join(SCOPES)}.")
    if not 1 <= days <= MOST_DAYS:
        raise InputError(f"{days} days cannot be used; a token lasts 1 to {MOST_DAYS} days.")
    plain = " ".join(title.split())
    if not 1 <= len(plain) <= 80:
        raise InputError("Say in 1 to 80 characters what the token is for.")
    text = PREFIX + secrets.token_urlsafe(32)
    row = TokenRow(
        id=secrets.token_hex(6),
        person=person,
        title=plain,
        scopes=tuple(sorted(set(scopes))),
        expires_at=to_text(stamp.at + timedelta(days=days)),
        used_at=None,
        revoked_at=None,
        actor=stamp.actor,
        at=to_text(stamp.at),
    )
    with keeper.database.write() as connection:
        people.get(connection, person)
        sign_ins.add_token(connection, stamp, row, token_hash=keeper.keyed("token", text))
    return row, text


def bearer(keeper: Doorkeeper, text: str, *, now: datetime) -> Bearer | None:
    """Return whose token a text is, None where it is nobody's, revoked or expired, or its person was disabled."""
    if not text.startswith(PREFIX):
        return None
    with keeper.database.read() as connection:
        row = sign_ins.token(connection, keeper.keyed("token", text))
        person = people.find(connection, row.person) if row else None
    if row is None or person is None or not person.is_active or row.revoked_at or from_text(row.expires_at) <= now:
        return None
    if row.used_at is None or now - from_text(row.used_at) > _USED_EVERY:
        with keeper.database.write() as connection:
            sign_ins.use_token(connection, row.id, at=to_text(now))
    acts = frozenset().union(*(SCOPES[one] for one in row.scopes if one in SCOPES))
    # Calls below the doors ask for the role, not for the scope: who may see counts only acts as one who sees no more.
    who = person.who if Act.READ in acts else replace(person.who, role=Role.VIEWER)
    return Bearer(who, acts)
