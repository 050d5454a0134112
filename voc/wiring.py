"""The one composition root: settings and a folder become the parts that a run needs, each built when first used."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar, cast

from voc.errors import InputError, NotFoundError, SettingsError
from voc.files import write_new
from voc.models.pull import State, model_dir, require, state
from voc.models.registry import Model, read_registry
from voc.settings import Settings
from voc.store import values
from voc.store.database import Database, open_database
from voc.types import Stamp

if TYPE_CHECKING:
    from voc.access import Role, Who
    from voc.embed.protocol import Embedder
    from voc.embed.vectors import VectorFiles
    from voc.ingest.sql_source import Source
    from voc.llm.chain import Chain
    from voc.llm.protocol import ChatModel
    from voc.search.desk import SearchDesk
    from voc.search.upkeep import Holdings, Reader
    from voc.search.watch import Watch

TRIGRAMS: Final = "trigrams"
"""An encoder without weights, to try voc and to test it; it knows no languages."""

_KEY_BYTES: Final = 32

T = TypeVar("T")

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
    if not path.exists():
        write_new(path, secrets.token_bytes(_KEY_BYTES).hex().encode() + b"\n")
    try:
        key = bytes.fromhex(path.read_text(encoding="ascii"))
    except ValueError:
        key = b""
    if len(key) != _KEY_BYTES:
        raise SettingsError(f"{path} is not the key of this workspace. Put it back from a backup.")
    return key


def open_encoder(name: str, models: Path, *, precision: str) -> Embedder:
    """Return an encoder of the registry, or the one without weights, in a precision that was probed.

    Raises:
        ModelError: its weights are not here; the message says how to get them.
    """
    if name == TRIGRAMS:
        from voc.embed.fake import TrigramEmbedder

        return TrigramEmbedder(dim=128)
    from voc.embed.encoder import Encoder

    model = read_registry().get(name)
    return Encoder(model, require(model, models), precision=precision)


def named_source(settings: Settings, environment: Mapping[str, str], name: str) -> Source:
    """Return a source of `[sources]` with the address that its environment variable holds.

    Raises:
        NotFoundError: there is no source of that name.
        InputError: its address is not set.
    """
    from voc.ingest.sql_source import Source
    from voc.store.outside import Query

    told = settings.sources.get(name)
    if told is None:
        known = ", ".join(settings.sources) or "none"
        raise NotFoundError(f"There is no [sources.{name}] in voc.toml. Its sources: {known}.")
    url = told.url or environment.get(told.url_env, "")
    if not url:
        raise InputError(
            f"The address of the source '{name}' is not set. Put it into the environment variable {told.url_env}, "
            "such as postgresql+psycopg://user:password@host:5432/name."
        )
    return Source(Query(name, url, told.query), told.cursor, told.start)


class Parts:
    """What was opened, each part once, by whichever thread or person asked first."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._built: dict[str, object] = {}

    def once(self, name: str, build: Callable[[], T]) -> T:
        """Return the part of that name, built on first use."""
        if name not in self._built:
            with self._lock:
                if name not in self._built:
                    self._built[name] = build()
        return cast("T", self._built[name])

    def put(self, name: str, part: object) -> None:
        """Take a given part instead of one that would be built."""
        self._built[name] = part

    def close(self, name: str) -> None:
        """Close a part where it was built."""
        part = self._built.pop(name, None)
        if part is not None:
            part.close()  # type: ignore[attr-defined]


@dataclass(frozen=True)
class Services:
    """The parts of one workspace, for one person. Close it when done.

    With `compact`, an index that was outgrown is written anew in the background. `who` asks; without it, it is whom
    the environment names. `parts` are shared with everybody for whom `acting` was called.
    """

    paths: Paths
    settings: Settings
    environment: Mapping[str, str]
    clock: Clock = utc_now
    given_model: ChatModel | None = None
    compact: bool = False
    who: Who | None = None
    parts: Parts = field(default_factory=Parts, repr=False)

    def acting(self, who: Who) -> Services:
        """Return the same parts for somebody: what they do stands under their name, and is limited to their role."""
        return replace(self, who=who)

    @property
    def stamp(self) -> Stamp:
        """Return who acts, now."""
        if self.who is not None:
            return Stamp(self.who.name, self.clock())
        actor = self.environment.get("VOC_ACTOR") or self.environment.get("USER") or "unknown"
        return Stamp(actor, self.clock())

    @property
    def role(self) -> Role:
        """Return what the reader is: VOC_ROLE, else the admin, as the folder's owner is.

        Raises:
            InputError: VOC_ROLE names no role.
        """
        from voc.access import role_named

        if self.who is not None:
            return self.who.role
        return role_named(self.environment.get("VOC_ROLE") or "admin")

    @property
    def seen_markets(self) -> tuple[str, ...]:
        """Return the codes of the configured markets that the reader sees, in their order."""
        codes = self.settings.market_codes()
        return codes if self.who is None else tuple(one for one in codes if self.who.sees(one))

    @property
    def key(self) -> bytes:
        """Return the workspace key."""
        return self.parts.once("key", lambda: make_key(self.paths.key))

    @property
    def database(self) -> Database:
        """Return the store, migrated."""
        return self.parts.once("database", self._database)

    def _database(self) -> Database:
        self.paths.private.mkdir(parents=True, exist_ok=True)
        return open_database(self.settings.store.url or f"sqlite:///{self.paths.store}")

    @property
    def vector_files(self) -> VectorFiles:
        """Return the vector segments."""
        return self.parts.once("vector_files", self._vector_files)

    def _vector_files(self) -> VectorFiles:
        from voc.embed.vectors import VectorFiles

        return VectorFiles(self.paths.vectors)

    @property
    def holdings(self) -> Holdings:
        """Return where texts, vectors and index lie.

        Raises:
            ModelError: the encoder's weights are not here.
        """
        return self.parts.once("holdings", self._holdings)

    def _holdings(self) -> Holdings:
        from voc.search.upkeep import Holdings

        embedder = self.embedder
        return Holdings(self.database, self.vector_files, self.paths.index, embedder.model_id, embedder.dim)

    @property
    def reader(self) -> Reader:
        """Return the index, kept open between questions."""
        return self.parts.once("reader", self._reader)

    def _reader(self) -> Reader:
        from voc.search.upkeep import Reader

        return Reader(self.holdings, compact=self.compact)

    @property
    def desk(self) -> SearchDesk:
        """Return where questions are put."""
        return self.parts.once("desk", self._desk)

    def _desk(self) -> SearchDesk:
        from voc.search.desk import SearchDesk

        language, folder = self.settings.workspace.reader_language, self.settings.search.reranker
        reranker = None
        if folder:
            from voc.search.rerank import CrossEncoderReranker

            reranker = CrossEncoderReranker(self.paths.folder / Path(folder).expanduser())
        return SearchDesk(self.database, self.reader, self.embedder, language, reranker)

    @property
    def watch(self) -> Watch:
        """Return the saved searches."""
        return self.parts.once("watch", self._watch)

    def _watch(self) -> Watch:
        from voc.search.watch import Watch

        return Watch(self.desk, self.settings.market_codes())

    @property
    def models_dir(self) -> Path:
        """Return the folder of models."""
        return models_dir(self.settings, self.environment)

    @property
    def embedder(self) -> Embedder:
        """Return the encoder in the precision that was probed once for this workspace.

        Raises:
            ModelError: its weights are not here; the message says how to get them.
        """
        return self.parts.once("embedder", self._embedder)

    def _embedder(self) -> Embedder:
        name = self.settings.models.encoder
        if name == TRIGRAMS:
            return open_encoder(name, self.models_dir, precision="")
        model = read_registry().get(name)
        folder = require(model, self.models_dir)
        with self.database.read() as connection:
            known = values.get(connection, f"precision/{model.id}@{model.weights}")
        return self._probed(model, folder) if known is None else open_encoder(name, self.models_dir, precision=known)

    def chain(self) -> tuple[Chain | None, str]:
        """Return a chain with the budget of one run, or None and why there is none."""
        model, why = self._chat_model()
        if model is None:
            return None, why
        from voc.llm.chain import Budget, Chain

        budget = Budget(self.settings.llm.tokens_per_run, self.settings.llm.seconds_per_run)
        return Chain(self.database, model, lambda: self.stamp, budget), ""

    def _chat_model(self) -> tuple[ChatModel | None, str]:
        llm = self.settings.llm
        if self.given_model is not None:
            return self.given_model, ""
        if llm.provider == "none":
            return None, "no language model is configured ([llm] provider in voc.toml)"
        from voc.llm import langchain

        if llm.provider == "local":
            model = read_registry().get(llm.model)
            if state(model, self.models_dir) is not State.READY:
                return None, f"the language model is not here; get it once with: voc models pull {model.id}"
            gguf = model_dir(model, self.models_dir) / model.files[0].name
            return langchain.local(gguf, f"{model.id}@{model.weights}", timeout_s=llm.timeout_s), ""
        key = self.environment.get(llm.api_key_variable, "")
        return langchain.hosted(llm.model, timeout_s=llm.timeout_s, base_url=llm.base_url, api_key=key), ""

    def _probed(self, model: Model, folder: Path) -> Embedder:
        """Return the encoder in the precision that is best here, and keep that for all runs to come."""
        from voc.embed.encoder import Encoder
        from voc.embed.probe import probe

        exact = Encoder(model, folder, precision="fp32")
        both = {"fp32": exact, "bf16": exact.in_half()}
        found, key = probe(both, time.perf_counter), f"precision/{model.id}@{model.weights}"
        with self.database.write() as connection:
            return both[values.choose(connection, key, value=found.precision, stamp=self.stamp)]

    def close(self) -> None:
        """Give back what was opened."""
        self.parts.close("reader")
        self.parts.close("database")
