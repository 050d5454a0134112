"""`voc evaluate`: how good voc is on a user's own labelled data."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from voc.cli import place
from voc.cli.output import out, progress_bars

if TYPE_CHECKING:
    from voc.themes.evaluate import Evaluation
    from voc.themes.scores import Agreement

app = typer.Typer(no_args_is_help=True)


@app.callback()
def evaluate() -> None:
    """Measure voc on labelled data."""


@app.command("themes")
def evaluate_themes(
    data: Annotated[Path, typer.Option("--data", help="CSV or JSON-lines file of labelled texts.")],
    labels: Annotated[str, typer.Option("--labels", help="Column of the labels.")],
    text: Annotated[str, typer.Option("--text", help="Column of the texts.")] = "text",
    lang: Annotated[str, typer.Option("--lang", help="Column of the languages; without it they are guessed.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Find themes in labelled texts as a first run would, and compare them with the labels; nothing is stored."""
    with place.open_workspace() as workspace, progress_bars() as announce:
        found = workspace.evaluate_themes(
            data, labels=labels, text=text, language=lang, progress=announce(f"embed {data.name}")
        )
    if as_json:
        typer.echo(json.dumps(asdict(found), ensure_ascii=False, indent=1))
    else:
        _show(data.name, found)


def _show(name: str, one: Evaluation) -> None:
    scores = one.scores
    out.print(f"{name}: {one.rows} rows, {one.copies} copies folded, {one.left_out} left out")
    out.print(f"encoder   {one.model_id}")
    out.print(f"languages {', '.join(f'{language} {count}' for language, count in one.languages)}")
    out.print(f"themes    {scores.themes} found, {scores.labels} labels")
    out.print(f"coverage  {100 * scores.coverage:.1f} % of {scores.texts} different texts belong to a theme\n")
    out.print(f"{'unassigned are':<24}{'AMI':>8}{'ARI':>8}{'FMI':>8}{'V':>8}")
    out.print(_line("a class of their own", scores.whole))
    out.print(_line("left out", scores.assigned) if scores.assigned else "left out: no text belongs to a theme")
    out.print(f"\ntopic diversity  {_number(one.diversity)}")
    out.print(f"NPMI             {_number(one.npmi)}")
    if one.parity is None:
        out.print("language parity  – (no two languages with enough texts)")
    else:
        values = f"V by label {one.parity.v_by_label:.3f}, by language {one.parity.v_by_language:.3f}"
        out.print(f"language parity  {_number(one.parity.ratio)} ({values})")
    out.print(f"seconds          {one.embed_seconds:.1f} to embed, {one.fit_seconds:.1f} to find themes")
    out.print(f"peak memory      {one.peak_bytes / 2**20:,.0f} MiB")


def _line(name: str, found: Agreement) -> str:
    return f"{name:<24}" + "".join(f"{value:8.3f}" for value in (found.ami, found.ari, found.fmi, found.v_measure))


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"
