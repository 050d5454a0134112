"""What pages need again and again, kept while the store stays as it is."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Final, TypeVar, cast

from voc.store import state
from voc.store.database import Database

T = TypeVar("T")

MOST: Final = 200


@dataclass
class Kept:
    """Values by key, each made once for a state of the store, by the first who asks; the others wait for it."""

    database: Database
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _making: dict[Hashable, threading.Lock] = field(default_factory=dict)
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
            made = make()
            with self._lock:
                self._values[key] = (now, made)
                self._values.move_to_end(key)
                while len(self._values) > MOST:
                    gone, _ = self._values.popitem(last=False)
                    self._making.pop(gone, None)
        return made

    def _find(self, key: Hashable, now: str) -> tuple[str, object] | None:
        with self._lock:
            found = self._values.get(key)
            if found is None or found[0] != now:
                return None
            self._values.move_to_end(key)
            return found
