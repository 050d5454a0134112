"""The gate: how many seeded bad drafts it catches, and how many good ones it refuses.

Usage: python benchmarks/gate.py [--quick] [--check] [--first | --held] [--seed N] [--show]

Bad drafts: numbers in words and other units, limits weakened or lost, modals weakened, duties softened, negations
turned, numbers invented in the rationale, complaints pasted or paraphrased as clause text, another language, misquotes,
ids that nobody offered, all evidence cited, personal data, orders echoed, markup, chained duties, meta text, the wrong
clause; English, German, French and Portuguese. Good ones: duties added or made strong, targets, limits tightened to a
computed figure, units converted, rights and bans added. Both halves were written before the rules were tuned; the rules
were worked on with the first, and the second, of other clauses and other phrasing, was run at the end.

Claims, on each half:
- bad drafts caught: at least 98 %;
- good drafts refused: at most 5 %.
`--quick` runs the first half only.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import time
from collections import defaultdict

from parts.bad_drafts import HALVES, Seeded, seeded

from voc.proposals.gate import check

CAUGHT, REFUSED = 0.98, 0.05
LANGUAGES = ("en", "de", "fr", "pt")


def failures(one: Seeded) -> tuple[str, ...]:
    """Return the rules that a draft fails, each with its reason."""
    rows = check(one.draft, one.offered, one.quotes, regions=["US", "GB", "DE", "FR", "BR"])
    return tuple(f"{row.rule}: {row.reason}" for row in rows if not row.passed)


def measure(half: str, *, seed: int, show: bool) -> dict[str, object]:
    """Return how many drafts of each kind and language were stopped, and the milliseconds of one check."""
    counts: dict[str, dict[str, list[int]]] = {"bad": defaultdict(lambda: [0, 0]), "good": defaultdict(lambda: [0, 0])}
    spoken = {side: {language: [0, 0] for language in LANGUAGES} for side in counts}
    drafts = seeded(half, seed=seed)
    failures(drafts[0])  # loads the language guesser
    start = time.perf_counter()
    for one in drafts:
        found, side = failures(one), "good" if one.good else "bad"
        for tally in (counts[side][one.kind], spoken[side][one.language]):
            tally[0] += bool(found)
            tally[1] += 1
        if show and bool(found) is one.good:
            added = one.draft.new_text.removeprefix(one.draft.old_text).strip()
            said = " | ".join(sentence.text for sentence in one.draft.rationale)
            print(f"  {'REFUSED' if one.good else 'MISSED'} {one.language} {one.kind}: {added}\n    [{said}] {found}")
    took = 1000 * (time.perf_counter() - start) / len(drafts)
    sums = {
        side: {
            "stopped": sum(tally[0] for tally in tallies.values()),
            "drafts": sum(tally[1] for tally in tallies.values()),
        }
        for side, tallies in counts.items()
    }
    return {"counts": counts, "languages": spoken, "sums": sums, "ms": took}


def table(measured: dict[str, dict[str, object]]) -> str:
    """Return the figures in Markdown, a column a half."""
    halves = list(measured)
    lines = []
    for side, title in (("bad", "bad drafts, caught"), ("good", "good drafts, refused")):
        lines += [f"| {title} | {' | '.join(halves)} |", "|---|" + "--:|" * len(halves)]
        for part, key in (("counts", "kind"), ("languages", "language")):
            names = sorted({name for half in halves for name in measured[half][part][side]})
            for name in names:
                cells = [measured[half][part][side].get(name, [0, 0]) for half in halves]
                label = f"all in {name}" if key == "language" else name
                lines.append(f"| {label} | {' | '.join(f'{cell[0]} of {cell[1]}' for cell in cells)} |")
        sums = [measured[half]["sums"][side] for half in halves]
        cells = [f"**{one['stopped']} of {one['drafts']} ({one['stopped'] / one['drafts']:.1%})**" for one in sums]
        lines += [f"| **all** | {' | '.join(cells)} |", ""]
    took = [f"{half} {measured[half]['ms']:.1f}" for half in halves]
    lines.append(f"Milliseconds a check: {', '.join(took)}.")
    return "\n".join(lines)


def shortfalls(measured: dict[str, dict[str, object]]) -> list[str]:
    """Return each claim that fell short, in words."""
    said = []
    for half, found in measured.items():
        bad, good = found["sums"]["bad"], found["sums"]["good"]
        if bad["stopped"] < CAUGHT * bad["drafts"]:
            said.append(f"{half}: {bad['stopped']} of {bad['drafts']} bad drafts were caught, claimed {CAUGHT:.0%}")
        if good["stopped"] > REFUSED * good["drafts"]:
            said.append(f"{half}: {good['stopped']} of {good['drafts']} good ones were refused, claimed {REFUSED:.0%}")
    return said


def main() -> int:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="the first half only")
    parser.add_argument("--check", action="store_true", help="exit with 1 and name each claim that fell short")
    parser.add_argument("--first", action="store_true", help="the half that the rules were worked on with")
    parser.add_argument("--held", action="store_true", help="the half that was held out")
    parser.add_argument("--seed", type=int, default=0, help="which comments support and are quoted")
    parser.add_argument("--show", action="store_true", help="print each bad draft missed and each good one refused")
    chosen = parser.parse_args()
    halves = [half for half in HALVES if (chosen.first, chosen.held)[HALVES.index(half)]] or list(HALVES)
    if chosen.quick:
        halves = ["first"]
    print(f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}\n")
    measured = {half: measure(half, seed=chosen.seed, show=chosen.show) for half in halves}
    print(table(measured) + "\n")
    print(json.dumps(measured))
    fell = shortfalls(measured)
    for line in fell:
        print(f"FELL SHORT: {line}")
    return 1 if fell and chosen.check else 0


if __name__ == "__main__":
    sys.exit(main())
