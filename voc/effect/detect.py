"""The smallest effect that could be seen, and by which week an effect of a given size would be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from voc.effect.model import Fit, fit, spread_of
from voc.effect.panel import Panel
from voc.effect.solve import Data
from voc.effect.studies import data_of
from voc.trends.predict import Floats

FALLS: Final = (0.2, 0.3, 0.5)
POWER: Final = 0.8
HORIZON: Final = 26
_WEEKS: Final = (2, 4, 6, 8, 10, 13, 16, 20, 26)
_LEVEL_Z: Final = 1.959964
_RECENT: Final = 13
_LARGEST, _STEP = 0.9, 0.01


@dataclass(frozen=True, slots=True)
class Detectable:
    """What could be seen with the wanted power at the 5 % level.

    `smallest` has for each number of weeks after the adoption the smallest fall (a share: 0.3 is 30 %), None where not
    even a fall of nine tenths would be; `by` has for each fall the first number of weeks that shows it, None where
    `HORIZON` weeks do not.
    """

    markets: tuple[str, ...]
    power: float
    smallest: tuple[tuple[int, float | None], ...]
    by: tuple[tuple[float, int | None], ...]


def smallest_fall(found: Fit, *, power: float = POWER) -> float | None:
    """Return the smallest fall that a comparison that was made could have seen, as a share."""
    reach = _needed(power) * float(np.sqrt(found.weights @ found.spread(np.ones(1)) ** 2))
    return float(1 - np.exp(-reach)) if np.isfinite(reach) else None


def detectable(panel: Panel, *, power: float = POWER, falls: tuple[float, ...] = FALLS) -> Detectable:
    """Return what could be seen after an adoption that begins with the week after the panel's last one.

    The weeks to come are taken to be like the newest ones; scatter and drift are those of the history. The panel's
    adopters are the markets that would adopt, its last weeks are left out as those before an adoption are.

    Raises:
        InputError: there is too little history; see `Panel.checked`.
    """
    checked = panel.checked(ahead=True)
    history = data_of(checked, sloping=bool(checked.others))
    known = fit(history, np.zeros((0, *checked.counts.shape)))
    return Detectable(
        tuple(checked.since),
        power,
        tuple((weeks, _smallest(history, known, weeks, power)) for weeks in _WEEKS),
        tuple((fall, _first(history, known, fall, power)) for fall in falls),
    )


def _smallest(history: Data, known: Fit, weeks: int, power: float) -> float | None:
    low, high = 0.0, _LARGEST
    if not _shown(history, known, weeks, high, power):
        return None
    while high - low > _STEP:
        middle = (low + high) / 2
        low, high = (low, middle) if _shown(history, known, weeks, middle, power) else (middle, high)
    return round(high, 2)


def _first(history: Data, known: Fit, fall: float, power: float) -> int | None:
    if not _shown(history, known, HORIZON, fall, power):
        return None
    low, high = 1, HORIZON
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if _shown(history, known, middle, fall, power) else (middle, high)
    return high


def _shown(history: Data, known: Fit, weeks: int, fall: float, power: float) -> bool:
    wide = _ahead(history, known.means, weeks, fall)
    columns = np.zeros((1, *wide[1].shape))
    columns[0, history.adopters, -weeks:] = 1.0
    return -float(np.log(1 - fall)) >= _needed(power) * spread_of(wide[0], columns, known, wide[1])


def _ahead(history: Data, means: Floats, weeks: int, fall: float) -> tuple[Data, Floats]:
    """Return data and means with some weeks more, in which adopters have fewer complaints."""
    kept = history.kept
    used = np.where(kept, means, 0.0)[:, -_RECENT - 6 :]
    usual = used.sum(axis=1) / np.maximum(kept[:, -_RECENT - 6 :].sum(axis=1), 1)
    over = np.where(kept, history.exposures, 0.0).sum(axis=1) / np.maximum(kept.sum(axis=1), 1)
    left = np.where(history.adopters, 1 - fall, 1.0)

    def longer(table: Floats, more: Floats) -> Floats:
        return np.concatenate([table, np.repeat(more[:, None], weeks, axis=1)], axis=1)

    wide = longer(means, usual * left)
    shared = history.shared
    if shared is not None:
        step = shared[-1] - shared[-2]
        shared = np.concatenate([shared, shared[-1] + step * np.arange(1, weeks + 1)[:, None]])
    line = history.line
    if line is not None:
        more = np.arange(line.shape[1], line.shape[1] + weeks) - line.shape[1] / 2
        line = np.concatenate([line, history.adopters[:, None] * more[None]], axis=1)
    later = longer(kept.astype(np.float64), np.ones(len(usual))) > 0
    return Data(wide, longer(history.exposures, over), later, history.adopters, shared, line), wide


def _needed(power: float) -> float:
    from scipy.stats import norm

    return _LEVEL_Z + float(norm.ppf(power))
