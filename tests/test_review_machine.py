"""Random moves by random people: the store is what a model says, and its log holds."""

import contextlib
import shutil
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from reviewed import MARKETS, NEW, OLD, drafted, shelf

from voc.access import Act, Role, may
from voc.errors import InputError
from voc.proposals import review
from voc.proposals.adopt import adopt
from voc.proposals.approve import Terms, approve, rebase
from voc.proposals.desk import Desk, Rules
from voc.proposals.edits import edit, restore
from voc.proposals.states import EDITABLE, MOVES, State
from voc.standards.registry import clauses_in_force
from voc.store import audit, editions, proposals
from voc.store import review as kept
from voc.store.database import open_database
from voc.types import Stamp

IDS = ("p1", "p2")
START = datetime(2024, 10, 14, 9, tzinfo=UTC)
_template = []

which = st.sampled_from(IDS)
roles = st.sampled_from([*[Role.OWNER] * 6, Role.ADMIN, Role.ANALYST, Role.VIEWER])
rarely = st.integers(0, 5).map(lambda number: number == 0)
people = st.sampled_from(["night run", "olga", "ann"])

MOVES_MADE = {
    "submit": 4,
    "approve": 6,
    "edit": 4,
    "rebase": 2,
    "adopt": 2,
    "restore": 1,
    "give_back": 1,
    "reject": 1,
    "supersede": 1,
}
WEIGHTED = [move for move, weight in MOVES_MADE.items() for _ in range(weight)]


def template():
    """Return a store with two drafts for one clause of one market, made once."""
    if not _template:
        folder = Path(tempfile.mkdtemp(prefix="voc-review-"))
        database = open_database(f"sqlite:///{folder / 'store.sqlite'}")
        shelf(database)
        for number, one in enumerate(IDS):
            drafted(database, one, new_text=f"{NEW} The courier shall smile {'kindly' * number}.")
        database.close()
        _template.append(folder / "store.sqlite")
    return _template[0]


class Reviewing(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="voc-review-"))
        shutil.copy(template(), self.folder / "store.sqlite")
        self.database = open_database(f"sqlite:///{self.folder / 'store.sqlite'}")
        self.states = dict.fromkeys(IDS, State.DRAFT)
        self.writers = {one: ["night run"] for one in IDS}
        self.texts = {one: [self.read(one)] for one in IDS}
        self.bases = dict.fromkeys(IDS, OLD)
        self.clause, self.published, self.moment = OLD, 1, START

    def teardown(self):
        self.database.close()
        shutil.rmtree(self.folder)

    def read(self, one):
        with self.database.read() as connection:
            return proposals.get(connection, one).draft["new_text"]

    def desk(self, actor, role):
        self.moment += timedelta(minutes=1)
        return Desk(self.database, Stamp(actor, self.moment), role, str, Rules(), MARKETS)

    @contextlib.contextmanager
    def refused_unless(self, allowed):
        """Expect a refusal, or none, as the model says."""
        if allowed:
            yield
            return
        with pytest.raises(InputError):
            yield

    def move(self, one, to, allowed):
        if allowed:
            self.states[one] = to

    def can(self, one, to, role, act):
        return may(role, act) and to in MOVES[self.states[one]]

    @initialize(ones=st.sampled_from([(), ("p1",), IDS, IDS]))
    def some_are_in_review(self, ones):
        for one in ones:
            self.submit(one, "ann", Role.ANALYST)

    @rule(move=st.sampled_from(WEIGHTED), one=which, actor=people, role=roles, late=rarely)
    def step(self, move, one, actor, role, late):
        act = getattr(self, move)
        act(one, actor, role, late) if move in ("approve", "edit") else act(one, actor, role)

    def submit(self, one, actor, role):
        allowed = self.can(one, State.IN_REVIEW, role, Act.SUBMIT)
        with self.refused_unless(allowed):
            review.submit(self.desk(actor, role), one)
        self.move(one, State.IN_REVIEW, allowed)

    def give_back(self, one, actor, role):
        allowed = self.can(one, State.CHANGES_ASKED, role, Act.DECIDE)
        with self.refused_unless(allowed):
            review.ask_changes(self.desk(actor, role), one, why="shorter")
        self.move(one, State.CHANGES_ASKED, allowed)

    def reject(self, one, actor, role):
        allowed = self.can(one, State.REJECTED, role, Act.DECIDE)
        with self.refused_unless(allowed):
            review.reject(self.desk(actor, role), one, reason="other", why="no")
        self.move(one, State.REJECTED, allowed)

    def supersede(self, one, actor, role):
        allowed = self.can(one, State.SUPERSEDED, role, Act.DECIDE)
        with self.refused_unless(allowed):
            review.supersede(self.desk(actor, role), one, why="another one")
        self.move(one, State.SUPERSEDED, allowed)

    def approve(self, one, actor, role, seen):
        own = actor in (self.writers[one][0], self.writers[one][-1])
        newest = len(self.texts[one])
        allowed = self.can(one, State.APPROVED, role, Act.DECIDE) and not own and self.clause == self.bases[one]
        allowed = allowed and newest - seen == newest
        with self.refused_unless(allowed):
            approve(self.desk(actor, role), one, Terms(on_version=newest - seen))
        self.move(one, State.APPROVED, allowed)
        if allowed:
            self.clause, self.published = self.texts[one][-1], self.published + 1

    def edit(self, one, actor, role, late):
        newest = len(self.texts[one])
        text = f"{self.bases[one]} Version {newest} of {one} shall hold."
        allowed = may(role, Act.EDIT) and self.states[one] in EDITABLE and not late
        with self.refused_unless(allowed):
            edit(self.desk(actor, role), one, text=text, why="x", on_version=newest - late)
        if allowed:
            self.keep(one, actor, text)

    def restore(self, one, actor, role):
        old = self.texts[one][0]
        allowed = may(role, Act.EDIT) and self.states[one] in EDITABLE
        allowed = allowed and self.bases[one] == OLD and old != self.texts[one][-1]
        with self.refused_unless(allowed):
            restore(self.desk(actor, role), one, version=1, why="x")
        if allowed:
            self.keep(one, actor, old)

    def rebase(self, one, actor, role):
        allowed = may(role, Act.EDIT) and self.states[one] in EDITABLE and self.clause != self.bases[one]
        with self.refused_unless(allowed):
            rebase(self.desk(actor, role), one)
        if allowed:
            self.bases[one] = self.clause
            self.keep(one, actor, self.read(one))

    def adopt(self, one, actor, role):
        allowed = self.can(one, State.ADOPTED, role, Act.ADOPT)
        with self.refused_unless(allowed):
            adopt(self.desk(actor, role), one, on="2024-10-21")
        self.move(one, State.ADOPTED, allowed)

    def keep(self, one, actor, text):
        self.texts[one].append(text)
        self.writers[one].append(actor)

    @invariant()
    def the_store_is_the_model(self):
        with self.database.read() as connection:
            for one in IDS:
                row = proposals.get(connection, one)
                assert row.state == self.states[one]
                known = kept.versions(connection, one)
                assert [version.draft["new_text"] for version in known] == self.texts[one]
                assert [version.actor for version in known] == self.writers[one]
                assert row.draft == known[-1].draft
                steps = [event.to_state for event in kept.events_of(connection, one)]
                assert steps[-1] == row.state
                if "approved" in steps:
                    assert steps[steps.index("approved") - 1] == "in_review"
            assert len(editions.every(connection)) == self.published
            audit.verify(connection)

    @invariant()
    def the_clause_in_force_is_what_was_approved_last(self):
        found = clauses_in_force(self.database, document="delivery", market="DE", on="9999-12-31")
        assert next(one.text for one in found if one.number == "2.1") == self.clause


Reviewing.TestCase.settings = settings(max_examples=30, stateful_step_count=30, deadline=None)
TestReviewing = pytest.mark.slow(Reviewing.TestCase)
