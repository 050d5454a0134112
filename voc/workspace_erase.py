"""The part of the Python door that erases: what would go, the act, and completing one that was stopped."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voc.errors import InputError
from voc.wiring import Services

if TYPE_CHECKING:
    from voc.erasure.act import Done
    from voc.erasure.plan import Asked, Plan


class EraseCalls:
    """Erasure of comments from everything that is kept; `Workspace` has these calls as its own.

    Every call raises NotAllowedError where the role may not erase.
    """

    services: Services

    def plan_erasure(self, asked: Asked) -> Plan:
        """Return what would be erased; nothing is changed.

        Raises:
            NotFoundError: an id is of no comment, or nothing carries the number.
            InputError: nothing is asked for, or no retention is set.
        """
        from voc.erasure.plan import plan

        self._check_erases()
        return plan(self.services, asked)

    def erase(self, asked: Asked, *, why: str) -> Done:
        """Erase comments from everything that is kept, and complete erasures that were stopped.

        Raises:
            NotFoundError: an id is of no comment, or nothing carries the number.
            InputError: nothing is asked for, no reason is given, or no retention is set.
            BusyError: a run is at work, or somebody holds the store.
        """
        from voc.erasure.act import perform
        from voc.erasure.plan import plan
        from voc.ingest.redact import Redactor

        self._check_erases()
        plain = Redactor(self.services.settings.market_codes()).redact(" ".join(why.split())).text
        if not plain:
            raise InputError("Say why: --why TEXT. What is erased is gone; the reason is kept in the audit log.")
        return perform(self.services, plan(self.services, asked).feedback_ids, why=plain)

    def resume_erasures(self) -> Done:
        """Complete the erasures that were stopped, if there are any.

        Raises:
            BusyError: a run is at work, or somebody holds the store.
        """
        from voc.erasure.act import perform

        self._check_erases()
        return perform(self.services, (), why="")

    def has_unfinished_erasure(self) -> bool:
        """Say whether an erasure was stopped before its end."""
        from voc.store import erasures

        with self.services.database.read() as connection:
            return bool(erasures.unfinished(connection))

    def _check_erases(self) -> None:
        from voc.access import Act, check

        check(self.services.role, Act.ERASE)
