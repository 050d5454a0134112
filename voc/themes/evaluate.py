"""Run the first fit on a user's labelled texts and say how good its themes are; nothing is stored."""

from __future__ import annotations

import resource
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from voc.embed.protocol import Embedder
from voc.ingest.labelled import LabelledText, LabelledTexts
from voc.themes.fit import fit_themes
from voc.themes.graph import FindNeighbours
from voc.themes.keywords import keywords
from voc.themes.scores import LanguageParity, Scores, coherence, diversity, language_parity, score
from voc.themes.words import stop_words, tokens
from voc.types import Progress, no_progress

_KIB: Final = 1024


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Themes of labelled texts against their labels; `diversity` and `npmi` are None where themes have no keywords.

    `rows` were read, `copies` of them folded, `left_out` had no text or label. `parity` is None in one language.
    `peak_bytes` is the most memory that the process has held, encoder included.
    """

    rows: int
    copies: int
    left_out: int
    model_id: str
    scores: Scores
    diversity: float | None
    npmi: float | None
    parity: LanguageParity | None
    languages: tuple[tuple[str, int], ...]
    embed_seconds: float
    fit_seconds: float
    peak_bytes: int


def evaluate(
    data: LabelledTexts,
    embedder: Embedder,
    neighbours: FindNeighbours,
    *,
    smallest: int,
    progress: Progress = no_progress,
) -> Evaluation:
    """Find themes as a workspace's first fit does, and compare them with the labels.

    Args:
        data: the labelled texts.
        embedder: the encoder of the workspace.
        neighbours: finds nearest rows.
        smallest: fewest texts that make a theme.
        progress: is told how many texts were embedded.
    """
    texts = data.texts
    languages = [one.language for one in texts]
    start = time.perf_counter()
    vectors = embedder.encode([one.text for one in texts], progress=progress)
    middle = time.perf_counter()
    found = fit_themes(vectors, languages, smallest=smallest, neighbours=neighbours).found
    themes = found.labels if found is not None else np.full(len(vectors), -1, np.int64)
    end = time.perf_counter()
    words = _keywords(texts, themes)
    labels = [one.label for one in texts]
    return Evaluation(
        rows=data.rows,
        copies=data.copies,
        left_out=data.left_out,
        model_id=embedder.model_id,
        scores=score(labels, themes),
        diversity=diversity(words),
        npmi=coherence(words, (tokens(one.text) for one in texts)),
        parity=language_parity(labels, themes, languages),
        languages=tuple(sorted(Counter(languages).items(), key=lambda item: (-item[1], item[0]))),
        embed_seconds=middle - start,
        fit_seconds=end - middle,
        peak_bytes=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _KIB,
    )


def _keywords(texts: Sequence[LabelledText], themes: NDArray[np.int64]) -> list[tuple[str, ...]]:
    members: dict[str, list[str]] = {}
    for one, theme in zip(texts, themes, strict=True):
        if theme >= 0:
            members.setdefault(f"{theme:06d}", []).append(one.text)
    stop = stop_words({one.language for one in texts})
    return list(keywords(members, stop=stop).values())
