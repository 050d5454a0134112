"""Edits of drafts: versions, warnings of the gate, conflicts."""

import pytest
from reviewed import NEW, RING, desk, drafted, shelf
from sqlalchemy import insert

from voc.errors import ConflictError, InputError, NotAllowedError, NotFoundError
from voc.proposals import review
from voc.proposals.draft import Draft
from voc.proposals.edits import edit, restore
from voc.store import audit, proposals, schema
from voc.store import review as kept

SHORT = "The courier shall ring. The courier shall wait at least 2 minutes."


@pytest.fixture
def store(sqlite):
    shelf(sqlite)
    drafted(sqlite)
    return sqlite


def texts(database):
    with database.read() as connection:
        return [Draft.model_validate(one.draft).new_text for one in kept.versions(connection, "p1")]


def test_an_edit_is_a_version_with_its_reason(store):
    done = edit(desk(store, "analyst", "ann"), "p1", text=f"  {SHORT}\r\n\r\n", why="plainer")
    assert (done.version.version, done.version.actor, done.version.why) == (2, "ann", "plainer")
    assert texts(store) == [NEW, SHORT]
    with store.read() as connection:
        assert proposals.get(connection, "p1").draft["new_text"] == SHORT


def test_what_the_gate_finds_in_an_edit_is_a_warning_that_is_kept(store):
    done = edit(desk(store), "p1", text=NEW.replace("at least 2", "at least 1"), why="faster")
    assert done.warnings
    with store.read() as connection:
        stored = kept.versions(connection, "p1")[1].gate
        assert {row.rule for row in stored if not row.passed} == {row.rule for row in done.warnings}
        assert proposals.gate_of(connection, "p1") == tuple(sorted(stored, key=lambda row: row.rule))


def test_a_quote_of_counter_evidence_is_no_fault_of_an_edit(store):
    praise = {"proposal_id": "p1", "feedback_id": "FR-app-bell-2024-W40-0"}
    with store.write() as connection:
        connection.execute(insert(schema.proposal_evidence).values(**praise, role="counter"))
        connection.execute(insert(schema.proposal_quote).values(**praise, start=0, end=2, text="FR"))
    assert edit(desk(store), "p1", text=SHORT, why="plainer").warnings == ()


def test_an_edit_on_an_earlier_version_is_a_conflict_that_shows_both(store):
    edit(desk(store, actor="otto"), "p1", text=SHORT, why="plainer", on_version=1)
    mine = NEW.replace("knock", "call")
    with pytest.raises(ConflictError) as refused:
        edit(desk(store), "p1", text=mine, why="louder", on_version=1)
    said = str(refused.value)
    assert all(part in said for part in ("by otto (plainer)", SHORT, mine, "--on-version 2"))
    assert texts(store) == [NEW, SHORT]
    edit(desk(store), "p1", text=mine, why="louder", on_version=2)
    assert texts(store) == [NEW, SHORT, mine]


def test_an_edit_after_a_decision_is_a_conflict_that_names_it(store):
    review.submit(desk(store), "p1")
    review.reject(desk(store, actor="otto"), "p1", reason="wording", why="too long")
    with pytest.raises(ConflictError, match=r"became rejected by otto.*too long"):
        edit(desk(store), "p1", text=SHORT, why="plainer", on_version=1)


def test_an_earlier_version_comes_back_as_a_new_one(store):
    edit(desk(store), "p1", text=SHORT, why="plainer")
    done = restore(desk(store), "p1", version=1, why="clearer after all")
    assert texts(store) == [NEW, SHORT, NEW]
    assert done.version.why == "version 1 again: clearer after all"
    with pytest.raises(NotFoundError, match="versions 1 to 3, not 9"):
        restore(desk(store), "p1", version=9, why="x")
    with pytest.raises(InputError, match="nothing to restore"):
        restore(desk(store), "p1", version=1, why="x")


@pytest.mark.parametrize(
    ("text", "why", "said"),
    [
        (NEW, "x", "word for word version 1"),
        (" \n ", "x", "is empty"),
        (SHORT, " ", "--why"),
        (f"{SHORT}\x07", "x", r"U\+0007"),
        (f"{SHORT}\u202e", "x", r"U\+202E"),
        ("x" * 20_001, "x", "at most 20,000"),
    ],
)
def test_what_cannot_be_a_clause_is_refused(store, text, why, said):
    with pytest.raises(InputError, match=said):
        edit(desk(store), "p1", text=text, why=why)
    assert texts(store) == [NEW]


def test_an_action_has_no_text_to_edit(store):
    drafted(store, "a1", outcome="action")
    with pytest.raises(InputError, match="nothing to edit"):
        edit(desk(store), "a1", text=SHORT, why="x")


def test_operations_may_not_edit(store):
    with pytest.raises(NotAllowedError, match="may not edit a draft"):
        edit(desk(store, "operations"), "p1", text=SHORT, why="x")


def test_the_audit_log_holds_hashes_of_an_edit_and_not_its_words(store):
    edit(desk(store), "p1", text=SHORT, why="plainer")
    with store.read() as connection:
        row = audit.rows(connection, limit=1)[0]
    assert row.action == "edit proposal"
    assert (row.detail["version"], row.detail["text"], row.detail["why"]) == (2, f"sealed-{len(SHORT)}", "sealed-7")
    assert RING not in str(row)
