"""Keywords of themes by class-based TF-IDF, over the languages and scripts of their members."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from voc.themes.words import tokens

KEYWORDS: Final = 10
LEAST_MEMBERS: Final = 2
"""A word that fewer members use is one customer's word, not the theme's."""


def keywords(texts_by_theme: Mapping[str, Sequence[str]], *, stop: frozenset[str]) -> dict[str, tuple[str, ...]]:
    """Return each theme's words that tell it from the other themes, strongest first.

    A word counts once a member, so that one long rant does not name a theme.

    Source: class-based TF-IDF with BM25 weighting: Grootendorst, "BERTopic" (arXiv 2203.05794).
    """
    from sklearn.feature_extraction.text import CountVectorizer

    from voc.themes.engine import class_tf_idf

    themes = sorted(texts_by_theme)
    documents = [text for theme in themes for text in texts_by_theme[theme]]
    owners = np.array([row for row, theme in enumerate(themes) for _ in texts_by_theme[theme]])
    if not documents:
        return {}
    words_of = [sorted({word for word in tokens(text) if word not in stop}) for text in documents]
    if not any(words_of):
        return {theme: () for theme in themes}
    vectorizer = CountVectorizer(analyzer=lambda words: words)
    members = vectorizer.fit_transform(words_of)
    vocabulary = vectorizer.get_feature_names_out()
    counts = np.stack([np.asarray(members[owners == row].sum(axis=0)).ravel() for row in range(len(themes))])
    weights = np.where(counts >= LEAST_MEMBERS, class_tf_idf(counts), 0.0)
    found = {}
    for row, theme in enumerate(themes):
        ranked = sorted(
            np.flatnonzero(weights[row]), key=lambda word: (-round(weights[row, word], 9), vocabulary[word])
        )
        found[theme] = tuple(str(vocabulary[word]) for word in ranked[:KEYWORDS])
    return found
