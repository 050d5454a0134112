"""Vectors on disk: float32 segments that only grow, with the truth about their rows in the store.

An append writes and syncs the bytes first and commits the rows after; bytes beyond the committed end are what a crash
left and are overwritten by the next append.
"""

from __future__ import annotations

import contextlib
import hashlib
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, Final

import numpy as np
from numpy.typing import NDArray

from voc.embed.protocol import Embedder
from voc.errors import DamageError, ModelError
from voc.failpoints import reach
from voc.files import disk_room, fsync_dir, fsync_file
from voc.store import vectors as rows_of
from voc.store.database import Database
from voc.store.vectors import Block
from voc.types import Stamp, Vectors

ROWS_A_SEGMENT: Final = 1_000_000
_FLOAT_BYTES: Final = 4


class VectorFiles:
    """The folder of segments: `<root>/<model>/000001.f32`, rows of `dim` little-endian float32."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def path(self, model_id: str, segment: int) -> Path:
        """Return the file of a segment."""
        slug = re.sub(r"[^a-z0-9.]+", "-", model_id.casefold()).strip("-")
        return self.root / slug / f"{segment:06d}.f32"

    def write_rows(self, model_id: str, segment: int, *, first_row: int, vectors: Vectors) -> str:
        """Write rows at their place, cut what lies beyond, sync, and return the sha256 of the bytes.

        Raises:
            DiskFullError: no room; committed rows are untouched.
        """
        path = self.path(model_id, segment)
        data = np.ascontiguousarray(vectors, dtype="<f4").tobytes()
        with _opened(path) as handle:
            handle.seek(first_row * vectors.shape[1] * _FLOAT_BYTES)
            handle.write(data)
            handle.truncate()
            fsync_file(handle)
        return hashlib.sha256(data).hexdigest()

    def overwrite_rows(self, model_id: str, block: Block, vectors: Vectors) -> None:
        """Put the right bytes back in the place of a damaged block."""
        self.write_bytes(model_id, block, np.ascontiguousarray(vectors, dtype="<f4").tobytes())

    def write_bytes(self, model_id: str, block: Block, data: bytes) -> None:
        """Write the bytes of a block at its place, and sync."""
        path = self.path(model_id, block.segment)
        with _opened(path) as handle:
            handle.seek(block.first_row * block.dim * _FLOAT_BYTES)
            handle.write(data)
            fsync_file(handle)

    def read_block(self, model_id: str, block: Block) -> bytes:
        """Return the bytes of a block, fewer when the file ends too early."""
        path = self.path(model_id, block.segment)
        if not path.is_file():
            return b""
        with path.open("rb") as handle:
            handle.seek(block.first_row * block.dim * _FLOAT_BYTES)
            return handle.read(block.rows * block.dim * _FLOAT_BYTES)

    def open_segment(self, model_id: str, segment: int, dim: int) -> Vectors:
        """Return a segment as a read-only memory map `(rows, dim)`.

        Raises:
            DamageError: the file is missing.
        """
        path = self.path(model_id, segment)
        if not path.is_file():
            raise DamageError(f"{path} is missing. Run 'voc doctor --repair' to embed its texts again.")
        usable = path.stat().st_size // (dim * _FLOAT_BYTES)
        return np.memmap(path, dtype="<f4", mode="r", shape=(usable, dim))


class VectorReader:
    """Reads vectors by their places through memory maps that are kept; what lies at a place never changes."""

    def __init__(self, files: VectorFiles, model_id: str, dim: int) -> None:
        self._files, self._model_id, self._dim = files, model_id, dim
        self._maps: dict[int, Vectors] = {}

    def take(self, places: NDArray[np.unsignedinteger]) -> Vectors:
        """Return `(n, dim)` vectors of places `(n, 2)`: segment and row.

        Raises:
            DamageError: a file is missing or shorter than the store says.
        """
        out = np.empty((len(places), self._dim), dtype=np.float32)
        for segment in np.unique(places[:, 0]).tolist():
            inside = np.flatnonzero(places[:, 0] == segment)
            rows = places[inside, 1]
            out[inside] = self._segment(segment, int(rows.max()))[rows]
        return out

    def _segment(self, segment: int, row: int) -> Vectors:
        known = self._maps.get(segment)
        if known is None or row >= len(known):
            known = self._maps[segment] = self._files.open_segment(self._model_id, segment, self._dim)
        if row >= len(known):
            path = self._files.path(self._model_id, segment)
            raise DamageError(f"{path} is shorter than the store says. Run 'voc doctor --repair'.")
        return known


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    """Open a segment to write into it; one that is new lasts together with its place in the folder.

    Raises:
        DiskFullError: no room.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    new = not path.exists()
    with disk_room(path):
        with path.open("w+b" if new else "r+b") as handle:
            yield handle
        if new:
            fsync_dir(path.parent)


def append(
    database: Database, files: VectorFiles, vectors: Vectors, *, model_id: str, text_hashes: Sequence[str], stamp: Stamp
) -> None:
    """Keep vectors `(n, d)` of texts; a kill before the end leaves the store as it was.

    Raises:
        ModelError: a vector is not made of numbers; none is kept.
    """
    broken = int((~np.isfinite(vectors)).any(axis=1).sum())
    if broken:
        raise ModelError(
            f"The encoder {model_id} gave vectors that are not numbers for {broken} of {len(vectors)} texts; none of "
            "them was kept. Look at its weights: voc models verify"
        )
    with database.read() as connection:
        segment, rows = rows_of.end_of_last_segment(connection, model_id=model_id)
    if rows + len(vectors) > ROWS_A_SEGMENT and rows:
        segment, rows = segment + 1, 0
    digest = files.write_rows(model_id, segment, first_row=rows, vectors=vectors)
    block = Block(segment, rows, len(vectors), vectors.shape[1], digest)
    reach("vectors.bytes-written")
    with database.write() as connection:
        rows_of.add_block(connection, stamp, block, model_id=model_id, text_hashes=text_hashes)
    reach("vectors.committed")


def load_vectors(
    database: Database, files: VectorFiles, text_hashes: Sequence[str], *, model_id: str, dim: int
) -> Vectors:
    """Return `(n, dim)` vectors of texts in the asked order.

    Raises:
        DamageError: a vector is missing or damaged, or its file is shorter than the store says.
    """
    with database.read() as connection:
        places = rows_of.places(connection, sorted(set(text_hashes)), model_id=model_id)
    missing = [one for one in text_hashes if one not in places]
    if missing:
        raise DamageError(f"{len(missing)} texts have no vector of {model_id}. Embed them: voc doctor --repair")
    wanted = np.array([places[one] for one in text_hashes], dtype=np.uint32).reshape(-1, 2)
    out = VectorReader(files, model_id, dim).take(wanted)
    if not np.isfinite(out).all():
        raise DamageError(f"Vectors of {model_id} in {files.root} are damaged. Mend them: voc doctor --repair")
    return out


def damaged_blocks(database: Database, files: VectorFiles, *, model_id: str) -> tuple[Block, ...]:
    """Return the blocks whose bytes are not those that were written."""
    with database.read() as connection:
        known = rows_of.blocks(connection, model_id=model_id)
    return tuple(
        block for block in known if hashlib.sha256(files.read_block(model_id, block)).hexdigest() != block.sha256
    )


def repair(database: Database, files: VectorFiles, embedder: Embedder) -> int:
    """Embed the texts of damaged blocks again and put them back, zeros for those that were erased; return how many.

    Raises:
        DamageError: a block holds texts that the store no longer has, so that its bytes cannot be made again.
    """
    broken = damaged_blocks(database, files, model_id=embedder.model_id)
    with database.read() as connection:
        holes = dict(rows_of.holes(connection, model_id=embedder.model_id))
    for block in broken:
        with database.read() as connection:
            texts = rows_of.texts_of_block(connection, block, model_id=embedder.model_id)
        gone = {row - block.first_row for row in holes.get(block, ())}
        rows = [row for row in range(block.rows) if row not in gone]
        if len(texts) != len(rows):
            raise DamageError(f"{_named(block)} hold texts that are not stored. Put the file back from a backup.")
        vectors = np.zeros((block.rows, block.dim), dtype="<f4")
        if rows:
            vectors[rows] = embedder.encode([text.text for text in texts])
        digest = hashlib.sha256(vectors.tobytes()).hexdigest()
        if digest != block.sha256 and not gone:
            raise DamageError(
                f"{_named(block)} cannot be made again exactly on this machine. Put the file back from a backup."
            )
        if digest != block.sha256:  # damaged before something of it was erased: its seal was of that too
            with database.write() as connection:
                rows_of.reseal(connection, block, sha256=digest, model_id=embedder.model_id)
        files.overwrite_rows(embedder.model_id, block, vectors)
    return len(broken)


def _named(block: Block) -> str:
    return f"Rows {block.first_row} to {block.first_row + block.rows} of segment {block.segment}"
