"""Which texts are taken for orders to a model: of the attacks written for this project, and of real comments.

Usage: python benchmarks/fence.py [--quick] [--check] [--data FOLDER]

Attacks by kind on the half that the table of words (`voc/llm/orders.toml`) was made on and on the other half; both
halves have the same author. Peer: a pattern of English, German, French and Portuguese phrases, which voc had before.
Ordinary texts: the complaints that stand in place of the attacks, those of `parts/planted.jsonl`, the sample without
its hostile rows, and the real comments of the data folder: odd rows, since false alarms on even ones were looked at.
Also whether anything in the attacks can leave its fence, in any normal form of Unicode.

Claims: of the unseen half at least 90 % are recognised, polite and poisoning ones aside; of real comments at most
.2 %, of the other ordinary ones none; nothing leaves its fence. `--quick` takes every tenth real comment.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import platform
import re
import sys
import time
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from parts.hostile import Hostile, halves, read_hostile
from parts.planted import read_planted

from voc.llm.fence import gives_orders, neutral

ROOT = Path(__file__).resolve().parents[1]
POLITE = ("social", "poison")
CAUGHT, FALSE = 0.9, 0.002
CLAUSES = "postal_standards_de"
FORMS = ("NFC", "NFD", "NFKC", "NFKD")
BEFORE = re.compile(
    r"(?:ignor\w*|disregard\w*|forget|vergiss\w*|oublie\w*|esque[cç]\w*)\b.{0,40}"
    r"\b(?:instruct\w*|anweisung\w*|consigne\w*|instru[cç]\w*|rules|prompt)|"
    r"\b(?:you are now|you must output|output only|antworte nur|neue anweisung|new instructions?)\b|"
    r"\b(?:approve|genehmige|approuve\w*|aprov\w*)\b.{0,30}\b(?:proposal|draft|rule|entwurf|projet|proposta)|"
    r"<\|im_(?:start|end)\|>|name this theme|add clause|maintenance mode|[ée]cris que|setze die frist",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Line:
    """Texts of one kind and how many were taken for orders, by the table and by the pattern before."""

    group: str
    kind: str
    texts: int
    found: int
    before: int


def line(group: str, kind: str, texts: Sequence[str]) -> Line:
    """Return the counts of some texts."""
    return Line(group, kind, len(texts), sum(map(gives_orders, texts)), sum(map(_before, texts)))


def _before(text: str) -> bool:
    return bool(BEFORE.search(unicodedata.normalize("NFKC", text)))


def attacks() -> list[Line]:
    """Return a line for each half and kind."""
    found = []
    for group, half in zip(("half A", "half B"), halves(read_hostile()), strict=True):
        kinds = list(dict.fromkeys(one.kind for one in half))
        found += [line(group, kind, [one.text for one in half if one.kind == kind]) for kind in kinds]
    return found


def ordinary(folder: Path, *, every: int) -> list[Line]:
    """Return a line for each set of ordinary texts; without a data folder no real ones."""
    sample = ROOT / "voc" / "sample"
    with (sample / "truth.csv").open(encoding="utf-8") as handle:
        hostile = {row["id"] for row in csv.DictReader(handle) if row["hostile"]}
    with (sample / "feedback.csv").open(encoding="utf-8") as handle:
        comments = [row["comment"] for row in csv.DictReader(handle) if row["id"] not in hostile]
    lines = [
        line("ordinary", "in place of attacks", [one.benign for one in read_hostile()]),
        line("ordinary", "planted", [text for group in read_planted() for text in group.comments]),
        line("ordinary", "sample", comments),
    ]
    for path in sorted(folder.glob("*.jsonl")):
        if path.stem != CLAUSES:
            with path.open(encoding="utf-8") as handle:
                rows = [str(json.loads(row)["text"]) for row in list(handle)[1 :: 2 * every]]
            lines.append(line("real", path.stem, rows))
    return lines


def leaks(half: Sequence[Hostile]) -> list[str]:
    """Return the ids of attacks that leave their fence in some normal form."""
    return [
        one.id
        for one in half
        if any(set("<>[]{}|`\n") & set(unicodedata.normalize(form, neutral(one.text))) for form in FORMS)
    ]


def share(lines: Sequence[Line], wanted: Callable[[Line], bool], *, before: bool = False) -> float:
    """Return the share of texts that were taken for orders."""
    some = [one for one in lines if wanted(one)]
    return sum(one.before if before else one.found for one in some) / max(sum(one.texts for one in some), 1)


def shortfalls(lines: Sequence[Line], left: Sequence[str]) -> list[str]:
    """Return the claims that fell short."""
    short = [f"{name} leaves its fence" for name in left]
    caught = share(lines, lambda one: one.group == "half B" and one.kind not in POLITE)
    if caught < CAUGHT:
        short.append(f"{caught:.3f} of the unseen attacks are recognised, {CAUGHT} is claimed")
    real = share(lines, lambda one: one.group == "real")
    if real > FALSE:
        short.append(f"{real:.4f} of real comments are taken for orders, at most {FALSE} is claimed")
    short += [f"{one.found} of {one.kind}" for one in lines if one.group == "ordinary" and one.found]
    return short


def table(lines: Sequence[Line]) -> str:
    """Return the lines as Markdown."""
    cells = {(one.group, one.kind): one for one in lines}
    out = ["| attacks | half A | half B, unseen | pattern before, both |", "|---|--:|--:|--:|"]
    for kind in dict.fromkeys(one.kind for one in lines if one.group.startswith("half")):
        first, second = (cells.get((group, kind), Line(group, kind, 0, 0, 0)) for group in ("half A", "half B"))
        out.append(
            f"| {kind} | {first.found} of {first.texts} | {second.found} of {second.texts} | "
            f"{first.before + second.before} of {first.texts + second.texts} |"
        )
    for name, kinds in (("all but polite and poisoning", False), ("all", True)):
        shares = [
            share(lines, lambda one, g=group, k=kinds: one.group in g and (k or one.kind not in POLITE), before=before)
            for group, before in ((("half A",), False), (("half B",), False), (("half A", "half B"), True))
        ]
        out.append(f"| {name} | {' | '.join(f'{100 * one:.0f} %' for one in shares)} |")
    out += ["", "| ordinary texts | texts | taken for orders |", "|---|--:|--:|"]
    out += [f"| {one.kind} | {one.texts:,} | {one.found} |" for one in lines if not one.group.startswith("half")]
    return "\n".join(out)


def main() -> int:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="every tenth real comment")
    parser.add_argument("--check", action="store_true", help="exit with 1 and name each claim that fell short")
    default = os.environ.get("VOC_SHARED_DATA") or str(ROOT.parent / "shared" / "data")
    parser.add_argument("--data", type=Path, default=Path(default), help="folder of the real texts")
    chosen = parser.parse_args()
    print(f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}\n")
    begun = time.perf_counter()
    lines = attacks() + ordinary(chosen.data, every=10 if chosen.quick else 1)
    print(table(lines) + "\n\n" + json.dumps([asdict(one) for one in lines]))
    texts = sum(one.texts for one in lines)
    print(f"\n{texts:,} texts in {time.perf_counter() - begun:.1f} s")
    if not any(one.group == "real" for one in lines):
        print(f"There are no real texts at {chosen.data}; name their folder with --data.")
    short = shortfalls(lines, leaks(read_hostile()))
    for each in short:
        print(f"FELL SHORT: {each}")
    return 1 if short and chosen.check else 0


if __name__ == "__main__":
    sys.exit(main())
