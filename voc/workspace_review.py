"""The part of the Python door that reviews: decisions on proposals, consultations, edits, adoptions, actions, audit."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from voc.errors import ConflictError
from voc.wiring import Services

if TYPE_CHECKING:
    from voc.proposals.adopt import Adopted
    from voc.proposals.approve import Approval, Prospect, Terms
    from voc.proposals.consult import Duty
    from voc.proposals.desk import Desk
    from voc.proposals.edits import Edited
    from voc.store.actions import ActionEventRow, ActionRow
    from voc.store.audit import AuditRow, Sealed
    from voc.store.proposals import ProposalRow
    from voc.store.review import AdoptionRow, AssessmentRow, ConsultationRow, EventRow, VersionRow


class ReviewCalls:
    """What a workspace does with proposals; `Workspace` has these calls as its own.

    Every call raises NotAllowedError where the role may not, NotFoundError where no proposal begins with the id, and
    InputError where the state does not allow it.
    """

    services: Services

    def submit_proposal(self, proposal_id: str, *, why: str = "") -> ProposalRow:
        """Hand a draft to its reviewers."""
        from voc.proposals.review import submit

        return submit(self._desk, proposal_id, why=why)

    def ask_changes(self, proposal_id: str, *, why: str, on_version: int | None = None) -> ProposalRow:
        """Give a proposal back with what should be changed."""
        from voc.proposals.review import ask_changes

        return ask_changes(self._desk, proposal_id, why=why, on_version=on_version)

    def reject_proposal(self, proposal_id: str, *, reason: str, why: str, on_version: int | None = None) -> ProposalRow:
        """Reject a proposal for one of the listed reasons."""
        from voc.proposals.review import reject

        return reject(self._desk, proposal_id, reason=reason, why=why, on_version=on_version)

    def supersede_proposal(self, proposal_id: str, *, why: str) -> ProposalRow:
        """Set a proposal aside because something else takes its place."""
        from voc.proposals.review import supersede

        return supersede(self._desk, proposal_id, why=why)

    def approve_proposal(self, proposal_id: str, terms: Terms | None = None) -> Approval:
        """Approve a revision and publish the edition that has it.

        Raises:
            ConflictError: it was edited meanwhile, or the clause it was drafted against is no longer in force.
        """
        from voc.proposals.approve import Terms, approve

        return approve(self._desk, proposal_id, terms or Terms())

    def unreached_markets(self, proposal_id: str) -> tuple[str, ...]:
        """Return the markets of a global revision in which an addendum stands in place of the clause."""
        from voc.proposals.approve import unreached
        from voc.store import proposals

        with self.services.database.read() as connection:
            return unreached(connection, proposals.get(connection, proposal_id))

    def approval_prospect(self, proposal_id: str) -> Prospect:
        """Return what an approval would publish, and what stands in its way."""
        from voc.proposals.approve import prospect

        return prospect(self._desk, proposal_id)

    def adopt_proposal(self, proposal_id: str, *, on: str, markets: Sequence[str] = (), why: str = "") -> Adopted:
        """Keep the day from which markets follow an approved proposal."""
        from voc.proposals.adopt import adopt

        return adopt(self._desk, proposal_id, on=on, markets=markets, why=why)

    def adoptions(self, proposal_id: str | None = None) -> tuple[AdoptionRow, ...]:
        """Return since when which market adopted, of one proposal or of all."""
        from voc.store import proposals, review

        with self.services.database.read() as connection:
            found = None if proposal_id is None else proposals.get(connection, proposal_id).id
            return review.adoptions(connection, proposal_id=found)

    def ask_consultation(self, proposal_id: str, *, reviewer: str, part: str, due: str) -> ConsultationRow:
        """Ask somebody by name for an answer by a day."""
        from voc.proposals.consult import ask

        return ask(self._desk, proposal_id, reviewer=reviewer, part=part, due=due)

    def answer_consultation(
        self, proposal_id: str, *, agrees: bool, text: str = "", reviewer: str = "", on_version: int | None = None
    ) -> tuple[ConsultationRow, ...]:
        """Answer the consultations that name the actor, or as the admin those of `reviewer`."""
        from voc.proposals.consult import answer

        return answer(self._desk, proposal_id, agrees=agrees, text=text, reviewer=reviewer, on_version=on_version)

    def consultations(self, proposal_id: str) -> tuple[ConsultationRow, ...]:
        """Return who was asked about a proposal, and what was answered."""
        from voc.store import proposals, review

        with self.services.database.read() as connection:
            return review.consultations(connection, proposal_id=proposals.get(connection, proposal_id).id)

    def overdue_consultations(self) -> tuple[ConsultationRow, ...]:
        """Return consultations of open proposals that were due before today and have no answer."""
        from voc.proposals.consult import overdue

        return overdue(self._desk)

    def assess_proposal(self, proposal_id: str, *, cost: str = "", feasibility: str = "") -> AssessmentRow:
        """Keep what a change costs and whether it can be done."""
        from voc.proposals.review import assess

        return assess(self._desk, proposal_id, cost=cost, feasibility=feasibility)

    def assessment(self, proposal_id: str) -> AssessmentRow | None:
        """Return the assessment of a proposal that counts, None where there is none."""
        from voc.store import proposals, review

        with self.services.database.read() as connection:
            return review.latest_assessment(connection, proposals.get(connection, proposal_id).id)

    def edit_proposal(self, proposal_id: str, *, text: str, why: str, on_version: int | None = None) -> Edited:
        """Put another wording in place of the proposed one, as a new version.

        Raises:
            ConflictError: another version or a decision came meanwhile; the text is kept in a file that is named.
        """
        from voc.proposals.edits import edit

        try:
            return edit(self._desk, proposal_id, text=text, why=why, on_version=on_version)
        except ConflictError as error:
            path = self._keep(proposal_id, text)
            raise ConflictError(f"{error}\nYour text is kept in {path}.") from error

    def restore_proposal(self, proposal_id: str, *, version: int, why: str) -> Edited:
        """Make an earlier version the newest again."""
        from voc.proposals.edits import restore

        return restore(self._desk, proposal_id, version=version, why=why)

    def rebase_proposal(self, proposal_id: str) -> Edited:
        """Carry a proposal over to the clause now in force, as a new version."""
        from voc.proposals.approve import rebase

        return rebase(self._desk, proposal_id)

    def proposal_versions(self, proposal_id: str) -> tuple[VersionRow, ...]:
        """Return every version of a proposal, the machine's first."""
        from voc.store import proposals, review

        with self.services.database.read() as connection:
            return review.versions(connection, proposals.get(connection, proposal_id).id)

    def proposal_history(self, proposal_id: str) -> tuple[EventRow, ...]:
        """Return the states that a proposal went through, with who and why."""
        from voc.store import proposals, review

        with self.services.database.read() as connection:
            return review.events_of(connection, proposals.get(connection, proposal_id).id)

    def my_proposals(self) -> tuple[ProposalRow, ...]:
        """Return open proposals that the actor edited, or that wait for an answer of the actor."""
        from voc.proposals.consult import mine

        return mine(self._desk)

    def duties(self) -> tuple[Duty, ...]:
        """Return open proposals that wait for the actor, each with what for."""
        from voc.proposals.consult import duties

        return duties(self._desk)

    def open_action(self, proposal_id: str, *, owner: str, due: str = "") -> ActionRow:
        """Accept a proposal whose outcome is an action, and give it to somebody by a day."""
        from voc.proposals.actions import open_for_proposal

        return open_for_proposal(self._desk, proposal_id, owner=owner, due=due)

    def open_action_by_hand(
        self, theme_id: str, *, markets: Sequence[str], clause: str, duty: str, owner: str, due: str = ""
    ) -> ActionRow:
        """Give somebody an action that no proposal asks for; it stands in the report from the newest week on.

        Raises:
            InputError: a market is not configured, or something is missing.
        """
        from voc.proposals.actions import ByHand, open_by_hand, week_today
        from voc.store import runs

        settings, desk = self.services.settings, self._desk
        places = tuple(code for one in dict.fromkeys(markets) for code in settings.market_codes(one))
        with self.services.database.read() as connection:
            run = runs.last_done(connection, pipeline="weekly")
        week = run.week if run else week_today(desk)
        task = ByHand(theme_id, places, settings.proposals.document, clause.strip(), duty, week)
        return open_by_hand(desk, task, owner=owner, due=due)

    def close_action(self, action_id: str, *, result: str, on: str = "") -> ActionRow:
        """Close an action as done on a day (today without one), with what came of it."""
        from voc.proposals.actions import done

        return done(self._desk, action_id, result=result, on=on)

    def drop_action(self, action_id: str, *, why: str) -> ActionRow:
        """Close an action that will not be done."""
        from voc.proposals.actions import drop

        return drop(self._desk, action_id, why=why)

    def actions(self, *, only_open: bool = False) -> tuple[ActionRow, ...]:
        """Return actions by due day."""
        from voc.store import actions

        with self.services.database.read() as connection:
            return actions.every(connection, states=["open"] if only_open else [])

    def action(self, action_id: str) -> tuple[ActionRow, tuple[ActionEventRow, ...]]:
        """Return one action by the beginning of its id, with what happened to it."""
        from voc.store import actions

        with self.services.database.read() as connection:
            found = actions.get(connection, action_id)
            return found, actions.events_of(connection, found.id)

    def audit(self, *, subject: str = "", limit: int = 50, before: int | None = None) -> tuple[AuditRow, ...]:
        """Return the newest acts, newest first; only those upon what begins with `subject` where it is given.

        With `before`, only acts of lower numbers: the page after the one that ended there.
        """
        from voc.access import Act
        from voc.store import audit

        self._desk.check(Act.READ_AUDIT)
        with self.services.database.read() as connection:
            return audit.rows(connection, limit=limit, subject=subject, before=before)

    def verify_audit(self, *, expect: str = "") -> Sealed:
        """Check every row of the audit log, and that the hash `expect` is in it.

        Raises:
            DamageError: a row was changed, left out or put in, or no row has the hash.
        """
        from voc.store import audit

        with self.services.database.read() as connection:
            return audit.verify(connection, expect=expect)

    @property
    def _desk(self) -> Desk:
        from voc.ingest.identity import keyed_hash
        from voc.proposals.desk import Desk, Rules

        services = self.services
        settings = services.settings
        return Desk(
            services.database,
            services.stamp,
            services.role,
            lambda text: keyed_hash(services.key, "audit", text),
            Rules(settings.review.four_eyes, settings.review.consult, settings.workspace.k),
            settings.market_codes(),
            None if services.who is None else services.who.markets,
        )

    def _keep(self, proposal_id: str, text: str) -> Path:
        from voc.files import write_atomic
        from voc.ingest.identity import text_hash

        path = self.services.paths.folder / "kept" / f"{proposal_id[:12]}-{text_hash(text)[:8]}.txt"
        path.parent.mkdir(exist_ok=True)
        write_atomic(path, text.encode())
        return path
