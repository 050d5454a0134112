"""Write a backup: the store first, then the vectors that it names, settings, catalogues, standards and reports."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import shutil
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from voc.embed.vectors import VectorFiles
from voc.errors import InputError
from voc.files import disk_room, fsync_dir, fsync_file, passing_folder, rename
from voc.settings import CONFIG_NAME
from voc.store import vectors
from voc.store.backups import PASSING
from voc.store.database import Database, open_database
from voc.store.snapshot import snapshot
from voc.version import VERSION
from voc.wiring import Paths

FORMAT: Final = 1
MANIFEST: Final = "manifest.json"
STORE: Final = ".voc/store.sqlite"
KEY: Final = ".voc/key"
_FLOAT_BYTES: Final = 4
_FOLDERS: Final = ("standards", "reports")


@dataclass(frozen=True, slots=True)
class BackedUp:
    """What a backup holds: how many files and bytes; `store` is false where the store lies in PostgreSQL."""

    file: Path
    files: int
    size: int
    store: bool


def check_target(paths: Paths, file: Path) -> None:
    """See that a backup can be written there.

    Raises:
        InputError: the file's ending is not .tar.gz, its folder is not there, or it lies inside of what is backed up.
    """
    if not file.name.endswith(".tar.gz"):
        raise InputError(f"A backup is a .tar.gz file; '{file.name}' is none.")
    if file.resolve().is_relative_to(paths.folder.resolve()):
        raise InputError("Write the backup outside of the workspace: what lies inside goes with it.")
    if not file.parent.is_dir():
        raise InputError(f"There is no folder {file.parent}. Make it first.")


def write_backup(paths: Paths, database: Database, file: Path) -> BackedUp:
    """Write a workspace to one file that only its owner may read; an older file of that name stays until it is whole.

    Raises:
        InputError: it cannot be written there.
        DiskFullError: there is no room.
    """
    check_target(paths, file)
    has_store = database.dialect == "sqlite"
    with disk_room(file), passing_folder(file.parent, PASSING) as passing:
        stage, part = passing / "w", passing / "part"
        if has_store:
            (stage / ".voc").mkdir(parents=True)
            snapshot(database, stage / STORE)
            copied = open_database(f"sqlite:///{stage / STORE}")
            try:
                _stage_vectors(copied, paths, stage)
            finally:
                copied.close()
        else:
            _stage_vectors(database, paths, stage)
        _stage_files(paths, stage)
        members = sorted(path for path in stage.rglob("*") if path.is_file())
        manifest = {
            "format": FORMAT,
            "voc": VERSION,
            "files": {
                str(path.relative_to(stage)): {"sha256": _sha256(path), "bytes": path.stat().st_size}
                for path in members
            },
        }
        _write(part, manifest, stage, members)
        rename(part, file)
        fsync_dir(file.parent)
    return BackedUp(file, len(members), file.stat().st_size, has_store)


def _stage_vectors(database: Database, paths: Paths, stage: Path) -> None:
    """Copy of each segment what the copied store names; what was appended since is not part of that moment."""
    source, target = VectorFiles(paths.vectors), VectorFiles(stage / ".voc" / "vectors")
    with database.read() as connection:
        ends: dict[tuple[str, int], int] = {}
        for model in vectors.models(connection):
            for block in vectors.blocks(connection, model_id=model):
                end = (block.first_row + block.rows) * block.dim * _FLOAT_BYTES
                ends[model, block.segment] = max(end, ends.get((model, block.segment), 0))
    for (model, segment), end in sorted(ends.items()):
        path = target.path(model, segment)
        path.parent.mkdir(parents=True, exist_ok=True)
        with source.path(model, segment).open("rb") as old, path.open("wb") as new:
            left = end
            while left and (piece := old.read(min(left, 1 << 20))):
                new.write(piece)
                left -= len(piece)


def _stage_files(paths: Paths, stage: Path) -> None:
    for path in _files(paths):
        target = stage / path.relative_to(paths.folder)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)


def _files(paths: Paths) -> Iterator[Path]:
    """Yield settings, catalogues, the key, standards and reports; never links."""
    yield from (path for path in (paths.folder / CONFIG_NAME, paths.key) if path.is_file())
    yield from (path for path in sorted(paths.folder.glob("*.toml")) if path.name != CONFIG_NAME and path.is_file())
    for name in _FOLDERS:
        folder = paths.folder / name
        yield from (path for path in sorted(folder.rglob("*")) if path.is_file() and not path.is_symlink())


def _write(part: Path, manifest: dict[str, object], stage: Path, members: list[Path]) -> None:
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as out:
        with (
            gzip.GzipFile(fileobj=out, mode="wb", mtime=0) as packed,
            tarfile.open(fileobj=packed, mode="w") as archive,
        ):
            body = json.dumps(manifest, indent=1, sort_keys=True).encode()
            archive.addfile(_info(MANIFEST, len(body)), io.BytesIO(body))
            for path in members:
                with path.open("rb") as file:
                    archive.addfile(_info(str(path.relative_to(stage)), path.stat().st_size), file)
        fsync_file(out)


def _info(name: str, size: int) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.size, info.mode = size, 0o600
    return info


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
