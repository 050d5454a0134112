"""`voc search`: find comments by meaning and by words."""

from __future__ import annotations

import itertools
import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from voc.cli import place
from voc.cli.output import err, out

if TYPE_CHECKING:
    from voc.search.count import Count
    from voc.search.filters import Asked
    from voc.search.result import Hit, SearchResult

_MOST_VALUES = 8


class _FindByDefault(TyperGroup):
    """Takes what is no command of this group for a question, so that `voc search "wet parcel"` finds."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:  # noqa: ANN401  typer hides click's type
        """Put `find` before what is neither a command nor a call for help."""
        if args and args[0] not in {*self.commands, "--help"}:
            args = ["find", *args]
        return super().parse_args(ctx, args)


app = typer.Typer(cls=_FindByDefault, no_args_is_help=True)

Markets = Annotated[list[str] | None, typer.Option("--market", help="Only these markets.")]
Week = Annotated[str, typer.Option("--week", help="Only this week, or a span such as 2024-W36..2024-W40.")]
Since = Annotated[str, typer.Option("--since", help="First day, such as 2024-09-01.")]
Until = Annotated[str, typer.Option("--until", help="Last day.")]
Theme = Annotated[str, typer.Option("--theme", help="Only this theme, by id or name; 'none' is without theme.")]
Group = Annotated[str, typer.Option("--group", help="Only themes of this group, by id or name.")]
Rating = Annotated[str, typer.Option("--rating", help="A rating from 1 to 5, or a span such as 1-2.")]
Languages = Annotated[list[str] | None, typer.Option("--lang", help="Only these languages.")]
Channels = Annotated[list[str] | None, typer.Option("--channel", help="Only these channels.")]
Kinds = Annotated[list[str] | None, typer.Option("--kind", help="complaint, praise, request or other.")]
Where = Annotated[list[str] | None, typer.Option("--where", help="A declared attribute, such as depot=B3.")]
Name = Annotated[str, typer.Argument(help="A name for the search.")]
ModeOption = Annotated[str, typer.Option("--mode", help="hybrid, dense (meaning) or lexical (words).")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.callback()
def search() -> None:
    """Find comments by meaning and by words."""


@app.command("find")
def find(
    text: Annotated[str, typer.Argument(help="What to look for, in any language.")] = "",
    like: Annotated[str, typer.Option("--like", help="Find what is like this comment, by its id.")] = "",
    market: Markets = None,
    week: Week = "",
    since: Since = "",
    until: Until = "",
    theme: Theme = "",
    group: Group = "",
    rating: Rating = "",
    lang: Languages = None,
    channel: Channels = None,
    kind: Kinds = None,
    where: Where = None,
    mode: ModeOption = "hybrid",
    limit: Annotated[int, typer.Option("--limit", help="How many comments, at most 1,000.")] = 10,
    cursor: Annotated[str, typer.Option("--cursor", help="Where the page before ended.")] = "",
    to: Annotated[Path | None, typer.Option("--to", help="Write hits to this .csv, .xlsx or .jsonl file.")] = None,
    count: Annotated[bool, typer.Option("--count", help="Say how many there are, where and when.")] = False,
    as_json: AsJson = False,
) -> None:
    """Find comments by meaning and by words; comments that say the same are one hit."""
    asked = _asked(market, week, since, until, theme, group, rating, lang, channel, kind, where)
    with place.open_workspace() as workspace:
        wanted = workspace.filter(asked)
        if count:
            show_count(workspace.count(text, like=like, wanted=wanted, mode=mode), as_json=as_json)
            return
        if to is not None:
            rows = workspace.export_search(to, text, like=like, wanted=wanted, mode=mode)
            out.print(f"Wrote {rows:,} rows to {to}.")
            return
        found = workspace.search(text, like=like, wanted=wanted, mode=mode, limit=limit, cursor=cursor)
    show_hits(found, as_json=as_json)
    if found.cursor and not as_json:
        err.print(f"More: the same with --cursor {found.cursor}")


@app.command("save")
def save(
    name: Name,
    text: Annotated[str, typer.Argument(help="What to look for, in any language.")],
    market: Markets = None,
    week: Week = "",
    since: Since = "",
    until: Until = "",
    theme: Theme = "",
    group: Group = "",
    rating: Rating = "",
    lang: Languages = None,
    channel: Channels = None,
    kind: Kinds = None,
    where: Where = None,
    mode: ModeOption = "hybrid",
) -> None:
    """Keep a search; the weekly report counts its matches, and `voc search watch` lists new ones."""
    asked = _asked(market, week, since, until, theme, group, rating, lang, channel, kind, where)
    with place.open_workspace() as workspace:
        matching = workspace.save_search(name, text, asked, mode=mode)
    out.print(f"Saved '{name}': {matching:,} comments match now. New ones from here on: voc search watch")


@app.command("watch")
def watch(name: Annotated[str, typer.Argument(help="A saved search; without it, every one.")] = "") -> None:
    """List the comments that match saved searches and were not listed before."""
    with place.open_workspace() as workspace:
        found = workspace.watch_searches(name)
    for one in found:
        out.print(f'{one.saved.name}: {len(one.fresh):,} new for "{one.saved.text}"')
        for comment in one.fresh:
            line = f"{comment.market} · {comment.created_at:%Y-%m-%d} · {' '.join(comment.text.split())}"
            out.print(f"  {line}  [{comment.id[:8]}]")
    if not found:
        out.print("No search is saved yet. Keep one: voc search save NAME TEXT")


@app.command("saved")
def list_saved() -> None:
    """List the saved searches."""
    with place.open_workspace() as workspace:
        found = workspace.saved_searches()
    for one in found:
        filters = "".join(f" · {key} {value}" for key, value in one.asked.items())
        out.print(f'{one.name}: "{one.text}" · {one.mode}{filters} · by {one.actor}')
    if not found:
        out.print("No search is saved yet. Keep one: voc search save NAME TEXT")


@app.command("forget")
def forget(name: Name) -> None:
    """Forget a saved search."""
    with place.open_workspace() as workspace:
        workspace.forget_search(name)
    out.print(f"Forgot '{name}'.")


def _asked(*parts: Any) -> Asked:  # noqa: ANN401  the options of a command in the order of the fields
    from voc.search.filters import Asked

    return Asked(*(() if part is None else part for part in parts))  # type: ignore[arg-type]


def show_count(found: Count, *, as_json: bool) -> None:
    """Print how many there are, where and when."""
    if as_json:
        typer.echo(json.dumps(asdict(found), ensure_ascii=False, indent=1))
        return
    out.print(f"{found.comments:,} comments match, {found.different:,} of them different.")
    if found.right is not None and found.different:
        low, high = found.right.low or 0, found.right.high or 0
        likely = f"{found.right.value:,.0f} are likely right (90 %: {low:,.0f} to {high:,.0f})"
        out.print(f"Of the different ones about {likely}.")
        out.print("Comments that say it in quite other words may be missing: this is a lower bound, not a census.")
    if found.home is not None:
        name = found.home.theme
        out.print(f"Most are in the theme '{name}', which has {found.home.comments:,} comments here: --theme '{name}'")
    for facet, values in found.facets.items():
        most = itertools.islice(values.items(), _MOST_VALUES)
        shown = ", ".join(f"{value or 'none'} {count:,}" for value, count in most)
        out.print(f"{facet:<9} {shown}{', …' if len(values) > _MOST_VALUES else ''}")
    for week, comments in found.weeks.items():
        out.print(f"{week:<9} {comments:6,}")


def show_hits(found: SearchResult, *, as_json: bool) -> None:
    """Print hits as lines or as JSON."""
    from voc.search.result import as_row

    if as_json:
        rows = [as_row(hit) | {"matched": [list(span) for span in hit.matched], "why": hit.why} for hit in found.hits]
        said = {"hits": rows, "cursor": found.cursor, "notes": list(found.notes)}
        typer.echo(json.dumps(said, ensure_ascii=False, indent=1))
        return
    for hit in found.hits:
        _show(hit)
    if not found.hits:
        out.print("Nothing was found.")
    for note in found.notes:
        err.print(f"Note: {note}")


def _show(hit: Hit) -> None:
    comment = hit.feedback
    stars = "" if comment.rating is None else f" · {comment.rating:g}/5"
    copies = "" if not hit.copies else f" · and {hit.copies} similar"
    sure = "    " if hit.match is None else f"{100 * hit.match:3.0f} %"
    theme = hit.theme or "no theme"
    out.print(f"{sure}  {comment.market} · {comment.created_at:%Y-%m-%d}{stars} · {theme}{copies} · {hit.why}")
    out.print(f"       {' '.join(comment.text.split())}  [{comment.id[:8]}]")
    if comment.source_url:
        out.print(f"       {comment.source_url}")
