"""Signing in and out: sessions that end, and a limit on failed tries."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from voc.errors import SignInError, TooManyTriesError
from voc.ingest.identity import keyed_hash
from voc.people.passwords import hash_password, is_old, is_right
from voc.store import audit, people, sign_ins
from voc.store.database import Database
from voc.store.people import PersonRow
from voc.store.sign_ins import SessionRow, Tries
from voc.store.times import from_text, to_text
from voc.types import Stamp

IDLE: Final = timedelta(hours=10)
"""A session that was not used for so long is over."""

LONGEST: Final = timedelta(days=7)
"""No session lasts longer."""

WINDOW: Final = timedelta(minutes=15)
MOST_OF_BOTH: Final = 5
MOST_OF_ADDRESS: Final = 30
MOST_OF_NAME: Final = 50
"""Failed tries within the window: of a name from an address, from an address, of a name. The last is high, so that
a stranger cannot easily lock somebody out."""

_SEEN_EVERY: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A browser in which somebody is signed in, and whether it is the one that asks."""

    begun_at: str
    seen_at: str
    here: bool


@dataclass(frozen=True, slots=True)
class Doorkeeper:
    """Lets people in: the store and the key that hashes what they hold."""

    database: Database
    key: bytes

    def keyed(self, kind: str, value: str) -> str:
        """Return the keyed hash of something that people hold."""
        return keyed_hash(self.key, kind, value)

    def sign_in(self, name: str, password: str, *, address: str, now: datetime) -> str:
        """Begin a session and return what the browser keeps; a session from before is never taken over.

        Raises:
            SignInError: name or password is wrong, or the person may not sign in; not said which.
            TooManyTriesError: too many tries failed.
        """
        return self.begin(self.prove(name, password, address=address, now=now).name, now=now)

    def prove(self, name: str, password: str, *, address: str, now: datetime) -> PersonRow:
        """Return whose name and password these are; each call is a try, and counts as failed until it is right.

        Raises:
            SignInError: name or password is wrong, or the person may not sign in; not said which.
            TooManyTriesError: too many tries failed.
        """
        hashes = {
            "name_hash": self.keyed("name", name.casefold()),
            "address_hash": self.keyed("address", address),
        }
        person = self._try(name, hashes, now)
        known = person.password_hash if person is not None and person.is_active else None
        if not is_right(known, password) or person is None:
            raise SignInError("Name or password is wrong. Try again, or ask an admin for a new password.")
        renewed = hash_password(password, name="\0") if is_old(person.password_hash) else None
        with self.database.write() as connection:
            if renewed is not None:
                people.renew_hash(connection, person.name, password_hash=renewed)
            sign_ins.forget_failures(connection, name_hash=hashes["name_hash"], address_hash=hashes["address_hash"])
        return person

    def begin(self, name: str, *, now: datetime) -> str:
        """Begin a session of somebody who proved who they are, and return what the browser keeps."""
        token, stamp = secrets.token_urlsafe(32), Stamp(name, now)
        with self.database.write() as connection:
            sign_ins.end_old_sessions(connection, begun_before=to_text(now - LONGEST), seen_before=to_text(now - IDLE))
            sign_ins.begin_session(
                connection,
                stamp,
                id_hash=self.keyed("session", token),
                person=name,
                csrf=secrets.token_urlsafe(32),
            )
            audit.record(connection, stamp, action="sign in", subject=name)
        return token

    def _try(self, name: str, hashes: Mapping[str, str], now: datetime) -> PersonRow | None:
        """Count a try as failed before it is judged, so that many at once are not more than many one by one."""
        with self.database.write() as connection:
            failed = sign_ins.tries(
                connection,
                name_hash=hashes["name_hash"],
                address_hash=hashes["address_hash"],
                since=to_text(now - WINDOW),
            )
            if _too_many(failed):
                minutes = int(WINDOW.total_seconds() / 60)
                raise TooManyTriesError(f"Too many tries to sign in failed. Wait {minutes} minutes and try again.")
            sign_ins.record_failure(
                connection,
                name_hash=hashes["name_hash"],
                address_hash=hashes["address_hash"],
                at=to_text(now),
                forget_before=to_text(now - 4 * WINDOW),
            )
            return people.find(connection, name)

    def session(self, token: str, *, now: datetime) -> SessionRow | None:
        """Return the session that a browser holds, None where it is over or there is none."""
        id_hash = self.keyed("session", token)
        with self.database.read() as connection:
            found = sign_ins.session(connection, id_hash)
        if found is None or not found.person.is_active:
            return None
        begun, seen = from_text(found.begun_at), from_text(found.seen_at)
        if _is_over(begun, seen, now):
            return None
        if now - seen > _SEEN_EVERY:
            with self.database.write() as connection:
                sign_ins.see_session(connection, id_hash, at=to_text(now))
        return found

    def sessions(self, name: str, token: str, *, now: datetime) -> tuple[SignedIn, ...]:
        """Return somebody's sessions that are not over, the last used first; the one of `token` is told as here."""
        with self.database.read() as connection:
            rows = sign_ins.sessions_of(connection, name)
        here = self.keyed("session", token)
        return tuple(
            SignedIn(begun_at, seen_at, id_hash == here)
            for id_hash, begun_at, seen_at in rows
            if not _is_over(from_text(begun_at), from_text(seen_at), now)
        )

    def sign_out_others(self, name: str, token: str, *, now: datetime) -> int:
        """End every session of somebody but the one of `token`, and return how many ended."""
        with self.database.write() as connection:
            ended = sign_ins.end_sessions(connection, name, but=self.keyed("session", token))
            if ended:
                audit.record(connection, Stamp(name, now), action="end sessions", subject=name, detail={"ended": ended})
        return ended

    def sign_out(self, token: str) -> None:
        """End the session that a browser holds."""
        with self.database.write() as connection:
            sign_ins.end_session(connection, self.keyed("session", token))


def _is_over(begun: datetime, seen: datetime, now: datetime) -> bool:
    return now - begun > LONGEST or now - seen > IDLE


def _too_many(failed: Tries) -> bool:
    return failed.both >= MOST_OF_BOTH or failed.address >= MOST_OF_ADDRESS or failed.name >= MOST_OF_NAME
