"""The part of the Python door that brings in history with many workers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

from voc.errors import InputError
from voc.wiring import Services

if TYPE_CHECKING:
    from voc.backfill.engine import Engine
    from voc.backfill.keeping import Brought
    from voc.runner.job import Announce, Job

ENGINES = ("local", "ray")


@dataclass(frozen=True, slots=True)
class Workers:
    """Who works: an engine of `ENGINES`, how many workers (0: half the cores), and the address of a Ray cluster."""

    engine: str = "local"
    count: int = 0
    address: str = ""


class BackfillCalls:
    """What a workspace does with much history at once; `Workspace` has these calls as its own."""

    services: Services

    def bring(
        self,
        sources: Sequence[Path],
        *,
        named: str = "",
        workers: Workers | None = None,
        mapping: Path | None = None,
        announce: Announce | None = None,
    ) -> Brought:
        """Read files, folders of them or a query of `[sources]` with many workers, and embed; goes on after a crash.

        Raises:
            InputError: a source or the mapping cannot be used; nothing was read.
            BusyError: another run is at work.
        """
        from voc.backfill.history import History
        from voc.runner.job import run_pipeline, silent

        engine, services = _engine(workers or Workers()), self.services
        told = services.settings.sources.get(named)
        own = services.paths.folder / told.mapping if told and told.mapping else services.paths.mapping
        history = History(tuple(sources), mapping or own, engine, named=named)
        with engine.started():
            job = run_pipeline("bring", self.services, week="", announce=announce or silent, history=history)
        return cast("Brought", job.results["bring in"])

    def run_history(self, *, workers: Workers | None = None, announce: Announce | None = None) -> Job:
        """Run the newest week over all of history: week by week, or at once where that is more than one fit takes.

        Raises:
            InputError: there is no feedback.
            BusyError: another run is at work.
        """
        from voc.backfill.history import History
        from voc.runner.job import run_pipeline, silent
        from voc.store import counts, vectors

        services = self.services
        with services.database.read() as connection:
            weeks = counts.weeks_with_feedback(connection)
            texts = vectors.count(connection, model_id=services.embedder.model_id)
        if not weeks:
            raise InputError("There is no feedback to run. Bring some in first: voc backfill SOURCE")
        is_large = texts > services.settings.themes.fit_texts
        engine = _engine(workers or Workers())
        history = History((), services.paths.mapping, engine)
        with engine.started():
            return run_pipeline(
                "weekly" if is_large else "backfill",
                services,
                week=weeks[-1],
                announce=announce or silent,
                history=history,
            )


def _engine(workers: Workers) -> Engine:
    if workers.engine == "local":
        from voc.backfill.local import Local

        return Local(workers.count)
    if workers.engine == "ray":
        from voc.backfill.on_ray import OnRay

        return OnRay(workers.count, address=workers.address)
    raise InputError(f"'{workers.engine}' is no engine. Allowed: {', '.join(ENGINES)}.")
