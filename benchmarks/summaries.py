"""Are summaries that speak of another theme told from those that speak of their own, and how many good ones are lost.

Usage: python benchmarks/summaries.py [--quick] [--check] [--encoder NAME] [--data FOLDER] [--cache FOLDER]

The local language model writes a sentence about ten questions of each of the 77 intents of BANKING77. It is then
measured, as in a run, on a hundred other questions of every intent: once where it belongs, once exchanged for the
sentence of the nearest intent, once for that of an intent 17 places on. The rule has no constant, so nothing was chosen
on these rows. `--quick` takes every eleventh intent.

Claims: at least 90 % of the sentences stay with their own intent; at least 95 % of those exchanged with the nearest one
are left out, and 95 % of those exchanged with any.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from parts.one_shot import local_model
from parts.sets import LabelledSet, encoder_of, read_set

from voc.ingest.identity import text_hash
from voc.label.asking import ask_summary
from voc.label.faith import Names, measurable
from voc.label.ground import Ground, nearest_themes
from voc.label.kinds import Kinds
from voc.label.members import Comments, Member, Sampled
from voc.llm.chain import Answer, Budget, Chain
from voc.store.database import open_database
from voc.themes.space import Space
from voc.types import Stamp, Vectors
from voc.wiring import models_dir, utc_now

ROOT = Path(__file__).resolve().parents[1]
SHOWN, MEASURED, FAR = 10, 100, 17
STAYS, LEAVES = 0.9, 0.95
QUICK = 11


class Unlinked(Chain):
    """Asks about questions that are stored nowhere."""

    def ask(self, *arguments: object, feedback_ids: object = (), **named: object) -> Answer:
        """Ask without saying whose words they are."""
        return super().ask(*arguments, **named)


@dataclass(frozen=True, slots=True)
class Found:
    """Shares of the intents: whose sentence stays with its own, and whose is left out when exchanged."""

    intents: int
    written: int
    stays: float
    exchanged_with_nearest: float
    exchanged_with_any: float


def rows_by_intent(texts: LabelledSet, every: int) -> dict[str, list[int]]:
    """Return the rows of intents in order of their texts' hashes, which is as good as chance."""
    by_intent: dict[str, list[int]] = {}
    for row in sorted(range(len(texts.texts)), key=lambda one: text_hash(texts.texts[one])):
        by_intent.setdefault(texts.labels[row], []).append(row)
    return {intent: by_intent[intent] for intent in sorted(by_intent)[::every]}


def write(texts: LabelledSet, intents: dict[str, list[int]]) -> dict[str, str]:
    """Ask the local model for a sentence about each intent."""
    said = {}
    with tempfile.TemporaryDirectory() as folder:
        database = open_database(f"sqlite:///{folder}/answers.sqlite")
        stamp = Stamp("benchmark", utc_now())
        chain = Unlinked(database, local_model(models_dir(None, os.environ)), lambda: stamp, Budget(10**9, 10.0**9))
        for intent, rows in intents.items():
            shown = [Member(str(row), str(row), "en", texts.texts[row]) for row in rows[:SHOWN]]
            said[intent] = ask_summary(chain, shown, named(intent), "en")
        database.close()
    return said


def named(intent: str) -> str:
    """Return an intent as a name."""
    return intent.replace("_", " ")


def comments(rows: list[int]) -> Comments:
    """Return rows as comments that a sentence may be measured on."""
    return Comments((), tuple(Sampled(str(row), str(row), "en") for row in rows))


def measure(texts: LabelledSet, intents: dict[str, list[int]], said: dict[str, str], encoder: str) -> Found:
    """Exchange the sentence of one intent after the other, and see which are left out."""
    known: dict[str, Vectors] = {}

    def encode(wanted: list[str]) -> Vectors:
        new = [one for one in dict.fromkeys(wanted) if one not in known]
        known.update(zip(new, encoder_of(encoder).encode(new), strict=True) if new else ())
        return np.stack([known[one] for one in wanted])

    dim = texts.vectors.shape[1]
    space = Space(np.zeros(dim, np.float32), {}, np.eye(dim, dtype=np.float32))
    samples = {one: rows[SHOWN : SHOWN + MEASURED] for one, rows in intents.items()}
    centroids = {one: texts.vectors[rows].mean(axis=0) for one, rows in samples.items()}
    mean = np.mean(list(centroids.values()), axis=0)
    centroids = {one: row - mean for one, row in centroids.items()}
    kinds = Kinds((), np.zeros((0, dim), np.float32))
    ground = Ground(space, centroids, kinds, lambda rows: texts.vectors[list(map(int, rows))], encode)
    names = measurable({one: comments(rows) for one, rows in samples.items()}, {}, ground)
    return shares(names, {one: sentence for one, sentence in said.items() if sentence}, centroids)


def shares(names: Names, said: dict[str, str], centroids: dict[str, Vectors]) -> Found:
    """Return how often a sentence strays where it belongs, and where it does not."""
    called, order = {one: named(one) for one in names.themes}, sorted(said)
    strays = names.strays(said, called)
    others = {one: nearest_themes(one, centroids, count=len(centroids) - 1) for one in order}
    near = {one: next(other for other in others[one] if other in said) for one in order}
    far = {one: order[(place + FAR) % len(order)] for place, one in enumerate(order)}

    def left_out(other: dict[str, str]) -> float:
        return float(np.mean([one in names.strays({**said, one: said[other[one]]}, called) for one in order]))

    return Found(len(called), len(said), 1 - len(strays) / len(order), left_out(near), left_out(far))


def main() -> int:
    """Run, print and, with --check, say which claims fell short."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="every eleventh intent")
    parser.add_argument("--check", action="store_true", help="exit with 1 and name each claim that fell short")
    parser.add_argument("--encoder", default="multilingual-e5-small", help="encoder of the registry")
    default = os.environ.get("VOC_SHARED_DATA") or str(ROOT.parent / "shared" / "data")
    parser.add_argument("--data", type=Path, default=Path(default), help="folder of the real texts")
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "voc" / "benchmarks"
    parser.add_argument("--cache", type=Path, default=cache, help="folder of vectors")
    given = parser.parse_args()
    texts = read_set("BANKING77", given.data, given.encoder, given.cache)
    intents = rows_by_intent(texts, QUICK if given.quick else 1)
    found = measure(texts, intents, write(texts, intents), given.encoder)
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    print(json.dumps(asdict(found)))
    wanted = (("stays", STAYS), ("exchanged_with_nearest", LEAVES), ("exchanged_with_any", LEAVES))
    fell = [(name, least) for name, least in wanted if getattr(found, name) < least]
    for name, least in fell:
        print(f"SHORT: {name} is {getattr(found, name):.3f}, {least} is claimed")
    return 1 if given.check and fell else 0


if __name__ == "__main__":
    sys.exit(main())
