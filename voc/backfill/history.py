"""Bring a source into the store: cut it, let workers read its partitions, and store their outputs in order."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Final

from voc.backfill.engine import Engine
from voc.backfill.keeping import Brought, Keeper
from voc.backfill.plan import PLAN, Plan, Slice, SourceFile, read_plan
from voc.backfill.queries import SQL, cut, keep_watermark
from voc.backfill.reading import READ, fingerprint, told_versions
from voc.backfill.split import ROWS, check_alike, slices_of
from voc.backfill.tries import forget_tries, raise_if_hopeless
from voc.errors import InputError, NotFoundError
from voc.files import fsync_dir, sha256_file
from voc.ingest.mapping import read_mapping
from voc.ingest.readers import ENDINGS, form_of
from voc.types import Progress, no_progress
from voc.wiring import Services, named_source

FOLDER: Final = "backfill"


@dataclass(frozen=True, slots=True)
class History:
    """What is brought in, and by what: files or folders of them, a mapping file, an engine, rows of a partition.

    `named` is a source of `[sources]` in place of files.
    """

    sources: Sequence[Path]
    mapping: Path
    engine: Engine
    rows: int = ROWS
    named: str = ""


def bring_in(services: Services, history: History, progress: Progress = no_progress) -> Brought:
    """Read all of a source into the store; after any crash the same call goes on with what is left.

    Raises:
        InputError: the source or the mapping cannot be used; nothing was read.
        VocError: no worker can work; what was done stays.
    """
    plan = plan_of(services, history)
    if not plan.slices:
        raise InputError(f"There is not one row in {plan.source}.")
    folder = folder_of(services, plan.id)
    plan.write(folder)
    forget_tries(folder)
    keeper = Keeper(services, plan, folder)
    progress(keeper.kept, len(plan.slices))
    _read_and_keep(history.engine, keeper, progress)
    report = keeper.report()
    if not report.quarantined:
        if history.named:
            keep_watermark(services.database, plan, services.stamp)
        shutil.rmtree(folder)
    return report


def plan_of(services: Services, history: History) -> Plan:
    """Return the plan of a source; the same source and workspace give the same plan.

    A query may answer otherwise every time: an unfinished plan of it is gone on with.

    Raises:
        InputError: there is no file, or one cannot be used; or a query cannot.
    """
    if not history.named:
        return _made(services, history, *_of_files(history))
    source = named_source(services.settings, services.environment, history.named)
    asked = hashlib.sha256(source.query.sql.encode()).hexdigest()
    found = SourceFile(history.named, asked, SQL)
    empty = _made(services, history, (found,), ())
    for folder in sorted((services.paths.private / FOLDER).glob(f"*/{PLAN}")):
        known = read_plan(folder.parent)
        if replace(known, slices=()) == empty:
            return known
    mapping = read_mapping(history.mapping)
    return _made(services, history, (found,), tuple(cut(source, mapping, rows=history.rows)))


def _of_files(history: History) -> tuple[tuple[SourceFile, ...], tuple[Slice, ...]]:
    mapping = read_mapping(history.mapping)
    paths = list(_files(history.sources))
    forms = [
        form_of(path, encoding=mapping.file.encoding, delimiter=mapping.file.delimiter, sheet=mapping.file.sheet)
        for path in paths
    ]
    check_alike(paths, forms, mapping.needed)
    files = zip(paths, forms, strict=True)
    told = tuple(SourceFile(str(path.resolve()), sha256_file(path), **asdict(form)) for path, form in files)
    return told, tuple(
        part
        for number, (path, form) in enumerate(zip(paths, forms, strict=True))
        for part in slices_of(number, path, form, rows=history.rows)
    )


def _made(services: Services, history: History, files: tuple[SourceFile, ...], slices: tuple[Slice, ...]) -> Plan:
    settings, embedder = services.settings, services.embedder
    return Plan(
        workspace=str(services.paths.folder),
        source=history.named or ", ".join(str(one) for one in history.sources),
        files=files,
        mapping=history.mapping.read_text(encoding="utf-8"),
        markets=settings.markets,
        key=fingerprint(services.key),
        encoder=settings.models.encoder,
        model_id=embedder.model_id,
        models=settings.models.folder,
        versions=told_versions(),
        slices=slices,
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
            raise_if_hopeless(outcome)
            keeper.settle(outcome)
            keeper.keep_what_is_done()
            progress(keeper.kept, total)


def drop_unfinished(services: Services) -> None:
    """Take away outputs that were not stored yet: they may hold what is being erased; the source is read again."""
    folder = services.paths.private / FOLDER
    if folder.exists():
        shutil.rmtree(folder)
        fsync_dir(folder.parent)
