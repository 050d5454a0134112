"""The weekly run: from feedback that was ingested to themes, search, report and proposals.

Every step leaves the store whole and finds out itself what is still to do, so that after a stop the same command goes
on where it was.
"""

from __future__ import annotations

from voc.runner import steps
from voc.runner.job import Job


def run(job: Job) -> None:
    """Bring the workspace up to the week of the job."""
    job.step("check the week", steps.check_week)
    job.step("fold copies", steps.fold_copies)
    job.step("embed", steps.embed)
    job.step("find themes", steps.find_themes)
    job.step("name themes", steps.label)
    job.step("group themes", steps.group)
    job.step("build the index", steps.index)
    job.step("draft proposals", steps.propose)
    job.step("write the report", steps.report)
