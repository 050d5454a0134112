"""The Python door: a workspace with everything that the command line does, as plain calls that return values."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Final

from voc.errors import DamageError, InputError, NotFoundError
from voc.files import write_atomic
from voc.resources import sample_dir
from voc.settings import CONFIG_NAME, read_settings
from voc.store import proposals, runs, themes
from voc.types import Progress, no_progress
from voc.weeks import parse_week
from voc.wiring import Clock, Paths, Services, utc_now
from voc.workspace_backfill import BackfillCalls
from voc.workspace_effect import EffectCalls
from voc.workspace_erase import EraseCalls
from voc.workspace_intake import IntakeCalls
from voc.workspace_map import MapCalls
from voc.workspace_pages import PageCalls
from voc.workspace_people import PeopleCalls
from voc.workspace_report import ReportCalls
from voc.workspace_review import ReviewCalls
from voc.workspace_runs import RunCalls
from voc.workspace_search import SearchCalls
from voc.workspace_start import StartCalls

if TYPE_CHECKING:
    from voc.access import Who
    from voc.llm.protocol import ChatModel
    from voc.proposals.pack_model import Pack
    from voc.proposals.render import Shown
    from voc.runner.job import Announce, Job
    from voc.runner.judged import ProposalEvaluation
    from voc.runner.pages import ThemeEntry, ThemePage
    from voc.runner.steps import Written
    from voc.standards.document import Given
    from voc.standards.intake import Checked
    from voc.standards.registry import Imported
    from voc.store.editions import EditionRow
    from voc.store.proposals import ProposalRow
    from voc.store.themes import ThemeEvent
    from voc.themes.codeframe import CodeFrame
    from voc.themes.edits import ThemeEditor
    from voc.themes.evaluate import Evaluation

_SAMPLE_FILES: Final = ("feedback.csv", "truth.csv", "README.md")


class Workspace(
    SearchCalls,
    BackfillCalls,
    ReviewCalls,
    EffectCalls,
    PeopleCalls,
    ReportCalls,
    PageCalls,
    RunCalls,
    IntakeCalls,
    StartCalls,
    MapCalls,
    EraseCalls,
):
    """One organisation's feedback, themes, standards and proposals, in one folder.

    Use it as a context manager, or close it.
    """

    def __init__(self, services: Services) -> None:
        self.services = services

    @classmethod
    def init(
        cls, folder: Path | str, *, sample: bool = False, environment: Mapping[str, str] | None = None
    ) -> Workspace:
        """Make a workspace with filled templates; with `sample`, also the sample's feedback and all its figures.

        Raises:
            InputError: the folder is a workspace already.
        """
        path = Path(folder)
        if (path / CONFIG_NAME).exists():
            raise InputError(f"{path} is a workspace already: it has a {CONFIG_NAME}. Use it, or name another folder.")
        source = sample_dir()
        write_atomic(path / "mapping.toml", (source / "mapping.toml").read_bytes())
        for name in ("deliveries.csv", "signals.csv"):
            lines = (source / name).read_text(encoding="utf-8").splitlines(keepends=True)
            write_atomic(path / name, "".join(lines if sample else lines[:4]).encode())
        shutil.copytree(source / "standards", path / "standards", dirs_exist_ok=True)
        for name in _SAMPLE_FILES if sample else ():
            write_atomic(path / name, (source / name).read_bytes())
        write_atomic(path / CONFIG_NAME, (source / CONFIG_NAME).read_bytes())  # last: it makes the folder a workspace
        return cls.open(path, environment=environment)

    @classmethod
    def open(
        cls,
        folder: Path | str = ".",
        *,
        environment: Mapping[str, str] | None = None,
        clock: Clock = utc_now,
        model: ChatModel | None = None,
        compact: bool = False,
    ) -> Workspace:
        """Open a workspace folder; `model` takes the place of the configured language model.

        With `compact`, as for a server, an index that was outgrown is written anew in the background.

        Raises:
            SettingsError: there is no voc.toml, or it cannot be used.
        """
        path = Path(folder).resolve()
        variables = os.environ if environment is None else environment
        return cls(Services(Paths(path), read_settings(path, variables), variables, clock, model, compact))

    def __enter__(self) -> Workspace:
        """Return the workspace itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""
        self.close()

    def acting(self, who: Who) -> Workspace:
        """Return the same workspace for somebody, who may do and see what their role and markets allow."""
        return Workspace(self.services.acting(who))

    def close(self) -> None:
        """Give back the store's connections."""
        self.services.close()

    def import_standard(self, file: Path | str) -> Imported:
        """Import a file with one standard: the global edition first, then its addenda.

        Raises:
            InputError: something is wrong, or the edition is stored with another text.
        """
        return self.import_standards([Path(file)])[0]

    def import_standards(
        self, files: Sequence[Path], *, given: Given | None = None, accept: bool = False
    ) -> tuple[Imported, ...]:
        """Import files of standards (Markdown, YAML, Word, JSON lines) together; nothing is stored when one is wrong.

        Raises:
            InputError: something is wrong, and all of it is said; or a Word document comes without `accept`.
        """
        from voc.standards.document import NOTHING_GIVEN
        from voc.standards.intake import import_files

        services = self.services
        return import_files(
            services.database,
            files,
            given=given or NOTHING_GIVEN,
            markets=services.settings.market_codes(),
            stamp=services.stamp,
            accept=accept,
        )

    def check_standards(self, files: Sequence[Path], *, given: Given | None = None) -> tuple[Checked, ...]:
        """Say what an import of files would bring, and everything that is wrong with them; store nothing.

        Raises:
            InputError: a file cannot be read at all.
        """
        from voc.standards.document import NOTHING_GIVEN
        from voc.standards.intake import check_files

        services = self.services
        today = services.stamp.at.date().isoformat()
        markets = services.settings.market_codes()
        return check_files(services.database, files, given=given or NOTHING_GIVEN, markets=markets, today=today)

    def standards(self) -> tuple[EditionRow, ...]:
        """Return every edition."""
        from voc.store import editions

        with self.services.database.read() as connection:
            return editions.every(connection)

    def run(
        self, week: str, *, market: str | None = None, pipeline: str = "weekly", announce: Announce | None = None
    ) -> Job:
        """Run a pipeline for a week: embed, find themes, name them, index, draft, report.

        Raises:
            InputError: the week has no feedback, or the market is not configured.
            BusyError: another run is at work.
        """
        from voc.runner.job import run_pipeline, silent

        self.services.settings.market_codes(market)
        return run_pipeline(pipeline, self.services, week=parse_week(week), market=market, announce=announce or silent)

    def report(self, week: str | None = None, *, market: str | None = None) -> Written:
        """Write the report of a week (of the newest run without one), which shows comments, again from the store.

        Raises:
            NotAllowedError: the reader's role sees no single comments.
            NotFoundError: nothing was run yet.
        """
        from voc.access import check_reads
        from voc.runner import steps
        from voc.runner.job import Job

        check_reads(self.services.role)
        self.services.settings.market_codes(market)
        wanted = parse_week(week) if week else self.newest_week()
        return steps.report(Job(self.services, wanted, market, ""), no_progress)

    def newest_week(self) -> str:
        """Return the week of the newest run that ended well.

        Raises:
            NotFoundError: nothing was run yet.
        """
        with self.services.database.read() as connection:
            found = [run for name in ("weekly", "backfill") if (run := runs.last_done(connection, pipeline=name))]
        if not found:
            raise NotFoundError("Nothing was run yet. Run a week first: voc run --week 2024-W40")
        return max(run.week for run in found)

    def themes(self) -> tuple[ThemeEntry, ...]:
        """Return the themes of the fit in force, the largest first; who sees counts only is told of no small ones."""
        from voc.access import Act, may
        from voc.runner.pages import theme_entries

        least = 0 if may(self.services.role, Act.READ) else self.services.settings.workspace.k
        return tuple(one for one in theme_entries(self.services) if one.comments >= least)

    def theme(self, theme_id: str) -> ThemePage:
        """Return one theme by the beginning of its id.

        Raises:
            NotFoundError: no theme, or more than one, begins with it.
        """
        from voc.runner.pages import theme_page

        return theme_page(self.services, theme_id)

    def ledger(self, theme_id: str | None = None) -> tuple[ThemeEvent, ...]:
        """Return what happened to a theme, or to all of them, in the order in which it was written."""
        with self.services.database.read() as connection:
            return themes.events(connection, theme_id=theme_id)

    def edit(self, *, why: str) -> ThemeEditor:
        """Return what changes themes as a person decides, with the reason that is kept.

        Raises:
            InputError: no reason is given.
        """
        from voc.runner.steps import sources_of
        from voc.themes.edits import ThemeEditor

        services = self.services
        return ThemeEditor(
            services.database,
            services.stamp,
            _reason(why),
            language=services.settings.workspace.reader_language,
            smallest=services.settings.themes.smallest,
            sources=lambda: sources_of(services),
        )

    def propose(self, week: str | None = None, *, announce: Announce | None = None) -> Job:
        """Draft proposals for a week that was run, without anything else.

        Raises:
            NotFoundError: nothing was run yet, or no standard is in force.
        """
        return self.run(week or self.newest_week(), pipeline="propose", announce=announce)

    def proposals(self, week: str | None = None) -> tuple[ProposalRow, ...]:
        """Return proposals, newest week first; failed drafts among them have the outcome "failed"."""
        from voc.proposals.shown import concerns

        with self.services.database.read() as connection:
            found = proposals.every(connection, week=week)
        return tuple(one for one in found if concerns(one, self.services.seen_markets))

    def proposal(self, proposal_id: str) -> Shown:
        """Return one proposal, which shows single comments, with notices of what changed since it was drafted.

        Raises:
            NotAllowedError: the reader's role sees no single comments.
            NotFoundError: no proposal, or more than one, begins with it.
        """
        from voc.access import check_reads
        from voc.proposals.shown import within
        from voc.runner.opened import opened

        check_reads(self.services.role)
        return within(opened(self.services, proposal_id), self.services.seen_markets)

    def decision_pack(self, proposal_id: str) -> Pack:
        """Return everything about a proposal, for those who decide on it, by the beginning of its id.

        Raises:
            NotAllowedError: the reader's role sees no single comments.
            NotFoundError: no proposal, or more than one, begins with it.
        """
        from voc.access import check_reads
        from voc.runner.packs import decision_pack

        check_reads(self.services.role)
        return decision_pack(self.services, self.proposal(proposal_id))

    def evaluate_themes(
        self, file: Path | str, *, labels: str, text: str = "text", language: str = "", progress: Progress = no_progress
    ) -> Evaluation:
        """Find themes in labelled texts as a first run would, and compare them with the labels; nothing is stored.

        Raises:
            InputError: the file cannot be used, lacks a column, or has too few labelled texts.
        """
        from voc.ingest.labelled import LabelledColumns
        from voc.runner.labelled import evaluate_labelled

        columns = LabelledColumns(text, labels, language)
        return evaluate_labelled(self.services, Path(file), columns, progress=progress)

    def evaluate_proposals(self, *, again: bool = False, pairs: Path | str | None = None) -> ProposalEvaluation:
        """Return how the drafts of each model fared; with `again`, decided ones are drafted again and not kept.

        Raises:
            NotFoundError: nothing has been drafted.
            InputError: the file of labelled pairs cannot be used.
        """
        from voc.runner.judged import evaluate_proposals

        return evaluate_proposals(self.services, again=again, pairs=None if pairs is None else Path(pairs))

    def import_codes(
        self, file: Path | str, *, codes: str, text: str = "text", language: str = "", why: str
    ) -> CodeFrame:
        """Make locked themes of a team's codes, known by the example texts of each.

        Raises:
            InputError: the file, a column or a code cannot be used, no reason is given, or there are no themes yet.
        """
        from voc.ingest.labelled import LabelledColumns
        from voc.runner.labelled import import_codes

        columns = LabelledColumns(text, codes, language, option="--codes")
        return import_codes(self.services, Path(file), columns, why=_reason(why))

    def repair(self, *, announce: Announce | None = None) -> Job:
        """Complete erasures that were stopped, then rebuild what is derived: rows, vectors, index, report files.

        Raises:
            BusyError: a run is at work, or somebody holds the store.
            DamageError: a block of vectors cannot be made again exactly.
        """
        from voc.runner.job import run_pipeline, silent

        if self.has_unfinished_erasure():
            with contextlib.suppress(DamageError):  # what it needs is mended below
                self.resume_erasures()
        job = run_pipeline("reindex", self.services, week="", announce=announce or silent)
        if self.has_unfinished_erasure():
            self.resume_erasures()
        return job

    def problems(self) -> Iterable[str]:
        """Yield what is wrong with store, audit log, vectors, index and models, each in one line; none when sound."""
        from voc.doctor import problems

        return problems(self.services)


def _reason(why: str) -> str:
    plain = " ".join(why.split())
    if not plain:
        raise InputError("Say why: --why TEXT. What people decide is kept with its reason.")
    return plain
