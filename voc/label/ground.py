"""Where themes, their comments and their names lie: which themes are near each other, and what kind one is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from voc.label.kinds import Kinds
from voc.label.members import Member, Sampled
from voc.themes.space import Space
from voc.types import Vectors


@dataclass(frozen=True)
class Ground:
    """The fit's space with the centroid `(c,)` of each theme, the known kinds, and what gives vectors `(n, d)`.

    `vectors` takes hashes of stored texts, `encode` texts that are stored nowhere, such as names.
    """

    space: Space
    centroids: Mapping[str, Vectors]
    kinds: Kinds
    vectors: Callable[[Sequence[str]], Vectors]
    encode: Callable[[Sequence[str]], Vectors]

    def kind_of(self, members: Sequence[Member]) -> str | None:
        """Return the known kind of comment that members are, None where they do not agree."""
        if not members:
            return None
        vectors = self.vectors([member.text_hash for member in members])
        return self.kinds.name_of(self.space.place(vectors, [member.language for member in members]))

    def rows(self, comments: Sequence[Sampled]) -> Vectors:
        """Return vectors `(n, d)` of comments without what is their language's, as far as the fit knows it."""
        offsets = [self.space.language_means.get(one.language, self.space.mean) for one in comments]
        return (self.vectors([one.text_hash for one in comments]) - np.stack(offsets)).astype(np.float32)


def nearest_themes(theme_id: str, centroids: Mapping[str, Vectors], *, count: int) -> tuple[str, ...]:
    """Return the themes whose centroids `(c,)` are nearest to a theme's, the nearest first; ties in order of id."""
    own = centroids[theme_id]
    others = [other for other in centroids if other != theme_id]
    return tuple(sorted(others, key=lambda other: (-round(float(own @ centroids[other]), 6), other))[:count])
