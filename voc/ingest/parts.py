"""The files of a folder, a pattern or an object store, one after the other: known ones are passed by, bad ones told.

That a file was read is kept in the transaction of its last rows, by its address, with its sha256, its version (what its
place tells without a download) and the mapping that it was read by.
"""

from __future__ import annotations

import glob
import json
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from voc.errors import InputError, NotFoundError
from voc.files import sha256_file
from voc.ingest import remote
from voc.ingest.figures import FiguresReport
from voc.ingest.load import Chunk, IngestReport
from voc.ingest.readers import ENDINGS
from voc.ingest.take import Arrival, Intake, take_file
from voc.store import cursors
from voc.store.database import Connection
from voc.types import Progress, no_progress

SOURCE: Final = "file"


@dataclass(frozen=True, slots=True)
class Part:
    """One file of a source: its address, its version, and what brings it here."""

    url: str
    version: str
    here: Callable[[Path], AbstractContextManager[Path]]


@dataclass(frozen=True, slots=True)
class Known:
    """A file that was read before as it is."""

    url: str


@dataclass(frozen=True, slots=True)
class Failed:
    """A file that could not be read, and why; others were read all the same."""

    url: str
    reason: str


Outcome = IngestReport | FiguresReport | Known | Failed


def is_many(source: str) -> bool:
    """Say whether a source stands for files in another place, a folder or a pattern, and not for one file here."""
    return remote.is_remote(source) or Path(source).is_dir() or (glob.has_magic(source) and not Path(source).exists())


def parts_of(source: str) -> tuple[Part, ...]:
    """Return the files that a folder, a pattern or an address stands for, by name.

    Raises:
        NotFoundError: there are none.
        InputError: the address cannot be used, or may not be read.
    """
    if remote.is_remote(source):
        return tuple(_remote(one) for one in remote.listing(source))
    folder = Path(source)
    found = folder.iterdir() if folder.is_dir() else (Path(one) for one in glob.iglob(source, recursive=True))  # noqa: PTH207  Path.glob takes no absolute pattern
    files = sorted(one for one in found if is_wanted(one) and one.is_file())
    if not files:
        raise NotFoundError(f"{source} has no file to read. Files end in {', '.join(ENDINGS)}.")
    return tuple(local(one) for one in files)


def is_wanted(path: Path) -> bool:
    """Say whether a file is one to read: no hidden or temporary one, and of an ending that is known."""
    return path.suffix.lower() in ENDINGS and not path.name.startswith((".", "_", "~"))


def local(path: Path) -> Part:
    """Return a file of this machine as a part."""
    state = path.stat()
    return Part(str(path.resolve()), f"{state.st_size} {state.st_mtime_ns}", lambda _: nullcontext(path))


def take_parts(
    intake: Intake,
    parts: Sequence[Part],
    *,
    mapping_hash: str,
    scratch: Path,
    again: bool = False,
    progress: Progress = no_progress,
) -> Iterator[Outcome]:
    """Store what files hold, and yield what became of each; one that fails stops no other.

    Args:
        intake: where they go to.
        parts: the files.
        mapping_hash: what they are read by; files that were read by another mapping are read again.
        scratch: a private folder for copies of files from elsewhere.
        again: read known files too.
        progress: told of rows within a file.
    """
    with intake.database.read() as connection:
        kept = cursors.every(connection, source=SOURCE, names=[part.url for part in parts])
    for part in parts:
        known = json.loads(kept.get(part.url, "{}"))
        if not again and part.version and _is_known(known, mapping_hash, version=part.version):
            yield Known(part.url)
            continue
        try:
            with part.here(scratch) as path:
                sha256 = sha256_file(path)
                if not again and _is_known(known, mapping_hash, sha256=sha256):
                    yield Known(part.url)
                    continue
                mark = _Mark(intake, part, mapping_hash, sha256)
                done = take_file(intake, Arrival(path, path.name, mark), progress=progress)
                if isinstance(done, FiguresReport):
                    mark.put()
            yield done
        except InputError as error:
            yield Failed(part.url, str(error).replace(f"{scratch}/", ""))


@dataclass(frozen=True, slots=True)
class _Mark:
    """Keeps that a file was read, with its last rows."""

    intake: Intake
    part: Part
    mapping_hash: str
    sha256: str

    def __call__(self, connection: Connection, chunk: Chunk) -> None:
        if chunk.following is None:
            value = json.dumps({"mapping": self.mapping_hash, "sha256": self.sha256, "version": self.part.version})
            cursors.put(connection, self.intake.stamp(), source=SOURCE, name=self.part.url, value=value)

    def put(self) -> None:
        with self.intake.database.write() as connection:
            self(connection, Chunk((), None))


def _is_known(known: dict[str, str], mapping_hash: str, **told: str) -> bool:
    return known.get("mapping") == mapping_hash and all(known.get(name) == value for name, value in told.items())


def _remote(file: remote.RemoteFile) -> Part:
    @contextmanager
    def here(scratch: Path) -> Iterator[Path]:
        with tempfile.TemporaryDirectory(dir=scratch) as folder:
            yield remote.fetch(file, Path(folder))

    return Part(file.url, file.version, here)
