"""People who may sign in, as rows; sessions and tokens are in `sign_ins`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, select, update

from voc.access import Role, Who
from voc.errors import InputError, NotFoundError
from voc.store import audit, schema
from voc.store.times import to_text
from voc.types import Stamp

ACTIVE = "active"
DISABLED = "disabled"


@dataclass(frozen=True, slots=True)
class PersonRow:
    """Somebody who may sign in; no markets are all markets."""

    name: str
    password_hash: str
    role: str
    markets: tuple[str, ...]
    state: str
    actor: str
    at: str

    @property
    def who(self) -> Who:
        """Return them as one who asks."""
        return Who(self.name, Role(self.role), frozenset(self.markets) if self.markets else None)

    @property
    def is_active(self) -> bool:
        """Say whether they may sign in."""
        return self.state == ACTIVE


def add(
    connection: Connection, stamp: Stamp, name: str, *, password_hash: str, role: Role, markets: Sequence[str] = ()
) -> PersonRow:
    """Take in somebody.

    Raises:
        InputError: the name is taken.
    """
    if find(connection, name) is not None:
        raise InputError(f"There is a person '{name}' already. Choose another name, or change that one: voc users set")
    row = PersonRow(name, password_hash, str(role), tuple(markets), ACTIVE, stamp.actor, to_text(stamp.at))
    table = schema.person
    connection.execute(
        insert(table).values(
            name=row.name,
            password_hash=row.password_hash,
            role=row.role,
            markets=list(row.markets),
            state=row.state,
            actor=row.actor,
            at=row.at,
        )
    )
    detail = {"role": row.role, "markets": list(row.markets)}
    audit.record(connection, stamp, action="add person", subject=name, detail=detail)
    return row


def find(connection: Connection, name: str) -> PersonRow | None:
    """Return somebody by name, None where there is nobody of that name."""
    row = connection.execute(select(schema.person).where(schema.person.c.name == name)).first()
    return None if row is None else PersonRow(**{**row._mapping, "markets": tuple(row.markets)})


def get(connection: Connection, name: str) -> PersonRow:
    """Return somebody by name.

    Raises:
        NotFoundError: there is nobody of that name.
    """
    found = find(connection, name)
    if found is None:
        raise NotFoundError(f"There is no person '{name}'. List them: voc users list")
    return found


def every(connection: Connection) -> tuple[PersonRow, ...]:
    """Return everybody by name."""
    rows = connection.execute(select(schema.person).order_by(schema.person.c.name))
    return tuple(PersonRow(**{**row._mapping, "markets": tuple(row.markets)}) for row in rows)


def change(
    connection: Connection,
    stamp: Stamp,
    name: str,
    *,
    role: Role | None = None,
    markets: Sequence[str] | None = None,
    state: str | None = None,
    why: str = "",
) -> PersonRow:
    """Change what somebody may do or see, with the reason where one is given; it holds from their next request on.

    Raises:
        NotFoundError: there is nobody of that name.
        InputError: nobody would be left who manages people.
    """
    before = get(connection, name)
    values: dict[str, object] = {}
    if role is not None:
        values["role"] = str(role)
    if markets is not None:
        values["markets"] = list(markets)
    if state is not None:
        values["state"] = state
    if not values:
        return before
    connection.execute(update(schema.person).where(schema.person.c.name == name).values(**values))
    if before.is_active and before.role == Role.ADMIN:
        _an_admin_is_left(connection)
    detail = {**values, "why": why} if why else values
    audit.record(connection, stamp, action="change person", subject=name, detail=detail)
    if state == DISABLED:
        connection.execute(delete(schema.session).where(schema.session.c.person == name))
    return get(connection, name)


def set_password(connection: Connection, stamp: Stamp, name: str, *, password_hash: str) -> None:
    """Give somebody another password and end their sessions.

    Raises:
        NotFoundError: there is nobody of that name.
    """
    get(connection, name)
    connection.execute(update(schema.person).where(schema.person.c.name == name).values(password_hash=password_hash))
    connection.execute(delete(schema.session).where(schema.session.c.person == name))
    audit.record(connection, stamp, action="set password", subject=name)


def renew_hash(connection: Connection, name: str, *, password_hash: str) -> None:
    """Keep the same password under newer costs."""
    connection.execute(update(schema.person).where(schema.person.c.name == name).values(password_hash=password_hash))


def _an_admin_is_left(connection: Connection) -> None:
    if not any(one.is_active and one.role == Role.ADMIN for one in every(connection)):
        raise InputError("The last active admin cannot be disabled or get another role. Make another admin first.")
