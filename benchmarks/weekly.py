"""The weekly job on real reviews: embedding against plain sentence-transformers, then seconds and memory of each step.

Usage: python benchmarks/weekly.py [--quick] [--check] [--data FOLDER]

Claims: embedding at least 2.5 times as fast as `SentenceTransformer.encode` in fp32 on the same texts in the same
process, on a processor with AMX; at a mean cosine of at least .999 everywhere. Without AMX the figure is printed and
nothing is claimed.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import statistics
import sys
import tempfile
import time
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np

from voc.embed.encoder import Encoder
from voc.models.pull import require
from voc.models.registry import Model, read_registry
from voc.store import counts, runs
from voc.wiring import models_dir
from voc.workspace import Workspace

SPEEDUP, COSINE = 2.5, 0.999
ROOT = Path(__file__).resolve().parents[1]
SETTINGS = """
[llm]
provider = "none"
[[market]]
code = "FR"
name = "France"
languages = ["fr"]
time_zone = "Europe/Paris"
[[market]]
code = "BR"
name = "Brazil"
languages = ["pt"]
time_zone = "America/Sao_Paulo"
"""
MAPPING = """
source = "reviews"
[columns]
text = "text"
created_at = "created_at"
market = "market"
source_id = "id"
rating = "rating"
"""


def real_rows(folder: Path, most: int) -> list[dict[str, object]]:
    """Return reviews of two markets, the Brazilian ones moved by whole weeks to end with the French ones."""
    both = []
    for name, market in (("trustpilot_fr", "FR"), ("olist_sample", "BR")):
        with (folder / f"{name}.jsonl").open(encoding="utf-8") as handle:
            rows = [json.loads(line) for line in handle]
        for row in rows:
            row["market"] = market
            row["at"] = datetime.fromisoformat(str(row["created_at"]).replace("Z", "+00:00")).replace(tzinfo=None)
        both.append(sorted(rows, key=lambda row: (row["at"], row["id"])))
    french, brazil = both
    shift = timedelta(weeks=(french[-1]["at"] - brazil[-1]["at"]).days // 7)
    for row in brazil:
        row["at"] += shift
    brazil = brazil[-min(len(brazil), most // 5) :]
    return [*french[-(most - len(brazil)) :], *brazil]


def compare_embedding(model: Model, folder: Path, texts: list[str], rounds: int) -> dict[str, float]:
    """Return texts per second of both, the ratio of their median seconds and the mean cosine of their rows."""
    from sentence_transformers import SentenceTransformer

    plain = SentenceTransformer(str(folder), device="cpu", local_files_only=True)
    plain.max_seq_length = model.longest
    ours = Encoder(model, folder, precision="bf16")
    prefixed = [model.prefix + text for text in texts]
    plain.encode(prefixed[:64], normalize_embeddings=True)
    ours.encode(texts[:64])
    seconds: dict[str, list[float]] = {"plain": [], "voc": []}
    for _ in range(rounds):
        start = time.perf_counter()
        theirs = plain.encode(prefixed, batch_size=32, normalize_embeddings=True, show_progress_bar=False)
        seconds["plain"].append(time.perf_counter() - start)
        start = time.perf_counter()
        own = ours.encode(texts)
        seconds["voc"].append(time.perf_counter() - start)
    cosines = (np.asarray(theirs, dtype=np.float64) * own).sum(axis=1)
    middle = {name: statistics.median(found) for name, found in seconds.items()}
    return {
        "texts": len(texts),
        "plain_texts_per_s": len(texts) / middle["plain"],
        "voc_texts_per_s": len(texts) / middle["voc"],
        "speedup": middle["plain"] / middle["voc"],
        "mean_cosine": float(cosines.mean()),
        "smallest_cosine": float(cosines.min()),
    }


def time_steps(rows: list[dict[str, object]]) -> list[dict[str, object]]:
    """Run ingest and the weekly pipeline on rows in a fresh workspace; return seconds and peak memory of each step."""
    folder = Path(tempfile.mkdtemp(prefix="voc-bench-"))
    try:
        (folder / "voc.toml").write_text(SETTINGS)
        (folder / "mapping.toml").write_text(MAPPING)
        with (folder / "reviews.jsonl").open("w", encoding="utf-8") as handle:
            for row in rows:
                kept = {name: row.get(name) for name in ("id", "text", "rating", "market")}
                handle.write(json.dumps({**kept, "created_at": row["at"].isoformat()}) + "\n")  # type: ignore[attr-defined]
        with Workspace.open(folder) as workspace:
            start = time.perf_counter()
            done = workspace.ingest(folder / "reviews.jsonl")
            steps: list[dict[str, object]] = [
                {"step": "ingest", "seconds": time.perf_counter() - start, "peak_mib": None, "rows": done.tally.rows}
            ]
            assert workspace.services.embedder
            with workspace.services.database.read() as connection:
                week = counts.weeks_with_feedback(connection)[-2]
            job = workspace.run(week)
            with workspace.services.database.read() as connection:
                found = runs.steps(connection, run_id=job.run_id)
            steps += [
                {"step": one.name, "seconds": one.seconds, "peak_mib": (one.peak_bytes or 0) / 2**20} for one in found
            ]
        return steps
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def has_matrix_units() -> bool:
    """Say whether the processor multiplies bf16 matrices in units of their own (AMX), for which the claim is made."""
    try:
        flags = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return False
    return "amx_bf16" in flags


def shortfalls(embedding: dict[str, float]) -> list[str]:
    """Return the claims that fell short."""
    found = []
    if has_matrix_units() and embedding["speedup"] < SPEEDUP:
        found.append(f"embedding is {embedding['speedup']:.2f} times as fast as plain fp32; claimed {SPEEDUP}")
    if embedding["mean_cosine"] < COSINE:
        found.append(f"mean cosine to fp32 is {embedding['mean_cosine']:.5f}; claimed {COSINE}")
    return found


def table(embedding: dict[str, float], steps: list[dict[str, object]]) -> str:
    """Return the figures as Markdown."""
    lines = [
        f"Embedding {embedding['texts']:.0f} real reviews, median of the rounds:",
        "",
        "| | texts/s |",
        "|---|--:|",
        f"| plain SentenceTransformer.encode, fp32 | {embedding['plain_texts_per_s']:.0f} |",
        f"| voc, bf16 in fixed shapes | {embedding['voc_texts_per_s']:.0f} |",
        "",
        f"Ratio {embedding['speedup']:.2f}; mean cosine {embedding['mean_cosine']:.5f}, smallest "
        f"{embedding['smallest_cosine']:.5f}.",
        "",
        f"Steps on {steps[0]['rows']} real reviews, the whole history fitted at once:",
        "",
        "| step | seconds | peak memory, MiB |",
        "|---|--:|--:|",
    ]
    for one in steps:
        peak = "" if one["peak_mib"] is None else f"{one['peak_mib']:.0f}"
        lines.append(f"| {one['step']} | {one['seconds']:.1f} | {peak} |")
    return "\n".join(lines)


def main() -> int:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="under a minute, on fewer texts")
    parser.add_argument("--check", action="store_true", help="exit with 1 and name each claim that fell short")
    default = os.environ.get("VOC_SHARED_DATA") or str(ROOT.parent / "shared" / "data")
    parser.add_argument("--data", type=Path, default=Path(default), help="folder of the real reviews")
    chosen = parser.parse_args()
    if not (chosen.data / "trustpilot_fr.jsonl").is_file():
        print(f"There are no real reviews at {chosen.data}; name their folder with --data.")
        return 2
    rows = real_rows(chosen.data, 800 if chosen.quick else 10_000)
    model = read_registry().get("multilingual-e5-small")
    folder = require(model, models_dir(None, os.environ))
    texts = [str(row["text"]) for row in rows][:: 4 if chosen.quick else 5][:2000]
    embedding = compare_embedding(model, folder, texts, rounds=1 if chosen.quick else 3)
    steps = time_steps(rows)
    print(f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}\n")
    print(table(embedding, steps))
    if not has_matrix_units():
        print("\nThis processor has no AMX: the ratio is printed, no claim is made of it.")
    print("\n" + json.dumps({"embedding": embedding, "steps": steps}))
    found = shortfalls(embedding)
    for line in found:
        print(f"FELL SHORT: {line}")
    return 1 if found and chosen.check else 0


if __name__ == "__main__":
    sys.exit(main())
