"""Zeros in place of the vectors of texts that are gone: a row of a block that the store names no more is one of them.

The store says first what the block will be, then the file is written: after a stop in between, the block is not what
the store says until it is scrubbed again, and it can always be told whether the rest of it is sound.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from voc.embed.vectors import VectorFiles
from voc.failpoints import reach
from voc.store import vectors
from voc.store.database import Database
from voc.store.vectors import Block

_FLOAT_BYTES = 4


def scrub(database: Database, files: VectorFiles, *, model_id: str) -> int:
    """Overwrite every vector that the store has given up, and return how many rows are zeros for it.

    A block that was damaged before is scrubbed too and stays damaged, to be mended.
    """
    with database.read() as connection:
        holes = vectors.holes(connection, model_id=model_id)
    for block, rows in holes:
        found = files.read_block(model_id, block)
        wanted = without(found, block, rows)
        digest = hashlib.sha256(wanted).hexdigest()
        if digest != block.sha256 and hashlib.sha256(found).hexdigest() == block.sha256:
            with database.write() as connection:
                vectors.reseal(connection, block, sha256=digest, model_id=model_id)
            reach("erase.block-sealed")
        if wanted != found:
            files.write_bytes(model_id, block, wanted)
    return sum(len(rows) for _, rows in holes)


def without(data: bytes, block: Block, rows: Sequence[int]) -> bytes:
    """Return the bytes of a block with zeros in some rows, numbered as in the segment."""
    width, changed = block.dim * _FLOAT_BYTES, bytearray(data)
    for row in rows:
        start = (row - block.first_row) * width
        end = min(start + width, len(changed))
        changed[start:end] = bytes(max(0, end - start))
    return bytes(changed)
