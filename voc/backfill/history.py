"""Bring a source into the store: cut it, let workers read its partitions, and store their outputs in order."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from voc.backfill.engine import Engine
from voc.backfill.keeping import Brought, Keeper
from voc.backfill.plan import Plan, SourceFile
from voc.backfill.reading import READ, fingerprint, told_versions
from voc.backfill.split import ROWS, check_alike, slices_of
from voc.backfill.tries import State, forget_tries
from voc.errors import InputError, NotFoundError, VocError
from voc.files import sha256_file
from voc.ingest.mapping import read_mapping
from voc.ingest.readers import ENDINGS, form_of
from voc.types import Progress, no_progress
from voc.wiring import Services

FOLDER: Final = "backfill"


@dataclass(frozen=True, slots=True)
class History:
    """What is brought in, and by what: files or folders of them, a mapping file, an engine, rows of a partition."""

    sources: Sequence[Path]
    mapping: Path
    engine: Engine
    rows: int = ROWS


def bring_in(services: Services, history: History, progress: Progress = no_progress) -> Brought:
    """Read all of a source into the store; after any crash the same call goes on with what is left.

    Raises:
        InputError: the source or the mapping cannot be used; nothing was read.
        VocError: no worker can work; what was done stays.
    """
    plan = plan_of(services, history)
    folder = folder_of(services, plan.id)
    plan.write(folder)
    forget_tries(folder)
    keeper = Keeper(services, plan, folder)
    progress(keeper.kept, len(plan.slices))
    _read_and_keep(history.engine, keeper, progress)
    report = keeper.report()
    if not report.quarantined:
        shutil.rmtree(folder)
    return report


def plan_of(services: Services, history: History) -> Plan:
    """Return the plan of a source; the same source and workspace give the same plan.

    Raises:
        InputError: there is no file, or one cannot be used.
    """
    mapping = read_mapping(history.mapping)
    paths = list(_files(history.sources))
    forms = [
        form_of(path, encoding=mapping.file.encoding, delimiter=mapping.file.delimiter, sheet=mapping.file.sheet)
        for path in paths
    ]
    check_alike(paths, forms, mapping.needed)
    slices = [
        part
        for number, (path, form) in enumerate(zip(paths, forms, strict=True))
        for part in slices_of(number, path, form, rows=history.rows)
    ]
    if not slices:
        raise InputError(f"There is not one row in {', '.join(path.name for path in paths)}.")
    settings, embedder = services.settings, services.embedder
    return Plan(
        workspace=str(services.paths.folder),
        source=", ".join(str(one) for one in history.sources),
        files=tuple(
            SourceFile(str(path.resolve()), sha256_file(path), **asdict(form))
            for path, form in zip(paths, forms, strict=True)
        ),
        mapping=history.mapping.read_text(encoding="utf-8"),
        markets=settings.markets,
        key=fingerprint(services.key),
        encoder=settings.models.encoder,
        model_id=embedder.model_id,
        models=settings.models.folder,
        versions=told_versions(),
        slices=tuple(slices),
    )


def folder_of(services: Services, plan_id: str) -> Path:
    """Return the folder of a plan, which all workers must see; only its owner may read it."""
    folder = services.paths.private / FOLDER / plan_id
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def _files(sources: Sequence[Path]) -> Iterator[Path]:
    for source in sources:
        if source.is_dir():
            found = sorted(path for path in source.rglob("*") if path.suffix.lower() in ENDINGS and path.is_file())
            if not found:
                raise NotFoundError(f"There is no file that ends in {', '.join(ENDINGS)} in {source}.")
            yield from found
        else:
            yield source


def _read_and_keep(engine: Engine, keeper: Keeper, progress: Progress) -> None:
    total = len(keeper.plan.slices)
    keeper.keep_what_is_done()
    progress(keeper.kept, total)
    with closing(engine.map_partitions(keeper.folder, READ, keeper.open_numbers())) as outcomes:  # type: ignore[type-var]
        for outcome in outcomes:
            if outcome.state is State.FATAL:
                raise VocError(outcome.reason)
            keeper.settle(outcome)
            keeper.keep_what_is_done()
            progress(keeper.kept, total)
