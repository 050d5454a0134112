"""The part of the Python door that takes feedback and figures in: from files, and from sources that are read on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from voc.errors import InputError
from voc.types import Progress, no_progress
from voc.wiring import Services

if TYPE_CHECKING:
    from voc.ingest.figures import FiguresReport
    from voc.ingest.load import IngestReport
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

    def _intake(self, mapping: Path | None) -> Intake:
        from voc.ingest.load import row_reader
        from voc.ingest.mapping import read_mapping
        from voc.ingest.take import Intake

        services = self.services
        settings, place = services.settings, mapping or services.paths.mapping
        return Intake(
            services.database,
            lambda: row_reader(read_mapping(place), settings.markets, services.key),
            settings.market_codes(),
            lambda: services.stamp,
        )
