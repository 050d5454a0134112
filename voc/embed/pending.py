"""Embed what has no vector yet; resumable after any kill, because every chunk is committed whole."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from voc.embed.protocol import Embedder
from voc.embed.vectors import VectorFiles, append
from voc.store import vectors
from voc.store.database import Database
from voc.types import Progress, Stamp, no_progress

CHUNK: Final = 256
"""Texts between two commits: about a second of work that a kill can lose."""


@dataclass(frozen=True, slots=True)
class EmbedReport:
    """How many distinct texts were embedded now, and how many have a vector in all."""

    embedded: int
    stored: int
    model_id: str


def embed_pending(
    database: Database,
    files: VectorFiles,
    embedder: Embedder,
    *,
    stamp: Callable[[], Stamp],
    progress: Progress = no_progress,
) -> EmbedReport:
    """Embed every distinct text without a vector, in order of text hash.

    Texts of like length are put together, so that short ones do not wait for long ones.

    Raises:
        DiskFullError: no room; what was committed stays.
    """
    with database.read() as connection:
        waiting = sorted(
            vectors.pending(connection, model_id=embedder.model_id), key=lambda text: (len(text.text), text.text_hash)
        )
    for start in range(0, len(waiting), CHUNK):
        chunk = waiting[start : start + CHUNK]
        rows = embedder.encode([text.text for text in chunk])
        append(
            database,
            files,
            rows,
            model_id=embedder.model_id,
            text_hashes=[text.text_hash for text in chunk],
            stamp=stamp(),
        )
        progress(start + len(chunk), len(waiting))
    with database.read() as connection:
        stored = vectors.count(connection, model_id=embedder.model_id)
    return EmbedReport(len(waiting), stored, embedder.model_id)
