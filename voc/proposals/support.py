"""How well do quotes bear out a sentence of the rationale? A probability from the encoder's vectors.

A cosine alone says little: those of the encoder lie close together, a praise of the same thing is near to a complaint
about it, and so is another complaint about it. So three features are weighed by a logistic regression that was fitted
to labelled pairs (`benchmarks/support.py`): how far the sentence stands out among statements that the quote might be
about instead, the cosine itself, and on which side the quote is, complaint or praise. What the language of a text alone
puts into its vector is taken off first. It cannot tell fine differences of one matter apart; figures are in
`benchmarks/README.md`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Final

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from voc.errors import SettingsError
from voc.themes.heads import sigmoid
from voc.themes.sentences import Sentences
from voc.types import Polarity, Vectors

SHIPPED: Final = Path(__file__).with_name("support.toml")
FEATURES: Final = ("standing", "cosine", "side")

MOST_PARTS: Final = 8
LEAST_BYTES: Final = 12
"""A shorter part, such as "Honestly.", says nothing; bytes, since a Chinese character says more than a Latin one."""

_SENTENCE: Final = re.compile(r"[^.!?。！？…\n]+[.!?。！？…]*")
_FRAME: Final = re.compile(
    r"^\s*(?:(?:most|several|many|some|all) of the comments [^:]{0,60}:"
    r"|(?:many |most |some |several )?(?:customers|recipients|people|comments|complaints|they)(?: also| often)?"
    r" (?:report|say|complain|describe|state|mention|tell|write|note)(?: that| of| about)?)\s+",
    re.IGNORECASE,
)


class Fit(BaseModel):
    """What the regression found: log-odds are `offset` and each feature times its weight."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    encoder: str
    pairs: int = Field(ge=0)
    subjects: int = Field(ge=0)
    offset: float
    standing: float
    cosine: float
    side: float
    threshold: float = Field(ge=0, le=1)


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    fit: Fit
    statements: dict[str, Annotated[list[str], Field(min_length=1)]] = Field(min_length=1)


@dataclass(frozen=True, slots=True)
class Space:
    """Vectors without what their language alone puts in: a middle `(d,)`, axes `(a, d)` to take off, a side `(d,)`.

    The side points from praise to complaint; `level` and `spread` make its values 0 between the two and about 1 apart.
    """

    middle: NDArray[np.float64]
    axes: NDArray[np.float64]
    side: NDArray[np.float64]
    level: float
    spread: float

    def place(self, vectors: Vectors) -> NDArray[np.float64]:
        """Return vectors `(n, d)` as unit rows."""
        rows = vectors.astype(np.float64) - self.middle
        return _unit(rows - rows @ self.axes.T @ self.axes)


@dataclass(frozen=True, slots=True)
class Support:
    """The score, with the statements as unit rows `(r, d)` and the subject of each.

    `calibrated` says whether the fit was made for this encoder; with another one the score only ranks.
    """

    encode: Callable[[Sequence[str]], Vectors]
    space: Space
    statements: NDArray[np.float64]
    subjects: tuple[str, ...]
    fit: Fit
    calibrated: bool

    def score(self, sentence: str, quotes: Sequence[str]) -> float:
        """Return the probability that at least one of the quotes says what the sentence says; 0 without quotes."""
        if not quotes:
            return 0.0
        weights = np.array([self.fit.standing, self.fit.cosine, self.fit.side])
        return float(sigmoid(np.asarray(self.fit.offset + self.features(sentence, quotes) @ weights)))

    def is_weak(self, score: float) -> bool:
        """Say whether a score marks its sentence as weakly supported."""
        return score < self.fit.threshold

    def features(self, sentence: str, quotes: Sequence[str]) -> NDArray[np.float64]:
        """Return the features `(3,)`, two of them of the part of a quote in which the sentence stands out most."""
        rows = self.space.place(self.encode([claim(sentence), *(part for quote in quotes for part in parts(quote))]))
        told, heard = rows[0], rows[1:]
        others = heard @ self.statements.T
        standing = (heard @ told - others.mean(axis=1)) / (others.std(axis=1) + 1e-6)
        best = int(np.argmax(standing))
        side = (float(heard[best] @ self.space.side) - self.space.level) / self.space.spread
        return np.array([standing[best], (heard @ told).max(), side])

    def without(self, subject: str) -> Support:
        """Return the score without the statements of a subject."""
        kept = [row for row, one in enumerate(self.subjects) if one != subject]
        return replace(self, statements=self.statements[kept], subjects=tuple(self.subjects[row] for row in kept))


def read_support(
    encode: Callable[[Sequence[str]], Vectors], sentences: Sentences, *, model_id: str, path: Path = SHIPPED
) -> Support:
    """Return the score that ships with voc, for an encoder.

    Args:
        encode: returns the vectors of texts.
        sentences: what complaint and praise sound like in each language, seen by the same encoder.
        model_id: the encoder's id.
        path: another file of weights and statements.

    Raises:
        SettingsError: the file holds no weights and statements.
    """
    found = _read(path)
    subjects, texts = zip(*_pairs(found), strict=True)
    rows = encode(texts)
    space = _space(sentences, rows)
    return Support(
        encode, space, space.place(rows), tuple(subjects), found.fit, model_id.startswith(f"{found.fit.encoder}@")
    )


def claim(sentence: str) -> str:
    """Return what a sentence of the rationale claims, without 'Customers report that'."""
    rest = _FRAME.sub("", sentence, count=1).strip()
    return f"{rest[0].upper()}{rest[1:]}" if rest else sentence


def parts(quote: str) -> tuple[str, ...]:
    """Return a quote and, where it has several, its sentences: what people write around a matter hides it."""
    found = [part.strip() for part in _SENTENCE.findall(quote)][:MOST_PARTS]
    longer = [part for part in found if len(part.encode()) >= LEAST_BYTES]
    return (quote, *longer) if len(found) > 1 else (quote,)


def read_statements(path: Path = SHIPPED) -> tuple[tuple[str, str], ...]:
    """Return the statements that sentences are compared with: subject and text of each.

    Raises:
        SettingsError: the file holds no weights and statements.
    """
    return _pairs(_read(path))


def _read(path: Path) -> _File:
    try:
        return _File.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError, ValidationError) as error:
        raise SettingsError(f"{path} does not hold the weights and statements of the support score: {error}") from error


def _pairs(found: _File) -> tuple[tuple[str, str], ...]:
    return tuple((subject, text) for subject, texts in found.statements.items() for text in texts)


def _space(sentences: Sentences, statements: Vectors) -> Space:
    """Return the space of an encoder; where no sentences are, only the middle of the statements is taken off."""
    if not len(sentences.vectors):
        nothing = np.zeros((0, statements.shape[1]))
        return Space(statements.mean(axis=0, dtype=np.float64), nothing, np.zeros(statements.shape[1]), 0.0, 1.0)
    vectors, languages = sentences.vectors.astype(np.float64), np.array(sentences.languages)
    middles = np.stack([vectors[languages == one].mean(axis=0) for one in dict.fromkeys(sentences.languages)])
    middle = middles.mean(axis=0)
    axes = np.linalg.svd(middles - middle, full_matrices=False)[2][: len(middles) - 1]
    bare = Space(middle, axes, np.zeros(vectors.shape[1]), 0.0, 1.0)
    rows = bare.place(sentences.vectors)
    kinds = np.array([one.value for one in sentences.polarities])
    complaint, praise = rows[kinds == Polarity.COMPLAINT.value], rows[kinds == Polarity.PRAISE.value]
    side = complaint.mean(axis=0) - praise.mean(axis=0)
    values = np.concatenate([complaint @ side, praise @ side])
    level = float(((complaint @ side).mean() + (praise @ side).mean()) / 2)
    return replace(bare, side=side, level=level, spread=float(values.std()) or 1.0)


def _unit(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.where(lengths > 0, lengths, 1.0))
