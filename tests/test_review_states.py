"""The way of a proposal, move by move."""

import pytest
from reviewed import desk, drafted, shelf, state

from voc.errors import ConflictError, InputError, NotAllowedError, NotFoundError
from voc.proposals import review
from voc.proposals.states import MOVES, Reason, State, check_move
from voc.store import audit
from voc.store import review as kept
from voc.store.proposals import ProposalRow

ALLOWED = {
    ("draft", "in_review"),
    ("draft", "superseded"),
    ("in_review", "changes_asked"),
    ("in_review", "approved"),
    ("in_review", "rejected"),
    ("in_review", "superseded"),
    ("changes_asked", "in_review"),
    ("changes_asked", "superseded"),
    ("approved", "adopted"),
    ("approved", "superseded"),
}


@pytest.fixture
def store(sqlite):
    shelf(sqlite)
    drafted(sqlite)
    return sqlite


@pytest.mark.parametrize("now", State)
@pytest.mark.parametrize("to", State)
def test_only_the_moves_of_the_table_are_made(now, to):
    row = ProposalRow("p", "t", "", "2024-W40", "delivery", "1.1", None, "revision", now, {}, "", None)
    if (now, to) in ALLOWED:
        check_move(row, to)
        return
    with pytest.raises(InputError, match=f"is {now} and cannot become {to}") as refused:
        check_move(row, to)
    for one in MOVES[now]:
        assert one in str(refused.value)


def test_a_draft_is_submitted_given_back_and_submitted_again(store):
    review.submit(desk(store, "analyst", "ann"), "p1")
    review.ask_changes(desk(store), "p1", why="name  the door")
    review.submit(desk(store, "analyst", "ann"), "p1", why="named")
    with store.read() as connection:
        steps = [(event.to_state, event.why, event.actor) for event in kept.events_of(connection, "p1")]
        assert audit.verify(connection).count > len(steps)
    assert steps == [
        ("draft", "drafted", "night run"),
        ("in_review", "submitted", "ann"),
        ("changes_asked", "name the door", "olga"),
        ("in_review", "named", "ann"),
    ]


def test_a_rejection_has_a_code_and_words(store):
    review.submit(desk(store), "p1")
    with pytest.raises(InputError, match=r"no reason 'ugly'.*wrong-clause"):
        review.reject(desk(store), "p1", reason="ugly", why="x")
    with pytest.raises(InputError, match="--why"):
        review.reject(desk(store), "p1", reason="wording", why=" ")
    review.reject(desk(store), "p1", reason="wording", why="too long")
    with store.read() as connection:
        last = kept.events_of(connection, "p1")[-1]
        row = audit.rows(connection, limit=1)[0]
    assert (last.reason, last.why) == (Reason.WORDING, "too long")
    assert dict(row.detail) == {"from": "in_review", "to": "rejected", "reason": "wording", "why": "sealed-8"}


@pytest.mark.parametrize(("outcome", "said"), [("brief", "insufficient"), ("failed", "failed the gate")])
def test_what_proposes_nothing_is_not_reviewed(store, outcome, said):
    drafted(store, "b1", outcome=outcome)
    with pytest.raises(InputError, match=said):
        review.submit(desk(store), "b1")


def test_the_second_of_two_owners_is_told_what_the_first_decided(store):
    review.submit(desk(store), "p1")
    review.reject(desk(store), "p1", reason="wording", why="no")
    said = "is rejected and cannot become changes_asked.*olga made it rejected on 2024-10-14: no"
    with pytest.raises(ConflictError, match=said):
        review.ask_changes(desk(store, actor="otto"), "p1", why="shorter")
    assert state(store) == "rejected"


def test_a_decision_on_an_earlier_version_is_a_conflict(store, stamp):
    review.submit(desk(store), "p1")
    with store.write() as connection:
        row = kept.hold(connection, "p1")
        kept.add_version(connection, stamp, row, draft=row.draft, gate=[], why="clearer")
    with pytest.raises(ConflictError, match=r"version 1, the newest is 2 by tester \(clearer\)"):
        review.reject(desk(store), "p1", reason="wording", why="no", on_version=1)
    assert state(store) == "in_review"


@pytest.mark.parametrize(
    "act",
    [
        lambda one: review.submit(one, "p1"),
        lambda one: review.ask_changes(one, "p1", why="x"),
        lambda one: review.reject(one, "p1", reason="other", why="x"),
        lambda one: review.supersede(one, "p1", why="x"),
        lambda one: review.assess(one, "p1", cost="x"),
    ],
)
def test_who_may_not_is_refused_before_anything_is_looked_at(store, act):
    with pytest.raises(NotAllowedError, match="The role consulted may not"):
        act(desk(store, "consulted"))
    assert state(store) == "draft"


@pytest.mark.parametrize(("why", "said"), [("x\x1b[2J", r"U\+001B"), ("x" * 4001, "at most 4,000")])
def test_a_reason_that_cannot_be_kept_is_refused(store, why, said):
    with pytest.raises(InputError, match=said):
        review.submit(desk(store), "p1", why=why)
    assert state(store) == "draft"


def test_an_id_that_does_not_exist_is_said(store):
    with pytest.raises(NotFoundError, match="No proposal begins with 'zz'"):
        review.submit(desk(store), "zz")


def test_an_assessment_keeps_what_is_not_said_anew(store):
    review.assess(desk(store, "operations"), "p1", cost="two minutes a stop")
    found = review.assess(desk(store, "analyst"), "p1", feasibility="from spring on")
    assert (found.cost, found.feasibility, found.ordinal) == ("two minutes a stop", "from spring on", 2)
    with pytest.raises(InputError, match="--cost"):
        review.assess(desk(store), "p1")
