"""Look for what is wrong with a workspace, without changing anything."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import Final

from voc.embed.vectors import damaged_blocks
from voc.errors import NotFoundError, VocError
from voc.index import generation
from voc.models.pull import State, state
from voc.models.registry import read_registry
from voc.store import audit, erasures, vectors
from voc.store.database import SAFE_SQLITE, integrity_problems, sqlite_module
from voc.wiring import TRIGRAMS, Services

_LEAST_FREE_BYTES: Final = 1 << 30


def problems(services: Services) -> Iterator[str]:
    """Yield one line for each thing that is wrong, with what to do."""
    module = sqlite_module()
    if services.database.dialect == "sqlite" and module.sqlite_version_info < SAFE_SQLITE:
        yield f"SQLite {module.sqlite_version} has the WAL-reset fault; its slow journal is used. pip install pysqlite3"
    for problem in integrity_problems(services.database):
        yield f"The store is damaged: {problem}. Put back your newest backup."
    try:
        with services.database.read() as connection:
            audit.verify(connection)
    except VocError as error:
        yield str(error)
    with services.database.read() as connection:
        models, begun = vectors.models(connection), erasures.unfinished(connection)
    for one in begun:
        yield f"The erasure of {one.comments} comments at {one.at[:16]} was stopped. Complete it: voc erase --resume"
    for model_id in models:
        for block in damaged_blocks(services.database, services.vector_files, model_id=model_id):
            yield (
                f"{block.rows} vectors of {model_id} in segment {block.segment} are damaged or missing. "
                "Mend them: voc doctor --repair"
            )
    for problem in generation.problems(services.paths.index):
        yield f"The search index is damaged: {problem}. Rebuild it: voc doctor --repair"
    yield from _models(services)
    free = shutil.disk_usage(services.paths.folder).free
    if free < _LEAST_FREE_BYTES:
        yield f"Only {free / 1e9:.1f} GB are free where the workspace lies. Free some space before the next run."


def _models(services: Services) -> Iterator[str]:
    settings, registry = services.settings, read_registry()
    wanted = [] if settings.models.encoder == TRIGRAMS else [settings.models.encoder]
    if settings.llm.provider == "local":
        wanted.append(settings.llm.model)
    for name in wanted:
        try:
            found = state(registry.get(name), services.models_dir)
        except NotFoundError as error:
            yield str(error)
            continue
        if found is not State.READY:
            yield f"The model {name} is {found} in {services.models_dir}. Get it: voc models pull {name}"
