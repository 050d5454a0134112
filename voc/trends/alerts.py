"""Which series rise or fall in the newest week beyond chance, judged over a whole grid at once.

How much history there is decides the baseline:

- 1 to 4 earlier weeks: all of them, no lag (EARS C1);
- from 5 on: the newest 8 of those that lie at least two weeks back, so that a rise does not hide itself, and beside the
  newest week the newest three together (EARS C2 and C3);
- from 14 on: all weeks that lie at least two weeks back, past outbreaks weighted down (Farrington);
- from three years on: reference weeks with ten seasons, a trend where it is justified, 26 recent weeks left out.

The normal approximation of EARS is replaced by tails of counts, so that zeros and small counts behave.

Source: Hutwagner et al., Journal of Urban Health 80 (2003), for EARS; farrington.py, predict.py and dispersion.py for
the rest. Rises are found at 4 % and falls at 1 %, together 5 %, because a rise is what somebody must act on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from voc.trends.discovery import adjusted, takes_part
from voc.trends.dispersion import moderate
from voc.trends.farrington import YEAR, Control, down_weights, expected
from voc.trends.glm import fit
from voc.trends.predict import Flags, Floats, fall, rise, widen

RISES: Final = 0.04
FALLS: Final = 0.01
OUTBREAK: Final = 3.5
"""The residual from which a past week counts less: at 2.58 the dispersion of quiet grids came out 10 % low."""
LAG: Final = 2
WINDOW: Final = 3
EARS_WEEKS: Final = 8
LAGGED_FROM: Final = 5
FARRINGTON_FROM: Final = 14
SEASONS_FROM: Final = round(3 * YEAR) + 4


@dataclass(frozen=True, slots=True)
class Usual:
    """What a week is compared with: counts seen (c,), judged exposure over baseline exposure (c,), and dispersion."""

    seen: Floats
    ratio: Floats
    raw: Floats
    freedom: Floats


@dataclass(frozen=True, slots=True)
class Judged:
    """The newest week of each series (c,): what is usual, p-values of both directions, and what is found.

    `seen` counts in the baseline and `ratio`, the week's exposure over the baseline's, give the expected count.
    `method` is "none", "C1", "C2 and C3", "Farrington" or "Farrington with seasons".
    """

    method: str
    seen: Floats
    ratio: Floats
    dispersion: Floats
    p_rise: Floats
    p_fall: Floats
    rising: Flags
    falling: Flags

    @property
    def expected(self) -> Floats:
        """Return the usual count of the newest week."""
        return self.seen * self.ratio


def method_for(past: int) -> str:
    """Return how a week with that many earlier weeks is judged."""
    if past < 1:
        return "none"
    if past < LAGGED_FROM:
        return "C1"
    if past < FARRINGTON_FROM:
        return "C2 and C3"
    return "Farrington" if past < SEASONS_FROM else "Farrington with seasons"


def baseline_columns(past: int) -> range:
    """Return which of the earlier weeks (0 is the oldest) a week is compared with, before seasons choose among them."""
    if past < LAGGED_FROM:
        return range(past)
    last = past - LAG
    return range(max(0, last - EARS_WEEKS) if past < FARRINGTON_FROM else 0, last)


def judge(counts: Floats, exposures: Floats, *, rises: float = RISES, falls: float = FALLS) -> Judged:
    """Judge the last column of counts (c, weeks) over exposures of the same shape; NaN counts are missing weeks.

    A series whose newest week is missing, has no exposure or has no baseline is never marked.
    """
    past = counts.shape[1] - 1
    method = method_for(past)
    if method == "none" or not len(counts):
        nothing, flags = np.ones(len(counts)), np.zeros(len(counts), dtype=bool)
        return Judged("none", 0 * nothing, 0 * nothing, nothing, nothing, nothing, flags, flags)
    known = ~np.isnan(counts) & (exposures > 0)
    clean, over = np.where(known, counts, 0.0), np.where(known, exposures, 0.0)
    usual = _usual(clean, over, known, past)
    dispersion = moderate(usual.raw, usual.freedom, usual.seen / np.maximum(_weeks(known, past), 1))
    ups, downs, leasts = [], [], []
    for width in (1,) if method == "C1" else (1, WINDOW):
        count = clean[:, -width:].sum(axis=1)
        ratio = usual.ratio * over[:, -width:].sum(axis=1) / np.maximum(over[:, -1], 1e-300)
        ups.append(widen(rise(count, usual.seen, ratio, dispersion.values), dispersion.freedom))
        downs.append(widen(fall(count, usual.seen, ratio, dispersion.values), dispersion.freedom))
        leasts.append(_least(count + usual.seen, ratio))
    judged = known[:, -1] & (usual.ratio > 0)
    up, down = (np.where(judged, np.minimum(1, len(one) * np.min(one, axis=0)), 1.0) for one in (ups, downs))
    least_up, least_down = (
        np.where(judged, len(leasts) * np.min([one[place] for one in leasts], axis=0), 1.0) for place in (0, 1)
    )
    rising = adjusted(up, takes_part(least_up, rises)) <= rises
    falling = adjusted(down, takes_part(least_down, falls)) <= falls
    return Judged(method, usual.seen, usual.ratio, dispersion.values, up, down, rising, falling & ~rising)


def _weeks(known: Flags, past: int) -> Floats:
    return np.asarray(known[:, list(baseline_columns(past))].sum(axis=1), dtype=np.float64)


def _usual(counts: Floats, exposures: Floats, known: Flags, past: int) -> Usual:
    columns = list(baseline_columns(past))
    y, e, present = counts[:, columns], exposures[:, columns], known[:, columns].astype(np.float64)
    design = np.ones((len(columns), 1))
    found, weights = fit(y, e, design, present), present
    if past >= FARRINGTON_FROM:
        scale = moderate(found.dispersion, found.freedom, y.sum(axis=1) / np.maximum(present.sum(axis=1), 1))
        weights = down_weights(y, found, scale.values, present, beyond=OUTBREAK)
        found = fit(y, e, design, weights)
    base = (weights * e).sum(axis=1)
    ratio = np.where(base > 0, exposures[:, -1] / np.maximum(base, 1e-300), 0.0)
    plain = Usual((weights * y).sum(axis=1), ratio, found.dispersion, found.freedom)
    return plain if past < SEASONS_FROM else _seasonal(counts, exposures, known, past, plain)


def _seasonal(counts: Floats, exposures: Floats, known: Flags, past: int, plain: Usual) -> Usual:
    control = Control(years=min(5, int((past - 3) / YEAR)))
    found = expected(np.where(known, counts, np.nan), np.maximum(exposures, 1e-300), past, control)
    usable = (found.mean > 0) & (found.variance > 0) & (found.variance < 1) & (plain.seen > 0)
    variance = np.where(usable, found.variance, 1.0)
    return Usual(
        np.where(usable, 1 / variance, plain.seen),
        np.where(usable, found.mean * variance, plain.ratio),
        np.where(usable, found.dispersion, plain.raw),
        np.where(usable, found.freedom, plain.freedom),
    )


def _least(total: Floats, ratio: Floats) -> tuple[Floats, Floats]:
    share = ratio / (1 + ratio)
    return np.where(total > 0, share, 1.0) ** np.maximum(total, 1e-9), (1 - share) ** total
