"""The pulse of a run: shows that it lives and how far it is, and hears when somebody wants it stopped."""

from __future__ import annotations

import contextlib
import threading
import time
from typing import Final

from voc.errors import BusyError, RunCancelledError, VocError
from voc.store import leases, run_progress
from voc.store.run_progress import ProgressRow
from voc.store.times import to_text
from voc.types import Progress
from voc.wiring import Services

BEAT_S: Final = 15.0
LOOK_S: Final = 0.5


class Pulse:
    """Writes in a thread of its own, so that a busy store never makes the work wait.

    What cannot be written is written at the next look; a run never fails for it.
    """

    def __init__(self, services: Services, run_id: str, *, lease: str, holder: str) -> None:
        self._services, self._run_id, self._lease, self._holder = services, run_id, lease, holder
        self._now: tuple[str, int, int] = ("", 0, 0)
        self._told: tuple[str, int, int] = ("", 0, 0)
        self._wish = ""
        self._lost = ""
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="pulse", daemon=True)

    def start(self) -> None:
        """Begin to beat."""
        self._thread.start()

    def stop(self) -> None:
        """Beat no more."""
        self._stop.set()
        self._thread.join()

    def check(self) -> None:
        """Go on unless somebody wants the run stopped.

        Raises:
            RunCancelledError: somebody does.
            BusyError: another run took the lease, as after a clock that jumped.
        """
        if self._lost:
            raise BusyError(self._lost)
        if self._wish:
            raise RunCancelledError(self._wish)

    def begin(self, step: str) -> None:
        """Say which step begins."""
        self.check()
        self._now = (step, 0, 0)

    def watched(self, step: str, inner: Progress) -> Progress:
        """Return what takes the progress of a step: it is handed on, and remembered."""

        def advance(done: int, total: int) -> None:
            inner(done, total)
            self._now = (step, done, total)
            self.check()

        return advance

    def _run(self) -> None:
        beaten = time.monotonic()
        while not self._stop.wait(LOOK_S):
            with contextlib.suppress(VocError):
                self._look()
            if time.monotonic() - beaten >= BEAT_S:
                beaten = time.monotonic()
                with contextlib.suppress(VocError):
                    self._beat()

    def _beat(self) -> None:
        try:
            with self._services.database.write() as connection:
                leases.beat(connection, self._services.stamp, name=self._lease, holder=self._holder)
        except BusyError as error:
            self._lost = str(error)

    def _look(self) -> None:
        now, database = self._now, self._services.database
        with database.read() as connection:
            found = run_progress.wish(connection, self._run_id)
        if found is not None and not self._wish:
            self._wish = f"Cancelled by {found.actor} at {found.at}. The same command goes on where it stopped."
        if now != self._told and now[0]:
            at = to_text(self._services.stamp.at)
            with database.write() as connection:
                run_progress.put(connection, self._run_id, ProgressRow(*now, at))
            self._told = now
