"""The part of the Python door that takes feedback and figures in: from files, and from sources that are read on."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from voc.errors import InputError
from voc.types import Progress, no_progress
from voc.wiring import Services

if TYPE_CHECKING:
    from voc.ingest.figures import FiguresReport
    from voc.ingest.load import IngestReport
    from voc.ingest.parts import Outcome, Part
    from voc.ingest.take import Intake


class IntakeCalls:
    """What a workspace takes in; `Workspace` has these calls as its own."""

    services: Services

    def ingest(
        self, file: Path | str, *, mapping: Path | None = None, progress: Progress = no_progress
    ) -> IngestReport:
        """Read a file of feedback through the workspace's mapping, or another one.

        Raises:
            InputError: the file or the mapping cannot be used.
        """
        from voc.ingest.take import Arrival, take_feedback

        path = Path(file)
        return take_feedback(self._intake(mapping), Arrival(path, path.name), progress=progress)

    def take(
        self, file: Path | str, *, mapping: Path | None = None, progress: Progress = no_progress
    ) -> IngestReport | FiguresReport:
        """Read a file of feedback, or of deliveries or signals, told by its columns.

        Raises:
            InputError: the file or the mapping cannot be used; of deliveries and signals nothing is stored then.
        """
        from voc.ingest.take import Arrival, take_file

        path = Path(file)
        return take_file(self._intake(mapping), Arrival(path, path.name), progress=progress)

    def ingest_figures(self, file: Path | str) -> tuple[str, int]:
        """Read a file of deliveries or signals, told by its columns; return its kind and how many rows it had.

        Raises:
            InputError: a row cannot be taken; then none is.
        """
        from voc.ingest.figures import kind_of, load_figures
        from voc.ingest.readers import form_of, open_table

        path, services = Path(file), self.services
        with open_table(path, form_of(path)) as table:
            kind = kind_of(table.columns)
            if kind == "feedback":
                raise InputError(f"{path} has neither the columns of deliveries nor those of signals.")
            codes = services.settings.market_codes()
            done = load_figures(services.database, path, table.rows, kind, markets=codes, stamp=services.stamp)
        return done.kind, done.rows

    def ingest_many(
        self, source: str, *, mapping: Path | None = None, again: bool = False, progress: Progress = no_progress
    ) -> Iterator[Outcome]:
        """Read the files of a folder, a pattern or an address such as s3://bucket/path/*.parquet, one after the other.

        Files that were read before as they are, by the same mapping, are passed by without a download, unless `again`.

        Raises:
            NotFoundError: there are none.
            InputError: the address cannot be used, or may not be read.
        """
        from voc.ingest.parts import parts_of

        return self._take_parts(parts_of(source), mapping, again=again, progress=progress)

    def ingest_source(self, name: str, *, again: bool = False, progress: Progress = no_progress) -> IngestReport | None:
        """Read a source of `[sources]` on from where it was left, or from its start `again`; None if nothing came.

        Raises:
            NotFoundError: there is no source of that name.
            InputError: the source cannot be read, or breaks off; rows before that are stored.
        """
        from voc.ingest.sql_source import take_source
        from voc.wiring import named_source

        services = self.services
        source = named_source(services.settings, services.environment, name)
        told = services.settings.sources[name]
        mapping = services.paths.folder / told.mapping if told.mapping else None
        return take_source(self._intake(mapping), source, again=again, progress=progress)

    def watch(
        self,
        folder: Path | str,
        *,
        mapping: Path | None = None,
        every_s: float = 60,
        once: bool = False,
        stop: threading.Event | None = None,
    ) -> Iterator[Outcome]:
        """Take new files of a folder in as they come, and yield what became of each, until `stop` is set.

        Raises:
            NotFoundError: the folder is not there.
        """
        from voc.ingest.watch import watch

        return watch(
            Path(folder),
            lambda parts: self._take_parts(parts, mapping),
            every_s=every_s,
            once=once,
            stop=stop or threading.Event(),
        )

    def _take_parts(
        self, parts: Sequence[Part], mapping: Path | None, *, again: bool = False, progress: Progress = no_progress
    ) -> Iterator[Outcome]:
        from voc.ingest.mapping import read_mapping
        from voc.ingest.parts import take_parts

        place = mapping or self.services.paths.mapping
        read_by = read_mapping(place).hash if place.is_file() else ""
        private = self.services.paths.private
        private.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="incoming-", dir=private) as scratch:
            yield from take_parts(
                self._intake(mapping),
                parts,
                mapping_hash=read_by,
                scratch=Path(scratch),
                again=again,
                progress=progress,
            )

    def _intake(self, mapping: Path | None) -> Intake:
        from voc.ingest.load import row_reader
        from voc.ingest.mapping import read_mapping
        from voc.ingest.take import Intake

        services = self.services
        settings, place = services.settings, mapping or services.paths.mapping
        return Intake(
            services.database,
            cache(lambda: row_reader(read_mapping(place), settings.markets, services.key)),
            settings.market_codes(),
            lambda: services.stamp,
        )
