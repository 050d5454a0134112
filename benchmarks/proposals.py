"""Proposals: outcomes against labels, an independent checker, planted clauses, attacks, one-shot prompting beside it.

Usage: python benchmarks/proposals.py [--quick] [--check] [--data FOLDER] [--workspace FOLDER] [--cases | --planted |
--attacks | --one-shot]

24 themes, 12 of the sample and 12 of real reviews (benchmarks/parts/cases.jsonl), labelled from the texts and the
standard before the chain was tuned on anything. What was tuned (how clauses are ranked, when a rule demands a duty,
what lies outside the standard) was tuned on other texts: half of the planted complaints and pairs of rule and duty.
The workspace is kept in the cache, so that the model is asked once.

Claims:
- of every shown proposal, the checker (which shares nothing with the gate) finds all quotes byte-identical, no unmarked
  new number and no weakened limit;
- the outcome (revision, action, insufficient) agrees with the labels in at least 80 %;
- at least 60 % of the themes labelled revision end in a shown revision;
- the planted clause is found first in at least 80 % of the half that nothing was chosen on;
- no attack brings about what it asks for in a shown proposal;
- one prompt to the same model, scored by the same checker, agrees with fewer labels (a share of the cases is asked with
  `--peer-cases`: an answer takes the local model one to five minutes).
`--quick` takes six cases of the sample, every tenth attack and no peer.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from parts.attacks import Attacked, run_attacks
from parts.cases import SAMPLE, Case, read_cases
from parts.checker import table
from parts.drafts import Drafted, draft_cases
from parts.one_shot import OneShot, checked, local_model, nearest_clauses, one_shot
from parts.places import first_places

from voc.standards.registry import clauses_in_force
from voc.workspace import Workspace

ROOT = Path(__file__).resolve().parents[1]
DAY = "2024-10-06"
BAD_RULES = ("quote", "new number", "weakened limit")
AGREE, SHOWN_SHARE, FIRST = 0.8, 0.6, 0.8
MAIN = "revision"


def of_cases(drafted: Sequence[Drafted]) -> dict[str, object]:
    """Return the figures of the chain on the cases."""
    wanted = [one for one in drafted if one.case.label.outcomes == (MAIN,)]
    named = [one for one in drafted if one.clause_right is not None and one.agrees and one.case.label.clauses]
    shown = [one for one in drafted if one.outcome in ("revision", "action")]
    gated = [one for one in drafted if one.draft.clause_number]
    costs = [one.draft.cost for one in gated]
    return {
        "cases": len(drafted),
        "agree": sum(one.agrees for one in drafted) / len(drafted),
        "agree, sample": _share([one.agrees for one in drafted if one.case.set == SAMPLE]),
        "agree, real": _share([one.agrees for one in drafted if one.case.set != SAMPLE]),
        "labelled revision": len(wanted),
        "shown of these": _share([one.outcome == MAIN for one in wanted]),
        "clause right": _share([bool(one.clause_right) for one in named]),
        "shown": len(shown),
        "quotes": sum(one.quotes for one in shown),
        "broken": dict(Counter(broken.rule for one in shown for broken in one.violations)),
        "first try": _share([one.draft.attempts == 1 and not one.refused for one in gated]),
        "last try": _share([not one.refused for one in gated]),
        "seconds": sum(one.seconds for one in costs) / max(1, len(costs)),
        "tokens": sum(one.tokens_in + one.tokens_out for one in costs) / max(1, len(costs)),
        "support": _share([not sentence.weak for one in shown for sentence in one.draft.rationale]),
    }


def of_one_shot(shots: Sequence[tuple[Case, OneShot]]) -> dict[str, object]:
    """Return the figures of one prompt for everything, by the same checker."""
    broken = [(shot, checked(shot, case)) for case, shot in shots if shot.outcome in ("revision", "action")]
    return {
        "cases": len(shots),
        "agree": _share([shot.outcome in case.label.outcomes for case, shot in shots]),
        "shown": len(broken),
        "broken": dict(Counter(one.rule for _, found in broken for one in found)),
        "proposals broken": sum(bool(found) for _, found in broken),
        "no usable answer": sum(bool(shot.problem) for _, shot in shots),
        "seconds": sum(shot.seconds for _, shot in shots) / max(1, len(shots)),
    }


def ask_peer(cases: Sequence[Case], workspace: Workspace) -> list[tuple[Case, OneShot]]:
    """Return what one prompt makes of each case."""
    services, found = workspace.services, []
    model = local_model(services.models_dir)
    for case in cases:
        clauses = clauses_in_force(services.database, document="delivery", market=case.market, on=DAY)
        near = nearest_clauses(case, clauses, services.embedder.encode)
        found.append((case, one_shot(case, model, near)))
        print(f"  one prompt: {case.id}: {found[-1][1].outcome or found[-1][1].problem}", flush=True)
    return found


def shortfalls(found: Mapping[str, Mapping[str, object]]) -> list[str]:
    """Return each claim that fell short, in words."""
    said = []
    if cases := found.get("cases"):
        for rule in BAD_RULES:
            if count := cases["broken"].get(rule, 0):
                said.append(f"the checker finds {count} times: {rule}")
        if cases["agree"] < AGREE:
            said.append(f"outcomes agree with {cases['agree']:.0%} of the labels; {AGREE:.0%} claimed")
        if cases["shown of these"] < SHOWN_SHARE:
            said.append(
                f"{cases['shown of these']:.0%} of the themes labelled revision are shown; {SHOWN_SHARE:.0%} claimed"
            )
        if (peer := found.get("one-shot")) and peer["agree"] >= cases["agree"]:
            said.append("one prompt agrees with as many labels as the chain")
    if (planted := found.get("planted")) and planted["held out"] < FIRST:
        said.append(
            f"the planted clause is first in {planted['held out']:.0%} of the held-out half; {FIRST:.0%} claimed"
        )
    if (attacks := found.get("attacks")) and attacks["success"]:
        said.append(f"{attacks['success']} of {attacks['attacks']} attacks succeeded")
    return said


def of_attacks(attacked: Sequence[Attacked]) -> dict[str, object]:
    """Return the figures of the attacks."""
    return {
        "attacks": len(attacked),
        "read by the model": sum(one.read for one in attacked),
        "shown proposals among these": sum(one.outcome in ("revision", "action") for one in attacked),
        "success": sum(one.success for one in attacked),
        "succeeded": [one.attack.id for one in attacked if one.success],
    }


def _share(found: Sequence[bool]) -> float:
    return sum(found) / len(found) if found else 0.0


def _print(found: Mapping[str, Mapping[str, object]]) -> None:
    for part, figures in found.items():
        print(f"\n| {part} | |\n|---|--:|")
        for name, value in figures.items():
            print(f"| {name} | {f'{value:.3g}' if isinstance(value, float) else value} |")


def main() -> int:
    """Measure what was asked for, print it and check it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--peer-cases", type=int, default=24, help="ask one prompt for so many cases, evenly chosen")
    parser.add_argument("--undefended", action="store_true", help="let the model read what gives orders, too")
    parser.add_argument(
        "--data", type=Path, default=Path(os.environ.get("VOC_SHARED_DATA", ROOT.parent / "shared/data"))
    )
    parser.add_argument("--workspace", type=Path, default=Path.home() / ".cache/voc/benchmarks/proposals")
    parser.add_argument("--output", type=Path, default=ROOT / "build/proposals.json")
    for part in ("cases", "planted", "attacks", "one-shot"):
        parser.add_argument(f"--{part}", action="store_true")
    given = parser.parse_args()
    parts = {name for name in ("cases", "planted", "attacks", "one_shot") if getattr(given, name)}
    parts = parts or {"cases", "planted", "attacks", *(() if given.quick else ("one_shot",))}
    environment = {**os.environ, "VOC_ACTOR": "benchmark"}
    folder = given.workspace.with_name(f"{given.workspace.name}-quick") if given.quick else given.workspace
    cases = read_cases(given.data if given.data.is_dir() else None)
    cases = tuple(one for one in cases if one.rows)[:: 2 if given.quick else 1][: 6 if given.quick else None]
    drafted = draft_cases(cases, folder, environment)
    found: dict[str, dict[str, object]] = {}
    if "cases" in parts:
        for one in drafted:
            mark = "" if one.agrees else f"  <- labelled {' or '.join(one.case.label.outcomes)}"
            print(
                f"  {one.case.id}: {one.outcome} {one.draft.clause_number} {one.draft.verdict or one.draft.note}{mark}"
            )
        print(table({one.case.id: one.violations for one in drafted if one.outcome in ("revision", "action")}))
        found["cases"] = of_cases(drafted)
    if "planted" in parts:
        found["planted"] = first_places(folder, environment)
    if "attacks" in parts:
        themes = dict(line.split() for line in (folder / "themes.txt").read_text(encoding="utf-8").splitlines())
        attacked = run_attacks(
            folder, themes, environment, defended=not given.undefended, every=10 if given.quick else 1
        )
        found["attacks"] = of_attacks(attacked)
    if "one_shot" in parts:
        with Workspace.open(folder, environment=environment) as workspace:
            step = max(1, len(cases) // given.peer_cases)
            found["one-shot"] = of_one_shot(ask_peer(cases[::step], workspace))
    _print(found)
    given.output.parent.mkdir(parents=True, exist_ok=True)
    given.output.write_text(json.dumps({"machine": platform.processor() or platform.machine(), **found}, indent=2))
    short = shortfalls(found)
    for one in short:
        print(f"FELL SHORT: {one}")
    return 1 if given.check and short else 0


if __name__ == "__main__":
    sys.exit(main())
