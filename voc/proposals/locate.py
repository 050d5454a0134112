"""The clauses that complaints are about: hybrid search over clause text, and whether any of them is meant at all.

Complaints and standard may be in different languages. A clause is ranked by how near its whole text and its likest
sentence are to the complaints, by how near it is to the theme's name, by the duties that the complaints would have
wanted, and by words that it shares with the name of the theme (BM25: Robertson and Zaragoza, 2009).
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from voc.proposals.catalogue import Catalogue, Duty
from voc.proposals.evidence import Evidence
from voc.proposals.gate.sentences import sentences
from voc.proposals.nearness import Nearness
from voc.standards.registry import Clause
from voc.themes.space import unit_rows
from voc.themes.words import stop_words, tokens
from voc.types import Vectors

_WEIGHTS: Final = (1.0, 0.5, 0.5, 0.5, 0.6)
"""Complaints by text, by likest sentence, theme, duties, words. Source: chosen on half of the planted complaints;
benchmarks/proposals.py prints the other half."""
_ASKED_FOR: Final = 0.6
"""Weight of the duty that the model chose, times the share of comments that ask for it: the most that costs nothing on
the tuned half of the planted complaints. Few comments make that duty unsure: its words among those of the theme lower
the first place there from .88 to .59."""
_SHARPNESS: Final = 20.0
_OUTSIDE: Final = -0.2
"""Contrast below which a theme is about something else: on planted complaints it lies between the two kinds."""
_K1: Final = 1.2
_B: Final = 0.75
_ENDING: Final = re.compile(r"(?:ing|ies|ation|ed|es|s|y)$")
_ROUNDING: Final = 1e-5
"""Cosines in single precision that should be equal differ by about 1e-7, by how the processor adds."""

Scores = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Subject:
    """What a theme is about: its name, its complaints, and the duty that a share of them asks for (maybe none)."""

    theme: str
    comments: Sequence[Evidence]
    duty: Duty | None = None
    share: float = 0.0


@dataclass(frozen=True)
class Places:
    """The clauses in force as vectors, made once for all themes of a run."""

    clauses: Sequence[Clause]
    catalogue: Catalogue
    nearness: Nearness
    texts: Vectors
    parts: Vectors
    owner: NDArray[np.int64]
    by_duty: Vectors
    abouts: Vectors
    outside: Vectors
    words: Sequence[Counter[str]]

    @classmethod
    def of(cls, clauses: Sequence[Clause], catalogue: Catalogue, nearness: Nearness) -> Places:
        """Return the places of clauses."""
        encode = nearness.encode
        whole = [f"{clause.title}. {clause.text}" for clause in clauses]
        texts, titles = encode(whole), encode([clause.title for clause in clauses])
        parts = [(place, f"{one.title}. {part}") for place, one in enumerate(clauses) for part in sentences(one.text)]
        inside = encode([duty.about for duty in catalogue.duties])
        beyond = encode([*catalogue.outside, *(duty.about for duty in catalogue.duties)])
        middle = beyond.mean(axis=0)
        hints = encode([duty.clauses for duty in catalogue.duties])
        asked = encode([duty.text for duty in catalogue.duties])
        return cls(
            clauses=clauses,
            catalogue=catalogue,
            nearness=nearness,
            texts=_centred(texts),
            parts=_centred(encode([part for _, part in parts])),
            owner=np.array([place for place, _ in parts]),
            by_duty=_centred(asked) @ _centred(texts).T + _centred(hints) @ _centred(titles).T,
            abouts=unit_rows(inside - middle),
            outside=unit_rows(beyond[: len(catalogue.outside)] - middle),
            words=[Counter(_stems(f"{clause.title} {clause.title} {clause.text}")) for clause in clauses],
        )

    def nearest(self, subject: Subject) -> tuple[Clause, ...]:
        """Return the clauses, the one that a subject is most about first."""
        comments = self.nearness.comments(subject.comments)
        middle = unit_rows(comments.mean(axis=0, keepdims=True))[0]
        named = self.nearness.among([subject.theme], [clause.title for clause in self.clauses])[0]
        near_duties = np.exp(_SHARPNESS * (comments @ self.abouts.T).mean(axis=0))
        likest = np.array([(self.parts[self.owner == place] @ middle).max() for place in range(len(self.clauses))])
        found = (
            _standard(self.texts @ middle),
            _standard(likest),
            _standard(self.texts @ named),
            _standard(near_duties @ self.by_duty),
            self._shared_words(subject.theme),
        )
        total = sum(weight * score for weight, score in zip(_WEIGHTS, found, strict=True))
        if subject.duty in self.catalogue.duties:
            place = self.catalogue.duties.index(subject.duty)
            total = total + _ASKED_FOR * subject.share * _standard(self.by_duty[place])
        return tuple(self.clauses[int(place)] for place in np.argsort(-np.asarray(total), kind="stable"))

    def meant(self, subject: Subject) -> bool:
        """Say whether a subject is one of delivery at all, by what its complaints and its name are nearer to."""
        if not len(self.outside):
            return True
        comments = self.nearness.comments(subject.comments)
        named = self.nearness.among(
            [subject.theme], [*self.catalogue.outside, *(d.about for d in self.catalogue.duties)]
        )
        return self._contrast(comments) + self._contrast(named) > _OUTSIDE

    def _contrast(self, rows: Vectors) -> float:
        return float(((rows @ self.abouts.T).max(axis=1) - (rows @ self.outside.T).max(axis=1)).mean())

    def _shared_words(self, text: str) -> Scores:
        lengths = np.array([sum(words.values()) for words in self.words])
        usual, scores = max(1.0, float(lengths.mean())), np.zeros(len(self.words))
        for word in set(_stems(text)):
            holds = np.array([words[word] for words in self.words])
            present = int((holds > 0).sum())
            weight = math.log(1 + (len(holds) - present + 0.5) / (present + 0.5))
            scores += weight * holds * (_K1 + 1) / (holds + _K1 * (1 - _B + _B * lengths / usual))
        spread = float(scores.std())
        return scores / spread if spread > 0 else scores


def _centred(rows: Vectors) -> Vectors:
    return unit_rows(rows - rows.mean(axis=0))


def _standard(scores: NDArray[np.floating]) -> Scores:
    """Return scores with mean 0 and spread 1; none where they differ by no more than rounding does."""
    spread = float(scores.std())
    return np.asarray((scores - scores.mean()) / spread if spread > _ROUNDING else scores * 0.0, dtype=np.float64)


def _stems(text: str) -> list[str]:
    return [_ENDING.sub("", word) for word in tokens(text) if word not in _common()]


@lru_cache(maxsize=1)
def _common() -> frozenset[str]:
    return stop_words(["en"])
