"""What pages need again and again, kept while the store stays as it is."""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Final, TypeVar, cast

from voc.errors import VocError
from voc.store import state
from voc.store.database import Database

_log = logging.getLogger(__name__)

T = TypeVar("T")

MOST: Final = 200


@dataclass
class Kept:
    """Values by key, each made once for a state of the store, by the first who asks; the others wait for it."""

    database: Database
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _making: dict[Hashable, threading.Lock] = field(default_factory=dict)
    _coming: set[Hashable] = field(default_factory=set)
    _failed: dict[Hashable, tuple[str, VocError]] = field(default_factory=dict)
    _values: OrderedDict[Hashable, tuple[str, object]] = field(default_factory=OrderedDict)

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """Return the value of a key, made anew when the store has changed since."""
        with self.database.read() as connection:
            now = state.fingerprint(connection)
        found = self._find(key, now)
        if found is not None:
            return cast("T", found[1])
        with self._lock:
            gate = self._making.setdefault(key, threading.Lock())
        with gate:
            found = self._find(key, now)
            if found is not None:
                return cast("T", found[1])
            try:
                made = make()
            except Exception:
                with self._lock:
                    self._making.pop(key, None)
                raise
            with self._lock:
                self._values[key] = (now, made)
                self._values.move_to_end(key)
                while len(self._values) > MOST:
                    gone, _ = self._values.popitem(last=False)
                    self._making.pop(gone, None)
        return made

    def soon(self, key: Hashable, make: Callable[[], T]) -> T | None:
        """Return a value that takes long to make, or None while it is made behind the scenes.

        Raises:
            VocError: it could not be made for this state of the store; why is told once, then it is tried again.
        """
        with self.database.read() as connection:
            now = state.fingerprint(connection)
        found = self._find(key, now)
        if found is not None:
            return cast("T", found[1])
        with self._lock:
            failed = self._failed.pop(key, None)
            if failed is not None and failed[0] == now:
                raise failed[1]
            if key in self._coming:
                return None
            self._coming.add(key)
        threading.Thread(target=self._bring, args=(key, make, now), daemon=True).start()
        return None

    def has(self, key: Hashable) -> bool:
        """Say whether a value is there, for the newest state of the store."""
        with self.database.read() as connection:
            return self._find(key, state.fingerprint(connection)) is not None

    def _bring(self, key: Hashable, make: Callable[[], object], now: str) -> None:
        try:
            self.get(key, make)
        except VocError as error:
            _log.warning("what a page waits for could not be made: %s", type(error).__name__)
            with self._lock:
                self._failed[key] = (now, error)
        finally:
            with self._lock:
                self._coming.discard(key)

    def _find(self, key: Hashable, now: str) -> tuple[str, object] | None:
        with self._lock:
            found = self._values.get(key)
            if found is None or found[0] != now:
                return None
            self._values.move_to_end(key)
            return found
