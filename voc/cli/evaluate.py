"""`voc evaluate`: how good voc is on a user's own labelled data and judged queries."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from voc.cli import place
from voc.cli.output import out, progress_bars

if TYPE_CHECKING:
    from voc.search.evaluate import SearchEvaluation
    from voc.search.measures import Latency, Quality
    from voc.themes.evaluate import Evaluation
    from voc.themes.scores import Agreement

app = typer.Typer(no_args_is_help=True)

_SHOWN, _LONGEST = 5, 40


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


@app.command("proposals")
def evaluate_proposals(
    again: Annotated[
        bool, typer.Option("--again", help="Draft decided proposals again with the configured model; none is kept.")
    ] = False,
    pairs: Annotated[
        Path | None,
        typer.Option("--pairs", help="JSON lines of sentence, quotes and supported, to judge citations by."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Say how the drafts of each model fared: at the gate, with those who decided, in tokens and seconds."""
    with place.open_workspace() as workspace:
        found = workspace.evaluate_proposals(again=again, pairs=pairs)
    if as_json:
        typer.echo(json.dumps(asdict(found), ensure_ascii=False, indent=1))
        return
    for one in found.models:
        out.print(f"{one.model}: {one.drafts} drafts, {one.shown} shown, {one.briefs} briefs")
        out.print(f"  gate     first try {_percent(one.first_try)}, last try {_percent(one.last_try)}")
        for rule, count in one.rules.items():
            out.print(f"           {rule} failed {count} times")
        out.print(f"  support  {_percent(one.supported)} of the sentences are borne out")
        if one.tokens is not None and one.seconds is not None:
            out.print(f"  cost     {one.tokens:,.0f} tokens and {one.seconds:.1f} seconds a draft")
        for decision, count in one.decided.items():
            out.print(f"  decided  {decision}: {count}")
    for redone in found.again:
        mark = "good" if redone.good else "as bad"
        out.print(f"{redone.proposal_id}  {redone.decided} -> {redone.outcome} {redone.clause}  ({mark})")
    if found.again:
        out.print(f"drafted again: {sum(one.good for one in found.again)} of {len(found.again)} good")
    if found.precision is not None:
        kept = found.precision
        out.print(
            f"citations  {kept.cited} of {kept.pairs} pairs accepted, precision {_percent(kept.precision)}, "
            f"recall {_percent(kept.recall)}"
        )


def _percent(share: float | None) -> str:
    return "unknown" if share is None else f"{100 * share:.0f} %"


@app.command("search")
def evaluate_search(
    queries: Annotated[Path, typer.Option("--queries", help="CSV or JSON-lines file: id, text and, if known, lang.")],
    qrels: Annotated[Path, typer.Option("--qrels", help="Lines of query, passage and grade, as TREC writes them.")],
    corpus: Annotated[
        Path | None, typer.Option("--corpus", help="File of passages like that of queries; else stored comments.")
    ] = None,
    mode: Annotated[
        list[str] | None, typer.Option("--mode", help="hybrid, dense or lexical; repeat it for several, else all.")
    ] = None,
    limit: Annotated[int | None, typer.Option("--limit-queries", help="Ask the first so many only.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Ask judged queries and say how good and how fast search is; nothing is stored."""
    with place.open_workspace() as workspace, progress_bars() as announce:
        found = workspace.evaluate_search(
            queries, qrels, corpus=corpus, modes=mode or (), limit=limit, announce=announce
        )
    if as_json:
        typer.echo(json.dumps(asdict(found), ensure_ascii=False, indent=1))
    else:
        _show_search(found, "comments of the workspace" if corpus is None else f"passages of {corpus.name}")


def _show_search(one: SearchEvaluation, where: str) -> None:
    out.print(f"searched  {one.passages:,} {where}, {one.texts:,} different texts")
    out.print(f"encoder   {one.model_id}")
    out.print(f"asked     {one.queries:,} queries; {one.without_relevant:,} without a relevant passage are left out")
    if one.refused:
        out.print(f"refused   {_some(one.refused)}: too long, or without a word")
    if one.unknown_passages:
        out.print(f"unknown   {_some(one.unknown_passages)}: judged, but not in what is searched; left out")
    if one.unknown_queries:
        out.print(f"unknown   {one.unknown_queries:,} queries: judged, but not in the file of queries; left out")
    for note in one.notes:
        out.print(f"note      {note}")
    out.print(f"\n{'':<20}{'queries':>8}{'nDCG@10':>10}{'Recall@10':>11}{'Recall@100':>12}{'MRR':>8}")
    for each in one.modes:
        out.print(_quality(each.mode, each.quality))
    for each in one.modes:
        for pair in each.pairs:
            out.print(_quality(f"{each.mode} {pair.asked} -> {pair.told}", pair.quality))
    out.print(f"\n{'ms':<36}{'p50':>8}{'p95':>8}{'p99':>8}")
    for each in one.modes:
        out.print(_times(f"{each.mode}, search alone", each.search))
        out.print(_times(f"{each.mode}, with encoding", each.with_encoding))


def _some(ids: Sequence[str]) -> str:
    """Return how many ids there are and the first of them."""
    more = ", …" if len(ids) > _SHOWN else ""
    return f"{len(ids):,} ({', '.join(one[:_LONGEST] for one in ids[:_SHOWN])}{more})"


def _quality(name: str, one: Quality) -> str:
    values = f"{one.ndcg_10:>10.3f}{one.recall_10:>11.3f}{one.recall_100:>12.3f}{one.mrr:>8.3f}"
    return f"{name:<20}{one.queries:>8,}{values}"


def _times(name: str, one: Latency) -> str:
    return f"{name:<36}{one.p50_ms:>8.2f}{one.p95_ms:>8.2f}{one.p99_ms:>8.2f}"


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
