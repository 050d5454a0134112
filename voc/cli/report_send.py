"""`voc report send`: by mail, or to the webhook of a chat."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from voc.cli import place
from voc.cli.output import out

_SHOWN = 2_000


def send(
    week: Annotated[str, typer.Option("--week", help="ISO week; without it, the newest that was run.")] = "",
    market: Annotated[str, typer.Option("--market", help="Only this market's code; without it, the network.")] = "",
    to: Annotated[
        list[str] | None, typer.Option("--to", help="A mail address; several times. Else mail.to of voc.toml.")
    ] = None,
    webhook: Annotated[bool, typer.Option("--webhook", help="To the webhook of the chat.")] = False,
    pdf: Annotated[bool, typer.Option("--pdf", help="Attach the PDF to mails.")] = False,
    draft: Annotated[bool, typer.Option("--draft", help="The draft, marked as one, though not published.")] = False,
    again: Annotated[bool, typer.Option("--again", help="Also where it was sent before, or may have been.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only print what would go where.")] = False,
) -> None:
    """Send the published report, each version once to each place."""
    from voc.errors import SendError
    from voc.report.sending import How

    how = How(draft=draft, pdf=pdf, again=again, dry_run=dry_run)
    with place.open_workspace() as workspace:
        letter, outcomes = workspace.send_report(week, market, to=to or (), webhook=webhook, how=how)
    for one in outcomes:
        out.print(f"{one.destination.told}: {one.state}{f' ({one.said})' if one.said else ''}")
    if dry_run:
        size = "" if letter.pdf is None else f", PDF of {len(letter.pdf):,} bytes"
        out.print(f"\nSubject: {letter.subject}\nHTML of {len(letter.html):,} characters{size}\n")
        out.print(letter.text)
        if webhook:
            out.print(json.dumps(letter.chat, ensure_ascii=False, indent=1)[:_SHOWN])
    bad = [one for one in outcomes if not one.good]
    if bad:
        raise SendError(f"{len(bad)} of {len(outcomes)} did not surely arrive: see above.")
