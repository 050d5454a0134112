"""The demo: the whole job on the sample, told as it goes."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Final

from voc.cli.output import err, out, progress_bars
from voc.cli.search import show_hits
from voc.cli.work import show_report
from voc.proposals.render import as_terminal, load
from voc.runner.steps import Written
from voc.settings import CONFIG_NAME
from voc.store.filters import Filter
from voc.workspace import Workspace

WEEK: Final = "2024-W40"
_WEEKS_BEFORE: Final = ("2024-W37",)
_STANDARDS: Final = ("global", "us", "gb", "de", "fr", "br")
_SEARCHES: Final = (
    ("parcel left outside in the rain", Filter()),
    ("code for the locker never came", Filter(markets=("FR",))),
    ("nobody rang the bell", Filter(markets=("DE", "JP"), ratings=(1.0, 2.0))),
)


def play(directory: Path) -> None:
    """Play the demo in a folder; playing it again changes nothing and is quick."""
    start = time.monotonic()
    known = (directory / CONFIG_NAME).exists()
    with Workspace.open(directory) if known else Workspace.init(directory, sample=True) as workspace:
        with progress_bars() as announce:
            done = workspace.ingest(directory / "feedback.csv", progress=announce("read feedback.csv"))
            for name in ("deliveries.csv", "signals.csv"):
                workspace.ingest_figures(directory / name)
            for name in _STANDARDS:
                workspace.import_standard(directory / "standards" / f"{name}.md")
            job = workspace.run(WEEK, pipeline="backfill", announce=announce)
        tally = done.tally
        out.print(f"\nRead {tally.rows} rows: {tally.added} new, {tally.known} known, {tally.rejected} rejected.")
        written = job.results["write the report"]
        if isinstance(written, Written):
            show_report(written.report)
        for week in _WEEKS_BEFORE:
            out.print(f"\nWhat the report of {week} said:")
            for line in workspace.report(week).report.headlines:
                out.print(f"  • {line}")
        for text, wanted in _SEARCHES:
            out.print(f"\nSearch: {text}" + (f"  (only {', '.join(wanted.markets)})" if wanted.markets else ""))
            show_hits(workspace.search(text, wanted=wanted, limit=3), as_json=False)
        _show_proposals(workspace)
        _, why = workspace.services.chain()
    if why:
        err.print(f"Note: {why}. Themes carry their keywords as names, and briefs take the place of drafts.")
    if isinstance(written, Written):
        out.print(f"\nReport: {written.html}")
    out.print(f"Workspace: {directory}   ({time.monotonic() - start:.0f} seconds)")


def _show_proposals(workspace: Workspace) -> None:
    shown = [load(workspace.services.database, row.id) for row in workspace.proposals(WEEK)]
    good = [one for one in shown if one.row.outcome != "failed"]
    revisions = [one for one in good if one.row.outcome == "revision"]
    out.print(f"\nProposals of the week: {len(good)}")
    for one in good:
        out.print(f"  {one.row.id}  {one.title}")
    if revisions:
        out.print()
        out.print(as_terminal(revisions[0]))
