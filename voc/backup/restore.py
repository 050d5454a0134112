"""Restore a backup: everything is checked in a folder beside before anything takes its place."""

from __future__ import annotations

import gzip
import hashlib
import json
import tarfile
import zlib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from voc.backup.write import FORMAT, KEY, MANIFEST, STORE
from voc.errors import InputError, NotFoundError
from voc.files import disk_room, fsync_dir, fsync_tree, passing_folder, rename

_MOST_MANIFEST: Final = 32 << 20
_MOST_FILES: Final = 1_000_000
_PIECE: Final = 1 << 20


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    bytes: int = Field(ge=0)


class _Manifest(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    format: int
    voc: str
    files: dict[str, _File] = Field(max_length=_MOST_FILES)


@dataclass(frozen=True, slots=True)
class Restored:
    """What was restored: the folder, how many files, by which voc it was written; whether the store was among them."""

    folder: Path
    files: int
    voc: str
    store: bool


def restore_backup(file: Path, folder: Path) -> Restored:
    """Put a backup into a folder that is not there yet or is empty.

    Raises:
        NotFoundError: there is no such file.
        InputError: the folder holds something, or the file is damaged, cut, no backup, or of a newer form.
        DiskFullError: there is no room; nothing is left behind.
    """
    if not file.is_file():
        raise NotFoundError(f"There is no backup at {file}.")
    if folder.is_symlink() or (folder.exists() and (not folder.is_dir() or any(folder.iterdir()))):
        raise InputError(f"{folder} holds something already. Restore into a folder that is empty or not there yet.")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with disk_room(folder), passing_folder(folder.parent, "voc-restore") as passing:
        place = passing / "w"
        place.mkdir()
        try:
            manifest = _unpacked(file, place)
        except (tarfile.TarError, gzip.BadGzipFile, zlib.error, EOFError, UnicodeDecodeError) as error:
            raise InputError(f"{file} is damaged or no backup of voc: {error or 'it ends too early'}.") from error
        for private in (place / KEY, place / STORE):
            if private.exists():
                private.chmod(0o600)
        if folder.exists():
            folder.rmdir()
        fsync_tree(place)
        rename(place, folder)
        fsync_dir(folder.parent)
    return Restored(folder, len(manifest.files), manifest.voc, STORE in manifest.files)


def _unpacked(file: Path, place: Path) -> _Manifest:
    """Unpack and check every file, and return the manifest."""
    with tarfile.open(file, mode="r|gz") as archive:
        manifest = _manifest(archive, file)
        seen: set[str] = set()
        while (member := archive.next()) is not None:
            told = manifest.files.get(member.name)
            if told is None or not member.isreg() or member.name in seen or member.size != told.bytes:
                raise InputError(
                    f"{file} holds '{member.name[:80]}', which its manifest does not name so. Not restored."
                )
            seen.add(member.name)
            _unpack(archive, member, place / _safe(member.name), told.sha256)
    missing = sorted(set(manifest.files) - seen)
    if missing:
        raise InputError(f"{file} is cut: {missing[0]} is missing, and {len(missing) - 1} more. Take another backup.")
    return manifest


def _manifest(archive: tarfile.TarFile, file: Path) -> _Manifest:
    first = archive.next()
    if first is None or first.name != MANIFEST or not first.isreg() or first.size > _MOST_MANIFEST:
        raise InputError(f"{file} is no backup of voc: it does not begin with a manifest.")
    source = archive.extractfile(first)
    body = b"" if source is None else source.read()
    try:
        found = _Manifest.model_validate(json.loads(body))
    except (ValidationError, ValueError) as error:
        raise InputError(f"The manifest of {file} cannot be read. It is damaged, or no backup of voc.") from error
    if found.format > FORMAT:
        raise InputError(f"{file} was written by a newer voc ({found.voc}). Restore it with that one.")
    for name in found.files:
        _safe(name)
    return found


def _safe(name: str) -> Path:
    """Return a name as a path that stays inside.

    Raises:
        InputError: it leads elsewhere.
    """
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or not path.parts or "\\" in name or "\0" in name:
        raise InputError(f"The backup names '{name[:80]}', which leads out of the folder. Not restored.")
    return Path(*path.parts)


def _unpack(archive: tarfile.TarFile, member: tarfile.TarInfo, path: Path, sha256: str) -> None:
    source = archive.extractfile(member)
    if source is None:
        raise InputError(f"'{member.name[:80]}' cannot be read from the backup. Not restored.")
    path.parent.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256()
    with path.open("xb") as out:
        while piece := source.read(_PIECE):
            digest.update(piece)
            out.write(piece)
    if digest.hexdigest() != sha256:
        raise InputError(f"'{member.name[:80]}' is not as it was backed up. The file is damaged; take another backup.")
