"""The one composition root: settings and a folder become the parts that a run needs, each built when first used."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

from voc.errors import SettingsError
from voc.settings import Settings
from voc.store.database import Database, open_database
from voc.types import Stamp

if TYPE_CHECKING:
    from voc.embed.vectors import VectorFiles

_KEY_BYTES: Final = 32

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """Return the time of now, aware, in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Paths:
    """Where a workspace keeps what."""

    folder: Path

    @property
    def private(self) -> Path:
        """Return the folder of store, vectors and index."""
        return self.folder / ".voc"

    @property
    def store(self) -> Path:
        """Return the SQLite file."""
        return self.private / "store.sqlite"

    @property
    def key(self) -> Path:
        """Return the file of the workspace key."""
        return self.private / "key"

    @property
    def vectors(self) -> Path:
        """Return the folder of vector segments."""
        return self.private / "vectors"

    @property
    def index(self) -> Path:
        """Return the folder of index generations."""
        return self.private / "index"

    @property
    def reports(self) -> Path:
        """Return the folder of reports."""
        return self.folder / "reports"

    @property
    def mapping(self) -> Path:
        """Return the column mapping."""
        return self.folder / "mapping.toml"


def models_dir(settings: Settings | None, environment: Mapping[str, str]) -> Path:
    """Return the folder of models: the setting, VOC_MODELS_DIR, or the user's cache."""
    if settings is not None and settings.models.folder:
        return Path(settings.models.folder).expanduser()
    if environment.get("VOC_MODELS_DIR"):
        return Path(environment["VOC_MODELS_DIR"]).expanduser()
    cache = environment.get("XDG_CACHE_HOME")
    return (Path(cache) if cache else Path.home() / ".cache") / "voc" / "models"


def make_key(path: Path) -> bytes:
    """Return the workspace key, making it on first use; only the owner may read it.

    Raises:
        SettingsError: the file is there but is not a key.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        key = bytes.fromhex(path.read_text(encoding="ascii").strip() or "00")
        if len(key) != _KEY_BYTES:
            raise SettingsError(f"{path} is not the key of this workspace. Put it back from a backup.") from None
        return key
    key = secrets.token_bytes(_KEY_BYTES)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(key.hex() + "\n")
        file.flush()
        os.fsync(file.fileno())
    return key


@dataclass(frozen=True)
class Services:
    """The parts of one workspace. Close it when done."""

    paths: Paths
    settings: Settings
    environment: Mapping[str, str]
    clock: Clock = utc_now

    @property
    def stamp(self) -> Stamp:
        """Return who acts, now."""
        actor = self.environment.get("VOC_ACTOR") or self.environment.get("USER") or "unknown"
        return Stamp(actor, self.clock())

    @cached_property
    def key(self) -> bytes:
        """Return the workspace key."""
        return make_key(self.paths.key)

    @cached_property
    def database(self) -> Database:
        """Return the store, migrated."""
        self.paths.private.mkdir(parents=True, exist_ok=True)
        return open_database(self.settings.store.url or f"sqlite:///{self.paths.store}")

    @cached_property
    def vector_files(self) -> VectorFiles:
        """Return the vector segments."""
        from voc.embed.vectors import VectorFiles

        return VectorFiles(self.paths.vectors)

    @property
    def models_dir(self) -> Path:
        """Return the folder of models."""
        return models_dir(self.settings, self.environment)
