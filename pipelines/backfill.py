"""Bring in history: themes week by week up to the week of the job, then one report of it.

The first weeks are fitted together once there is enough feedback; every later week is assigned and searched as if it
had just come in, so that themes are born when they were first seen.
"""

from __future__ import annotations

from voc.runner import steps
from voc.runner.job import Job
from voc.store import counts
from voc.themes.update import ThemesReport
from voc.types import Progress

FIRST_FIT_WEEKS, FIRST_FIT_TEXTS = 8, 500


def week_by_week(job: Job, progress: Progress) -> ThemesReport:
    """Update themes for every week that has feedback; the first ones at once: eight, or more while they hold little."""
    with job.services.database.read() as connection:
        known = [week for week in counts.weeks_with_feedback(connection) if week <= job.week]
        totals = counts.totals(connection, first_week=known[0], last_week=job.week)
    texts = {week: sum(total.texts for total in totals if total.week <= week) for week in known}
    enough = [place for place, week in enumerate(known) if texts[week] >= FIRST_FIT_TEXTS]
    first = max(FIRST_FIT_WEEKS - 1, enough[0] if enough else len(known))
    weeks = [*known[first:-1], job.week]
    for done, week in enumerate(weeks):
        progress(done, len(weeks))
        last = steps.themes_of_week(job, week)
    progress(len(weeks), len(weeks))
    return last


def run(job: Job) -> None:
    """Bring the workspace up to the week of the job, week by week."""
    job.step("check the week", steps.check_week)
    job.step("fold copies", steps.fold_copies)
    job.step("embed", steps.embed)
    job.step("find themes week by week", week_by_week)
    job.step("name themes", steps.label)
    job.step("group themes", steps.group)
    job.step("build the index", steps.index)
    job.step("draft proposals", steps.propose)
    job.step("write the report", steps.report)
