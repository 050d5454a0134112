"""Bring in a source of any size with many workers: read, redacted, embedded and stored in order; themes come after."""

from __future__ import annotations

from voc.runner import steps
from voc.runner.job import Job


def run(job: Job) -> None:
    """Bring in the history of the job."""
    job.step("bring in", steps.bring)
