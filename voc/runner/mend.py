"""Steps that make anew what is derived: rows that follow from other rows, vectors, report files, what a kill left."""

from __future__ import annotations

import contextlib

from voc.embed.vectors import repair
from voc.errors import InputError
from voc.files import leftovers, sha256_file
from voc.index import generation
from voc.ingest.clauses import clauses
from voc.ingest.identity import text_hash
from voc.runner.job import Job
from voc.runner.weekly import report
from voc.store import backups, checks, report_files
from voc.store.report_files import ReportFiles
from voc.types import Progress


def mend_rows(job: Job, _progress: Progress) -> int:
    """Put right rows of the store that follow from others, and return how many kinds were wrong."""
    database = job.services.database
    mended = int(checks.remake_trees(database))
    for check in checks.row_checks(text_hash, clauses):
        with database.read() as connection:
            wrong = check.find(connection)
        if wrong:
            with database.write() as connection:
                check.mend(connection)
            mended += 1
    return mended


def mend_vectors(job: Job, _progress: Progress) -> int:
    """Embed the texts of damaged blocks again; rows stay where they are and no theme changes."""
    services = job.services
    return repair(services.database, services.vector_files, services.embedder)


def clear_leftovers(job: Job, _progress: Progress) -> int:
    """Remove what commands that were killed left lying about, and return how much it was."""
    found = leftovers(job.services.paths.folder)
    for path in found:
        path.unlink(missing_ok=True)
    return len(found) + backups.clear_left(job.services.database) + generation.clear_leftovers(job.services.paths.index)


def mend_reports(job: Job, _progress: Progress) -> int:
    """Write reports again whose files are not those that were written, and return how many."""
    with job.services.database.read() as connection:
        written = report_files.every(connection)
    mended = 0
    for one in written:
        if _is_damaged(job, one):
            with contextlib.suppress(InputError):  # its market or week is configured no more
                report(Job(job.services, one.week, one.market or None, job.run_id), _progress)
                mended += 1
    return mended


def _is_damaged(job: Job, written: ReportFiles) -> bool:
    paths = {job.services.paths.reports / name: digest for name, digest in written.files.items()}
    there = [path for path in paths if path.is_file()]
    return bool(there) and (len(there) < len(paths) or any(sha256_file(path) != paths[path] for path in there))
