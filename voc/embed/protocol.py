"""What every encoder does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from voc.types import Progress, Vectors, no_progress


class Embedder(Protocol):
    """Turns texts into vectors; `model_id` names weights, precision and longest text, so that vectors never mix."""

    @property
    def model_id(self) -> str:
        """Return the id under which vectors are kept."""
        ...

    @property
    def dim(self) -> int:
        """Return the number of dimensions."""
        ...

    def encode(self, texts: Sequence[str], *, progress: Progress = no_progress) -> Vectors:
        """Return `(n, dim) float32` with rows of unit length, in the order of the texts."""
        ...

    def encode_questions(self, texts: Sequence[str]) -> Vectors:
        """Return the same for questions, each encoded alone and at once; not for vectors that are kept."""
        ...
