"""Compare themes with planted truth: a CSV with the columns id (source id) and theme, put beside the feedback."""

from __future__ import annotations

import csv
from dataclasses import dataclass

from voc.errors import NotFoundError
from voc.runner.job import Job
from voc.store import assignments, feedback
from voc.types import Progress


@dataclass(frozen=True, slots=True)
class Evaluated:
    """Adjusted mutual information of themes and truth over the comments that truth names, and how many those are."""

    ami: float
    comments: int


def compare(job: Job, _progress: Progress) -> Evaluated:
    """Score the themes up to the week of the job: a comment by its longest clause, no theme as one class."""
    from sklearn.metrics import adjusted_mutual_info_score

    path = job.services.paths.folder / "truth.csv"
    if not path.is_file():
        raise NotFoundError(f"There is no {path}. It needs the columns id and theme.")
    with path.open(encoding="utf-8", newline="") as handle:
        truth = {row["id"]: row["theme"] for row in csv.DictReader(handle) if not row.get("hostile")}
    with job.services.database.read() as connection:
        units = assignments.units(connection, last_week=job.week)
        comments = {one.id: one for one in feedback.get(connection, [unit.feedback_id for unit in units])}
    longest = {unit.feedback_id: unit for unit in sorted(units, key=lambda unit: (unit.end - unit.start, -unit.start))}
    known = [unit for one, unit in sorted(longest.items()) if comments[one].source_id in truth]
    wanted = [truth[comments[unit.feedback_id].source_id] for unit in known]
    return Evaluated(float(adjusted_mutual_info_score(wanted, [unit.theme_id or "" for unit in known])), len(known))


def run(job: Job) -> None:
    """Score the themes."""
    job.step("compare with truth", compare)
