"""`voc report`: write the files of a week's report, and what an author does with it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from voc.cli import place, report_send
from voc.cli.output import err, out
from voc.cli.report_show import published_lines, report_title, written_lines

if TYPE_CHECKING:
    from voc.store.reports import WorkingRow

_MOST_BYTES = 100_000


class _WriteByDefault(TyperGroup):
    """Takes options without a command for `write`, so that `voc report --week W` writes the files."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:  # noqa: ANN401  typer hides click's type
        """Put `write` before what is neither a command nor a call for help."""
        if not args or args[0] not in {*self.commands, "--help"}:
            args = ["write", *args]
        return super().parse_args(ctx, args)


app = typer.Typer(cls=_WriteByDefault)

Week = Annotated[str, typer.Option("--week", help="ISO week; without it, the newest that was run.")]
Market = Annotated[str, typer.Option("--market", help="Only this market's code; without it, the network.")]
Why = Annotated[str, typer.Option("--why", help="The reason, which is kept.")]
OnVersion = Annotated[int | None, typer.Option("--on-version", help="The version that you looked at; else the newest.")]
Theme = Annotated[str, typer.Argument(help="The theme's id, or the beginning of it.")]
Comment = Annotated[str, typer.Argument(help="The comment's id, or the beginning of it, as the report shows it.")]


@app.callback()
def report() -> None:
    """Write the report of a week; without a command its files."""


@app.command("write")
def write(
    week: Week = "",
    market: Market = "",
    form: Annotated[list[str] | None, typer.Option("--form", help="html, pdf, md or json; several times.")] = None,
) -> None:
    """Write the files of a week's report, as published where it was, and say its short result."""
    from voc.cli.work import show_report
    from voc.files import write_atomic

    with place.open_workspace() as workspace:
        if form:
            for file in workspace.report_files(week, market, form):
                path = workspace.services.paths.reports / file.name
                write_atomic(path, file.data)
                out.print(f"Written: {path}")
                _tell_boxes(file.undrawn)
            return
        written = workspace.report(week or None, market=market or None)
    for line in published_lines(written.cover) if written.cover else ():
        out.print(line)
    show_report(written.report)
    out.print(f"\nReport: {written.html}")
    out.print(f"        {written.markdown}")
    out.print(f"        {written.data}")


@app.command("edit")
def edit(
    week: Week = "",
    market: Market = "",
    headline: Annotated[str | None, typer.Option("--headline", help="One line; empty takes it out.")] = None,
    comment: Annotated[str | None, typer.Option("--comment", help="On the whole; blank lines part paragraphs.")] = None,
    comment_file: Annotated[str, typer.Option("--comment-file", help="The comment from a file; - is the input.")] = "",
    on_theme: Annotated[
        list[str] | None, typer.Option("--on-theme", help="A comment on a theme: ID=TEXT; several times.")
    ] = None,
    why: Why = "",
    on_version: OnVersion = None,
) -> None:
    """Write headline and comments; what is not named stays as it is."""
    from voc.errors import InputError

    if comment is not None and comment_file:
        raise InputError("Say one of --comment and --comment-file.")
    text = _read(comment_file) if comment_file else comment
    if headline is None and text is None and not on_theme:
        raise InputError("Say what to write: --headline, --comment, --comment-file or --on-theme.")
    with place.open_workspace() as workspace:
        row = workspace.write_report(
            week,
            market,
            headline=headline,
            comment=text,
            theme_comments=dict(map(_pair, on_theme or [])),
            on_version=on_version,
            why=why,
        )
    _changed(row)


@app.command("pin")
def pin(
    theme_id: Theme,
    comment_id: Comment,
    week: Week = "",
    market: Market = "",
    why: Why = "",
    on_version: OnVersion = None,
) -> None:
    """Put a comment first among the quotes of a theme."""
    with place.open_workspace() as workspace:
        _changed(workspace.pin_quote(week, market, theme_id, comment_id, why=why, on_version=on_version))


@app.command("hide")
def hide(
    theme_id: Theme,
    comment_id: Comment,
    week: Week = "",
    market: Market = "",
    why: Why = "",
    on_version: OnVersion = None,
) -> None:
    """Keep a comment out of the whole report."""
    with place.open_workspace() as workspace:
        _changed(workspace.hide_quote(week, market, theme_id, comment_id, why=why, on_version=on_version))


@app.command("unpin")
def unpin(
    theme_id: Theme,
    comment_id: Comment,
    week: Week = "",
    market: Market = "",
    why: Why = "",
    on_version: OnVersion = None,
) -> None:
    """Neither pin nor hide a comment any more."""
    with place.open_workspace() as workspace:
        _changed(workspace.unpin_quote(week, market, theme_id, comment_id, why=why, on_version=on_version))


@app.command("publish")
def publish(week: Week = "", market: Market = "", why: Why = "", on_version: OnVersion = None) -> None:
    """Freeze figures and words as the next edition; from the second on with --why."""
    with place.open_workspace() as workspace:
        found = workspace.publish_report(week, market, why=why, on_version=on_version)
    out.print(f"Published: {report_title(found.place)}, edition {found.edition}, sha256 {found.sha256}")


@app.command("show")
def show(
    week: Week = "",
    market: Market = "",
    edition: Annotated[int | None, typer.Option("--edition", help="An earlier edition; else the newest.")] = None,
    draft: Annotated[
        bool, typer.Option("--draft", help="What is being written, in place of what was published.")
    ] = False,
) -> None:
    """Show what the author wrote, what the week says, and what is restated since it was published."""
    with place.open_workspace() as workspace:
        if draft:
            for line in written_lines(workspace.report_draft(week, market)):
                out.print(line)
            return
        found = workspace.published_report(week, market, edition=edition)
    for line in (f"{report_title(found.place)}, sha256 {found.sha256}", *published_lines(found.cover)):
        out.print(line)
    for headline in found.report.headlines:
        out.print(f"  • {headline}")


@app.command("list")
def list_reports() -> None:
    """List the reports that somebody wrote or published."""
    with place.open_workspace() as workspace:
        found = workspace.reports()
    for one in found:
        edition = f"edition {one.edition}" if one.edition else "not published"
        out.print(
            f"{one.place.week}  {one.name}: {one.state}, {edition}, version {one.version} by {one.actor} "
            f"on {one.at[:10]}  {one.headline}"
        )
    if not found:
        out.print("Nothing is written yet. Begin: voc report edit --headline TEXT")


@app.command("history")
def history(week: Week = "", market: Market = "") -> None:
    """List what was done with a report, who did it and why."""
    with place.open_workspace() as workspace:
        events = workspace.report_history(week, market)
    for one in events:
        told = ", ".join(f"{name} {value}" for name, value in one.detail.items() if isinstance(value, str | int))
        version = f" (version {one.version})" if one.version else ""
        why = f": {one.why}" if one.why else ""
        out.print(f"{one.at[:16]} {one.actor} · {one.what}{version}{f' · {told}' if told else ''}{why}")
    if not events:
        out.print("Nobody has written anything for this report yet.")


app.command("send")(report_send.send)


def _changed(row: WorkingRow) -> None:
    out.print(f"{report_title(row.place)}: version {row.version}, {row.state}. Publish it: voc report publish")


def _tell_boxes(scripts: tuple[str, ...]) -> None:
    if scripts:
        err.print(
            f"Note: no font of this machine has {', '.join(scripts)}; they are boxes in the PDF. Install fonts "
            "(Debian: fonts-noto), or take the HTML, which is shown with the reader's fonts."
        )


def _pair(text: str) -> tuple[str, str]:
    from voc.errors import InputError

    theme, sign, said = text.partition("=")
    if not sign or not theme.strip():
        raise InputError(f"'{text[:40]}' is not ID=TEXT, such as bb6b4e=Two depots.")
    return theme.strip(), said


def _read(name: str) -> str:
    from voc.errors import InputError

    try:
        data = sys.stdin.buffer.read(_MOST_BYTES + 1) if name == "-" else Path(name).read_bytes()
        if len(data) > _MOST_BYTES:
            raise InputError(f"{name} has more than {_MOST_BYTES:,} bytes. Say it shorter.")
        return data.decode("utf-8")
    except OSError as error:
        raise InputError(f"{name} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{name} is not text in UTF-8. Save it as UTF-8.") from error
