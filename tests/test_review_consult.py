"""Consultation: who is asked, who answers, what an approval waits for."""

from datetime import UTC, datetime

import pytest
from reviewed import NEW, desk, drafted, shelf

from voc.errors import ConflictError, InputError, NotAllowedError
from voc.proposals import consult, review
from voc.proposals.edits import edit
from voc.store import proposals
from voc.store import review as kept

LATER = datetime(2024, 11, 4, 9, tzinfo=UTC)


@pytest.fixture
def store(sqlite):
    shelf(sqlite)
    drafted(sqlite)
    return sqlite


def asked(store, reviewer="lea", part="legal", due="2024-10-21"):
    return consult.ask(desk(store, "analyst", "ann"), "p1", reviewer=reviewer, part=part, due=due)


def waiting(store, *wanted):
    with store.read() as connection:
        return consult.waiting(connection, proposals.get(connection, "p1"), wanted=wanted)


def test_who_is_asked_answers_and_is_no_longer_waited_for(store):
    asked(store)
    assert [one.reviewer for one in waiting(store).unanswered] == ["lea"]
    (done,) = consult.answer(desk(store, "consulted", "Lea"), "p1", agrees=True, text="fine")
    assert (done.answer, done.text, done.answered_by, done.answered_version) == ("agree", "fine", "Lea", 1)
    assert waiting(store).open == ()


def test_an_objection_needs_words_and_stands_until_it_is_taken_back(store):
    asked(store)
    lea = desk(store, "consulted", "lea")
    with pytest.raises(InputError, match="--text"):
        consult.answer(lea, "p1", agrees=False)
    consult.answer(lea, "p1", agrees=False, text="breaks the contract")
    assert [one.text for one in waiting(store).objections] == ["breaks the contract"]
    consult.answer(lea, "p1", agrees=True)
    assert waiting(store).open == ()


def test_agreement_to_an_earlier_version_is_waited_for_again(store):
    asked(store)
    consult.answer(desk(store, "consulted", "lea"), "p1", agrees=True)
    edit(desk(store), "p1", text=NEW.replace("knock", "call"), why="louder")
    assert [one.reviewer for one in waiting(store).unanswered] == ["lea"]
    with pytest.raises(ConflictError, match="version 1, the newest is 2"):
        consult.answer(desk(store, "consulted", "lea"), "p1", agrees=True, on_version=1)


def test_only_who_was_asked_answers_and_the_admin_for_others(store):
    asked(store)
    with pytest.raises(NotAllowedError, match="paul was not asked about proposal p1; asked: lea"):
        consult.answer(desk(store, "consulted", "paul"), "p1", agrees=True)
    with pytest.raises(NotAllowedError, match="Only the admin"):
        consult.answer(desk(store, "owner", "olga"), "p1", agrees=True, reviewer="lea")
    (done,) = consult.answer(desk(store, "admin", "root"), "p1", agrees=True, reviewer="lea")
    assert (done.reviewer, done.answered_by) == ("lea", "root")


def test_names_and_parts_that_a_workspace_asks_for_are_missed(store):
    asked(store)
    assert waiting(store, "legal", "Lea", "operations").unasked == ("operations",)


def test_what_is_overdue_is_listed_until_it_is_answered_or_decided(store):
    asked(store)
    asked(store, "paul", "operations", "2024-11-30")
    assert [one.reviewer for one in consult.overdue(desk(store, at=LATER))] == ["lea"]
    assert consult.overdue(desk(store)) == ()
    consult.answer(desk(store, "consulted", "lea"), "p1", agrees=True)
    assert consult.overdue(desk(store, at=LATER)) == ()


def test_nobody_is_waited_for_once_it_is_decided(store):
    asked(store)
    review.supersede(desk(store), "p1", why="another one")
    assert consult.overdue(desk(store, at=LATER)) == ()
    with pytest.raises(InputError, match="is superseded"):
        asked(store, "paul")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"due": "2024-10-13"}, "is over"),
        ({"due": "soon"}, "not a day"),
        ({"reviewer": " "}, "--reviewer"),
        ({"part": ""}, "legal, operations, market"),
        ({"reviewer": "LEA"}, "was asked for legal already"),
    ],
)
def test_a_wrong_question_is_refused(store, changes, said):
    asked(store)
    with pytest.raises(InputError, match=said):
        asked(store, **({"reviewer": "paul"} | changes))


def test_a_name_may_be_asked_for_two_parts_and_answers_both(store):
    asked(store)
    asked(store, "lea", "market")
    assert len(consult.answer(desk(store, "consulted", "lea"), "p1", agrees=True)) == 2
    with store.read() as connection:
        assert {one.answer for one in kept.consultations(connection)} == {"agree"}


def test_what_is_mine_is_what_i_wrote_or_am_asked_about(store):
    drafted(store, "p2")
    asked(store)
    assert [row.id for row in consult.mine(desk(store, "consulted", "lea"))] == ["p1"]
    edit(desk(store, actor="olga"), "p2", text=NEW.replace("knock", "call"), why="louder")
    assert [row.id for row in consult.mine(desk(store, actor="olga"))] == ["p2"]
