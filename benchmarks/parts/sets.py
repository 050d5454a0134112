"""Labelled sets of real texts with their vectors: redacted, exact copies folded, in canonical order, as in ingest."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from voc.embed.encoder import Encoder
from voc.ingest.identity import clean, text_hash
from voc.ingest.redact import Redactor
from voc.models.pull import require
from voc.models.registry import read_registry
from voc.types import Vectors
from voc.wiring import models_dir

PASSAGES_AN_ARTICLE = 5
REVIEWS = {"trustpilot_fr": "fr", "olist_sample": "pt", "magaza_tr": "tr", "waimai_zh": "zh", "prdect_id": "id"}
REVIEWS_OF_EACH = 1500


@dataclass(frozen=True, slots=True)
class LabelledSet:
    """Texts with labels (all empty where there are none), languages and vectors `(n, d)`."""

    name: str
    texts: tuple[str, ...]
    labels: tuple[str, ...]
    languages: tuple[str, ...]
    vectors: Vectors

    @property
    def is_labelled(self) -> bool:
        """Say whether the texts have labels."""
        return any(self.labels)

    def take(self, rows: NDArray[np.int64]) -> LabelledSet:
        """Return the set of some rows, in their order."""
        return replace(
            self,
            texts=tuple(self.texts[row] for row in rows),
            labels=tuple(self.labels[row] for row in rows),
            languages=tuple(self.languages[row] for row in rows),
            vectors=self.vectors[rows],
        )


def rows_of(path: Path) -> Iterator[dict[str, object]]:
    """Yield the objects of a file of JSON lines."""
    with path.open(encoding="utf-8") as handle:
        for line in handle:
            yield json.loads(line)


def banking77(folder: Path) -> Iterator[tuple[str, str, str]]:
    """Yield text, intent and language of short questions of bank customers."""
    for row in rows_of(folder / "banking77.jsonl"):
        yield str(row["text"]), str(row["label"]), "en"


def us_airline(folder: Path) -> Iterator[tuple[str, str, str]]:
    """Yield text, reason and language of complaints to airlines that have a reason."""
    for row in rows_of(folder / "us_airline.jsonl"):
        if row.get("label"):
            yield str(row["text"]), str(row["label"]), "en"


def xquad(folder: Path) -> Iterator[tuple[str, str, str]]:
    """Yield text, article and language of parallel passages; five in a row are of one article.

    Raises:
        ValueError: the titles say otherwise.
    """
    for path in sorted((folder / "xquad").glob("*.corpus.jsonl")):
        titles: dict[int, str] = {}
        for row in rows_of(path):
            article = int(str(row["id"]).removeprefix("p")) // PASSAGES_AN_ARTICLE
            title = str(row["title"])
            if titles.setdefault(article, title) != title or list(titles.values()).count(title) != 1:
                raise ValueError(
                    f"{path.name}: passage {row['id']} has the title {title}, its article {titles[article]}"
                )
            yield str(row["text"]), f"article {article}", path.name.split(".")[0]


def reviews(folder: Path) -> Iterator[tuple[str, str, str]]:
    """Yield text and language of reviews in five languages; they have no common labels."""
    for name, language in REVIEWS.items():
        rows = list(rows_of(folder / f"{name}.jsonl"))
        chosen = np.random.default_rng(0).permutation(len(rows))[:REVIEWS_OF_EACH]
        for row in sorted(chosen.tolist()):
            yield str(rows[row]["text"]), "", language


READERS = {"BANKING77": banking77, "us_airline": us_airline, "XQuAD": xquad, "reviews": reviews}


def read_set(name: str, folder: Path, encoder: str, cache: Path, *, most: int | None = None) -> LabelledSet:
    """Return a set with vectors of an encoder of the registry; vectors are kept in the cache folder.

    Args:
        name: one of READERS.
        folder: where the files of real texts lie.
        encoder: the encoder's name.
        cache: folder of vectors.
        most: take so many texts by chance.
    """
    redactor = Redactor(["US"])
    first: dict[str, tuple[str, str, str]] = {}
    for raw, label, language in READERS[name](folder):
        text = redactor.redact(clean(raw)).text
        if text:
            first.setdefault(text_hash(text), (text, label, language))
    hashes = sorted(first)
    if most is not None and most < len(hashes):
        kept = np.random.default_rng(0).permutation(len(hashes))[:most]
        hashes = [hashes[row] for row in np.sort(kept)]
    texts = [first[one][0] for one in hashes]
    vectors = vectors_of(name, texts, hashes, encoder, cache)
    return LabelledSet(
        name, tuple(texts), tuple(first[one][1] for one in hashes), tuple(first[one][2] for one in hashes), vectors
    )


@lru_cache
def encoder_of(name: str) -> Encoder:
    """Return an encoder of the registry, loaded once."""
    model = read_registry().get(name)
    return Encoder(model, require(model, models_dir(None, os.environ)), precision="bf16")


def vectors_of(name: str, texts: Sequence[str], hashes: Sequence[str], encoder: str, cache: Path) -> Vectors:
    """Return the vectors `(n, d)` of texts, kept in the cache folder under the name of their set."""
    model = read_registry().get(encoder)
    path = cache / f"{name}-{encoder}-{model.weights}.npz"
    known: dict[str, Vectors] = {}
    if path.is_file():
        with np.load(path, allow_pickle=False) as arrays:
            known = dict(zip(arrays["hashes"].tolist(), arrays["vectors"], strict=True))
    missing = [row for row, one in enumerate(hashes) if one not in known]
    if missing:
        print(f"embed {len(missing)} texts of {name} with {encoder}", flush=True)
        made = encoder_of(encoder).encode([texts[row] for row in missing])
        known |= {hashes[row]: vector for row, vector in zip(missing, made, strict=True)}
        cache.mkdir(parents=True, exist_ok=True)
        np.savez(path, hashes=np.array(list(known), dtype=np.str_), vectors=np.stack(list(known.values())))
    return np.stack([known[one] for one in hashes])
