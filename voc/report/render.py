"""A report as self-contained HTML, as Markdown and as JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from enum import StrEnum
from functools import partial
from pathlib import Path

from voc.failpoints import reach
from voc.files import write_atomic
from voc.proposals.blocks_html import css
from voc.proposals.pack_pdf import print_css
from voc.report.charts import trend
from voc.report.cover import Cover, paragraphs
from voc.report.cover_text import cover_lines, plain
from voc.report.masked import as_told, untold_markets
from voc.report.model import ActionLine, EmergingLine, Report, Scope, ThemeLine
from voc.standards.visible import visible
from voc.trends.rates import Change
from voc.trends.table import Coverage
from voc.trends.told import rest_told
from voc.types import Estimate


class Medium(StrEnum):
    """What an HTML page is for: a file that people open, paper (a PDF), or a mail, which has no folds."""

    FILE = "file"
    PRINT = "print"
    MAIL = "mail"


def as_html(report: Report, cover: Cover | None = None, *, medium: Medium = Medium.FILE, masked: bool = False) -> str:
    """Return one HTML page without scripts, fonts or pictures from elsewhere.

    Where it is `masked`, as everything that is sent, no count of fewer than k comments is told.
    """
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_harmless,
    )
    masked = masked or report.masked
    count = count_text(report.k if masked else 0)
    return environment.get_template("report.html.j2").render(
        report=report,
        cover=cover,
        about=_about(report, cover),
        new_ids={line.row.theme_id for line in report.new_themes},
        new_themes=[one for one in report.new_themes if not masked or one.row.complaints >= report.k],
        trend=partial(_trend, least=report.k if masked else 0),
        series=lambda line: ("  " if medium is Medium.PRINT else " · ").join(map(count, line.row.series)),
        count=count,
        assigned=lambda found: count(found.assigned) if not masked or not _is_few(found, report.k) else "–",
        share=lambda found: "–" if masked and _is_few(found, report.k) else percent(found.share),
        untold=untold_markets(report) if masked else frozenset(),
        number=number,
        ratio=ratio_text,
        growth=growth_text,
        impact=impact_text,
        counting=lambda found: "" if masked and found.comments < report.k else counting(found),
        paragraphs=paragraphs,
        action_state=action_state,
        weeks=report.weeks,
        masked=masked,
        folds=medium is Medium.FILE,
        prints=medium is Medium.PRINT,
        style=_style(medium),
    )


def _is_few(found: Coverage, k: int) -> bool:
    """Say whether the share with a theme would tell a count of fewer than k."""
    return found.comments > 0 and rest_told(found.assigned, found.comments, k) is None


def count_text(k: int) -> Callable[[int], str]:
    """Return what writes a count; one below `k` and above none is not told."""
    return lambda number: f"<{k}" if 0 < number < k else f"{number:,}"


def _about(report: Report, cover: Cover | None) -> str:
    parts = (report.title, report.week, report.where, cover.state if cover else "")
    return " · ".join(part for part in parts if part)


def _style(medium: Medium) -> str:
    here = Path(__file__).parent
    names = {Medium.FILE: ("report", "dark"), Medium.PRINT: ("report", "print"), Medium.MAIL: ("report",)}[medium]
    own = [(here / f"{name}.css").read_text(encoding="utf-8") for name in names]
    if medium is Medium.PRINT:
        own.insert(1, print_css())
    return "".join(own if medium is Medium.MAIL else [css(), *own])


def _harmless(value: object) -> object:
    """Return a value as it is shown: nothing in a text steers the reader's screen or the direction of reading."""
    return visible(value) if type(value) is str else value


def as_markdown(report: Report, cover: Cover | None = None) -> str:
    """Return the report as Markdown."""
    lines = [f"# {report.title}: {report.week}", "", *(cover_lines(cover) if cover else ())]
    lines += [*(f"- {plain(line)}" for line in report.headlines), ""]
    lines += [f"Note: {note}" for note in report.notes] + [""] * bool(report.notes)
    if report.emerging:
        lines += ["## Emerging themes", "", "| theme | since | complaints a week | growth |", "|---|---|--:|---|"]
        for line in report.emerging:
            found = line.found
            series = ", ".join(map(count_text(report.k if report.masked else 0), found.complaints))
            lines.append(f"| {_cell(line.name)} | {found.born_week} | {series} | {growth_text(line)} |")
        lines.append("")
    if report.searches:
        lines += ["## Saved searches", "", "Lower bounds: what says it in quite other words is not found.", ""]
        lines += ["| search | found this week | found the week before |", "|---|--:|--:|"]
        lines += [f"| {_cell(one.name)} | {one.comments} | {one.before} |" for one in report.searches]
        lines.append("")
    if report.actions:
        lines += ["## Actions", "", "| action | where | clause | who | by |", "|---|---|---|---|---|"]
        lines += [_action_row(one) for one in report.actions]
        lines.append("")
    for scope in report.shown_scopes:
        lines += _scope_markdown(scope, report)
    if report.proposals:
        lines += ["## Proposals of the week", "", *(f"- {title}" for title in report.proposals), ""]
    return "\n".join(lines).rstrip() + "\n"


def action_state(line: ActionLine) -> str:
    """Return how an action stands, short: what became of it, or by when it is to be done."""
    if line.state == "done":
        return f"done {line.done_on}: {line.result}"
    due = line.due or "no day set"
    return f"{due}, overdue" if line.state == "overdue" else due


def _action_row(one: ActionLine) -> str:
    cells = (f"{one.duty} ({one.theme})", ", ".join(one.markets), one.clause, one.owner, action_state(one))
    return f"| {' | '.join(_cell(cell) for cell in cells)} |"


def as_json(report: Report, cover: Cover | None = None) -> str:
    """Return every figure of the report as JSON; infinity is written as null."""
    found = asdict(report)
    found.pop("proposal_sections")
    if found.pop("masked"):
        found = as_told(found, report)
    if cover is not None:
        found["author"] = asdict(cover)
    return json.dumps(_finite(found), ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def write_report(report: Report, folder: Path, stem: str, cover: Cover | None = None) -> tuple[Path, Path, Path]:
    """Write the three forms and return their paths (HTML, Markdown, JSON).

    Raises:
        DiskFullError: no room; older reports stay.
    """
    forms = {"html": as_html(report, cover), "md": as_markdown(report, cover), "json": as_json(report, cover)}
    paths = []
    for ending, text in forms.items():
        path = folder / f"{stem}.{ending}"
        write_atomic(path, text.encode())
        paths.append(path)
        reach("report.half-written")
    return paths[0], paths[1], paths[2]


def number(estimate: Estimate | None) -> str:
    """Return an estimate with its interval, short."""
    if estimate is None:
        return "–"
    high = "…" if estimate.high is None else f"{estimate.high:.2f}"
    return f"{estimate.value:.2f} ({estimate.low or 0:.2f}–{high})"


def impact_text(line: ThemeLine) -> str:
    """Return the impact of a theme on the mean rating, short."""
    found = line.row.impact
    if found is None or found.low is None or found.high is None:
        return "–"
    return f"{signed(found.value)} ({signed(found.low)} to {signed(found.high)})"


def signed(value: float) -> str:
    """Return a figure of two decimals with its sign; none for what rounds to zero."""
    text = f"{abs(value):.2f}"
    return text if float(text) == 0 else f"{'−' if value < 0 else '+'}{text}"


def growth_text(line: EmergingLine) -> str:
    """Return whether an emerging theme grows, with the ratio of newer to older weeks."""
    change = line.found.ratio
    known = change is not None and not line.found.new
    return f"{line.found.growth}, {_ratio(change)}" if change and known else str(line.found.growth)


def ratio_text(line: ThemeLine) -> str:
    """Return the change of a theme against its usual rate, short."""
    return ratio_of(line.row.change)


def ratio_of(change: Change | None) -> str:
    """Return a change against what is usual, short."""
    return "–" if change is None else _ratio(change)


def _ratio(change: Change) -> str:
    if change.ratio.value == float("inf"):
        return "new"
    high = "…" if change.ratio.high is None else f"{change.ratio.high:.1f}"
    return f"×{change.ratio.value:.1f} ({change.ratio.low or 0:.1f}–{high})"


def counting(found: Coverage) -> str:
    """Return how many of the comments count, where not all do; "" where all do."""
    if found.texts == found.comments:
        return ""
    return f" ({found.texts} count: copies and near-copies count once, what is beyond a source's quota does not)"


def percent(share: float | None) -> str:
    """Return a share as per cent."""
    return "–" if share is None else f"{100 * share:.0f} %"


def _trend(line: ThemeLine, weeks: Sequence[str], *, least: int = 0) -> str:
    """Return the rates of the weeks as a line, without those of weeks with fewer complaints than may be told."""
    from markupsafe import Markup

    pairs = zip(line.row.series, line.row.series_rates, strict=True)
    rates = [None if 0 < count < least else rate for count, rate in pairs]
    said = ", ".join(f"{one:.2f}" if one is not None else "none" for one in rates)
    label = f"{line.name}: complaints per 1,000, {weeks[0]} to {weeks[-1]}: {said}"
    return Markup(trend(rates, label))  # noqa: S704  trend escapes its label


def _scope_markdown(scope: Scope, report: Report) -> list[str]:
    found, k = scope.coverage, report.k
    lines = [f"## {scope.title}", ""]
    if not found.comments:
        return [*lines, "No feedback this week.", ""]
    per = "deliveries" if scope.per_delivery else "comments"
    lines += [_covered(scope, report), ""]
    if scope.themes:
        lines += [
            f"| theme | complaints | per 1,000 {per} | against usual | impact on rating |",
            "|---|--:|--:|--:|--:|",
        ]
        for line in scope.themes:
            mark = " ▲" if line.row.rising else " ▼" if line.row.falling else ""
            figures = (str(line.row.complaints), number(line.row.rate), ratio_text(line), impact_text(line))
            lines.append(f"| {_cell(line.name)}{mark} | {' | '.join(figures)} |")
        lines.append("")
    if scope.hidden:
        lines += [f"{scope.hidden} more themes have fewer than {k} complaints each.", ""]
    for line in scope.themes:
        lines += [f"### {plain(line.name)}", "", *([plain(line.summary), ""] if line.summary else [])]
        for shown in line.quotes:
            quote = shown.quote
            lines.append(f"> {plain(quote.text)}  ")
            if shown.translation:
                lines.append(f"> machine translation: {plain(shown.translation)}  ")
            lines += [f"> ({quote.market}, {quote.language}, {quote.feedback_id[:8]})", ""]
    return lines


def _covered(scope: Scope, report: Report) -> str:
    """Return how many comments there are and how many of them have a theme, as far as that may be told."""
    found = scope.coverage
    if report.masked and (scope.market in untold_markets(report) or found.comments < report.k):
        return "How many comments there are is not told: too few."
    if report.masked:
        share = "" if _is_few(found, report.k) else f", {percent(found.share)} assigned to a theme"
        return f"{found.comments} comments{share}."
    return f"{found.comments} comments{counting(found)}, {percent(found.share)} assigned to a theme."


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _finite(value: object) -> object:
    if isinstance(value, dict):
        return {key: _finite(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(one) for one in value]
    if isinstance(value, float) and value in (float("inf"), float("-inf")):
        return None
    return value
