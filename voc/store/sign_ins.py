"""Sessions, tokens and failed tries, as rows; what people hold is never stored, only a keyed hash of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, and_, delete, func, insert, or_, select, update

from voc.errors import NotFoundError
from voc.store import audit, schema
from voc.store.people import PersonRow
from voc.store.times import to_text
from voc.types import Stamp


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A signed-in browser."""

    person: PersonRow
    csrf: str
    begun_at: str
    seen_at: str


@dataclass(frozen=True, slots=True)
class TokenRow:
    """A token of a program."""

    id: str
    person: str
    title: str
    scopes: tuple[str, ...]
    expires_at: str
    used_at: str | None
    revoked_at: str | None
    actor: str
    at: str


@dataclass(frozen=True, slots=True)
class Tries:
    """Failed tries of late: of this name from this address, from this address, of this name."""

    both: int
    address: int
    name: int


def begin_session(connection: Connection, stamp: Stamp, *, id_hash: str, person: str, csrf: str) -> None:
    """Keep that somebody signed in."""
    at = to_text(stamp.at)
    connection.execute(
        insert(schema.session).values(id_hash=id_hash, person=person, csrf=csrf, begun_at=at, seen_at=at)
    )


def session(connection: Connection, id_hash: str) -> SessionRow | None:
    """Return a session with its person, None where there is none."""
    table = schema.session
    row = connection.execute(
        select(table.c.csrf, table.c.begun_at, table.c.seen_at, schema.person)
        .join(schema.person, schema.person.c.name == table.c.person)
        .where(table.c.id_hash == id_hash)
    ).first()
    if row is None:
        return None
    found = dict(row._mapping)
    csrf, begun_at, seen_at = (str(found.pop(name)) for name in ("csrf", "begun_at", "seen_at"))
    return SessionRow(PersonRow(**{**found, "markets": tuple(row.markets)}), csrf, begun_at, seen_at)


def see_session(connection: Connection, id_hash: str, *, at: str) -> None:
    """Keep that a session was used."""
    connection.execute(update(schema.session).where(schema.session.c.id_hash == id_hash).values(seen_at=at))


def end_session(connection: Connection, id_hash: str) -> None:
    """End a session; nothing happens where there is none."""
    connection.execute(delete(schema.session).where(schema.session.c.id_hash == id_hash))


def sessions_of(connection: Connection, person: str) -> tuple[tuple[str, str, str], ...]:
    """Return hash, beginning and last use of somebody's sessions, the last used first."""
    table = schema.session
    rows = connection.execute(
        select(table.c.id_hash, table.c.begun_at, table.c.seen_at)
        .where(table.c.person == person)
        .order_by(table.c.seen_at.desc(), table.c.id_hash)
    )
    return tuple((row.id_hash, row.begun_at, row.seen_at) for row in rows)


def end_sessions(connection: Connection, person: str, *, but: str = "") -> int:
    """End somebody's sessions, all but one, and return how many ended."""
    table = schema.session
    return connection.execute(delete(table).where(table.c.person == person, table.c.id_hash != but)).rowcount


def end_old_sessions(connection: Connection, *, begun_before: str, seen_before: str) -> None:
    """Forget sessions that are over."""
    table = schema.session
    connection.execute(delete(table).where(or_(table.c.begun_at < begun_before, table.c.seen_at < seen_before)))


def tries(connection: Connection, *, name_hash: str, address_hash: str, since: str) -> Tries:
    """Return how many tries failed since a time."""
    table = schema.failed_sign_in
    same_name, same_address = table.c.name_hash == name_hash, table.c.address_hash == address_hash

    def count(*wanted: object) -> int:
        query = select(func.count()).select_from(table).where(and_(table.c.at >= since, *wanted))  # type: ignore[arg-type]
        return connection.execute(query).scalar_one()

    return Tries(count(same_name, same_address), count(same_address), count(same_name))


def record_failure(connection: Connection, *, name_hash: str, address_hash: str, at: str, forget_before: str) -> None:
    """Keep a failed try, and forget old ones."""
    table = schema.failed_sign_in
    connection.execute(delete(table).where(table.c.at < forget_before))
    connection.execute(insert(table).values(name_hash=name_hash, address_hash=address_hash, at=at))


def forget_failures(connection: Connection, *, name_hash: str, address_hash: str) -> None:
    """Forget the failed tries of a name from an address."""
    table = schema.failed_sign_in
    connection.execute(delete(table).where(table.c.name_hash == name_hash, table.c.address_hash == address_hash))


def add_token(connection: Connection, stamp: Stamp, row: TokenRow, *, token_hash: str) -> None:
    """Keep a token."""
    connection.execute(
        insert(schema.api_token).values(
            id=row.id,
            token_hash=token_hash,
            person=row.person,
            title=row.title,
            scopes=list(row.scopes),
            expires_at=row.expires_at,
            actor=row.actor,
            at=row.at,
        )
    )
    audit.record(
        connection, stamp, action="add token", subject=row.id, detail={"person": row.person, "scopes": [*row.scopes]}
    )


def token(connection: Connection, token_hash: str) -> TokenRow | None:
    """Return a token by its hash, None where there is none."""
    row = connection.execute(_tokens().where(schema.api_token.c.token_hash == token_hash)).first()
    return None if row is None else TokenRow(**{**row._mapping, "scopes": tuple(row.scopes)})


def tokens(connection: Connection, *, people: Sequence[str] | None = None) -> tuple[TokenRow, ...]:
    """Return every token, or those of some people, the newest first."""
    query = _tokens()
    if people is not None:
        query = query.where(schema.api_token.c.person.in_(list(people)))
    rows = connection.execute(query.order_by(schema.api_token.c.at.desc(), schema.api_token.c.id))
    return tuple(TokenRow(**{**row._mapping, "scopes": tuple(row.scopes)}) for row in rows)


def use_token(connection: Connection, token_id: str, *, at: str) -> None:
    """Keep that a token was used."""
    connection.execute(update(schema.api_token).where(schema.api_token.c.id == token_id).values(used_at=at))


def revoke_token(connection: Connection, stamp: Stamp, token_id: str) -> None:
    """End a token.

    Raises:
        NotFoundError: there is none of that id.
    """
    table = schema.api_token
    done = connection.execute(
        update(table).where(table.c.id == token_id, table.c.revoked_at.is_(None)).values(revoked_at=to_text(stamp.at))
    )
    if not done.rowcount:
        raise NotFoundError(f"There is no valid token '{token_id}'. List them: voc tokens list")
    audit.record(connection, stamp, action="revoke token", subject=token_id)


def _tokens() -> Select[Any]:
    return select(*(column for column in schema.api_token.c if column.name != "token_hash"))
