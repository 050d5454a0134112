"""`voc index`: the search index as it lies on the disk."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from voc.cli import place
from voc.cli.output import out

if TYPE_CHECKING:
    from voc.index.tune import IndexStatus, Trial, Tuning

app = typer.Typer(no_args_is_help=True)


@app.command("status")
def index_status() -> None:
    """Show the generation in force, what came since, and whether its files are sound; exit with 3 when not."""
    with place.open_workspace() as workspace:
        found = workspace.index_status()
    _show(found)
    if found.problems:
        raise typer.Exit(3)


@app.command("compact")
def compact_index() -> None:
    """Write a new generation over every text that has a vector now, instead of when enough has changed."""
    with place.open_workspace() as workspace:
        found = workspace.compact_index()
    _show(found)


@app.command("tune")
def tune_index(
    queries: Annotated[int, typer.Option("--queries", help="How many stored texts are asked about.")] = 200,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Compare the tiers on the workspace's own vectors, stored texts as questions; nothing is stored."""
    with place.open_workspace() as workspace:
        found = workspace.tune_index(questions=queries)
    if as_json:
        typer.echo(json.dumps(asdict(found), indent=1))
    else:
        _show_tuning(found)


def _show(one: IndexStatus) -> None:
    before = f" (before it: {one.previous})" if one.previous else ""
    out.print(f"generation  {one.name or '–'}{before}")
    manifest = one.manifest
    if manifest is not None:
        segment, row = manifest.mark
        out.print(f"encoder     {manifest.model_id}")
        out.print(f"tier        {manifest.tier}")
        out.print(f"texts       {manifest.rows:,}")
        out.print(f"languages   {', '.join(one for one in manifest.languages if one) or '–'}")
        out.print(f"mark        segment {segment}, row {row:,}")
        out.print(f"since       {one.came:,} texts came with vectors, {one.waiting:,} wait for theirs")
    out.print(f"bytes       {sum(one.file_bytes.values()):,}")
    for name, count in one.file_bytes.items():
        out.print(f"  {name:<15}{count:>15,}")
    out.print(f"files       {'damaged; mend them: voc doctor --repair' if one.problems else 'sound'}")
    for problem in one.problems:
        out.print(f"- {problem}")


def _show_tuning(one: Tuning) -> None:
    out.print(f"{one.questions} of {one.texts:,} texts of the index {one.name} were asked for what is near them")
    out.print(f"\n{'tier':<8}{'rerank':>8}{'recall@10':>11}{'recall@100':>12}{'p50 ms':>9}{'p99 ms':>9}{'bytes':>8}")
    for trial in one.trials:
        out.print(_line(trial))
    out.print(
        "\nrerank: exact cosines after the codes, at least twice as many as hits are asked for, so 202 for recall@100."
    )
    out.print("ms: a search for 10 on one thread. bytes: a vector in the index; codes also read those of the store.")
    out.print(_why(one))


def _line(one: Trial) -> str:
    rerank = "–" if one.rerank is None else f"{one.rerank}"
    times = f"{one.p50_ms:>9.2f}{one.p99_ms:>9.2f}"
    return f"{one.tier:<8}{rerank:>8}{one.recall_10:>11.3f}{one.recall_100:>12.3f}{times}{one.vector_bytes:>8,}"


def _why(one: Tuning) -> str:
    few = one.texts <= one.flat_up_to
    rule = f"up to {one.flat_up_to:,} texts (FLAT_UP_TO) every vector is compared, above that codes choose"
    usual = "flat" if few else "codes"
    if one.tier == usual:
        return f"The index has the tier {one.tier}, because it has {one.texts:,} texts: {rule}."
    return f"The index has the tier {one.tier}, as it was asked for; its {one.texts:,} texts call for {usual}: {rule}."
