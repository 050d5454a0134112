"""The part of the Python door that pages read: weeks that were run, and one week as a page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voc.errors import InputError, NotAllowedError, NotFoundError
from voc.weeks import parse_week
from voc.wiring import Services

if TYPE_CHECKING:
    from voc.report.week_page import WeekPage

PIPELINES = ("weekly", "backfill")


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
