"""`voc effect`: did complaints fall where a change was adopted."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from voc.cli import place
from voc.cli.output import out

if TYPE_CHECKING:
    from voc.effect.measure import Effect
    from voc.workspace import Workspace


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(effect)


def effect(
    proposal: Annotated[
        str | None, typer.Argument(help="An adopted proposal or an action that is done, by the beginning of its id.")
    ] = None,
    theme: Annotated[str | None, typer.Option("--theme", help="Instead of a proposal: the theme's id.")] = None,
    market: Annotated[
        list[str] | None, typer.Option("--market", help="With --theme: a market that changed; may be repeated.")
    ] = None,
    since: Annotated[str | None, typer.Option("--since", help="With --theme: first day or week of the change.")] = None,
    week: Annotated[str | None, typer.Option("--week", help="Last week; without it, the newest that was run.")] = None,
    washout: Annotated[
        int | None, typer.Option("--washout", help="Weeks before the change that are left out; 6 without it.")
    ] = None,
    html: Annotated[Path | None, typer.Option("--html", help="Write a page with the plots and tables too.")] = None,
    svg: Annotated[Path | None, typer.Option("--svg", help="Write the plot alone as SVG.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print everything as JSON instead.")] = False,
) -> None:
    """Say whether complaints fell since a change, against the markets that did not change."""
    with place.open_workspace() as workspace:
        found = _found(workspace, proposal, theme, market or [], since, week, washout)
        label = workspace.theme(found.theme_id).entry.label
    name = label.name if label else found.theme_id
    _show(found, name, as_json=as_json)
    _write(found, name, html, svg)


def _found(
    workspace: Workspace,
    proposal: str | None,
    theme: str | None,
    markets: list[str],
    since: str | None,
    week: str | None,
    washout: int | None,
) -> Effect:
    from voc.errors import InputError

    if proposal is not None and not (theme or markets or since):
        return workspace.effect_of(proposal, week=week, washout=washout)
    if proposal is None and theme and markets and since:
        return workspace.effect(theme, markets=markets, since=since, week=week, washout=washout)
    raise InputError(
        "Name an adopted proposal (voc effect PROPOSAL), or a theme with all three: --theme T --market M --since W. "
        "'voc proposals list' and 'voc themes list' show the ids."
    )


def _show(found: Effect, name: str, *, as_json: bool) -> None:
    from voc.effect.table import as_values
    from voc.effect.words import described, notes, sentence

    if as_json:
        import json

        out.print(json.dumps(as_values(found, name), ensure_ascii=False, indent=1))
        return
    out.print(f"{name} [{found.theme_id[:8]}]")
    out.print(sentence(found))
    out.print("")
    for title, side in (("changed", found.own), ("others", found.others)):
        if side is not None:
            out.print(f"{title:<8} {', '.join(side.markets)}: {described(side)}")
    for note in notes(found):
        out.print(f"  • {note}")


def _write(found: Effect, name: str, html: Path | None, svg: Path | None) -> None:
    from voc.files import write_atomic

    if html is not None:
        from voc.effect.page import as_page

        write_atomic(html, as_page(found, name).encode())
        out.print(f"Written: {html}")
    if svg is not None:
        from voc.effect.chart import standalone

        write_atomic(svg, standalone(found, name).encode())
        out.print(f"Written: {svg}")
