"""Texts with vectors as an index without a store, ranked as `voc search` ranks them."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from voc.index.generation import Source, build, open_named, pointer
from voc.index.snapshot import Snapshot, make_delta
from voc.search.fuse import Mode, Scored
from voc.search.question import ask
from voc.search.ranking import fused, halves
from voc.types import Vectors

MODEL = "benchmark"


@dataclass(frozen=True)
class Shelf:
    """An opened index; `ids` names the text of each key, `texts` holds it."""

    snapshot: Snapshot
    ids: Mapping[str, str]
    texts: Mapping[str, str]

    def rank(self, text: str, vector: Vectors, mode: Mode, *, depth: int = 200) -> tuple[Scored, ...]:
        """Return the texts that answer a question best; `vector` is what the encoder made of it."""
        question = ask(text, self.snapshot, mode=mode, encode=lambda _: vector[None])
        both = halves(self.snapshot, question, limit=depth)
        return fused(self.snapshot, question, *both, texts_of=lambda keys: {key: self.texts[key] for key in keys})


def shelve(ids: Sequence[str], texts: Sequence[str], languages: Sequence[str], vectors: Vectors) -> Shelf:
    """Return an index of texts; its files go with the process."""
    keys = [f"{row:032x}" for row in range(len(ids))]
    by_key = dict(zip(keys, texts, strict=True))
    spoken = dict(zip(keys, languages, strict=True))
    take = lambda places: vectors[places[:, 1]]  # noqa: E731  closes over the vectors
    source = Source(
        MODEL,
        vectors.shape[1],
        (1, len(keys)),
        {key: (1, row) for row, key in enumerate(keys)},
        take,
        lambda wanted: {key: by_key[key] for key in wanted},
        lambda wanted: {key: spoken[key] for key in wanted},
    )
    with tempfile.TemporaryDirectory() as folder:
        build(Path(folder), source)
        known = pointer(Path(folder))
        if known is None:
            raise RuntimeError("nothing was built")
        generation = open_named(Path(folder), known.current, model_id=MODEL, take=take)
    nothing = make_delta({}, np.zeros((0, vectors.shape[1]), np.float32), {})
    return Shelf(Snapshot(generation, nothing), dict(zip(keys, ids, strict=True)), by_key)
