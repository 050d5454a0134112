"""Rebuild what is derived: mend vectors that are damaged or missing, then write the search index anew."""

from __future__ import annotations

from voc.embed.vectors import repair
from voc.runner import steps
from voc.runner.job import Job
from voc.types import Progress


def mend_vectors(job: Job, _progress: Progress) -> int:
    """Embed the texts of damaged blocks again; rows stay where they are and no theme changes."""
    services = job.services
    return repair(services.database, services.vector_files, services.embedder)


def run(job: Job) -> None:
    """Make vectors and index whole again."""
    job.step("mend vectors", mend_vectors)
    job.step("embed", steps.embed_everything)
    job.step("build the index", steps.index)
