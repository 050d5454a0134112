"""Speed, recall and size of search: every figure, its table, and what fell short."""

from __future__ import annotations

from typing import Any

from parts import hall, store
from parts.answers import Place

SIZES, QUICK_SIZES = (100_000, 1_000_000), (20_000,)
COMMENTS, QUICK_COMMENTS = 300_000, 20_000
VECTOR_MS, RECALL, WHOLE_MS = 10.0, 0.99, 50.0


def measure(place: Place, *, quick: bool) -> dict[str, Any]:
    """Return every figure of speed and size."""
    known = hall.real(place)
    print(f"  {len(known.texts)} real texts, {len(known.asked)} questions", flush=True)
    whole = store.whole_search(known, QUICK_COMMENTS if quick else COMMENTS)
    print("  whole searches", flush=True)
    sizes = {}
    for count in QUICK_SIZES if quick else SIZES:
        sizes[f"{count:,}"] = hall.vectors_at(known, count)
        print(f"  {count:,} vectors", flush=True)
    return {"sizes": sizes, "whole": whole}


def table(measured: dict[str, Any]) -> str:
    """Return the tables in Markdown."""
    lines = ["| vectors | one thread, one question at a time | p50 ms | p99 ms | recall@10 |", "|--:|---|--:|--:|--:|"]
    for count, of in measured["sizes"].items():
        for name, one in of["rows"].items():
            lines.append(f"| {count} | {name} | {one['p50_ms']:.2f} | {one['p99_ms']:.2f} | {one['recall']:.4f} |")
    lines += [
        "",
        "| vectors | build, minutes | codes | words | keys, places | memory, bytes a vector |",
        "|--:|--:|--:|--:|--:|--:|",
    ]
    for count, of in measured["sizes"].items():
        disk = " | ".join(f"{of['bytes_a_vector_on_disk'][one]:.0f}" for one in ("codes", "words", "other"))
        lines.append(f"| {count} | {of['build_minutes']:.2f} | {disk} | {of['bytes_a_vector_in_memory']:.0f} |")
    whole = measured["whole"]
    ratio = whole["whole"]["p50_ms"] / whole["flat"]["p50_ms"]
    lines += [
        "",
        f"{whole['comments']:,} comments, whole hybrid search without encoding: p50 {whole['whole']['p50_ms']:.1f} ms, "
        f"p99 {whole['whole']['p99_ms']:.1f} ms; FAISS Flat alone p50 {whole['flat']['p50_ms']:.1f} ms "
        f"(ratio {ratio:.2f}).",
        "",
        "| filter lets through | texts | recall@10 | violations | meaning p50 ms | p99 ms | hybrid p99 ms |",
        "|---|--:|--:|--:|--:|--:|--:|",
    ]
    for share, one in whole["filtered"].items():
        lines.append(
            f"| {share} | {one['passing']:,} | {one['recall']:.4f} | {one['violations']} | {one['p50_ms']:.1f} | "
            f"{one['p99_ms']:.1f} | {one['hybrid_p99_ms']:.1f} |"
        )
    return "\n".join(lines)


def shortfalls(measured: dict[str, Any], *, quick: bool) -> list[str]:
    """Return each claim that fell short, in words."""
    said = []
    for count, of in measured["sizes"].items():
        ours = next(one for name, one in of["rows"].items() if name.startswith("voc"))
        if ours["recall"] < RECALL:
            said.append(f"{count} vectors: recall {ours['recall']:.4f}, wanted {RECALL}")
        if ours["p50_ms"] > VECTOR_MS:
            said.append(f"{count} vectors: p50 {ours['p50_ms']:.1f} ms, wanted {VECTOR_MS:g}")
    whole = measured["whole"]
    if whole["whole"]["p99_ms"] > WHOLE_MS:
        said.append(f"{whole['comments']:,} comments: p99 {whole['whole']['p99_ms']:.0f} ms, wanted {WHOLE_MS:g}")
    for share, one in whole["filtered"].items():
        if one["recall"] < RECALL:
            said.append(f"a filter of {share}: recall {one['recall']:.4f}, wanted {RECALL}")
        if one["violations"]:
            said.append(f"a filter of {share}: {one['violations']} hits do not pass it")
    return said
