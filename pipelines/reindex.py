"""Rebuild what is derived: rows, vectors and reports that are damaged or missing, then the search index anew."""

from __future__ import annotations

from voc.runner import mend, steps
from voc.runner.job import Job


def run(job: Job) -> None:
    """Make everything whole again that follows from what people gave."""
    job.step("clear what was left over", mend.clear_leftovers)
    job.step("mend rows", mend.mend_rows)
    job.step("mend vectors", mend.mend_vectors)
    job.step("embed", steps.embed_everything)
    job.step("build the index", steps.index)
    job.step("mend reports", mend.mend_reports)
