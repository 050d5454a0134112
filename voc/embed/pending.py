"""Embed what has no vector yet; resumable after any kill, because every chunk is committed whole."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from voc.embed.protocol import Embedder
from voc.embed.vectors import VectorFiles, append
from voc.store import themes, vectors
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
    everything: bool = False,
) -> EmbedReport:
    """Embed every distinct text without a vector, in order of text hash.

    Once themes were fitted with a model, what a run decided on has a vector of it, so that only the rest is looked at;
    with `everything`, all of it is, to make good what was lost. Texts of like length are put together, so that short
    ones do not wait for long ones.

    Raises:
        DiskFullError: no room; what was committed stays.
    """
    model_id = embedder.model_id
    with database.read() as connection:
        undecided = not everything and model_id in themes.fit_models(connection)
        found = vectors.pending(connection, model_id=model_id, undecided=undecided)
    waiting = sorted(found, key=lambda text: (len(text.text), text.text_hash))
    for start in range(0, len(waiting), CHUNK):
        chunk = waiting[start : start + CHUNK]
        rows = embedder.encode([text.text for text in chunk])
        append(
            database,
            files,
            rows,
            model_id=model_id,
            text_hashes=[text.text_hash for text in chunk],
            stamp=stamp(),
        )
        progress(start + len(chunk), len(waiting))
    with database.read() as connection:
        stored = vectors.count(connection, model_id=model_id)
    return EmbedReport(len(waiting), stored, model_id)
