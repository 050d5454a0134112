"""Alerts on injected outbreaks: power, delay and false alarms of voc, of three usual rules and of an oracle.

Usage: python benchmarks/alerts.py [--quick] [--check] [--grids N]

Weekly complaints of a theme and market are negative binomial (median 6 a week, from below 1 to above 50); deliveries
swing by 2 % from week to week. An outbreak multiplies the rate of a cell with at least 5 complaints a week from one
week on; it is found when its cell is marked as rising in one of its first four weeks. The oracle knows every mean and
the dispersion, looks at the same two windows and shares the 5 % in the same way.

Claims, with 26 weeks of history, for dispersion 1.5, 2 and 3, 60 and 300 cells, 1 and 5 outbreaks: power at least 90 %
of the oracle's over the three sizes of outbreak; and the mean of false over all alerts (rises and falls), also where
there is no outbreak at all, at most .05 plus two standard errors. Everything else is printed and not claimed.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import time
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc

from voc.trends.alerts import FALLS, RISES, WINDOW, judge
from voc.trends.discovery import adjusted
from voc.trends.predict import fall, rise

POWER, FALSE = 0.90, 0.05
OUTBREAK_WEEKS, LEAST_USUAL = 4, 5.0
SIZES = (1.5, 2.0, 3.0)
RULES = ("voc", "oracle", "2 sigma", "week over week", "fixed 5 % test")
MARKETS = 5
PEER_GRIDS = 100
"""The usual rules are so far off that fewer grids tell."""

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Setting:
    """One kind of grid; dispersion 0 stands for one drawn between 1 and 3 for each cell."""

    cells: int
    history: int
    dispersion: float
    outbreaks: int
    size: float
    network: bool = False


@dataclass(frozen=True)
class Figures:
    """What one rule did: share of outbreaks found (in four weeks, in the first), median delay, and false alerts."""

    rule: str
    power: float
    power_first_week: float
    delay_weeks: float | None
    false_share: float
    false_share_error: float
    false_per_1000: float


@dataclass(frozen=True)
class Grid:
    """Counts, exposures, means without outbreak (all cells x weeks), dispersion of each cell and who breaks out."""

    counts: Floats
    exposures: Floats
    usual: Floats
    dispersion: Floats
    broken: Flags


def make_grid(setting: Setting, random: np.random.Generator) -> Grid:
    """Draw a grid with `history` quiet weeks and four more, in which the outbreaks run."""
    cells, weeks = setting.cells, setting.history + OUTBREAK_WEEKS
    level = np.exp(random.normal(np.log(6), 1, cells))
    exposures = 10_000 * np.exp(random.normal(0, 0.02, (cells, weeks)))
    usual = level[:, None] * exposures / 10_000
    drawn = random.uniform(1.05, 3, cells) if setting.dispersion == 0 else np.full(cells, setting.dispersion)
    broken = np.zeros(cells, dtype=bool)
    able = np.flatnonzero(level >= LEAST_USUAL)
    broken[random.choice(able, min(setting.outbreaks, len(able)), replace=False)] = True
    means = usual.copy()
    means[broken, setting.history :] *= setting.size
    counts = random.negative_binomial(means / (drawn - 1)[:, None], 1 / drawn[:, None]).astype(np.float64)
    return Grid(counts, exposures, usual, drawn, broken)


def with_network(grid: Grid) -> Grid:
    """Add a row for each theme, the sum of its markets; it is broken where one of them is."""
    themes = len(grid.counts) // MARKETS

    def added(table: Floats) -> Floats:
        return np.concatenate([table, table.reshape(themes, MARKETS, -1).sum(axis=1)])

    usual = grid.usual.reshape(themes, MARKETS, -1).mean(axis=2)
    dispersion = (grid.dispersion.reshape(themes, MARKETS) * usual).sum(axis=1) / usual.sum(axis=1)
    broken = grid.broken.reshape(themes, MARKETS).any(axis=1)
    return Grid(
        added(grid.counts),
        added(grid.exposures),
        added(grid.usual),
        np.concatenate([grid.dispersion, dispersion]),
        np.concatenate([grid.broken, broken]),
    )


def oracle(grid: Grid, now: int) -> tuple[Flags, Flags]:
    """Mark rises and falls with tails of the true distribution, both windows, Benjamini-Hochberg."""
    up, down = [], []
    for width in (1, WINDOW):
        count = grid.counts[:, now - width + 1 : now + 1].sum(axis=1)
        shape = grid.usual[:, now - width + 1 : now + 1].sum(axis=1) / (grid.dispersion - 1)
        other = 1 - 1 / grid.dispersion
        up.append(np.where(count > 0, betainc(np.maximum(count, 1e-9), shape, other), 1.0))
        down.append(betainc(shape, count + 1, 1 / grid.dispersion))
    everyone = np.ones(len(grid.counts), dtype=bool)
    rises = adjusted(np.minimum(1, 2 * np.min(up, axis=0)), everyone) <= RISES
    falls = adjusted(np.minimum(1, 2 * np.min(down, axis=0)), everyone) <= FALLS
    return rises, falls


def ours(grid: Grid, now: int) -> tuple[Flags, Flags]:
    """Mark rises and falls as voc does."""
    found = judge(grid.counts[:, : now + 1], grid.exposures[:, : now + 1])
    return found.rising, found.falling


def two_sigma(grid: Grid, now: int) -> tuple[Flags, Flags]:
    """Mark rates more than two standard deviations from the mean of the eight weeks before."""
    rates = grid.counts / grid.exposures
    before = rates[:, now - 8 : now]
    middle, spread = before.mean(axis=1), before.std(axis=1, ddof=1)
    return rates[:, now] > middle + 2 * spread, rates[:, now] < middle - 2 * spread


def week_over_week(grid: Grid, now: int) -> tuple[Flags, Flags]:
    """Mark what grew by half or fell by half since the week before."""
    before, after = grid.counts[:, now - 1], grid.counts[:, now]
    return after > 1.5 * before, after < 0.5 * before


def fixed_test(grid: Grid, now: int) -> tuple[Flags, Flags]:
    """Mark what differs from the eight weeks before by an exact two-tailed test at 5 %, uncorrected."""
    seen, over = grid.counts[:, now - 8 : now].sum(axis=1), grid.exposures[:, now - 8 : now].sum(axis=1)
    ratio, one = grid.exposures[:, now] / over, np.ones(len(seen))
    count = grid.counts[:, now]
    return rise(count, seen, ratio, one) <= 0.025, fall(count, seen, ratio, one) <= 0.025


MARK = dict(zip(RULES, (ours, oracle, two_sigma, week_over_week, fixed_test), strict=True))


def measure(setting: Setting, rules: tuple[str, ...], *, grids: int, powered: int, seed: int) -> list[Figures]:
    """Judge `grids` grids once each for false alerts, the first `powered` of them in all four weeks for power."""
    random = np.random.default_rng(seed)
    first = {rule: [] for rule in rules}
    shares = {rule: [] for rule in rules}
    false = dict.fromkeys(rules, 0)
    quiet = 0
    for number in range(grids):
        drawn = make_grid(setting, random)
        grid = with_network(drawn) if setting.network else drawn
        own = np.flatnonzero(drawn.broken)
        once = setting.history + number % OUTBREAK_WEEKS
        weeks = range(setting.history, setting.history + OUTBREAK_WEEKS) if number < powered else (once,)
        quiet += int((~grid.broken).sum())
        for rule in rules:
            when = np.full(len(own), np.inf)
            for now in weeks:
                rises, falls = MARK[rule](grid, now)
                when = np.where(rises[own] & np.isinf(when), now - setting.history, when)
                if now == once:
                    wrong = int((rises & ~grid.broken).sum() + falls.sum())
                    false[rule] += int(((rises | falls) & ~grid.broken).sum())
                    shares[rule].append(wrong / max(1, int(rises.sum() + falls.sum())))
            if number < powered:
                first[rule].extend(when)
    found = []
    for rule in rules:
        when, share = np.array(first[rule]), np.array(shares[rule])
        middle = float(np.median(when)) if len(when) else float("inf")
        found.append(
            Figures(
                rule,
                float(np.isfinite(when).mean()) if len(when) else 0.0,
                float((when == 0).mean()) if len(when) else 0.0,
                middle if np.isfinite(middle) else None,
                float(share.mean()),
                float(share.std(ddof=1) / np.sqrt(len(share))),
                1000 * false[rule] / quiet,
            )
        )
    return found


def settings(*, quick: bool) -> tuple[list[Setting], list[Setting]]:
    """Return the settings of the claims and those that are only printed."""
    dispersions, sizes = (2.0,) if quick else (1.5, 2.0, 3.0), SIZES
    claimed = []
    for dispersion in dispersions:
        for cells in (60, 300):
            claimed.append(Setting(cells, 26, dispersion, 0, 1.0))
            claimed += [Setting(cells, 26, dispersion, count, size) for count in (1, 5) for size in sizes]
    others = [Setting(300, 8, 2.0, 0, 1.0), *(Setting(300, 8, 2.0, 5, size) for size in sizes)]
    others += [Setting(300, 26, 0.0, 0, 1.0), *(Setting(300, 26, 0.0, 5, size) for size in sizes)]
    others += [Setting(300, 26, 2.0, 0, 1.0, True), *(Setting(300, 26, 2.0, 5, size, True) for size in sizes)]
    others += [Setting(300, 60, 2.0, 0, 1.0), *(Setting(300, 60, 2.0, 5, size) for size in sizes)]
    return claimed, others


Rows = list[tuple[Setting, list[Figures]]]


def shortfalls(rows: Rows) -> list[str]:
    """Return the claims that fell short."""
    found = []
    for setting, figures in rows:
        own = figures[0]
        most = FALSE + 2 * own.false_share_error
        if own.false_share > most:
            found.append(f"{described(setting)}: {own.false_share:.3f} of alerts are false; claimed {most:.3f}")
    for key, (mine, best) in powers(rows).items():
        if mine < POWER * best:
            found.append(f"{key}: power {mine:.3f} is {mine / best:.2f} of the oracle's {best:.3f}; claimed {POWER}")
    return found


def powers(rows: Rows) -> dict[str, tuple[float, float]]:
    """Return the power of voc and of the oracle, over all sizes of outbreak, of each kind of grid."""
    found: dict[str, list[tuple[float, float]]] = {}
    for setting, figures in rows:
        if setting.outbreaks:
            key = f"dispersion {setting.dispersion}, {setting.cells} cells, {setting.outbreaks} outbreaks"
            found.setdefault(key, []).append((figures[0].power, figures[1].power))
    return {key: tuple(np.mean(each, axis=0).tolist()) for key, each in found.items()}  # type: ignore[misc]


def described(setting: Setting) -> str:
    """Return a setting in words."""
    spread = "dispersion 1 to 3 mixed" if setting.dispersion == 0 else f"dispersion {setting.dispersion}"
    outbreaks = f"{setting.outbreaks} of {setting.size} times" if setting.outbreaks else "none"
    rows = " and network rows" if setting.network else ""
    return f"{setting.cells} cells{rows}, {setting.history} weeks, {spread}, outbreaks: {outbreaks}"


def table(rows: Rows) -> str:
    """Return the figures as Markdown."""
    lines = [
        "| grid | rule | found in 4 weeks | in the first | median delay | false of all alerts | false per 1,000 |",
        "|---|---|--:|--:|--:|--:|--:|",
    ]
    for setting, figures in rows:
        for one in figures:
            delay = "not found" if one.delay_weeks is None else f"{one.delay_weeks:.0f}"
            power = f"{one.power:.3f} | {one.power_first_week:.3f} | {delay}" if setting.outbreaks else "| |"
            false = f"{one.false_share:.3f} ± {one.false_share_error:.3f} | {one.false_per_1000:.2f}"
            lines.append(f"| {described(setting)} | {one.rule} | {power} | {false} |")
    return "\n".join(lines)


def main() -> int:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="under a minute, one dispersion, 200 grids")
    parser.add_argument("--check", action="store_true", help="exit with 1 and name each claim that fell short")
    parser.add_argument("--grids", type=int, default=0, help="grids of each setting (2,000; quick: 200)")
    chosen = parser.parse_args()
    grids = chosen.grids or (200 if chosen.quick else 2000)
    powered = min(grids, 200 if chosen.quick else 500)
    claimed, others = settings(quick=chosen.quick)
    start = time.perf_counter()
    rows = []
    for n, one in enumerate(claimed):
        best = measure(one, RULES[:2], grids=grids, powered=powered, seed=7 + n)
        print(described(one), "voc", best[0].power, "oracle", best[1].power, file=sys.stderr, flush=True)
        rows.append((one, best + measure(one, RULES[2:], grids=PEER_GRIDS, powered=PEER_GRIDS, seed=7 + n)))
    more = [
        (one, measure(one, RULES[:2], grids=min(grids, 1000), powered=min(powered, 200), seed=1000 + n))
        for n, one in enumerate([] if chosen.quick else others)
    ]
    print(f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, ")
    print(f"{grids} grids of each setting, power over {powered}, {PEER_GRIDS} for the usual rules;")
    print(f"{time.perf_counter() - start:.0f} seconds.\n")
    print(table(rows) + "\n\nNot claimed:\n\n" + table(more) + "\n")
    for key, (mine, best) in powers(rows).items():
        print(f"- {key}: power {mine:.3f}, {mine / best:.3f} of the oracle's {best:.3f}")
    for size in sorted({setting.size for setting, _ in rows if setting.outbreaks}):
        ratios = [own / best for own, best in powers([row for row in rows if row[0].size == size]).values()]
        print(f"- outbreaks of {size} times alone, not claimed: {min(ratios):.3f} to {max(ratios):.3f} of the oracle's")
    every = [{**asdict(setting), "rules": [asdict(one) for one in figures]} for setting, figures in [*rows, *more]]
    print("\n" + json.dumps(every))
    found = shortfalls(rows)
    for line in found:
        print(f"FELL SHORT: {line}")
    return 1 if found and chosen.check else 0


if __name__ == "__main__":
    sys.exit(main())
