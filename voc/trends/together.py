"""Whether a volume moved as a whole: with its themes together, and not for the sake of one of them."""

from __future__ import annotations

from typing import Final

import numpy as np

from voc.trends.alerts import Judged, judge
from voc.trends.predict import Floats

CHANCE: Final = 0.001
TOGETHER: Final = 2 / 3
"""The share of the usual volume whose themes must have moved the same way."""


def moved_together(texts: Floats, themes: Floats, exposure: Floats, *, up: bool, chance: float) -> bool:
    """Say whether a volume (weeks,) jumped with its themes (themes, weeks) as a whole, over exposure (weeks,).

    Themes of two thirds of the usual volume moved that way, and the volume jumped without its most moved theme too.
    """
    if not len(themes):
        return True
    judged = judge(themes, np.broadcast_to(exposure, themes.shape))
    moved = np.nan_to_num(themes[:, -1]) - judged.expected
    weight = np.maximum(judged.expected, 1e-9)
    same = float(weight[(moved > 0) if up else (moved < 0)].sum() / weight.sum())
    rest = texts - themes[int(np.argmax(moved if up else -moved))]
    return same >= TOGETHER and p_value(judge(rest[None], exposure[None]), up=up) <= chance


def p_value(judged: Judged, *, up: bool) -> float:
    """Return how surprising the first series is, in one direction."""
    return float((judged.p_rise if up else judged.p_fall)[0])
