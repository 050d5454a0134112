"""Find all themes anew over everything up to a week; a theme keeps its id where its comments stayed together."""

from __future__ import annotations

from voc.runner import steps
from voc.runner.job import Job


def run(job: Job) -> None:
    """Refit, name what is new, and write the report of the week again."""
    job.step("check the week", steps.check_week)
    job.step("fold copies", steps.fold_copies)
    job.step("embed", steps.embed_everything)
    job.step("refit themes", steps.refit)
    job.step("name themes", steps.label)
    job.step("group themes", steps.group_anew)
    job.step("write the report", steps.report)
