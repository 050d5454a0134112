"""The part of the Python door that lets people in: persons, passwords, sessions and tokens."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from voc.errors import InputError, NotAllowedError
from voc.wiring import Services

if TYPE_CHECKING:
    from voc.people.sign_in import Doorkeeper
    from voc.store.people import PersonRow
    from voc.store.sign_ins import TokenRow

_NAME: Final = re.compile(r"[a-z0-9](?:[a-z0-9._@-]{0,62}[a-z0-9])?")


class PeopleCalls:
    """Who may use a workspace; `Workspace` has these calls as its own.

    Every call but `doorkeeper` and those about one's own password and tokens raises NotAllowedError where the role may
    not manage people.
    """

    services: Services

    @property
    def doorkeeper(self) -> Doorkeeper:
        """Return what lets people in."""
        from voc.people.sign_in import Doorkeeper

        return Doorkeeper(self.services.database, self.services.key)

    def add_person(self, name: str, *, password: str, role: str, markets: Sequence[str] = ()) -> PersonRow:
        """Take in somebody under a role; without markets they see all.

        Raises:
            InputError: the name, password, role or a market cannot be used, or the name is taken.
        """
        from voc.access import role_named
        from voc.people.passwords import hash_password
        from voc.store import people

        self._check()
        if not _NAME.fullmatch(name):
            raise InputError(
                f"The name '{name[:80]}' cannot be used. Allowed: 1 to 64 lower-case letters, digits and . _ @ -, "
                "such as ana.silva"
            )
        kept = hash_password(password, name=name)
        with self.services.database.write() as connection:
            return people.add(
                connection,
                self.services.stamp,
                name,
                password_hash=kept,
                role=role_named(role),
                markets=self._markets(markets),
            )

    def people(self) -> tuple[PersonRow, ...]:
        """Return everybody by name."""
        from voc.store import people

        self._check()
        with self.services.database.read() as connection:
            return people.every(connection)

    def person(self, name: str) -> PersonRow:
        """Return somebody by name.

        Raises:
            NotFoundError: there is nobody of that name.
        """
        from voc.store import people

        self._check()
        with self.services.database.read() as connection:
            return people.get(connection, name)

    def change_person(
        self,
        name: str,
        *,
        role: str = "",
        markets: Sequence[str] | None = None,
        active: bool | None = None,
        why: str = "",
    ) -> PersonRow:
        """Change what somebody may do or see, or whether they may sign in; the reason goes into the audit log.

        Raises:
            NotFoundError: there is nobody of that name.
            InputError: the role or a market cannot be used, or no admin would be left.
        """
        from voc.access import role_named
        from voc.store import people

        self._check()
        state = None if active is None else people.ACTIVE if active else people.DISABLED
        with self.services.database.write() as connection:
            return people.change(
                connection,
                self.services.stamp,
                name,
                role=role_named(role) if role else None,
                markets=None if markets is None else self._markets(markets),
                state=state,
                why=why,
            )

    def set_password(self, name: str, password: str) -> None:
        """Give somebody another password, which ends their sessions; anybody may change their own.

        Raises:
            NotFoundError: there is nobody of that name.
            InputError: the password cannot be used.
        """
        from voc.people.passwords import hash_password
        from voc.store import people

        if self.services.who is None or self.services.who.name != name:
            self._check()
        kept = hash_password(password, name=name)
        with self.services.database.write() as connection:
            people.set_password(connection, self.services.stamp, name, password_hash=kept)

    def change_password(self, old: str, new: str, *, address: str) -> str:
        """Change one's own password, which ends one's sessions, and return what the browser keeps of a new one.

        Raises:
            TooManyTriesError: too many tries failed.
            InputError: the old password is wrong, or the new one cannot be used or is the old one.
        """
        from voc.errors import SignInError

        services = self.services
        name = services.stamp.actor
        try:
            self.doorkeeper.prove(name, old, address=address, now=services.clock())
        except SignInError as error:
            raise InputError("The old password is wrong. Nothing was changed.") from error
        if old == new:
            raise InputError("The new password is the old one. Choose another.")
        self.set_password(name, new)
        return self.doorkeeper.begin(name, now=services.clock())

    def add_token(self, *, title: str, scopes: Sequence[str], days: int = 90, person: str = "") -> tuple[TokenRow, str]:
        """Make a token for oneself, or as an admin for somebody; return it with its text, which is told once.

        Raises:
            NotFoundError: there is nobody of that name.
            InputError: a scope, the days or the title cannot be used.
        """
        from voc.people.tokens import make_token

        whose = person or self.services.stamp.actor
        if self.services.who is None or self.services.who.name != whose:
            self._check()
        return make_token(self.doorkeeper, self.services.stamp, person=whose, title=title, scopes=scopes, days=days)

    def tokens(self, *, everybodys: bool = False) -> tuple[TokenRow, ...]:
        """Return one's own tokens, or as an admin everybody's."""
        from voc.store import sign_ins

        if everybodys:
            self._check()
        with self.services.database.read() as connection:
            return sign_ins.tokens(connection, people=None if everybodys else [self.services.stamp.actor])

    def revoke_token(self, token_id: str) -> None:
        """End one's own token, or as an admin anybody's.

        Raises:
            NotFoundError: there is no valid token of that id.
        """
        from voc.access import Act, may
        from voc.store import sign_ins

        own = {one.id for one in self.tokens()}
        if token_id not in own and not may(self.services.role, Act.MANAGE_PEOPLE):
            raise NotAllowedError(f"The token '{token_id}' is not yours. An admin can end it.")
        with self.services.database.write() as connection:
            sign_ins.revoke_token(connection, self.services.stamp, token_id)

    def _check(self) -> None:
        from voc.access import Act, check

        check(self.services.role, Act.MANAGE_PEOPLE)

    def _markets(self, markets: Sequence[str]) -> tuple[str, ...]:
        return tuple(code for one in dict.fromkeys(markets) for code in self.services.settings.market_codes(one))
