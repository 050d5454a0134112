"""Simulated markets with a known effect, where an alert chooses who adopts a change and when.

Weekly complaints are negative binomial; the log rate of a market is its level, what all markets share (season and
weekly shocks), and an AR(1) part of its own. Dispersion, autocorrelation and spread differ from market to market.
Every week all markets are watched: the newest three weeks against the weeks that lie at least two back. The first alarm
makes its market (or the three most alarming ones) adopt some weeks later, so that the weeks before an adoption are
higher than usual by selection, and noisier markets adopt more often. History is cut to the weeks that a store would
have. Nothing here knows how effects are measured.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

WARM, SCAN, WINDOW, LAG = 52, 30, 3, 2
ALARM = 3.0
"""Standard errors from which a market is alarming; without any, the most alarming week of the scan is taken."""
DELAY = (1, 6)
"""Weeks from the alarm to the adoption, drawn evenly."""
YEAR = 52.18

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class World:
    """From where the nature of markets is drawn, evenly within each range."""

    name: str
    phi: tuple[float, float]
    spread: tuple[float, float]
    dispersion: tuple[float, float]
    level: tuple[float, float]
    shock: float
    season: float
    after: tuple[int, int] = (8, 12)


DEVELOPMENT = World("development", (0.2, 0.6), (0.05, 0.30), (1.3, 3.0), (5, 60), 0.08, 0.15)
REPORTED = World("reported", (0.15, 0.65), (0.05, 0.35), (1.2, 3.3), (4, 70), 0.12, 0.25)


@dataclass(frozen=True)
class Design:
    """How many markets, how many of them adopt, weeks known before the alarm, the true log effect, and a divergence.

    `drift` is what the log rate of adopters gains each week beside the others, before and after the adoption.
    """

    markets: int
    adopters: int
    baseline: int
    effect: float = 0.0
    drift: float = 0.0


@dataclass(frozen=True)
class Run:
    """Counts and exposures (markets, weeks), who adopted, and the index of the first week with the change."""

    counts: Floats
    exposures: Floats
    adopters: NDArray[np.bool_]
    since: int


def simulate(design: Design, world: World, seed: int) -> Run:
    """Draw markets, watch them until one alarms, let the change take effect, and cut the history."""
    random = np.random.default_rng(seed)
    markets, weeks = design.markets, WARM + SCAN + DELAY[1] + world.after[1]
    base, exposures, dispersion = _nature(design, world, weeks, random)
    marked = np.zeros(markets, dtype=bool)
    if design.drift:
        marked[random.choice(markets, design.adopters, replace=False)] = True
        base = base * np.exp(design.drift * (np.arange(weeks) - WARM)) ** marked[:, None]
    counts = _draw(base, dispersion, random)
    alarm, order = _alarm(counts[:, : WARM + SCAN], exposures[:, : WARM + SCAN])
    adopters = marked.copy()
    if not design.drift:
        adopters[order[: design.adopters]] = True
    since = alarm + int(random.integers(DELAY[0], DELAY[1] + 1))
    last = since + int(random.integers(world.after[0], world.after[1] + 1))
    changed = base.copy()
    changed[adopters, since:] *= np.exp(design.effect)
    later = _draw(changed, dispersion, random)
    counts[:, alarm + 1 :] = later[:, alarm + 1 :]
    first = alarm + 1 - design.baseline
    return Run(counts[:, first:last], exposures[:, first:last], adopters, since - first)


def _nature(design: Design, world: World, weeks: int, random: np.random.Generator) -> tuple[Floats, Floats, Floats]:
    markets = design.markets
    phi, spread, dispersion = (random.uniform(*edges, markets) for edges in (world.phi, world.spread, world.dispersion))
    level = np.exp(random.uniform(*np.log(world.level), markets))
    own = np.zeros((markets, weeks))
    own[:, 0] = random.normal(0, spread)
    for week in range(1, weeks):
        own[:, week] = phi * own[:, week - 1] + random.normal(0, spread * np.sqrt(1 - phi**2))
    start = random.uniform(0, YEAR)
    shared = world.season * np.sin(2 * np.pi * (np.arange(weeks) + start) / YEAR) + random.normal(0, world.shock, weeks)
    exposures = 1_000 * level[:, None] * np.exp(random.normal(0, 0.04, (markets, weeks)))
    return exposures / 1_000 * np.exp(own + shared), exposures, dispersion


def _draw(means: Floats, dispersion: Floats, random: np.random.Generator) -> Floats:
    return random.negative_binomial(means / (dispersion - 1)[:, None], 1 / dispersion[:, None]).astype(np.float64)


def _alarm(counts: Floats, exposures: Floats) -> tuple[int, NDArray[np.int64]]:
    """Return the week of the first alarm and the markets, the most alarming first."""
    top, best = -np.inf, (WARM, np.arange(len(counts)))
    for week in range(WARM, WARM + SCAN):
        past = slice(0, week - WINDOW - LAG + 1)
        rate = counts[:, past].sum(axis=1) / exposures[:, past].sum(axis=1)
        usual = rate[:, None] * exposures[:, past]
        spread = np.maximum(((counts[:, past] - usual) ** 2 / usual).mean(axis=1), 1)
        expected = rate * exposures[:, week - WINDOW + 1 : week + 1].sum(axis=1)
        high = (counts[:, week - WINDOW + 1 : week + 1].sum(axis=1) - expected) / np.sqrt(spread * expected)
        if high.max() > top:
            top, best = float(high.max()), (week, np.argsort(-high, kind="stable"))
        if top >= ALARM:
            break
    return best
