"""The steps that pipelines are made of; each may be run again and then changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from voc.backfill.history import History, bring_in
from voc.backfill.keeping import Brought
from voc.backfill.spread import Spread
from voc.embed.pending import EmbedReport, embed_pending
from voc.embed.remembered import remembered
from voc.embed.vectors import load_vectors
from voc.errors import InputError, NotFoundError
from voc.index import generation
from voc.index.neighbours import nearest_rows
from voc.ingest.fold import FoldReport, fold
from voc.label.ground import Ground
from voc.label.groups import GroupReport, group_themes
from voc.label.kinds import read_kinds
from voc.label.names import LabelReport, LabelTask, label_themes
from voc.proposals.catalogue import read_catalogue
from voc.proposals.chain import Drafter, Means, ProposalTask, ProposeReport
from voc.proposals.nearness import Nearness
from voc.proposals.support import Support, read_support
from voc.runner.job import Job
from voc.runner.weekly import Written as Written
from voc.runner.weekly import report as report
from voc.runner.weekly import week_of
from voc.store import editions, feedback, labels, themes, vectors
from voc.store.themes import ENDED, ThemeRow
from voc.themes.decide import Sources
from voc.themes.refit import RefitReport, refit_themes
from voc.themes.sentences import read_sentences
from voc.themes.space import Space, from_bytes
from voc.themes.update import ThemeConfig, ThemesReport, update_themes
from voc.trends.read import first_week
from voc.types import Progress, Vectors
from voc.wiring import Services


@dataclass(frozen=True, slots=True)
class Indexed:
    """The generation that is current, and how many texts it and what came since hold."""

    generation: str
    texts: int


def bring(job: Job, progress: Progress) -> Brought:
    """Bring in the history of the job, with vectors, by many workers.

    Raises:
        InputError: the job has none, or it cannot be read.
    """
    if job.history is None:
        raise InputError("There is nothing to bring in. Name it: voc backfill SOURCE")
    return bring_in(job.services, job.history, progress)


def embed(job: Job, progress: Progress) -> EmbedReport:
    """Embed every new text.

    Raises:
        InputError: the themes in force were fitted with another encoder.
    """
    model_id = job.services.embedder.model_id
    with job.services.database.read() as connection:
        fit = themes.newest_fit(connection, model_id=None)
    if fit is not None and fit.model_id != model_id:
        raise InputError(
            f"The themes in force were fitted with the encoder {fit.model_id}, this workspace now encodes with "
            f"{model_id}. Fit them anew, which keeps their ids: voc themes refit. Or put the encoder back in voc.toml."
        )
    return _embed(job, progress, everything=False)


def embed_everything(job: Job, progress: Progress) -> EmbedReport:
    """Embed every text that has no vector, however old."""
    return _embed(job, progress, everything=True)


def _embed(job: Job, progress: Progress, *, everything: bool) -> EmbedReport:
    services = job.services
    return embed_pending(
        services.database,
        services.vector_files,
        services.embedder,
        stamp=lambda: services.stamp,
        progress=progress,
        everything=everything,
    )


def fold_copies(job: Job, _progress: Progress) -> FoldReport:
    """Find near-copies in what is new, and what lies beyond the quota of its source."""
    services = job.services
    return fold(services.database, week=job.week, quotas=services.settings.quotas, stamp=services.stamp)


def find_themes(job: Job, _progress: Progress) -> ThemesReport:
    """Bring themes and assignments up to the week of the job."""
    return themes_of_week(job, job.week)


def themes_of_week(job: Job, week: str) -> ThemesReport:
    """Bring themes and assignments up to a week."""
    services = job.services
    return update_themes(
        services.database,
        sources_of(services, job.history),
        week=week,
        config=_theme_config(services),
        stamp=services.stamp,
        run_id=job.run_id,
    )


def refit(job: Job, _progress: Progress) -> RefitReport:
    """Find all themes anew over everything up to the week of the job."""
    services = job.services
    return refit_themes(
        services.database,
        sources_of(services, job.history),
        week=job.week,
        config=_theme_config(services),
        stamp=services.stamp,
        run_id=job.run_id,
    )


def label(job: Job, progress: Progress) -> LabelReport:
    """Name the themes that have no name yet or whose words have changed, and measure every name."""
    services = job.services
    chain, _ = job.chain
    with services.database.read() as connection:
        fit = themes.newest_fit(connection, model_id=services.embedder.model_id)
        found = themes.of_fit(connection, fit_id=fit.id) if fit else ()
        languages = feedback.languages(connection)
    if fit is None:
        return LabelReport()
    present = [theme for theme in found if theme.born_week <= job.week and theme.state not in ENDED]
    language = services.settings.workspace.reader_language
    task = LabelTask(tuple(theme.id for theme in present), job.week, language, languages, job.run_id)
    return label_themes(
        services.database,
        chain,
        task,
        _ground(services, from_bytes(fit.space), present),
        stamp=lambda: services.stamp,
        progress=progress,
    )


def _ground(services: Services, space: Space, present: Sequence[ThemeRow]) -> Ground:
    language = services.settings.workspace.reader_language
    kinds = read_kinds(services.embedder.encode, space, services.paths.folder / "kinds.toml", language=language)
    return Ground(
        space,
        {theme.id: theme.centroid for theme in present},
        kinds,
        lambda hashes: vectors_of(services, hashes),
        services.embedder.encode,
    )


def group(job: Job, _progress: Progress) -> GroupReport:
    """Put themes that have no group into one, and name the groups."""
    return _group(job, anew=False)


def group_anew(job: Job, _progress: Progress) -> GroupReport:
    """Find the groups of themes anew, as after a refit, and name them."""
    return _group(job, anew=True)


def _group(job: Job, *, anew: bool) -> GroupReport:
    services = job.services
    with services.database.read() as connection:
        fit = themes.newest_fit(connection, model_id=services.embedder.model_id)
        found = themes.of_fit(connection, fit_id=fit.id) if fit else ()
    wanted = [theme for theme in found if theme.born_week <= job.week and theme.state not in ENDED]
    language = services.settings.workspace.reader_language
    return group_themes(
        services.database, wanted, week=job.week, language=language, stamp=lambda: services.stamp, anew=anew
    )


def index(job: Job, _progress: Progress) -> Indexed:
    """Write a new generation of the search index when texts were added."""
    return build_index(job.services)


def build_index(services: Services) -> Indexed:
    """Write a generation over every text that has a vector, where enough has changed."""
    generation.clear_leftovers(services.paths.index)
    name = services.holdings.build_if_due()
    with services.database.read() as connection:
        return Indexed(name, vectors.count(connection, model_id=services.embedder.model_id))


def propose(job: Job, progress: Progress) -> ProposeReport:
    """Draft changes of the standard for the themes that deserve one."""
    drafter = drafter_of(job)
    if isinstance(drafter, str):
        return ProposeReport((), (), (), (), drafter)
    try:
        done = drafter.propose(stamp=lambda: job.services.stamp, progress=progress)
    except NotFoundError as error:
        return ProposeReport((), (), (), (), str(error))
    if drafter.means.chain is not None:
        return done
    return ProposeReport(done.revisions, done.actions, done.briefs, done.failed, job.chain[1])


def drafter_of(job: Job) -> Drafter | str:
    """Return what drafts for the week of a job, or why nothing can be drafted."""
    services, settings = job.services, job.services.settings
    chain, _ = job.chain
    with services.database.read() as connection:
        if not editions.every(connection, document=settings.proposals.document):
            return f"no standard '{settings.proposals.document}' is imported"
        fit = themes.newest_fit(connection, model_id=services.embedder.model_id)
        names = labels.newest(connection, language=settings.workspace.reader_language)
    if fit is None:
        return "there are no themes yet"
    task = ProposalTask(
        document=settings.proposals.document,
        markets=settings.markets,
        names={theme: label.name for theme, label in names.items()},
        per_run=settings.proposals.per_run,
        evidence=settings.proposals.evidence,
        k=settings.workspace.k,
        smooth=settings.proposals.smooth,
        growth=settings.proposals.growth,
        run_id=job.run_id,
    )
    encode = remembered(services.embedder.encode)
    nearness = Nearness(lambda hashes: vectors_of(services, hashes), encode, from_bytes(fit.space))
    catalogue = read_catalogue(services.paths.folder / "duties.toml")
    support = support_of(services, encode)
    means = Means(catalogue, nearness, support.score, support.fit.threshold, chain)
    return Drafter(services.database, week_of(job), task, means)


def support_of(services: Services, encode: Callable[[Sequence[str]], Vectors]) -> Support:
    """Return what scores how well quotes bear a sentence out; `encode` is that of the workspace's encoder."""
    return read_support(encode, sources_of(services).sentences(), model_id=services.embedder.model_id)


def check_week(job: Job, _progress: Progress) -> str:
    """Make sure that the week has feedback before any work is done, and return the oldest week of the store.

    Raises:
        InputError: it has no feedback.
    """
    return first_week(job.services.database, job.week, markets=job.services.settings.market_codes(job.market))


def vectors_of(services: Services, hashes: Sequence[str]) -> Vectors:
    """Return the vectors of texts by hash, unit rows `(n, d)`."""
    embedder = services.embedder
    wanted = list(hashes)
    return load_vectors(services.database, services.vector_files, wanted, model_id=embedder.model_id, dim=embedder.dim)


def sources_of(services: Services, history: History | None = None) -> Sources:
    """Return where themes take vectors and neighbours from, and who decides the many, where an engine does."""
    embedder, kept = services.embedder, services.paths.private / "sentences"
    return Sources(
        embedder.model_id,
        lambda hashes: vectors_of(services, hashes),
        nearest_rows,
        lambda: read_sentences(embedder.encode, model_id=embedder.model_id, cache=kept),
        Spread(services, history.engine) if history else None,
    )


def _theme_config(services: Services) -> ThemeConfig:
    config = services.settings.themes
    return ThemeConfig(config.smallest, config.least_feedback, config.fit_texts)
