"""Look for what is wrong with a workspace, without changing anything; what is derived says how it is mended."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import Final

from voc.embed.vectors import damaged_blocks
from voc.errors import VocError
from voc.files import leftovers, sha256_file
from voc.index import generation
from voc.ingest.clauses import clauses
from voc.ingest.identity import text_hash
from voc.models.pull import State, state
from voc.models.registry import read_registry
from voc.store import audit, backups, checks, erasures, report_files, reports, runs, vectors
from voc.store.at_work import at_work
from voc.store.database import SAFE_SQLITE, integrity_problems, sqlite_module
from voc.wiring import TRIGRAMS, Services

_LEAST_FREE_BYTES: Final = 1 << 30
_SHOWN: Final = 3
_MEND: Final = "Mend it: voc doctor --repair"
_RESTORE: Final = "Put back your newest backup."


def problems(services: Services) -> Iterator[str]:
    """Yield one line for each thing that is wrong, with what to do."""
    module = sqlite_module()
    if services.database.dialect == "sqlite" and module.sqlite_version_info < SAFE_SQLITE:
        yield f"SQLite {module.sqlite_version} has the WAL-reset fault; its slow journal is used. pip install pysqlite3"
    damaged = integrity_problems(services.database)
    mendable = checks.trees_only(damaged)
    for problem in damaged:
        yield f"The store is damaged: {problem}. {_MEND if mendable else _RESTORE}"
    if damaged and not mendable:
        return
    yield from _originals(services)
    yield from _rows(services)
    yield from _vectors(services)
    for problem in generation.problems(services.paths.index):
        yield f"The search index is damaged: {problem}. Rebuild it: voc doctor --repair"
    yield from _reports(services)
    yield from _left(services)
    yield from _models(services)
    free = shutil.disk_usage(services.paths.folder).free
    if free < _LEAST_FREE_BYTES:
        yield f"Only {free / 1e9:.1f} GB are free where the workspace lies. Free some space before the next run."


def _originals(services: Services) -> Iterator[str]:
    """Yield what of the things that cannot be made again is not as it was written."""
    with services.database.read() as connection:
        for verify in (audit.verify, reports.verify):
            try:
                verify(connection)
            except VocError as error:
                yield str(error)
        for what, found in (
            ("The texts of comments", list(checks.changed_texts(connection, text_hash))),
            ("Themes", list(checks.damaged_themes(connection))),
            ("Editions of standards", list(checks.damaged_editions(connection))),
        ):
            if found:
                more = f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
                yield f"{what} are not what was stored: {', '.join(found[:_SHOWN])}{more}. {_RESTORE}"


def _rows(services: Services) -> Iterator[str]:
    """Yield rows that do not agree with those that they follow from, and runs that never ended."""
    with services.database.read() as connection:
        for check in checks.row_checks(text_hash, clauses):
            wrong = check.find(connection)
            if wrong:
                yield f"{check.told.format(wrong)}. {_MEND}"
        if at_work(connection, now=services.clock()) is None:
            for run in runs.unfinished(connection):
                yield (
                    f"The {run.pipeline} run {run.week} of {run.started_at[:16]} was stopped before its end. Run the "
                    "same command again; to mark it as failed only: voc doctor --repair"
                )


def _vectors(services: Services) -> Iterator[str]:
    with services.database.read() as connection:
        models = vectors.models(connection)
        bare = vectors.decided_without(connection)
        begun = erasures.unfinished(connection)
    for one in begun:
        yield f"The erasure of {one.comments} comments at {one.at[:16]} was stopped. Complete it: voc erase --resume"
    for model_id in models:
        for block in damaged_blocks(services.database, services.vector_files, model_id=model_id):
            yield (
                f"{block.rows} vectors of {model_id} in segment {block.segment} are damaged or missing. "
                "Mend them: voc doctor --repair"
            )
    if bare:
        yield f"{bare} texts belong to themes and have no vector. {_MEND}"


def _reports(services: Services) -> Iterator[str]:
    """Yield reports of which a form is not the one that was written; one that was cleared away whole is not missed."""
    with services.database.read() as connection:
        written = report_files.every(connection)
    for one in written:
        there = [name for name in one.files if (services.paths.reports / name).is_file()]
        wrong = [
            name
            for name, digest in one.files.items()
            if there and (name not in there or sha256_file(services.paths.reports / name) != digest)
        ]
        if wrong:
            yield f"{', '.join(wrong)} in {services.paths.reports} is not what was written. {_MEND}"


def _left(services: Services) -> Iterator[str]:
    """Yield what a command that was killed left lying about."""
    with services.database.read() as connection:
        beside = backups.left(connection)
    found = [*leftovers(services.paths.folder), *generation.leftovers(services.paths.index), *beside]
    if found:
        yield f"{len(found)} files of commands that were stopped are left over, such as {found[0]}. {_MEND}"


def _models(services: Services) -> Iterator[str]:
    settings, registry = services.settings, read_registry()
    wanted = [] if settings.models.encoder == TRIGRAMS else [settings.models.encoder]
    if settings.llm.provider == "local":
        wanted.append(settings.llm.model)
    for name in wanted:
        try:
            found = state(registry.get(name), services.models_dir)
        except VocError as error:
            yield str(error)
            continue
        if found is not State.READY:
            yield f"The model {name} is {found} in {services.models_dir}. Get it: voc models pull {name}"
