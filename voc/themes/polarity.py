"""Is a comment a complaint, praise, a request or something else? Its words say so, its rating is a hint.

Three questions are learned on the vectors, each calibrated: is it an opinion at all; if so, does it complain; if not,
does it ask for something. Their answers multiply to four probabilities (nested dichotomies: J. Fox, "Applied
Regression Analysis", 1997). Three teachers: sentences written for this project, so that there is an answer before
anyone has rated anything; ratings, which tell complaint from praise but say nothing about requests; and what people
corrected, which weighs most.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from voc.themes.heads import Group, Head, learn_head, sigmoid
from voc.themes.sentences import Sentences
from voc.types import Polarity, Vectors

LOW: Final = 2.0
HIGH: Final = 4.0
"""Ratings run from 1 to 5: up to LOW teaches what a complaint is, from HIGH on what praise is."""

SURE: Final = 0.5
"""A comment is what is more likely than all else together; where nothing is, it is neither: other."""

CLAUSE_HINT: Final = 0.5
"""How much of a comment's rating counts for one of its clauses: a comment may praise and complain."""

EXAMPLES: Final = 4000
"""At most so many comments teach; beyond, the figures no longer move and the seconds do."""

_ORDER: Final = (Polarity.COMPLAINT, Polarity.PRAISE, Polarity.REQUEST, Polarity.OTHER)

RATED_WEIGHT: Final = 0.3
CORRECTED_WEIGHT: Final = 3.0
"""What a rated and a corrected comment weigh where a sentence weighs 1."""

OPINION_PENALTY: Final = 0.02
SIDE_PENALTY: Final = 0.2
"""Inverse penalties of the regressions (`learn_head`)."""

OPINIONS: Final = 0.9
"""Share of opinions among feedback; half of the sentences are, so that they cannot teach it."""

CARRIED: Final = 0.7
"""How much of the sureness of sentences carries over to comments, which are less clear than what was written to be so:
for complaint against praise the best slope was .6 to 1.0 of that of sentences in six languages, for opinions .3 in the
one set whose neutral labels mean it. Two figures in place of one gained nothing.

Source of these six figures and of SURE: `benchmarks/polarity.py --tune`, on rows that no reported figure is made of."""

_SENTENCE_FOLDS: Final = 7
_COMMENT_FOLDS: Final = 3

STEADY: Final = 25
DOUBT: Final = 0.25
"""So many comments, and so many for each comment, are counted on top, half of them complaints, when the share of
complaints in a language is estimated: few comments leave it near a half, and no number of comments makes it extreme."""

_ROUNDS: Final = 50

_WRONG_END: Final = 0.1
_STARS: Final = np.array([1.0, 2.0, 3.0, 4.0, 5.0])
_LIKELY: Final = (1 - _WRONG_END) * np.array(
    [
        [0.60, 0.22, 0.12, 0.04, 0.02],
        [0.02, 0.02, 0.06, 0.25, 0.65],
        [0.20, 0.20, 0.20, 0.20, 0.20],
        [0.10, 0.15, 0.35, 0.20, 0.20],
    ]
) + _WRONG_END * 0.2
"""How likely a rating of 1 to 5 is in a complaint, praise, a request and anything else; one in ten raters presses
anything ("had to rate to be heard"). So a rating multiplies the odds by 16 at most, and clear words overrule it.

Source: the shape of ratings of Indonesian marketplace reviews by labelled emotion, of development rows, rounded; the
share of wrong ratings is assumed, the largest that lost nothing there against the rating alone."""


@dataclass(frozen=True, slots=True)
class Comments:
    """Comments or clauses: vectors `(n, d)`, and of each its language, its rating, and what a person said it is.

    `hints` is how much of the rating counts: 1 for a whole comment, CLAUSE_HINT for a clause.
    """

    vectors: Vectors
    languages: Sequence[str]
    ratings: Sequence[float | None]
    corrected: Sequence[Polarity | None]
    hints: Sequence[float]

    @property
    def evidence(self) -> NDArray[np.float64]:
        """Return the log-likelihood `(n, 4)` of the rating in each kind, zeros without a rating."""
        found = np.zeros((len(self.ratings), len(_ORDER)))
        for row, (rating, hint) in enumerate(zip(self.ratings, self.hints, strict=True)):
            if rating is not None:
                found[row] = [hint * np.log(np.interp(rating, _STARS, likely)) for likely in _LIKELY]
        return found


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a comment is, how that is known, and the calibrated probability of it.

    `method` is one of: both (words and rating), learned (words), rating, assumed (neither; a comment without either is
    taken for a complaint), person. `score` is None where it was assumed or a person said so.
    """

    polarity: Polarity
    method: str
    score: float | None


@dataclass(frozen=True, slots=True)
class PolarityModel:
    """The three questions, None where the vectors cannot answer one, and the share of complaints by language."""

    opinion: Head | None
    complaint: Head | None
    request: Head | None
    shares: Mapping[str, float]

    def log_probabilities(self, vectors: Vectors, languages: Sequence[str]) -> NDArray[np.float64]:
        """Return the logarithms of the four probabilities `(n, 4)` by the words alone, in the order of Polarity."""
        shares = np.array([self.shares.get(language, 0.5) for language in languages])
        opinion = _answer(self.opinion, vectors) + _log_odds(np.full(len(vectors), OPINIONS))
        complaint = _answer(self.complaint, vectors) + _log_odds(shares)
        request = _answer(self.request, vectors)
        return np.column_stack(
            [
                _log(opinion) + _log(complaint),
                _log(opinion) + _log(-complaint),
                _log(-opinion) + _log(request),
                _log(-opinion) + _log(-request),
            ]
        )


def learn(sentences: Sentences, comments: Comments) -> PolarityModel:
    """Learn from sentences, ratings and corrections; what none of them can teach is left open."""
    opinion = learn_head(
        [group for group in (_sentences(sentences, _OPINION), _corrected(comments, _OPINION)) if group],
        inverse_penalty=OPINION_PENALTY,
    )
    sides = (_rated(comments), _sentences(sentences, _COMPLAINT), _corrected(comments, _COMPLAINT))
    complaint = learn_head([group for group in sides if group], inverse_penalty=SIDE_PENALTY)
    request = learn_head(
        [group for group in (_sentences(sentences, _REQUEST), _corrected(comments, _REQUEST)) if group],
        inverse_penalty=OPINION_PENALTY,
    )
    return PolarityModel(opinion, complaint, request, _shares(opinion, complaint, comments))


def judge(comments: Comments, model: PolarityModel) -> list[Judgement]:
    """Return a judgement for each comment; a person's word stands."""
    if not len(comments.vectors):
        return []
    joint = model.log_probabilities(comments.vectors, comments.languages) + comments.evidence
    joint -= joint.max(axis=1, keepdims=True)
    probabilities = np.exp(joint)
    probabilities /= probabilities.sum(axis=1, keepdims=True)
    return [
        _judge_one(row, rating is not None, corrected, speaks=model.complaint is not None)
        for row, rating, corrected in zip(probabilities, comments.ratings, comments.corrected, strict=True)
    ]


def _judge_one(
    probabilities: NDArray[np.float64], rated: bool, corrected: Polarity | None, *, speaks: bool
) -> Judgement:
    if corrected is not None:
        return Judgement(corrected, "person", None)
    if not speaks and not rated:
        return Judgement(Polarity.COMPLAINT, "assumed", None)
    best = int(probabilities.argmax())
    if probabilities[best] < SURE:
        best = _ORDER.index(Polarity.OTHER)
    method = "both" if speaks and rated else "learned" if speaks else "rating"
    return Judgement(_ORDER[best], method, float(probabilities[best]))


_Question = tuple[frozenset[Polarity], frozenset[Polarity]]
_OPINION: Final = (frozenset(_ORDER[:2]), frozenset(_ORDER[2:]))
_COMPLAINT: Final = (frozenset(_ORDER[:1]), frozenset(_ORDER[1:2]))
_REQUEST: Final = (frozenset(_ORDER[2:3]), frozenset(_ORDER[3:]))


def _sentences(sentences: Sentences, question: _Question) -> Group | None:
    """Return the sentences that answer a question; those of one language are left out together."""
    numbers = {language: number for number, language in enumerate(dict.fromkeys(sentences.languages))}
    folds = np.array([numbers[language] % _SENTENCE_FOLDS for language in sentences.languages], dtype=np.int64)
    return _group(sentences.vectors, sentences.polarities, question, folds, trust=CARRIED)


def _corrected(comments: Comments, question: _Question) -> Group | None:
    folds = np.arange(len(comments.corrected)) % _COMMENT_FOLDS
    return _group(comments.vectors, comments.corrected, question, folds, weight=CORRECTED_WEIGHT)


def _rated(comments: Comments) -> Group | None:
    """Return the comments with a clear rating that nobody corrected, weighing as much as their rating counts."""
    told: list[Polarity | None] = [None] * len(comments.ratings)
    for row, rating in enumerate(comments.ratings):
        if rating is not None and comments.corrected[row] is None and not LOW < rating < HIGH:
            told[row] = Polarity.COMPLAINT if rating <= LOW else Polarity.PRAISE
    weight = RATED_WEIGHT * np.asarray(comments.hints, dtype=np.float64)
    return _group(comments.vectors, told, _COMPLAINT, np.arange(len(told)) % _COMMENT_FOLDS, weight=weight)


def _group(
    vectors: Vectors,
    told: Sequence[Polarity | None],
    question: _Question,
    folds: NDArray[np.int64],
    *,
    weight: float | NDArray[np.float64] = 1.0,
    trust: float = 1.0,
) -> Group | None:
    """Return the examples that answer a question with one side or the other; None where none does."""
    yes, no = question
    rows = np.array([row for row, one in enumerate(told) if one in yes or one in no], dtype=np.int64)
    if len(rows) == 0:
        return None
    sides = np.array([told[row] in yes for row in rows], dtype=bool)
    weights = np.broadcast_to(np.asarray(weight, dtype=np.float64), len(told))[rows]
    return Group(vectors[rows], sides, weights, folds[rows], trust)


def _shares(opinion: Head | None, complaint: Head | None, comments: Comments) -> dict[str, float]:
    """Return the share of complaints among the opinions of each language, as words and ratings together tell.

    Source: M. Saerens, P. Latinne, C. Decaestecker, "Adjusting the outputs of a classifier to new a priori
    probabilities" (Neural Computation 14, 2002): expectation maximisation over comments that nobody labelled.
    """
    evidence = comments.evidence
    sides = _answer(complaint, comments.vectors) + evidence[:, 0] - evidence[:, 1]
    opinions = sigmoid(_answer(opinion, comments.vectors) + _log_odds(np.full(len(sides), OPINIONS)))
    languages = np.array(comments.languages, dtype=np.str_)
    found: dict[str, float] = {}
    for language in sorted(set(comments.languages)):
        inside = languages == language
        total = float(opinions[inside].sum())
        extra = STEADY + DOUBT * total
        share = 0.5
        for _ in range(_ROUNDS):
            complains = sigmoid(sides[inside] + _log_odds(np.array(share)))
            share = float((complains @ opinions[inside] + extra / 2) / (total + extra))
        found[language] = share
    return found


def _answer(head: Head | None, vectors: Vectors) -> NDArray[np.float64]:
    return np.zeros(len(vectors)) if head is None else head.log_odds(vectors)


def _log_odds(share: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(np.log(share) - np.log1p(-share))


def _log(log_odds: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the logarithm of the probability that log-odds stand for."""
    return np.asarray(-np.logaddexp(0.0, -log_odds))
