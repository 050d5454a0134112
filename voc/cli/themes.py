"""`voc themes`: list, show, and what people decide about themes."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from voc.cli import place
from voc.cli.output import out, progress_bars

if TYPE_CHECKING:
    from voc.runner.pages import ThemeEntry

app = typer.Typer(no_args_is_help=True)

Theme = Annotated[str, typer.Argument(help="The theme's id, or the beginning of it.")]
Why = Annotated[str, typer.Option("--why", help="The reason, kept in ledger and audit log.")]


@app.command("list")
def list_themes(
    groups: Annotated[bool, typer.Option("--groups", help="Put the themes below the groups that they are in.")] = False,
) -> None:
    """List the themes, the largest first, or by group."""
    with place.open_workspace() as workspace:
        found = workspace.themes()
    if not found:
        out.print("No themes yet. Run a week with enough feedback (themes.least_feedback): voc run --week 2024-W40")
    sizes = Counter[str]()
    for entry in found:
        sizes[entry.group] += entry.comments
    order = sorted(found, key=lambda one: (-sizes[one.group], one.group)) if groups else found
    shown = None
    for entry in order:
        if groups and entry.group != shown:
            shown = entry.group
            out.print(f"{shown or '(no group yet)'}: {sizes[shown]} comments")
        out.print(f"{'  ' * groups}{_line(entry)}")


@app.command("show")
def show_theme(theme_id: Theme) -> None:
    """Show one theme: name, summary, words and what happened to it."""
    with place.open_workspace() as workspace:
        page = workspace.theme(theme_id)
    entry = page.entry
    out.print(f"{entry.theme.id}  {entry.label.name if entry.label else '(not named yet)'}")
    if entry.label:
        out.print(f"  {entry.label.summary}" if entry.label.summary else "  (no summary)")
        out.print(f"  words: {', '.join(entry.label.keywords)}   named by: {entry.label.method}")
        if entry.label.faithfulness is not None and page.nearest:
            doubt = ": name in doubt" if entry.name_in_doubt else ""
            share = f"{100 * entry.label.faithfulness:.0f} %"
            out.print(f"  name fits {share} of held-out comments better than that of '{page.nearest}'{doubt}")
    out.print(f"  {entry.comments} comments, {entry.theme.state}, threshold {entry.theme.threshold:.2f}")
    for event in page.events:
        out.print(f"  {event.week}  {event.kind:<10} {event.members} comments  {event.why}")


@app.command("history")
def show_history(theme_id: Annotated[str, typer.Argument(help="The theme's id, or 'all'.")]) -> None:
    """Show what happened to a theme, or to all of them."""
    with place.open_workspace() as workspace:
        names = {entry.theme.id: entry.label.name for entry in workspace.themes() if entry.label}
        events = workspace.ledger(None if theme_id == "all" else workspace.theme(theme_id).entry.theme.id)
    for event in events:
        said = [f"{event.members} comments"]
        said += [f"from {', '.join(event.parents)}"] * bool(event.parents)
        said += [f"to {', '.join(event.children)}"] * bool(event.children)
        said += [f"overlap {event.score:.2f}"] if event.score is not None else []
        said += [event.why] * bool(event.why)
        out.print(
            f"{event.week}  {event.theme_id}  {event.kind:<10} {'; '.join(said)}  {names.get(event.theme_id, '')}"
        )


@app.command("rename")
def rename_theme(theme_id: Theme, name: Annotated[str, typer.Argument(help="The new name.")], why: Why) -> None:
    """Give a theme a name that no later run changes."""
    with place.open_workspace() as workspace:
        theme = workspace.edit(why=why).rename(theme_id, name)
    out.print(f"{theme.id} is named: {name}")


@app.command("merge")
def merge_themes(theme_id: Theme, into: Annotated[str, typer.Argument(help="The theme that stays.")], why: Why) -> None:
    """Make a theme part of another; new comments near it follow."""
    with place.open_workspace() as workspace:
        done = workspace.edit(why=why).merge(theme_id, into)
    out.print(f"{done.moved} comments moved to {done.theme.id}")


@app.command("split")
def split_theme(theme_id: Theme, why: Why) -> None:
    """Part a theme along the subjects among its own comments."""
    with place.open_workspace() as workspace:
        parts = workspace.edit(why=why).split(theme_id)
    out.print(f"Parts: {', '.join(part.id for part in parts)}. The next run names them.")


@app.command("move")
def move_feedback(
    feedback_id: Annotated[str, typer.Argument(help="The comment's id, or the beginning of it.")],
    theme_id: Annotated[str, typer.Argument(help="The theme it belongs to, or 'none'.")],
    why: Why,
) -> None:
    """Put a comment and its exact copies into a theme; no later run moves them."""
    with place.open_workspace() as workspace:
        moved = workspace.edit(why=why).move(feedback_id, theme_id)
    out.print(f"{moved} comment{'s' * (moved != 1)} moved")


@app.command("judge")
def judge_feedback(
    feedback_id: Annotated[str, typer.Argument(help="The comment's id, or the beginning of it.")],
    kind: Annotated[Literal["complaint", "praise", "request", "other"], typer.Argument(help="What it is.")],
    why: Why,
) -> None:
    """Say what a comment and its copies are; no later run says otherwise, and later runs learn from it."""
    from voc.types import Polarity

    with place.open_workspace() as workspace:
        judged = workspace.edit(why=why).judge(feedback_id, Polarity(kind))
    out.print(f"{judged} comment{'s' * (judged != 1)} judged: {kind}")


@app.command("import")
def import_codes(
    file: Annotated[Path, typer.Argument(help="CSV or JSON-lines file of example texts and their codes.")],
    why: Why,
    codes: Annotated[str, typer.Option("--codes", help="Column of the codes.")] = "code",
    text: Annotated[str, typer.Option("--text", help="Column of the example texts.")] = "text",
    lang: Annotated[str, typer.Option("--lang", help="Column of the languages; without it they are guessed.")] = "",
) -> None:
    """Make locked themes of your own code frame, known by examples of each code; a description is an example too."""
    with place.open_workspace() as workspace:
        frame = workspace.import_codes(file, codes=codes, text=text, language=lang, why=why)
        names = {entry.theme.id: entry.label.name for entry in workspace.themes() if entry.label}
    for code in frame.codes:
        examples = f"{code.examples} example{'s' * (code.examples != 1)}, {code.known} of them stored comments"
        out.print(f"{code.theme_id}  {code.comments:6d} comments  {code.name}  ({examples})")
        if code.nearest:
            share = f", which held {code.shared} of those" if code.known else ""
            out.print(f"    nearest: {names.get(code.nearest, code.nearest)} at cosine {code.cosine:.2f}{share}")
    if frame.ami is not None:
        out.print(f"Agreement of the machine's themes with these codes before: AMI {frame.ami:.2f}")


@app.command("lock")
def lock_theme(theme_id: Theme, why: Why) -> None:
    """Lock a theme: no run and no refit ends it."""
    _mark(theme_id, why, locked=True)


@app.command("unlock")
def unlock_theme(theme_id: Theme, why: Why) -> None:
    """Unlock a theme."""
    _mark(theme_id, why, locked=False)


@app.command("mute")
def mute_theme(theme_id: Theme, why: Why) -> None:
    """Mute a theme: it is counted, but neither reported nor alarmed nor drafted for."""
    _mark(theme_id, why, muted=True)


@app.command("unmute")
def unmute_theme(theme_id: Theme, why: Why) -> None:
    """Show a muted theme again."""
    _mark(theme_id, why, muted=False)


@app.command("refit")
def refit_themes(
    week: Annotated[str | None, typer.Option("--week", help="Last ISO week; without it, the newest run's.")] = None,
) -> None:
    """Find all themes anew over the whole history; themes keep their ids where their comments stayed together."""
    from voc.themes.refit import RefitReport

    with place.open_workspace() as workspace, progress_bars() as announce:
        job = workspace.run(week or workspace.newest_week(), pipeline="refit", announce=announce)
    done = job.results["refit themes"]
    if isinstance(done, RefitReport):
        counts = [f"{len(getattr(done, kind))} {kind}" for kind in ("continued", "born", "split", "merged", "dormant")]
        out.print(f"{done.texts} different texts: {', '.join(counts)}")
        if done.agreement is not None:
            share = f"{100 * done.agreement:.0f} %"
            out.print(f"Of {done.moved_by_people} comments that people moved, the machine now puts {share} there too.")


def _mark(theme_id: str, why: str, *, locked: bool | None = None, muted: bool | None = None) -> None:
    with place.open_workspace() as workspace:
        theme = workspace.edit(why=why).mark(theme_id, locked=locked, muted=muted)
    marks = [word for word, on in (("locked", theme.locked), ("muted", theme.muted)) if on]
    out.print(f"{theme.id} is {' and '.join(marks) or 'neither locked nor muted'}")


def _line(entry: ThemeEntry) -> str:
    name = entry.label.name if entry.label else "(not named yet)"
    marks = [word for word, on in (("locked", entry.theme.locked), ("muted", entry.theme.muted)) if on]
    marks += [entry.theme.state] * (entry.theme.state != "active")
    marks += ["name in doubt"] * entry.name_in_doubt
    said = f"  ({', '.join(marks)})" if marks else ""
    return f"{entry.theme.id}  {entry.comments:6d} comments  since {entry.theme.born_week}  {name}{said}"
