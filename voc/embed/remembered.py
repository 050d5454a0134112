"""An encoder's vectors for as long as one piece of work lasts, so that a text is encoded once in it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from voc.types import Vectors


def remembered(encode: Callable[[Sequence[str]], Vectors]) -> Callable[[Sequence[str]], Vectors]:
    """Return the same as `encode` gives, `(n, d)` in the order of the texts, with each text encoded once.

    A text's vector never depends on its company (`voc.embed.encoder`), so what was encoded before is the same. What is
    remembered goes with the function that is returned: hold it no longer than a run.
    """
    known: dict[str, Vectors] = {}

    def ask(texts: Sequence[str]) -> Vectors:
        if not texts:
            return encode(texts)
        if new := [text for text in dict.fromkeys(texts) if text not in known]:
            known.update(zip(new, encode(new), strict=True))
        return np.stack([known[text] for text in texts])

    return ask
