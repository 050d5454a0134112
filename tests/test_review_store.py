"""What people decide is kept, in both databases, and in the audit log with it."""

import json

import pytest
from reviewed import RUN, drafted, shelf

from voc.errors import ConflictError
from voc.store import audit, proposals, review
from voc.store.proposals import GateRow


@pytest.fixture
def kept(database):
    shelf(database)
    drafted(database)
    return database


def test_a_draft_that_nobody_edited_is_its_first_version(kept):
    with kept.read() as connection:
        (first,) = review.versions(connection, "p1")
    assert (first.version, first.why, first.actor) == (1, "drafted", "night run")
    assert [row.rule for row in first.gate] == ["clause number is kept"]


def test_an_edit_is_what_the_proposal_says_and_the_draft_before_it_stays(kept, stamp):
    with kept.write() as connection:
        row = review.hold(connection, "p1")
        told = dict(row.draft) | {"new_text": "The courier shall ring."}
        review.add_version(connection, stamp, row, draft=told, gate=[GateRow("length", False, "long")], why="shorter")
    with kept.read() as connection:
        first, second = review.versions(connection, "p1")
        now = proposals.get(connection, "p1")
        assert proposals.gate_of(connection, "p1") == (GateRow("length", False, "long"),)
        assert review.newest_version(connection, "p1") == 2
    assert first.draft == row.draft
    assert now.draft == second.draft == told
    assert (second.why, second.actor) == ("shorter", "tester")


def test_a_state_moves_only_from_what_was_read(kept, stamp):
    with kept.write() as connection:
        seen = review.hold(connection, "p1")
        review.move(connection, stamp, seen, to_state="in_review", why="")
    with pytest.raises(ConflictError, match="was draft when it was read and is in_review now"), kept.write() as other:
        review.move(other, stamp, seen, to_state="superseded", why="")
    with kept.read() as connection:
        assert [event.to_state for event in review.events_of(connection, "p1")] == ["draft", "in_review"]


def test_who_agreed_to_an_earlier_version_has_not_agreed_to_this_one(kept, stamp):
    with kept.write() as connection:
        asked = review.ask(connection, stamp, "p1", reviewer="lea", part="legal", due="2024-10-20")
        review.answer(connection, stamp, asked, answer="agree", text="fine")
        row = review.hold(connection, "p1")
        (answered,) = review.consultations(connection, proposal_id="p1")
        review.add_version(connection, stamp, row, draft=row.draft, gate=[], why="x")
    assert answered.agreed(1)
    assert not answered.agreed(2)
    assert (answered.text, answered.answered_by) == ("fine", "tester")


def test_the_newest_assessment_counts_and_adoptions_stand_in_order(kept, stamp):
    with kept.write() as connection:
        assert review.latest_assessment(connection, "p1") is None
        for cost in ("low", "high"):
            review.assess(connection, stamp, "p1", cost=cost, feasibility="")
        review.adopt(connection, stamp, "p1", markets=["US", "DE"], since="2024-11-01", edition_id=None)
    with kept.read() as connection:
        found = review.latest_assessment(connection, "p1")
        assert (found.ordinal, found.cost) == (2, "high")
        assert [one.market for one in review.adoptions(connection)] == ["DE", "US"]
        assert review.adoptions(connection, proposal_id="p2") == ()


def test_everything_is_in_the_audit_log_without_its_words(kept, stamp):
    with kept.write() as connection:
        row = review.hold(connection, "p1")
        asked = review.ask(connection, stamp, "p1", reviewer="lea", part="legal", due="2024-10-20")
        review.answer(connection, stamp, asked, answer="object", text="nobody rang at my door")
        review.override(connection, stamp, asked, why="nobody rang at my door")
        review.assess(connection, stamp, "p1", cost="nobody rang at my door", feasibility="")
        review.adopt(connection, stamp, "p1", markets=["DE"], since="2024-11-01", edition_id=None)
        review.move(connection, stamp, row, to_state="in_review", why="nobody rang at my door")
        review.add_version(connection, stamp, row, draft=row.draft, gate=[], why="nobody rang at my door")
    with kept.read() as connection:
        acts = audit.rows(connection, subject="p1")
        assert audit.verify(connection).count == len(audit.rows(connection))
    assert [act.action for act in acts if act.actor != RUN.actor] == [
        "edit proposal",
        "move proposal",
        "adopt proposal",
        "assess proposal",
        "override consultation",
        "answer consultation",
        "ask for consultation",
    ]
    assert "rang" not in json.dumps([dict(act.detail) for act in acts])
