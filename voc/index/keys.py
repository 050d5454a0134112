"""Which text lies in which row: keys of 16 bytes in order, so that a million of them need 16 MB and no dictionary."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

BYTES: Final = 16

Rows = NDArray[np.int64]


@dataclass(frozen=True)
class Keys:
    """The keys of n rows in ascending order, `(n, 16) uint8`; outside they are texts of 32 hexadecimal digits."""

    table: NDArray[np.uint8]

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.table)

    def rows(self, keys: Sequence[str]) -> Rows:
        """Return the rows of those keys that are here, ascending and each once."""
        wanted = _sortable(pack(keys))
        mine = _sortable(self.table)
        if not len(mine) or not len(wanted):
            return np.zeros(0, np.int64)
        places = np.minimum(np.searchsorted(mine, wanted), len(mine) - 1)
        return np.unique(places[mine[places] == wanted]).astype(np.int64)

    def names(self, rows: Iterable[int]) -> list[str]:
        """Return the keys of rows, in the asked order."""
        return [self.table[row].tobytes().hex() for row in rows]


def pack(keys: Sequence[str]) -> NDArray[np.uint8]:
    """Return keys of 32 hexadecimal digits as `(n, 16) uint8`, in the given order.

    Raises:
        ValueError: a key is not of 32 hexadecimal digits.
    """
    packed = np.frombuffer(bytes.fromhex("".join(keys)), dtype=np.uint8)
    if len(packed) != BYTES * len(keys):
        raise ValueError("a key is not of 32 hexadecimal digits")
    return packed.reshape(-1, BYTES)


def _sortable(table: NDArray[np.uint8]) -> NDArray[np.void]:
    """Return the keys as values that compare as their bytes do; `S16` would cut zeros at the end only in print."""
    return np.ascontiguousarray(table).view(f"S{BYTES}").ravel()
