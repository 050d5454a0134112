"""The index beside the store: opened and checked, never older than the store, rebuilt when damaged or outgrown."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from voc.embed.vectors import VectorFiles, VectorReader
from voc.errors import DamageError, InputError, NotFoundError
from voc.index import generation
from voc.index.generation import Generation, Pointer, Source
from voc.index.snapshot import Snapshot, make_delta
from voc.index.tiers import FLAT_UP_TO, Tier
from voc.store import feedback, search, vectors
from voc.store.database import Database
from voc.store.search import Extent

FEW: Final = 500
SHARE: Final = 0.02
"""A delta of more than `FEW` texts and more than this share of the index is written into a new generation. Source:
20,000 texts beside a million are compared in 5 ms and read in half a second."""

_MEND: Final = "voc doctor --repair"
_TRIES: Final = 3


@dataclass(frozen=True, slots=True)
class Opened:
    """A snapshot to search, how far the store had come, and what people should know about it."""

    snapshot: Snapshot
    extent: Extent
    waiting: int
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Holdings:
    """Where a workspace's texts, vectors and index lie, for one encoder."""

    database: Database
    files: VectorFiles
    root: Path
    model_id: str
    dim: int

    def build(self, *, tier: Tier | None = None, alone: bool = False) -> str:
        """Write a generation over every text that has a vector, and return its name.

        With `alone`, no older one is kept; so too when something was erased while it was written.

        Raises:
            DiskFullError: no room; the current generation stays.
            DamageError: vectors that the store knows are missing.
        """
        while True:
            with self.database.read() as connection:
                before = search.extent(connection, model_id=self.model_id)
                places = vectors.all_places(connection, model_id=self.model_id)
            name = generation.build(self.root, self._source(before.mark, places), tier=tier, alone=alone)
            with self.database.read() as connection:
                now = search.extent(connection, model_id=self.model_id)
            if now.erased == before.erased:
                return name
            alone = True

    def build_if_due(self) -> str:
        """Write a new generation where there is none, it is damaged, or too much came or went since; return its name.

        Raises:
            DiskFullError: no room; the current generation stays.
        """
        try:
            found, notes = self._open()
        except (NotFoundError, DamageError):
            return self.build()
        if notes:
            return self.build()
        with self.database.read() as connection:
            fresh = vectors.after(connection, found.manifest.mark, model_id=self.model_id)
            held = vectors.count(connection, model_id=self.model_id)
        changed = len(fresh) + max(0, len(found.keys) + len(fresh) - held)
        small = len(found.keys) <= FLAT_UP_TO and changed
        return self.build() if small or outgrown(changed, found) else found.name

    def open(self) -> Opened:
        """Check and open the index with what came since.

        A damaged generation is passed over for the one before it, or for a new one from the store.

        Raises:
            NotFoundError: nothing was ever embedded.
            InputError: everything was embedded with another encoder.
            DamageError: the index is damaged and vectors are missing, so that it cannot be made again.
        """
        found, notes = self._open_or_rebuild()
        return self._with_delta(found, notes)

    def refresh(self, opened: Opened) -> Opened:
        """Return what is opened while the store has not moved on, else the newest generation with what came since."""
        with self.database.read() as connection:
            now = search.extent(connection, model_id=self.model_id)
        if now == opened.extent:
            return opened
        try:
            named = generation.pointer(self.root)
        except DamageError:
            named = None
        if named is not None and named.current.name != opened.snapshot.base.name:
            return self.open()
        return self._with_delta(opened.snapshot.base, opened.notes)

    def _with_delta(self, base: Generation, notes: tuple[str, ...]) -> Opened:
        with self.database.read() as connection:
            extent = search.extent(connection, model_id=self.model_id)
            places = vectors.after(connection, base.manifest.mark, model_id=self.model_id)
            texts = feedback.texts_by_hash(connection, list(places))
            spoken = feedback.languages_by_hash(connection, list(places))
            waiting = vectors.waiting(connection, model_id=self.model_id)
        # Where each statement sees its own moment, as in PostgreSQL, a text may have been erased in between.
        places = {key: place for key, place in places.items() if key in texts and key in spoken}
        fresh = np.zeros((0, self.dim), np.float32)
        if places:
            raw = base.take_raw(np.array(list(places.values()), dtype=np.uint32))
            fresh = base.space.place(raw, base.space.codes([spoken[key] for key in places]))
        delta = make_delta({key: texts[key] for key in places}, fresh, {one.text_hash: one.text for one in waiting})
        return Opened(Snapshot(base, delta), extent, len(waiting), notes)

    def _open_or_rebuild(self) -> tuple[Generation, tuple[str, ...]]:
        self._check_encoder()
        try:
            return self._open()
        except DamageError as error:
            self.build()
            found, _ = self._open()
            return found, (f"The search index was damaged ({error}) and was made anew from the store.",)
        except NotFoundError:
            with self.database.read() as connection:
                if not vectors.count(connection, model_id=self.model_id):
                    raise
            self.build()
            return self._open()

    def _check_encoder(self) -> None:
        """Make sure that what was embedded was embedded with this encoder, so that no index comes out empty."""
        with self.database.read() as connection:
            known = vectors.models(connection)
        if known and self.model_id not in known:
            raise InputError(
                f"Texts were embedded with {', '.join(known)}, this workspace now encodes with {self.model_id}. Put "
                "the encoder back in voc.toml, or take everything over to the new one: voc themes refit"
            )

    def _open(self) -> tuple[Generation, tuple[str, ...]]:
        """Open the current generation, or the one before it where the current one is damaged."""
        reader = VectorReader(self.files, self.model_id, self.dim)
        known = self._pointer()
        for _ in range(_TRIES):
            try:
                return generation.open_named(self.root, known.current, model_id=self.model_id, take=reader.take), ()
            except DamageError as error:
                problem, before = error, known
            known = self._pointer()
            if known == before:
                break
        if known.previous is None:
            raise problem
        try:
            found = generation.open_named(self.root, known.previous, model_id=self.model_id, take=reader.take)
        except DamageError:
            raise problem from None
        note = f"The newest search index is damaged ({problem}); the one before it is used. Mend it: {_MEND}"
        return found, (note,)

    def _pointer(self) -> Pointer:
        known = generation.pointer(self.root)
        if known is None:
            raise NotFoundError("There is no search index yet. Run 'voc run --week WEEK' first.")
        return known

    def _source(self, mark: generation.Place, places: dict[str, generation.Place]) -> Source:
        reader = VectorReader(self.files, self.model_id, self.dim)

        def texts(keys: Sequence[str]) -> dict[str, str]:
            with self.database.read() as connection:
                return feedback.texts_by_hash(connection, keys)

        def languages(keys: Sequence[str]) -> dict[str, str]:
            with self.database.read() as connection:
                return feedback.languages_by_hash(connection, keys)

        return Source(self.model_id, self.dim, mark, places, reader.take, texts, languages)


def outgrown(changed: int, base: Generation) -> bool:
    """Say whether so many texts that came or went are too many to keep beside a generation."""
    return changed > max(FEW, SHARE * len(base.keys))


class Reader:
    """Keeps an index open between questions, always as new as the store; safe to use from several threads.

    With `compact`, a delta that has outgrown the index is written into a new generation in the background.
    """

    def __init__(self, holdings: Holdings, *, compact: bool = False) -> None:
        self._holdings, self._compact = holdings, compact
        self._opened: Opened | None = None
        self._lock = threading.Lock()
        self._building: threading.Thread | None = None

    def now(self) -> Opened:
        """Return the index as the store is now."""
        with self._lock:
            known = self._opened
            found = self._opened = self._holdings.open() if known is None else self._holdings.refresh(known)
            base, delta = found.snapshot.base, found.snapshot.delta
            if self._compact and outgrown(len(delta.vectors), base) and not self._busy():
                self._building = threading.Thread(target=self._holdings.build, daemon=True)
                self._building.start()
            return found

    def close(self) -> None:
        """Wait for what is being written."""
        if self._building is not None:
            self._building.join()

    def _busy(self) -> bool:
        return self._building is not None and self._building.is_alive()
