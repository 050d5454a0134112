"""A second opinion on the first hits: a cross-encoder reads question and text together. Off unless a folder is set."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final, Protocol

from voc.errors import ModelError

FIRST: Final = 50
"""Hits that are read again. Source: on a processor each costs some 10 to 25 ms, so that 50 take about a second."""


class Reranker(Protocol):
    """Scores how well texts answer a question."""

    def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        """Return one score a text, higher is better."""
        ...


class CrossEncoderReranker:
    """A cross-encoder of sentence-transformers from a local folder; nothing is fetched."""

    def __init__(self, folder: Path) -> None:
        from sentence_transformers import CrossEncoder

        if not (folder / "config.json").is_file():
            raise ModelError(f"There is no cross-encoder in {folder}. Name its folder in search.reranker, or nothing.")
        try:
            self._model = CrossEncoder(str(folder), device="cpu", local_files_only=True)
        except (OSError, ValueError, RuntimeError) as error:
            raise ModelError(f"The cross-encoder in {folder} cannot be loaded: {error}") from error

    def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        """Return one score a text, higher is better."""
        pairs = [(question, text) for text in texts]
        return [float(one) for one in self._model.predict(pairs, show_progress_bar=False)]
