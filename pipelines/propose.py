"""Draft proposals for a week that was run already."""

from __future__ import annotations

from voc.runner import steps
from voc.runner.job import Job


def run(job: Job) -> None:
    """Draft, then write the report again with what was drafted."""
    job.step("check the week", steps.check_week)
    job.step("draft proposals", steps.propose)
    job.step("write the report", steps.report)
