"""The report of a week: as the store computes it now, as an author is writing it, and as it was published."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from voc.access import Act, may
from voc.errors import BusyError, InputError, NotAllowedError, NotFoundError
from voc.files import sha256_file
from voc.label.translate import translator
from voc.proposals.render import as_section, load
from voc.report.authored import DraftReport, PublishedReport
from voc.report.build import ReportTask, build_report, no_translation
from voc.report.cover import Cover, Restated, cover_of
from voc.report.frozen import freeze, quoted, thaw
from voc.report.masked import masked
from voc.report.model import NOTHING_CHOSEN, Chosen, Report, with_quotes
from voc.report.render import write_report
from voc.report.restated import Now, restated
from voc.runner.job import Job
from voc.search.watch import WeekOfSearch
from voc.store import changed, feedback, labels, report_files, reports, saved
from voc.store.at_work import at_work
from voc.store.database import Connection
from voc.store.report_files import ReportFiles
from voc.store.reports import HIDDEN, PINNED, EditionRow, Place, QuoteRow, Words
from voc.trends.read import read_week
from voc.trends.table import coverage, theme_weeks
from voc.trends.week import Week
from voc.types import Progress, Quote
from voc.weeks import shift_week
from voc.wiring import Services

_OF_ONE_WEEK = "weekly"
_OF_MANY_WEEKS = ("backfill", "refit")


@dataclass(frozen=True, slots=True)
class Written:
    """A report and where its forms lie."""

    report: Report
    html: Path
    markdown: Path
    data: Path
    cover: Cover | None = None


def report(job: Job, _progress: Progress) -> Written:
    """Write the report of the week: the published one where there is one, with what is restated since."""
    place = Place(job.week, job.market or "")
    with job.services.database.read() as connection:
        edition = reports.edition(connection, place)
        row, quotes = reports.working(connection, place), reports.quotes(connection, place)
    cover: Cover | None = None
    if edition is not None:
        shown = published(job, edition)
        found, cover = shown.report, shown.cover
    else:
        found = computed(job, _chosen(quotes))
        cover = _cover(job.services, row.words) if row.version else None
    stem = f"{job.week}-{job.market}" if job.market else job.week
    paths = write_report(found, job.services.paths.reports, stem, cover)
    kept = ReportFiles(place.week, place.market, {path.name: sha256_file(path) for path in paths})
    with job.services.database.write() as connection:
        report_files.put(connection, kept)
    return Written(found, *paths, cover)


def computed(job: Job, chosen: Chosen = NOTHING_CHOSEN) -> Report:
    """Return the report of a week as the store gives it now."""
    services, settings = job.services, job.services.settings
    only = settings.market_codes(job.market)
    task = ReportTask(
        settings.workspace.name,
        settings.workspace.reader_language,
        tuple(market for market in settings.markets if market.code in only),
        settings.report.themes,
        settings.report.quotes,
        settings.workspace.k,
        _searches(job, only),
        chosen,
    )
    return build_report(services.database, week_of(job), task, translate=_translate(job))


def draft(job: Job) -> DraftReport:
    """Return the report of a week as it would be published now.

    Raises:
        BusyError: the week is still being run.
    """
    place = Place(job.week, job.market or "")
    with job.services.database.read() as connection:
        check_idle(connection, job)
        row, quotes = reports.working(connection, place), reports.quotes(connection, place)
        edition = reports.edition(connection, place)
    found = computed(job, _chosen(quotes))
    same = edition is not None and edition.sha256 == reports.seal(freeze(found), row.words)
    cover = _cover(job.services, row.words)
    number = 0 if edition is None else edition.number
    return DraftReport(place, row.state, row.version, row.words, quotes, found, cover, number, not same)


def published(job: Job, edition: EditionRow) -> PublishedReport:
    """Return an edition with its quotes as far as they are still stored, and what the store gives otherwise now."""
    services, place = job.services, edition.place
    with services.database.read() as connection:
        comments = feedback.get(connection, quoted(edition.figures))
        count = reports.newest_number(connection, place)
    thawed = thaw(edition.figures, comments, translate=_translate(job))
    shown = replace(thawed.report, proposal_sections=_sections(services, thawed.report.proposal_ids))
    differs = _restated(job, shown, edition.at)
    names = _cover(services, edition.words).names
    cover = cover_of(edition, newest=count, restated=differs, erased=thawed.erased, names=names)
    return PublishedReport(
        place,
        edition.number,
        count,
        edition.words,
        shown,
        cover,
        edition.sha256,
        edition.actor,
        edition.at,
        edition.why,
    )


def for_reader(services: Services, report: Report) -> Report:
    """Return a report as the reader's role may see it: without comments and small counts where it sees counts only."""
    if may(services.role, Act.READ):
        return report
    return masked(replace(with_quotes(report, lambda _shown: None), proposal_sections=()))


def published_for_reader(services: Services, found: PublishedReport) -> PublishedReport:
    """Return an edition as the reader's role may see it: what is restated could tell a few comments by a difference."""
    shown = replace(found, report=for_reader(services, found.report))
    return shown if may(services.role, Act.READ) else replace(shown, cover=replace(shown.cover, restated=()))


def draft_for_reader(services: Services, found: DraftReport) -> DraftReport:
    """Return a draft as the reader's role may see it: the author's words only where the role writes reports."""
    shown = replace(found, report=for_reader(services, found.report))
    if may(services.role, Act.WRITE_REPORT):
        return shown
    return replace(shown, words=Words(), cover=Cover(Words()), quotes=())


def check_sees(services: Services, market: str) -> None:
    """Let only those pass who see the market of a report; that of the network shows every market.

    Raises:
        NotAllowedError: they do not.
    """
    codes, seen = services.settings.market_codes(market or None), services.seen_markets
    if not set(codes) <= set(seen):
        raise NotAllowedError(
            f"You do not see {market or 'every market, and the report of the network shows all of them'}. "
            f"Markets that you see: {', '.join(seen) or 'none'}."
        )


def check_idle(connection: Connection, job: Job) -> None:
    """Let only pass when no run is at work on the week.

    Raises:
        BusyError: one is.
    """
    run = at_work(connection, now=job.services.clock())
    if run is None:
        return
    if run.pipeline in _OF_MANY_WEEKS or (run.pipeline == _OF_ONE_WEEK and run.week == job.week):
        raise BusyError(
            f"The week {job.week} is still being run ({run.pipeline} of {run.week}, by {run.actor}, since "
            f"{run.started_at[:16]}). Its figures are not whole yet; come back when the run has ended."
        )


def week_of(job: Job) -> Week:
    """Return the week of a job as counted in the store.

    Raises:
        InputError: it has no feedback.
    """
    settings = job.services.settings
    return read_week(
        job.services.database,
        job.week,
        markets=settings.market_codes(job.market),
        baseline_weeks=settings.report.baseline_weeks,
    )


def _restated(job: Job, shown: Report, at: str) -> tuple[Restated, ...]:
    services = job.services
    markets = services.settings.market_codes(job.market)
    try:
        week = week_of(job)
    except InputError:  # all feedback of that week was erased
        now = Now({}, {}, _names(services), 0)
    else:
        rows = {(row.theme_id, row.market): row for row in theme_weeks(week)}
        counted = {one.market: one for one in coverage(week)}
        now = Now(counted, rows, _names(services), services.settings.report.themes)
    with services.database.read() as connection:
        since = changed.since(connection, at, week=job.week, markets=markets)
    return restated(shown, now, since)


def _searches(job: Job, markets: Sequence[str]) -> tuple[WeekOfSearch, ...]:
    """Return how many comments of the week match each saved search; nothing is opened where none is saved."""
    services = job.services
    with services.database.read() as connection:
        if not saved.every(connection):
            return ()
    return services.watch.week(job.week, shift_week(job.week, -1), markets=markets)


def _translate(job: Job) -> Callable[[Quote], str]:
    """Return what translates quotes, where that is wanted; answers are cached, so that a rerun repeats them."""
    settings = job.services.settings
    chain, _ = job.chain if settings.llm.translate_quotes else (None, "")
    language = settings.workspace.reader_language
    if chain is None:
        return no_translation
    ask = translator(chain, language=language)
    return lambda quote: ask(quote) if quote.language != language else ""


def _chosen(quotes: Sequence[QuoteRow]) -> Chosen:
    pinned: dict[str, tuple[str, ...]] = {}
    for one in quotes:
        if one.state == PINNED:
            pinned[one.theme_id] = (*pinned.get(one.theme_id, ()), one.feedback_id)
    return Chosen(pinned, frozenset(one.feedback_id for one in quotes if one.state == HIDDEN))


def _cover(services: Services, words: Words) -> Cover:
    known = _names(services) if words.themes else {}
    return Cover(words, names={theme: known.get(theme, theme) for theme in words.themes})


def _names(services: Services) -> dict[str, str]:
    with services.database.read() as connection:
        found = labels.newest(connection, language=services.settings.workspace.reader_language)
    return {theme: label.name for theme, label in found.items()}


def _sections(services: Services, ids: Sequence[str]) -> tuple[str, ...]:
    """Return the proposals of a report as they stand now; one that is gone is left out."""
    found = []
    for one in ids:
        try:
            found.append(as_section(load(services.database, one)))
        except NotFoundError:
            continue
    return tuple(found)
