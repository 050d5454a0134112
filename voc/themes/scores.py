"""How good themes are, against the labels that people gave and by their words: pure functions of labels and texts."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

LEAST_OF_LANGUAGE: Final = 20
"""A language with fewer texts says nothing. Source: as many as draw a mean towards that of all (voc.themes.space)."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """How alike two groupings of the same texts are; 1 is the same grouping, `ami` and `ari` are 0 by chance."""

    ami: float
    ari: float
    fmi: float
    v_measure: float


@dataclass(frozen=True, slots=True)
class Scores:
    """Themes against labels: with the unassigned as a class of their own, and with them left out (None: all are)."""

    texts: int
    labels: int
    themes: int
    coverage: float
    whole: Agreement
    assigned: Agreement | None


@dataclass(frozen=True, slots=True)
class LanguageParity:
    """V-measure of the themes against the labels and against the languages; `ratio` is None where the latter is 0."""

    languages: int
    v_by_label: float
    v_by_language: float
    ratio: float | None


def score(labels: Sequence[str], themes: NDArray[np.int64]) -> Scores:
    """Return how well themes `(n,)`, -1 for the unassigned, agree with the label of each text.

    Raises:
        ValueError: there is no text, or not one theme number for each label.
    """
    if not labels or len(labels) != len(themes):
        raise ValueError(f"{len(labels)} labels and {len(themes)} themes: as many of each are needed, at least one.")
    truth, inside = np.asarray(labels, dtype=np.str_), themes >= 0
    return Scores(
        texts=len(labels),
        labels=len(set(labels)),
        themes=len(np.unique(themes[inside])),
        coverage=float(inside.mean()),
        whole=agreement(truth, themes),
        assigned=agreement(truth[inside], themes[inside]) if inside.any() else None,
    )


def agreement(truth: NDArray[np.str_], themes: NDArray[np.int64]) -> Agreement:
    """Return how alike two groupings `(n,)` are; -1 is a class like every other.

    Source: adjusted mutual information (arithmetic mean), Vinh, Epps and Bailey, JMLR 11 (2010); adjusted Rand index,
    Hubert and Arabie, J. Classification 2 (1985); Fowlkes and Mallows, JASA 78 (1983); V-measure, Rosenberg and
    Hirschberg, EMNLP-CoNLL 2007.
    """
    from sklearn import metrics

    return Agreement(
        ami=float(metrics.adjusted_mutual_info_score(truth, themes)),
        ari=float(metrics.adjusted_rand_score(truth, themes)),
        fmi=float(metrics.fowlkes_mallows_score(truth, themes)),
        v_measure=float(metrics.v_measure_score(truth, themes)),
    )


def language_parity(
    labels: Sequence[str], themes: NDArray[np.int64], languages: Sequence[str]
) -> LanguageParity | None:
    """Return whether themes `(n,)` follow subjects or languages, among languages of at least `LEAST_OF_LANGUAGE` texts.

    None where fewer than two languages have so many.
    """
    from sklearn.metrics import v_measure_score

    sizes = Counter(languages)
    rows = [row for row, language in enumerate(languages) if sizes[language] >= LEAST_OF_LANGUAGE]
    spoken = [languages[row] for row in rows]
    if len(set(spoken)) < 2:
        return None
    by_label = float(v_measure_score([labels[row] for row in rows], themes[rows]))
    by_language = float(v_measure_score(spoken, themes[rows]))
    return LanguageParity(len(set(spoken)), by_label, by_language, by_label / by_language if by_language > 0 else None)


def diversity(keywords: Iterable[Sequence[str]]) -> float | None:
    """Return the share of distinct words among the keywords of all themes; None where there are no keywords.

    Source: topic diversity, Dieng, Ruiz and Blei, TACL 8 (2020).
    """
    words = [word for theme in keywords for word in theme]
    return len(set(words)) / len(words) if words else None


def coherence(keywords: Iterable[Sequence[str]], texts: Iterable[Iterable[str]]) -> float | None:
    """Return the mean NPMI of the keywords of themes over texts given as words; None where no theme has two keywords.

    A pair's probability is the share of texts that hold both words. A pair that no text holds counts -1, one that every
    text holds 1; a theme counts the mean of its pairs, and all themes count alike.

    Source: normalised pointwise mutual information, Bouma, GSCL 2009; as coherence of topics, Lau, Newman and Baldwin,
    EACL 2014.
    """
    themes = [words for words in (list(dict.fromkeys(theme)) for theme in keywords) if len(words) > 1]
    wanted = {word for theme in themes for word in theme}
    holders: dict[str, set[int]] = {word: set() for word in wanted}
    count = 0
    for count, words in enumerate(texts, start=1):
        for word in wanted.intersection(words):
            holders[word].add(count)
    if not themes or not count:
        return None
    means = []
    for theme in themes:
        pairs = [_npmi(holders[one], holders[other], count) for one, other in itertools.combinations(theme, 2)]
        means.append(sum(pairs) / len(pairs))
    return sum(means) / len(means)


def _npmi(one: set[int], other: set[int], count: int) -> float:
    both = len(one & other)
    if both == 0:
        return -1.0
    if both == count:
        return 1.0
    return min(1.0, math.log(both * count / (len(one) * len(other))) / -math.log(both / count))
