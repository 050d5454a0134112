"""The space that themes live in: vectors freed of what is their language's and not their subject's.

An encoder for many languages leaves a common offset in all vectors of one language, so that clusters tend to follow
language. Subtracting each language's mean and whitening the leading components removes most of it.

Source: mean subtraction and removal of dominant directions: Mu and Viswanath, "All-but-the-top" (ICLR 2018);
whitening of sentence vectors: Su et al., "Whitening sentence representations" (arXiv 2103.15316).
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from voc.types import Vectors

SHRINK: Final = 20.0
"""A language's mean is drawn towards the mean of all as by so many texts, so that two texts do not make a mean."""

COMPONENTS: Final = 128
"""Source: with communities of a graph, AMI on BANKING77, airline complaints and parallel passages was as good or better
with 128 as with 64, 96 and 192 (docs/decisions.md)."""

_NO_VARIANCE: Final = 1e-10

SOFTEN: Final = 0.5
"""Exponent of whitening: 1 gives every component unit variance, 0 keeps variances as they are."""


@dataclass(frozen=True, slots=True)
class Space:
    """`mean` is `(d,)`, `language_means` `(d,)` each, `projection` `(d, c)`, all float32."""

    mean: Vectors
    language_means: Mapping[str, Vectors]
    projection: Vectors

    def place(self, vectors: Vectors, languages: Sequence[str]) -> Vectors:
        """Return vectors `(n, d)` as unit rows `(n, c)` of this space, given each row's language."""
        offsets = np.stack([self.language_means.get(language, self.mean) for language in languages])
        return unit_rows((vectors - offsets) @ self.projection)

    def to_bytes(self) -> bytes:
        """Return the space as npz without objects; equal spaces give equal arrays."""
        names = sorted(self.language_means)
        buffer = io.BytesIO()
        np.savez(
            buffer,
            mean=self.mean,
            projection=self.projection,
            languages=np.array(names, dtype=np.str_),
            language_means=np.stack([self.language_means[name] for name in names])
            if names
            else np.zeros((0, self.mean.shape[0]), np.float32),
        )
        return buffer.getvalue()


def from_bytes(data: bytes) -> Space:
    """Read a space that `to_bytes` wrote."""
    with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
        names = [str(name) for name in arrays["languages"]]
        means = arrays["language_means"]
        return Space(arrays["mean"], {name: means[row] for row, name in enumerate(names)}, arrays["projection"])


def fit_space(vectors: Vectors, languages: Sequence[str], *, components: int = COMPONENTS) -> Space:
    """Learn a space from vectors `(n, d)` in canonical order and each row's language."""
    mean = vectors.mean(axis=0, dtype=np.float64)
    language_means = {}
    labels = np.asarray(languages)
    for language in sorted(set(languages)):
        rows = vectors[labels == language]
        language_means[language] = ((rows.sum(axis=0, dtype=np.float64) + SHRINK * mean) / (len(rows) + SHRINK)).astype(
            np.float32
        )
    centred = vectors.astype(np.float64) - np.stack([language_means[language] for language in languages])
    variances, axes = np.linalg.eigh(centred.T @ centred / len(centred))
    leading = np.argsort(-variances, kind="stable")[:components]
    leading = leading[variances[leading] > _NO_VARIANCE]
    axes = axes[:, leading]
    axes = axes * np.sign(axes[np.abs(axes).argmax(axis=0), np.arange(axes.shape[1])])
    projection = (axes * variances[leading] ** (-SOFTEN / 2)).astype(np.float32)
    return Space(mean.astype(np.float32), language_means, projection)


def carried(rows: Vectors, old: Space, new: Space) -> Vectors:
    """Return unit rows `(n, c)` of one space as nearly as they can be said in another `(n, e)`.

    What a space left out of the vectors cannot come back: this is for centroids of which no text is left.
    """
    return unit_rows(rows.astype(np.float64) @ np.linalg.pinv(old.projection.astype(np.float64)) @ new.projection)


def unit_rows(rows: NDArray[np.floating]) -> Vectors:
    """Return rows scaled to unit length; a row of zeros stays zero."""
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return (rows / np.where(lengths > 0, lengths, 1)).astype(np.float32)
