"""Judged questions with vectors: XQuAD in nine languages, BANKING77's test questions, complaints with mistakes."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from parts.sets import rows_of, vectors_of
from voc.ingest.identity import text_hash
from voc.types import Vectors

LANGUAGES = ("ar", "de", "en", "es", "hi", "ru", "th", "tr", "zh")
PARAPHRASES = Path(__file__).with_name("paraphrases.jsonl")


@dataclass(frozen=True)
class Texts:
    """Texts by id with languages and vectors `(n, d)`."""

    ids: tuple[str, ...]
    texts: tuple[str, ...]
    languages: tuple[str, ...]
    vectors: Vectors


@dataclass(frozen=True)
class Judged:
    """Texts, questions, and for each question the ids of the right texts."""

    name: str
    corpus: Texts
    questions: Texts
    right: Mapping[str, frozenset[str]]

    def odd(self) -> Judged:
        """Return every other question: those that nothing was tuned on."""
        return self._take(slice(1, None, 2))

    def thinned(self, step: int) -> Judged:
        """Return every so manyth question."""
        return self._take(slice(0, None, step))

    def _take(self, chosen: slice) -> Judged:
        asked = self.questions
        kept = Texts(asked.ids[chosen], asked.texts[chosen], asked.languages[chosen], asked.vectors[chosen])
        return Judged(self.name, self.corpus, kept, self.right)


@dataclass(frozen=True)
class Place:
    """Where real texts lie, and where vectors of them are kept."""

    data: Path
    cache: Path
    encoder: str


def _texts(name: str, place: Place, ids: Sequence[str], texts: Sequence[str], languages: Sequence[str]) -> Texts:
    hashes = [text_hash(text) for text in texts]
    vectors = vectors_of(name, texts, hashes, place.encoder, place.cache)
    return Texts(tuple(ids), tuple(texts), tuple(languages), vectors)


@lru_cache
def _xquad(place: Place, language: str) -> tuple[Texts, Texts, dict[str, str]]:
    """Return passages, questions, and the passage that answers each question."""
    made = []
    for kind in ("corpus", "queries"):
        rows = list(rows_of(place.data / "xquad" / f"{language}.{kind}.jsonl"))
        texts = [str(row["text"]) for row in rows]
        name = f"XQuAD-{kind}-{language}"
        made.append(_texts(name, place, [str(row["id"]) for row in rows], texts, [language] * len(rows)))
    with (place.data / "xquad" / f"{language}.qrels.tsv").open(encoding="utf-8") as handle:
        right = {row[0]: row[1] for row in csv.reader(handle, delimiter="\t")}
    return made[0], made[1], right


def xquad(place: Place, asked: str, told: str) -> Judged:
    """Return the questions in one language and the passages in another."""
    corpus, _, _ = _xquad(place, told)
    _, questions, right = _xquad(place, asked)
    return Judged(f"{asked} to {told}", corpus, questions, {one: frozenset((found,)) for one, found in right.items()})


def xquad_mixed(place: Place, asked: str) -> Judged:
    """Return the questions in one language and the passages in all nine, each right in every language."""
    import numpy as np

    corpora = [_xquad(place, language)[0] for language in LANGUAGES]
    ids = [f"{language}/{one}" for language, corpus in zip(LANGUAGES, corpora, strict=True) for one in corpus.ids]
    whole = Texts(
        tuple(ids),
        tuple(text for corpus in corpora for text in corpus.texts),
        tuple(one for corpus in corpora for one in corpus.languages),
        np.concatenate([corpus.vectors for corpus in corpora]),
    )
    _, questions, right = _xquad(place, asked)
    answers = {one: frozenset(f"{language}/{found}" for language in LANGUAGES) for one, found in right.items()}
    return Judged(f"{asked} to all", whole, questions, answers)


def banking77(place: Place) -> Judged:
    """Return the test questions of bank customers; right are the training questions with the same intent."""
    rows = list(rows_of(place.data / "banking77.jsonl"))
    parts = []
    for train in (True, False):
        chosen = [row for row in rows if (row["split"] == "train") is train]
        texts = [str(row["text"]) for row in chosen]
        name = f"BANKING77-{'train' if train else 'test'}"
        parts.append((chosen, _texts(name, place, [str(row["id"]) for row in chosen], texts, ["en"] * len(texts))))
    (told, corpus), (asked, questions) = parts
    of: dict[str, set[str]] = {}
    for row in told:
        of.setdefault(str(row["label"]), set()).add(str(row["id"]))
    right = {str(row["id"]): frozenset(of[str(row["label"])]) for row in asked}
    return Judged("BANKING77", corpus, questions, right)


def paraphrases(place: Place) -> Judged:
    """Return complaints in six languages, asked for with mistakes or in other words; right is the same situation."""
    rows = list(rows_of(PARAPHRASES))
    parts = []
    for kind in ("document", "query"):
        chosen = [row for row in rows if row["kind"] == kind]
        columns = [[str(row[name]) for row in chosen] for name in ("id", "text", "lang")]
        parts.append((chosen, _texts(f"paraphrases-{kind}", place, *columns)))
    (told, corpus), (asked, questions) = parts
    of: dict[str, set[str]] = {}
    for row in told:
        of.setdefault(str(row["situation"]), set()).add(str(row["id"]))
    right = {str(row["id"]): frozenset(of[str(row["situation"])]) for row in asked}
    return Judged("complaints in six languages", corpus, questions, right)
