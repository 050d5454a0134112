"""Real texts with a sentiment label or a rating: redacted, exact copies folded, development and reported rows apart."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from parts.sets import rows_of, vectors_of
from voc.ingest.identity import clean, text_hash
from voc.ingest.redact import Redactor
from voc.types import Polarity, Vectors

DEVELOPMENT, REPORTED = 600, 2000
"""Rows of a set by a seeded draw: the first may be looked at while choosing, figures are made of the next."""

LANGUAGES: Final = {
    "us_airline": "en",
    "trustpilot_fr": "fr",
    "olist_sample": "pt",
    "magaza_tr": "tr",
    "waimai_zh": "zh",
    "prdect_id": "id",
}
RATED: Final = ("trustpilot_fr", "olist_sample", "prdect_id")
"""Sets with ratings; in the first two the rating is the truth as well."""

_NAMED: Final = {"negative": Polarity.COMPLAINT, "positive": Polarity.PRAISE, "neutral": Polarity.OTHER}
_BY_LABEL: Final = {"us_airline": "sentiment", "magaza_tr": "label", "waimai_zh": "label", "prdect_id": "sentiment"}


@dataclass(frozen=True, slots=True)
class Opinions:
    """Texts with vectors `(n, d)`, what each is, and its rating (None without one), in the order of text hashes."""

    name: str
    language: str
    truth: tuple[Polarity, ...]
    ratings: tuple[float | None, ...]
    vectors: Vectors

    def take(self, rows: NDArray[np.int64]) -> Opinions:
        """Return the texts of some rows, in their order."""
        return Opinions(
            self.name,
            self.language,
            tuple(self.truth[row] for row in rows),
            tuple(self.ratings[row] for row in rows),
            self.vectors[rows],
        )

    def halves(self) -> tuple[Opinions, Opinions]:
        """Return every second text, and the others: by the order of hashes, a draw by chance."""
        rows = np.arange(len(self.truth))
        return self.take(rows[rows % 2 == 0]), self.take(rows[rows % 2 == 1])


def read_opinions(
    name: str, folder: Path, encoder: str, cache: Path, *, development: bool, most: int = REPORTED
) -> Opinions:
    """Return the development rows of a set, or at most so many of the reported ones; vectors are kept in the cache."""
    redactor = Redactor(["US"])
    first: dict[str, tuple[str, Polarity, float | None]] = {}
    for raw, polarity, rating in _rows(name, folder):
        text = redactor.redact(clean(raw)).text
        if text:
            first.setdefault(text_hash(text), (text, polarity, rating))
    hashes = sorted(first)
    order = np.random.default_rng(0).permutation(len(hashes))
    chosen = order[:DEVELOPMENT] if development else order[DEVELOPMENT : DEVELOPMENT + most]
    drawn = [hashes[row] for row in np.sort(chosen)]
    texts, truth, ratings = zip(*(first[one] for one in drawn), strict=True)
    vectors = vectors_of(f"opinions-{name}", texts, drawn, encoder, cache)
    return Opinions(name, LANGUAGES[name], truth, ratings, vectors)


def _rows(name: str, folder: Path) -> Iterator[tuple[str, Polarity, float | None]]:
    """Yield text, truth and rating; where the rating is the truth, comments in its middle are left out."""
    for row in rows_of(folder / f"{name}.jsonl"):
        known = row.get("rating")
        rating = float(str(known)) if known is not None else None
        polarity = _NAMED.get(str(row.get(_BY_LABEL[name])).casefold()) if name in _BY_LABEL else _by_rating(rating)
        if polarity is not None:
            yield str(row["text"]), polarity, rating


def _by_rating(rating: float | None) -> Polarity | None:
    if rating is None or rating == 3:
        return None
    return Polarity.COMPLAINT if rating < 3 else Polarity.PRAISE
