"""A decision pack gathered from the store: markets, people and history as they are kept."""

import pytest
from reviewed import OLD, desk, drafted, shelf
from sqlalchemy import insert, update

from voc.errors import NotFoundError
from voc.proposals.consult import answer, ask
from voc.proposals.edits import edit
from voc.proposals.pack import PackTask, build_pack
from voc.proposals.review import assess, submit
from voc.proposals.shown import load
from voc.store import proposals, schema
from voc.types import Market

TASK = PackTask(tuple(Market(code, name, ("en",), "UTC") for code, name in
    (("US", "United States"), ("DE", "Germany"), ("FR", "France"))), 8, 5)  # fmt: skip


@pytest.fixture
def store(sqlite):
    shelf(sqlite, addendum=True)
    return sqlite


def test_a_market_has_its_clause_its_comments_and_its_rate(store):
    (row,) = build_pack(store, drafted(store), task=TASK).markets
    assert (row.market, row.name, row.clause, row.text, row.edition) == ("DE", "Germany", "2.1 Bell", OLD, "2024-1")
    assert (row.effective, row.addendum, row.comments, row.per) == ("2024-01-01", False, 40, "deliveries")
    assert row.rate.value == pytest.approx(0.5, abs=0.06)


def test_a_global_proposal_lists_every_market_those_concerned_first(store):
    found = build_pack(store, drafted(store, market="", markets=["FR"]), task=TASK)
    assert [row.market for row in found.markets] == ["FR", "US", "DE"]


def test_an_addendum_is_named_as_the_clause_in_force(store):
    proposal = drafted(store, market="", markets=["US", "DE"], clause_number="2.2", clause_title="Manners")
    rows = {row.market: row for row in build_pack(store, proposal, task=TASK).markets}
    assert (rows["DE"].edition, rows["DE"].addendum, rows["DE"].text) == ("DE-1", True, "The courier shall greet.")
    assert (rows["US"].edition, rows["US"].addendum) == ("2024-1", False)


def test_counts_and_rates_of_few_comments_are_withheld(store):
    many = PackTask(TASK.markets, 8, 41)
    (row,) = build_pack(store, drafted(store), task=many).markets
    assert (row.comments, row.rate, row.change, row.moved) == (None, None, None, "")


def test_what_people_did_is_in_the_pack(store):
    proposal = drafted(store)
    submit(desk(store), proposal, why="ready")
    ask(desk(store), proposal, reviewer="ada", part="legal", due="2024-10-20")
    answer(desk(store, "consulted", "ada"), proposal, agrees=False, text="Not lawful.")
    edit(desk(store), proposal, text=OLD.replace("should", "shall"), why="shorter")
    assess(desk(store), proposal, cost="a lot", feasibility="hardly")
    found = build_pack(store, proposal, task=TASK)
    (asked,) = found.consulted
    assert (asked.reviewer, asked.part, asked.answer, asked.text, asked.version) == (
        "ada",
        "legal",
        "object",
        "Not lawful.",
        1,
    )
    assert [one.number for one in found.versions] == [1, 2]
    assert (found.versions[1].actor, found.versions[1].why) == ("olga", "shorter")
    assert found.versions[1].text == OLD.replace("should", "shall")
    assert [(one.before, one.after) for one in found.history] == [("", "draft"), ("draft", "in_review")]
    assert (found.assessed[0].cost, found.assessed[0].feasibility) == ("a lot", "hardly")
    assert found.owner == "Network"


def test_what_approving_does_names_the_edition_and_what_is_still_open(store):
    told = " ".join(
        build_pack(store, drafted(store, new_text=OLD + " It shall take [TARGET days]."), task=TASK).approving
    )
    assert "clause 2.1" in told
    assert "[TARGET days]" in told
    assert "audit log" in told


def test_of_an_unknown_proposal_there_is_no_pack(store):
    with pytest.raises(NotFoundError, match="No proposal begins"):
        build_pack(store, "nowhere", task=TASK)


AGAINST = "FR-app-bell-2024-W40-0"


def against(database, *, text="", start=0, end=0, polarity=""):
    """Store a draft that one comment speaks against, which says `text` with a clause of praise in it."""
    proposal = drafted(database)
    row = {"proposal_id": proposal, "feedback_id": AGAINST, "role": "counter", "duty": None}
    with database.write() as connection:
        connection.execute(insert(schema.proposal_evidence), row)
        if text:
            connection.execute(update(schema.feedback).where(schema.feedback.c.id == AGAINST).values(text=text))
        if polarity:
            connection.execute(update(schema.unit).where(schema.unit.c.id == AGAINST).values(start=start, end=end))
            mine = schema.assignment.c.unit_id == AGAINST
            connection.execute(update(schema.assignment).where(mine).values(polarity=polarity))
    return load(database, proposal)


def test_counter_evidence_says_the_praise_of_its_comment(database):
    shelf(database)
    (found,) = against(database, text="It was late. But the courier rang!", start=13, end=34, polarity="praise").counter
    assert (found.text, found.start, found.end, found.market) == ("But the courier rang!", 13, 34, "FR")


def test_counter_evidence_without_praise_is_the_whole_comment(store):
    (found,) = against(store, text="He always rings.").counter
    assert found.text == "He always rings."


def test_long_counter_evidence_is_cut_between_words(store):
    (found,) = against(store, text="very good " * 60).counter
    assert len(found.text) <= 280
    assert found.text.endswith(("very", "good"))


def test_a_stored_span_of_counter_evidence_is_what_it_says_and_no_quote_for_the_draft(store):
    against(store, text="Nice. The courier rang.", polarity="praise", start=0, end=5)
    with store.write() as connection:
        span = {"proposal_id": "p1", "feedback_id": AGAINST, "start": 6, "end": 23, "text": "The courier rang."}
        connection.execute(insert(schema.proposal_quote), span)
    found = load(store, "p1")
    assert [one.text for one in found.counter] == ["The courier rang."]
    assert AGAINST not in [one.feedback_id for one in found.quotes]


def test_an_erased_comment_speaks_against_nothing(store):
    proposal = drafted(store)
    with store.read() as connection:
        assert proposals.counter_quotes(connection, proposal) == ()
