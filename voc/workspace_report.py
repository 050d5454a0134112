"""The part of the Python door for weekly reports with an author: write, choose quotes, publish, show, send."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from voc.errors import NotFoundError
from voc.workspace_pages import PageCalls

if TYPE_CHECKING:
    from voc.report.author import Author
    from voc.report.authored import DraftReport, PublishedReport, ReportEntry, ReportFile
    from voc.report.letter import Letter
    from voc.report.sending import How, Outcome
    from voc.runner.job import Job
    from voc.store.reports import EditionRow, Place, ReportEvent, WorkingRow
    from voc.store.reports_sent import SentRow


class ReportCalls(PageCalls):
    """What a workspace does with reports; `Workspace` has these calls as its own.

    A market of "" is the network. Every call raises NotFoundError where the week was not run or the market is not
    configured, and NotAllowedError where the reader does not see the market or the role may not. Whoever changes a
    report may name with `on_version` what they looked at; ConflictError tells of a change since, with both texts.
    """

    def report_draft(self, week: str, market: str = "") -> DraftReport:
        """Return the report of a week as it would be published now.

        Who writes no reports sees the machine's part of it only: an author's words are for everyone once published.

        Raises:
            BusyError: the week is still being run.
        """
        from voc.runner import weekly

        return weekly.draft_for_reader(self.services, weekly.draft(self._report_job(week, market)))

    def write_report(
        self,
        week: str,
        market: str = "",
        *,
        headline: str | None = None,
        comment: str | None = None,
        theme_comments: Mapping[str, str] | None = None,
        on_version: int | None = None,
        why: str = "",
    ) -> WorkingRow:
        """Keep what the author says; None leaves a text, "" takes it out, and only the themes that are named change."""
        from voc.report.author import Change, write

        change = Change(headline, comment, theme_comments)
        return write(self._author, self._report_place(week, market), change, on_version=on_version, why=why)

    def pin_quote(
        self, week: str, market: str, theme_id: str, feedback_id: str, *, why: str = "", on_version: int | None = None
    ) -> WorkingRow:
        """Put a comment first among the quotes of a theme; what is pinned later stands later."""
        return self._choose(week, market, theme_id, feedback_id, "pinned", why, on_version)

    def hide_quote(
        self, week: str, market: str, theme_id: str, feedback_id: str, *, why: str = "", on_version: int | None = None
    ) -> WorkingRow:
        """Keep a comment out of the whole report."""
        return self._choose(week, market, theme_id, feedback_id, "hidden", why, on_version)

    def unpin_quote(
        self, week: str, market: str, theme_id: str, feedback_id: str, *, why: str = "", on_version: int | None = None
    ) -> WorkingRow:
        """Neither pin nor hide a comment any more."""
        return self._choose(week, market, theme_id, feedback_id, "", why, on_version)

    def publish_report(
        self, week: str, market: str = "", *, why: str = "", on_version: int | None = None
    ) -> PublishedReport:
        """Freeze the figures and words of a report as its next edition; from the second on with a reason.

        Raises:
            BusyError: the week is still being run.
            InputError: no reason is given, or nothing differs from the edition in force.
            ConflictError: somebody changed the report meanwhile.
        """
        from voc.access import Act, check
        from voc.report.author import publish
        from voc.report.frozen import freeze
        from voc.runner import weekly

        check(self.services.role, Act.PUBLISH_REPORT)
        job = self._report_job(week, market)
        found = weekly.draft(job)
        seen = found.version if on_version is None else on_version
        edition = publish(self._author, found.place, freeze(found.report), why=why, on_version=seen)
        return weekly.published(job, edition)

    def published_report(self, week: str, market: str = "", *, edition: int | None = None) -> PublishedReport:
        """Return a report as it was published, the newest edition or another, with what is restated since.

        Raises:
            NotFoundError: it was not published.
        """
        from voc.runner import weekly

        job = self._report_job(week, market)
        found = weekly.published(job, self._edition(self._report_place(week, market), edition))
        return weekly.published_for_reader(self.services, found)

    def report_editions(self, week: str, market: str = "") -> tuple[EditionRow, ...]:
        """Return every published edition, the first one first."""
        from voc.store import reports

        place = self._report_place(week, market)
        with self.services.database.read() as connection:
            return reports.editions(connection, place)

    def report_history(self, week: str, market: str = "") -> tuple[ReportEvent, ...]:
        """Return what was done with a report, in the order in which it was done."""
        from voc.store import reports

        place = self._report_place(week, market)
        with self.services.database.read() as connection:
            return reports.events(connection, place)

    def reports(self) -> tuple[ReportEntry, ...]:
        """Return the reports that somebody wrote or published and whose market the reader sees, the newest first."""
        from voc.report.authored import ReportEntry, market_name
        from voc.store import reports

        services = self.services
        codes, seen = set(services.settings.market_codes()), set(services.seen_markets)
        names = {one.code: one.name for one in services.settings.markets}
        with services.database.read() as connection:
            rows = [
                (row, reports.newest_number(connection, row.place))
                for row in reports.every(connection)
                if ({row.place.market} if row.place.market else codes) <= seen
            ]
        return tuple(
            ReportEntry(
                row.place,
                market_name(row.place.market, names),
                row.state,
                row.version,
                row.words.headline,
                edition,
                row.actor,
                row.at,
            )
            for row, edition in rows
        )

    def report_files(
        self, week: str, market: str = "", formats: Sequence[str] = ("html",), *, draft: bool = False
    ) -> tuple[ReportFile, ...]:
        """Return a report in some forms (html, pdf, md, json): the published one, or the draft where there is none.

        Raises:
            InputError: there is no such form, or WeasyPrint is not installed for a PDF.
        """
        from voc.report.forms import check_forms, files

        check_forms(formats)
        shown: DraftReport | PublishedReport
        if draft or not self.report_editions(week, market):
            shown = self.report_draft(week, market)
        else:
            shown = self.published_report(week, market)
        return files(shown.report, shown.cover, shown.place, formats)

    def send_report(
        self,
        week: str,
        market: str = "",
        *,
        to: Sequence[str] = (),
        webhook: bool = False,
        how: How | None = None,
    ) -> tuple[Letter, tuple[Outcome, ...]]:
        """Send the published report (or the draft) by mail, to `mail.to` without addresses, or to the chat's webhook.

        What was sent to a place, or may have been, is not sent there a second time unless `how` says again. Nothing
        that is sent tells a count of fewer than k comments.

        Raises:
            InputError: nobody is named, an address cannot be one, or settings or variables are missing.
            NotFoundError: the report was not published.
        """
        from voc.access import Act, check
        from voc.report.sending import How
        from voc.runner import sending

        check(self.services.role, Act.SEND_REPORT)
        how = how or How()
        destinations = sending.destinations(self.services, to=to, webhook=webhook)
        shown: DraftReport | PublishedReport
        shown = self.report_draft(week, market) if how.draft else self.published_report(week, market)
        return sending.send(self.services, shown, destinations, how)

    def report_sent(self, week: str, market: str = "") -> tuple[SentRow, ...]:
        """Return every try to send a report, the oldest first; addresses are kept as keyed hashes only."""
        from voc.store import reports_sent

        place = self._report_place(week, market)
        with self.services.database.read() as connection:
            return reports_sent.tries(connection, place)

    def _choose(
        self, week: str, market: str, theme_id: str, feedback_id: str, state: str, why: str, on_version: int | None
    ) -> WorkingRow:
        from voc.report.author import choose_quote

        place = self._report_place(week, market)
        return choose_quote(self._author, place, theme_id, feedback_id, state=state, why=why, on_version=on_version)

    def _edition(self, place: Place, number: int | None) -> EditionRow:
        from voc.store import reports

        with self.services.database.read() as connection:
            found = reports.editions(connection, place)
        wanted = [one for one in found if number in (None, one.number)]
        if not wanted:
            known = ", ".join(str(one.number) for one in found)
            raise NotFoundError(
                f"The {place.told} has no edition {number}. Published: {known}."
                if known
                else f"The {place.told} was not published yet. Publish it: voc report publish --week {place.week}"
            )
        return wanted[-1]

    def _report_place(self, week: str, market: str) -> Place:
        from voc.runner.weekly import check_sees
        from voc.store.reports import Place

        wanted = self.run_week(week)
        if market:
            self.seen_market(market)
        check_sees(self.services, market)
        return Place(wanted, market)

    def _report_job(self, week: str, market: str) -> Job:
        from voc.runner.job import Job

        place = self._report_place(week, market)
        return Job(self.services, place.week, place.market or None, "")

    @property
    def _author(self) -> Author:
        from voc.ingest.identity import keyed_hash
        from voc.report.author import Author

        services = self.services
        return Author(
            services.database, services.stamp, services.role, lambda text: keyed_hash(services.key, "audit", text)
        )
