"""Effects on simulated markets with a known truth: does the interval hold it, and is nothing called an improvement.

Usage: python benchmarks/effect.py [--quick] [--check] [--runs N] [--world development]

The markets are those of parts/markets.py: an alert chooses who adopts and when, log rates drift (AR 1) and counts are
overdispersed, each market in its own way. All ranges were written down before anything was measured. Constants of
voc.effect were chosen in the world "development" with seeds below 1,000,000; the figures are from the world "reported",
whose ranges are wider, with other seeds. `--quick` takes a few runs of each and checks with the room that they need.

Claims, for 1 of 6 and for 3 of 12 markets, over 40 and 12 weeks of history before the alert and true effects of none,
-20 % and -40 %: the 95 % interval holds the truth in 92 to 98 % of the runs; and "improved" is said in at most 5 % of
those without an effect. Beside it, on the same runs: plain difference-in-differences, and (on the first of them)
Poisson regression of statsmodels with market and week effects and errors clustered by market. Divergences before the
adoption are printed with how often they are flagged and how often "improved" is said in spite of them; nothing is
claimed there.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import time
import warnings
from dataclasses import asdict, dataclass

import numpy as np
from parts.markets import DEVELOPMENT, REPORTED, Design, Run, World, simulate
from scipy.stats import norm, t

from voc.effect.measure import Verdict, measure
from voc.effect.panel import Panel
from voc.weeks import shift_week

SIZES = ((6, 1), (12, 3))
BASELINES = (40, 12)
EFFECTS = (0.0, -0.2, -0.4)
DRIFTS = (-0.01, -0.02, -0.03)
COVERAGE, FALSE = (0.92, 0.98), 0.05
PEER_RUNS = 50
"""Runs of each setting on which the regression of statsmodels is played."""
FIRST_SEED = {"development": 0, "reported": 1_000_000}
NAMES = tuple(f"M{number:02d}" for number in range(20))


@dataclass(frozen=True)
class Row:
    """What one way of measuring did in one setting; shares of runs."""

    markets: int
    adopters: int
    baseline: int
    effect: float
    drift: float
    rule: str
    runs: int
    coverage: float
    error: float
    width: float
    below: float
    improved: float
    worsened: float
    no_effect: float
    cannot_tell: float
    flagged: float


@dataclass(frozen=True)
class Answer:
    """An estimate of the log ratio with its interval, what is said, and whether a divergence was flagged."""

    value: float
    low: float
    high: float
    said: str
    flagged: bool = False


def ours(run: Run) -> Answer:
    """Measure as voc does."""
    markets, weeks = run.counts.shape
    held = tuple(shift_week("2020-W10", ahead) for ahead in range(weeks))
    since = {NAMES[row]: held[run.since] for row in range(markets) if run.adopters[row]}
    found = measure(Panel(NAMES[:markets], held, run.counts, run.exposures, since, {}), studies=False)
    low, high = found.ratio.low or 1e-9, found.ratio.high or 1e9
    flagged = found.course is not None and found.course.diverging
    return Answer(
        float(np.log(found.ratio.value)), float(np.log(low)), float(np.log(high)), found.verdict.value, flagged
    )


def plain(run: Run) -> Answer:
    """Compare sums before and after, adopters and others, with Poisson errors and half a count in each cell."""
    after = np.arange(run.counts.shape[1]) >= run.since
    value, variance = 0.0, 0.0
    for sign, rows, columns in (
        (1, run.adopters, after),
        (-1, run.adopters, ~after),
        (-1, ~run.adopters, after),
        (1, ~run.adopters, ~after),
    ):
        count = run.counts[rows][:, columns].sum() + 0.5
        value += sign * np.log(count / run.exposures[rows][:, columns].sum())
        variance += 1 / count
    return _wald(value, np.sqrt(variance), float(norm.ppf(0.975)))


def clustered(run: Run) -> Answer:
    """Regress with statsmodels: Poisson, market and week effects, offset, errors clustered by market, t quantiles."""
    import statsmodels.api as sm

    markets, weeks = run.counts.shape
    market, week = np.repeat(np.arange(markets), weeks), np.tile(np.arange(weeks), markets)
    change = run.adopters[market] & (week >= run.since)
    design = np.column_stack(
        [change, *(market == one for one in range(markets)), *(week == one for one in range(1, weeks))]
    )
    model = sm.GLM(
        run.counts.ravel(), design.astype(float), family=sm.families.Poisson(), offset=np.log(run.exposures).ravel()
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = model.fit(cov_type="cluster", cov_kwds={"groups": market})
    return _wald(float(found.params[0]), float(found.bse[0]), float(t.ppf(0.975, markets - 1)))


def _wald(value: float, spread: float, quantile: float) -> Answer:
    low, high = value - quantile * spread, value + quantile * spread
    said = Verdict.IMPROVED if high < 0 else Verdict.WORSENED if low > 0 else Verdict.CANNOT_TELL
    return Answer(float(value), float(low), float(high), said.value)


RULES = {"voc": ours, "plain differences": plain, "clustered Poisson": clustered}


def play(design: Design, world: World, runs: int, seed: int) -> list[Row]:
    """Play one setting with every rule."""
    answers: dict[str, list[Answer]] = {rule: [] for rule in RULES}
    for number in range(runs):
        drawn = simulate(design, world, seed + number)
        for rule, answer in RULES.items():
            if rule != "clustered Poisson" or number < PEER_RUNS:
                answers[rule].append(answer(drawn))
    return [row_of(design, rule, found) for rule, found in answers.items()]


def row_of(design: Design, rule: str, found: list[Answer]) -> Row:
    """Return the shares of one setting."""
    values, lows, highs = (np.array([getattr(one, name) for one in found]) for name in ("value", "low", "high"))

    def said(verdict: Verdict) -> float:
        return float(np.mean([one.said == verdict.value for one in found]))

    return Row(
        design.markets,
        design.adopters,
        design.baseline,
        round(float(np.expm1(design.effect)), 3),
        design.drift,
        rule,
        len(found),
        float(((lows <= design.effect) & (design.effect <= highs)).mean()),
        float(values.mean() - design.effect),
        float((highs - lows).mean()),
        float((highs < 0).mean()),
        said(Verdict.IMPROVED),
        said(Verdict.WORSENED),
        said(Verdict.NO_EFFECT),
        said(Verdict.CANNOT_TELL),
        float(np.mean([one.flagged for one in found])),
    )


def settings() -> list[Design]:
    """Return every setting: those of the claims, then the divergences."""
    claimed = [
        Design(markets, adopters, baseline, float(np.log1p(effect)))
        for markets, adopters in SIZES
        for baseline in BASELINES
        for effect in EFFECTS
    ]
    diverging = [
        Design(markets, adopters, baseline, drift=drift)
        for markets, adopters in SIZES
        for baseline in BASELINES
        for drift in DRIFTS
    ]
    return claimed + diverging


def together(rows: list[Row], rule: str, size: tuple[int, int]) -> tuple[float, float, int, int]:
    """Return coverage over all settings without divergence, false "improved", and over how many runs each."""
    own = [row for row in rows if row.rule == rule and (row.markets, row.adopters) == size and row.drift == 0]
    none = [row for row in own if row.effect == 0]
    every, quiet = sum(row.runs for row in own), sum(row.runs for row in none)
    return (
        sum(row.coverage * row.runs for row in own) / every,
        sum(row.improved * row.runs for row in none) / quiet,
        every,
        quiet,
    )


def shortfalls(rows: list[Row], *, quick: bool) -> list[str]:
    """Return the claims that fell short; in a quick run by more than three standard errors."""
    found = []
    for size in SIZES:
        coverage, false, every, quiet = together(rows, "voc", size)
        room = 3 * np.sqrt(0.05 * 0.95 / np.array([every, quiet])) if quick else np.zeros(2)
        if not COVERAGE[0] - room[0] <= coverage <= COVERAGE[1] + room[0]:
            found.append(f"{size[1]} of {size[0]}: the interval holds the truth in {coverage:.3f}; claimed {COVERAGE}")
        if false > FALSE + room[1]:
            found.append(f"{size[1]} of {size[0]}: 'improved' without an effect in {false:.3f}; claimed {FALSE}")
    return found


def table(rows: list[Row]) -> str:
    """Return the figures of the claims as Markdown."""
    lines = [
        "| markets | weeks | effect | rule | runs | holds the truth | mean error | width | improved | worsened "
        "| no effect | cannot tell | flagged |",
        "|---|--:|--:|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for one in rows:
        shown = one.drift if one.drift else one.effect
        effect = f"{one.drift:+.0%} a week" if one.drift else f"{shown:+.0%}" if shown else "none"
        flagged = f"{one.flagged:.3f}" if one.rule == "voc" else ""
        lines.append(
            f"| {one.adopters} of {one.markets} | {one.baseline} | {effect} | {one.rule} | {one.runs} "
            f"| {one.coverage:.3f} | {one.error:+.3f} | {one.width:.2f} | {one.improved:.3f} | {one.worsened:.3f} "
            f"| {one.no_effect:.3f} | {one.cannot_tell:.3f} | {flagged} |"
        )
    return "\n".join(lines)


def main() -> int:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="under a minute: a few runs of each setting")
    parser.add_argument("--check", action="store_true", help="exit with 1 and name each claim that fell short")
    parser.add_argument("--runs", type=int, default=0, help="runs of each of the 12 settings (350; quick: 20)")
    parser.add_argument("--world", choices=[DEVELOPMENT.name, REPORTED.name], default=REPORTED.name)
    chosen = parser.parse_args()
    runs = chosen.runs or (20 if chosen.quick else 350)
    world = {one.name: one for one in (DEVELOPMENT, REPORTED)}[chosen.world]
    start, rows = time.perf_counter(), []
    for number, design in enumerate(settings()):
        seed = FIRST_SEED[world.name] + 10_000 * number
        rows += play(design, world, max(5, runs // 4) if design.drift else runs, seed)
        print(design, f"{rows[-3].coverage:.3f} {rows[-3].improved:.3f}", file=sys.stderr, flush=True)
    claimed, diverging = [row for row in rows if not row.drift], [row for row in rows if row.drift]
    print(f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()},")
    print(f"world {world.name}, {time.perf_counter() - start:.0f} seconds.\n")
    print(
        table(claimed)
        + "\n\nDivergences of adopters before (and after) the adoption, no effect:\n\n"
        + table(diverging)
    )
    print()
    for size in SIZES:
        for rule in RULES:
            coverage, false, every, quiet = together(rows, rule, size)
            print(
                f"- {size[1]} of {size[0]}, {rule}: holds the truth in {coverage:.3f} of {every} runs; 'improved' "
                f"without an effect in {false:.3f} of {quiet}"
            )
    print("\n" + json.dumps([asdict(row) for row in rows]))
    found = shortfalls(rows, quick=chosen.quick)
    for line in found:
        print(f"FELL SHORT: {line}")
    return 1 if found and chosen.check else 0


if __name__ == "__main__":
    sys.exit(main())
