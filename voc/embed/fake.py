"""An encoder without weights: a text is the sum of its character trigrams, each hashed to a fixed direction."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from voc.types import Progress, Vectors, no_progress


class TrigramEmbedder:
    """Deterministic and explainable: texts that share trigrams are near, whatever the language."""

    def __init__(self, dim: int = 64) -> None:
        self.dim = dim
        self.model_id = f"trigrams/{dim}"
        self.encoded: list[str] = []

    def encode(self, texts: Sequence[str], *, progress: Progress = no_progress) -> Vectors:
        """Return `(n, dim) float32` unit rows; texts that were encoded are kept in `encoded`."""
        rows = np.zeros((len(texts), self.dim), dtype=np.float32)
        for row, text in enumerate(texts):
            self.encoded.append(text)
            plain = f"  {text.casefold()}  "
            rows[row] = np.sum([_direction(plain[at : at + 3], self.dim) for at in range(len(plain) - 2)], axis=0)
            progress(row + 1, len(texts))
        lengths = np.linalg.norm(rows, axis=1, keepdims=True)
        return (rows / np.where(lengths > 0, lengths, 1)).astype(np.float32)

    def encode_questions(self, texts: Sequence[str]) -> Vectors:
        """Return the same for questions."""
        return self.encode(texts)


@lru_cache(maxsize=1 << 15)
def _direction(trigram: str, dim: int) -> Vectors:
    """Return a row of 1 and -1, whose sums are exact."""
    digest = hashlib.blake2b(trigram.encode(), digest_size=32).digest()
    signs = np.unpackbits(np.frombuffer(digest, dtype=np.uint8))[: dim % 257]
    return np.resize(signs.astype(np.float32) * 2 - 1, dim)
