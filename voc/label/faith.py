"""Faithfulness of names: how many comments that nobody was shown fit their theme's name, not the nearest theme's.

A comment `x` fits a name `a` better than a name `b` when `(x - m) . (a - b) > 0`, with `m` halfway between the middles
of both themes. Comments and names lie apart in an encoder's space, so that plain cosines would favour one of two names
for every comment; the common offset falls out of `x - m` and of `a - b`.

Source: measured with e5-small on the intents of BANKING77, names as their labels: AUC of right against shuffled names
.92 on the half of the intents that this was chosen on and .93 on the other; with cosines of centred vectors in the
whitened space of the fit .84 and .86, whitening makes what tells two names apart small. On the sample .98 against .90.

A summary is a sentence, which may say of one theme what is true of another. It must lie nearer to the middle of its own
theme than to that of any other, both seen from the middle of their kind. Source: `benchmarks/summaries.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from voc.label.ground import Ground, nearest_themes
from voc.label.members import Comments, Sampled
from voc.types import Vectors

LEAST_HELD_OUT: Final = 5
MOST_HELD_OUT: Final = 100
_NOWHERE: Final = 1e-5
"""What is so near to the middle of all is rounding."""


@dataclass(frozen=True, slots=True)
class _Theme:
    """The nearest theme, the middle `(d,)` of the sample, and the held-out comments in it `(m, d)`."""

    beside: str | None
    middle: Vectors
    held_out: Vectors


@dataclass(frozen=True)
class Names:
    """Measures names on the comments of their themes."""

    themes: Mapping[str, _Theme]
    encode: Callable[[Sequence[str]], Vectors]

    def scores(self, names: Mapping[str, str], *, only: Iterable[str] | None = None) -> dict[str, float | None]:
        """Return, for each theme, the share of its held-out comments that fit its name better than the nearest theme's.

        A comment that fits both alike counts half. None where there is no theme beside it, or too little is held out.
        """
        asked = list(names if only is None else only)
        pairs = {theme: self.themes[theme].beside for theme in asked}
        wanted = sorted({*asked, *(beside for beside in pairs.values() if beside is not None)})
        rows = dict(zip(wanted, self.encode([names[theme] for theme in wanted]), strict=True)) if wanted else {}
        return {
            theme: None if beside is None else self._share(theme, beside, rows[theme] - rows[beside])
            for theme, beside in pairs.items()
        }

    def strays(self, summaries: Mapping[str, str], names: Mapping[str, str]) -> frozenset[str]:
        """Return the themes whose summary lies nearer to another theme; where there is none, the name stands in for it.

        Summaries that all say the same tell nothing apart, and none of them strays.
        """
        order = sorted(self.themes)
        if not any(summaries.get(one) for one in order):
            return frozenset()
        said = _directions(self.encode([summaries.get(one) or names[one] for one in order]))
        near = said @ _directions(np.stack([self.themes[one].middle for one in order])).T
        lost = near.max(axis=1) > near.diagonal()
        return frozenset(one for one, is_lost in zip(order, lost, strict=True) if is_lost and summaries.get(one))

    def _share(self, theme: str, beside: str, contrast: Vectors) -> float | None:
        own, other = self.themes[theme], self.themes[beside]
        if len(own.held_out) < LEAST_HELD_OUT:
            return None
        sides = np.sign((own.held_out - (own.middle + other.middle) / 2) @ contrast)
        return round(float((sides + 1).mean() / 2), 4)


def _directions(rows: Vectors) -> Vectors:
    """Return rows `(n, d)` as unit vectors from their mean; those that lie in it stay there."""
    turned = rows - rows.mean(axis=0)
    lengths = np.linalg.norm(turned, axis=1, keepdims=True)
    found: Vectors = np.divide(turned, lengths, out=np.zeros_like(turned), where=lengths > _NOWHERE)
    return found


def measurable(comments: Mapping[str, Comments], made_from: Mapping[str, frozenset[str]], ground: Ground) -> Names:
    """Return what measures the names of themes that all have comments.

    Args:
        comments: the comments of each theme.
        made_from: ids of the feedback that each theme's name was made from, left out of what it is measured on.
        ground: where everything lies.
    """
    centroids = {theme: ground.centroids[theme] for theme in comments}
    found = {}
    for theme in comments:
        sample = comments[theme].sample
        rows = ground.rows(sample)
        beside = next(iter(nearest_themes(theme, centroids, count=1)), None)
        found[theme] = _Theme(beside, rows.mean(axis=0), rows[_held_out(sample, made_from.get(theme, frozenset()))])
    return Names(found, ground.encode)


def _held_out(sample: Sequence[Sampled], made_from: frozenset[str]) -> list[int]:
    return [row for row, one in enumerate(sample) if one.feedback_id not in made_from][:MOST_HELD_OUT]
