"""The part of the Python door that pages read: weeks that were run, and one week as a page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from voc.errors import InputError, NotAllowedError, NotFoundError
from voc.weeks import parse_week
from voc.wiring import Services

if TYPE_CHECKING:
    from voc.proposals.locate import Places
    from voc.report.week_page import WeekPage
    from voc.runner.theme_pages import Beside
    from voc.store.assignments import UnitRow
    from voc.store.counts import Counting
    from voc.store.exposure import Brought, Signal
    from voc.store.runs import RunRow
    from voc.store.theme_comments import ThemeComment
    from voc.types import Feedback

PIPELINES = ("weekly", "backfill")
PAGE = 20
"""Comments on a page."""


@dataclass(frozen=True, slots=True)
class CommentPage:
    """A page of comments: `page` of `pages`, with how many there are in all, by kind and by language."""

    rows: tuple[ThemeComment, ...]
    total: int
    page: int
    pages: int
    kinds: Mapping[str, int]
    languages: Mapping[str, int]


class PageCalls:
    """What pages show of weeks; `Workspace` has these calls as its own."""

    services: Services

    def weeks_run(self) -> tuple[str, ...]:
        """Return the weeks that were run and can be shown, the newest first."""
        from voc.store import counts, runs
        from voc.weeks import week_range

        with self.services.database.read() as connection:
            span = counts.bounds(connection)
            found = [run.week for name in PIPELINES if (run := runs.last_done(connection, pipeline=name))]
        if not found or span is None:
            return ()
        return tuple(reversed(week_range(span[0], max(found))))

    def week_page(self, week: str, *, market: str = "") -> WeekPage:
        """Return one week of the markets that the reader sees, or of one of them.

        Raises:
            NotFoundError: the week was not run.
            InputError: the market is not configured.
            NotAllowedError: the reader does not see it.
        """
        from voc.report.week_page import week_page
        from voc.trends.read import read_week

        services = self.services
        wanted = self.run_week(week)
        codes = (self.seen_market(market),) if market else services.seen_markets
        return week_page(
            services.database,
            read_week(services.database, wanted, markets=codes, baseline_weeks=services.settings.report.baseline_weeks),
            language=services.settings.workspace.reader_language,
            markets={one.code: one.name for one in services.settings.markets},
            k=services.settings.workspace.k,
        )

    def theme_beside(
        self, theme_id: str, *, market: str = "", week: str = "", places: Callable[[], Places | None] | None = None
    ) -> Beside:
        """Return what stands beside a theme: similar ones, its group, clauses that it touches, proposals, actions.

        Raises:
            NotFoundError: no theme, or more than one, begins with that id; or the week was not run.
        """
        from voc.runner.theme_pages import beside_theme, places_of

        markets = (self.seen_market(market),) if market else self.services.seen_markets
        get = places or (lambda: places_of(self.services))
        return beside_theme(self.services, theme_id, markets=markets, week=self.run_week(week), places=get)

    def theme_names(self, *, least: int = 1) -> dict[str, str]:
        """Return the names of the themes with at least so many comments, the largest first."""
        from voc.runner.pages import sizes_seen
        from voc.store import labels

        with self.services.database.read() as connection:
            sizes = sizes_seen(self.services, connection)
            names = labels.names_in_force(connection, language=self.services.settings.workspace.reader_language)
        largest = sorted(sizes, key=lambda one: (-sizes[one], one))
        return {one: names.get(one, one) for one in largest if sizes[one] >= least}

    def clause_places(self) -> Places | None:
        """Return the clauses in force today as vectors; None where there is no standard or no theme yet."""
        from voc.runner.theme_pages import places_of

        return places_of(self.services)

    def signals_beside(self, *, market: str, weeks: tuple[str, str]) -> tuple[Signal, ...]:
        """Return the business figures of the weeks, of one market or of all that the reader sees."""
        from voc.runner.theme_pages import signals_beside

        markets = (self.seen_market(market),) if market else self.services.seen_markets
        return signals_beside(self.services, markets=markets, weeks=weeks)

    def run_of_week(self, week: str) -> RunRow | None:
        """Return the newest run that ended well and covers a week, None where there is none."""
        from voc.store import runs

        with self.services.database.read() as connection:
            own = [run for name in PIPELINES if (run := runs.last_done(connection, pipeline=name, week=week))]
            newest = [run for name in PIPELINES if (run := runs.last_done(connection, pipeline=name))]
        found = own or newest
        return max(found, key=lambda run: run.started_at) if found else None

    def counting(self, theme_id: str, *, market: str = "", week: str) -> Counting:
        """Return how the complaints of a theme and week become the numerator of its rate, in the markets seen."""
        from voc.store import counts

        markets = (self.seen_market(market),) if market else self.services.seen_markets
        with self.services.database.read() as connection:
            return counts.counting(connection, theme_id=theme_id, week=week, markets=markets)

    def texts_by_language(
        self, *, market: str = "", weeks: tuple[str, str], theme_id: str | None = None
    ) -> dict[str, int]:
        """Return how many texts of the markets seen count in each language: a theme's complaints, or all texts."""
        from voc.store import counts

        markets = (self.seen_market(market),) if market else self.services.seen_markets
        with self.services.database.read() as connection:
            return counts.by_language(connection, weeks=weeks, markets=markets, theme_id=theme_id)

    def deliveries_brought(self, *, week: str) -> dict[str, Brought]:
        """Return the deliveries of a week by market seen, with the files that they are from."""
        from voc.store import exposure

        with self.services.database.read() as connection:
            found = exposure.brought(connection, week=week)
        return {one: found[one] for one in self.services.seen_markets if one in found}

    def channels(self) -> tuple[str, ...]:
        """Return the channels that feedback came through, by name."""
        from voc.store import search

        with self.services.database.read() as connection:
            return tuple(one for one in search.channels(connection) if one)

    def complaints_through(self, theme_id: str, channel: str, *, weeks: tuple[str, str]) -> dict[str, int]:
        """Return the complaints of a theme that came through a channel in a span of weeks, by market seen."""
        from voc.store import counts
        from voc.store.counts import Part
        from voc.types import Polarity

        found: dict[str, int] = {}
        with self.services.database.read() as connection:
            for market in self.services.seen_markets:
                part = Part(market, (channel,))
                rows = counts.by_theme(connection, first_week=weeks[0], last_week=weeks[1], part=part)
                found[market] = sum(
                    row.texts for row in rows if row.theme_id == theme_id and row.polarity is Polarity.COMPLAINT
                )
        return found

    def theme_comments(
        self,
        theme_id: str,
        *,
        market: str = "",
        week: str = "",
        since: str = "",
        kind: str = "",
        language: str = "",
        page: int = 1,
    ) -> CommentPage:
        """Return a page of the comments of a theme, the newest first, with how many there are by kind and language.

        With `since` they are those of all weeks from that one to `week`.

        Raises:
            NotAllowedError: the reader's role sees no single comments.
        """
        from voc.access import check_reads
        from voc.store import theme_comments
        from voc.store.theme_comments import Wanted

        check_reads(self.services.role)
        markets = (self.seen_market(market),) if market else self.services.seen_markets
        wanted = Wanted(theme_id, markets, week, kind, language, since)
        with self.services.database.read() as connection:
            total = theme_comments.count(connection, wanted)
            pages = max(1, -(-total // PAGE))
            at = min(max(1, page), pages)
            rows = theme_comments.comments(connection, wanted, limit=PAGE, offset=(at - 1) * PAGE)
            wide = Wanted(theme_id, markets, week, since=since)
            kinds = theme_comments.by_kind(connection, wide)
            languages = theme_comments.by_language(connection, wide)
        return CommentPage(rows, total, at, pages, kinds, languages)

    def comment(self, feedback_id: str) -> tuple[Feedback, tuple[UnitRow, ...]]:
        """Return one comment by the beginning of its id, with what each part of it belongs to.

        Raises:
            NotAllowedError: the reader's role sees no single comments, or they do not see its market.
            NotFoundError: no comment, or more than one, begins with that id.
        """
        from voc.access import check_reads
        from voc.store import assignments, feedback

        check_reads(self.services.role)
        with self.services.database.read() as connection:
            found = feedback.begins_with(connection, feedback_id)
            units = assignments.of_feedback(connection, found.id)
        self.seen_market(found.market)
        return found, units

    def run_week(self, week: str) -> str:
        """Return a week that was run; the newest for "".

        Raises:
            NotFoundError: nothing was run yet, or not that week.
        """
        known = self.weeks_run()
        if not known:
            raise NotFoundError("Nothing was run yet. Bring in feedback and run a week first.")
        if not week:
            return known[0]
        try:
            wanted = parse_week(week)
        except InputError as error:
            raise NotFoundError(str(error)) from error
        if wanted not in known:
            raise NotFoundError(f"The week {wanted} was not run. Weeks that can be shown: {known[-1]} to {known[0]}.")
        return wanted

    def seen_market(self, market: str) -> str:
        """Return a market that the reader sees.

        Raises:
            NotFoundError: it is not configured.
            NotAllowedError: the reader does not see it.
        """
        codes = self.services.settings.market_codes()
        if market not in codes:
            seen = ", ".join(self.services.seen_markets)
            raise NotFoundError(f"There is no market '{market[:20]}'. Markets that you see: {seen}.")
        if market not in self.services.seen_markets:
            raise NotAllowedError(f"You do not see the market {market}. An admin can change that.")
        return market
