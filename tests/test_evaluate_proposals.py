"""How good drafts were: at the gate, in the eyes of people, drafted again, and against labelled pairs."""

import json
from types import SimpleNamespace

import pytest
from reviewed import OLD, RUN, drafted, shelf
from sqlalchemy import delete, insert

from voc.errors import InputError, NotFoundError
from voc.proposals.draft import Cost, Sentence
from voc.proposals.drafting import Made
from voc.proposals.evaluate import citation_precision, draft_again, model_figures
from voc.proposals.shown import load
from voc.proposals.states import Reason, State
from voc.runner.judged import evaluate_proposals
from voc.store import review, schema


@pytest.fixture
def store(sqlite):
    shelf(sqlite)
    return sqlite


def failed_at(database, proposal_id, *rules):
    with database.write() as connection:
        rows = [{"proposal_id": proposal_id, "rule": rule, "passed": 0, "reason": "bad"} for rule in rules]
        connection.execute(insert(schema.gate_result), rows)


def ungated(database, proposal_id):
    with database.write() as connection:
        connection.execute(delete(schema.gate_result).where(schema.gate_result.c.proposal_id == proposal_id))


def decided(database, proposal_id, state, reason=None):
    """Bring a draft through review to a decision."""
    for to in (State.IN_REVIEW, state):
        with database.write() as connection:
            row = review.hold(connection, proposal_id)
            given = reason if to == state else None
            review.move(connection, RUN, row, to_state=to, why="so", reason=given)


def only(database):
    (found,) = model_figures(database)
    return found


def test_nothing_drafted_has_no_figures(store):
    assert model_figures(store) == ()


def test_drafts_that_pass_at_once_after_a_refusal_and_never_are_told_apart(store):
    drafted(store, "p1", method="m")
    drafted(store, "p2", method="m", refused=(("no-softening",),), attempts=2)
    drafted(store, "p3", method="m", refused=(("no-softening",), ("no-new-number",)), attempts=3, outcome="failed")
    failed_at(store, "p3", "no-new-number")
    drafted(store, "p4", method="m", outcome="action")
    found = only(store)
    assert (found.drafts, found.shown, found.briefs) == (4, 3, 0)
    assert (found.first_try, found.last_try) == (0.5, 0.75)


def test_every_try_that_failed_a_rule_counts_the_last_one_too(store):
    drafted(store, "p1", method="m", refused=(("no-softening", "plain-text"), ("no-softening",)), outcome="failed")
    failed_at(store, "p1", "no-new-number")
    assert only(store).rules == {"no-new-number": 1, "no-softening": 2, "plain-text": 1}


def test_briefs_are_no_tries(store):
    drafted(store, "p1", method="m", outcome="brief")
    ungated(store, "p1")
    found = only(store)
    assert (found.briefs, found.shown, found.first_try, found.last_try, found.tokens) == (1, 0, None, None, None)


def test_support_is_the_share_of_sentences_that_are_not_weak(store):
    sentences = tuple(Sentence(text="They wait.", evidence=(), support=0.1, weak=weak) for weak in (True, False, False))
    drafted(store, "p1", method="m", rationale=sentences)
    assert only(store).supported == pytest.approx(2 / 3)


def test_tokens_and_seconds_are_those_of_a_draft_that_reached_the_gate(store):
    drafted(store, "p1", method="m", cost=Cost(tokens_in=100, tokens_out=10, seconds=2.0))
    drafted(store, "p2", method="m", cost=Cost(tokens_in=200, tokens_out=30, seconds=4.0))
    drafted(store, "p3", method="m", outcome="brief", cost=Cost(tokens_in=9_000, seconds=900.0))
    ungated(store, "p3")
    found = only(store)
    assert (found.tokens, found.seconds) == (170.0, 3.0)


def test_each_model_has_its_own_figures_in_order(store):
    for place, name in enumerate(("m2", "m1", "m2")):
        drafted(store, f"p{place}", method=name)
    assert [(one.model, one.drafts) for one in model_figures(store)] == [("m1", 1), ("m2", 2)]


def test_approvals_and_the_reasons_of_rejections_are_counted(store):
    for name in ("p1", "p2", "p3", "p4"):
        drafted(store, name, method="m")
    decided(store, "p1", State.APPROVED)
    decided(store, "p2", State.REJECTED, Reason.WORDING)
    decided(store, "p3", State.REJECTED, Reason.WORDING)
    assert only(store).decided == {"approved": 1, "wording": 2}


def again(database, made):
    (found,) = draft_again(database, lambda _row: made)
    return found


def redone(database, outcome="revision", **changes):
    """Return what drafting again might bring, from the draft that is stored."""
    return Made(outcome, load(database, "p1").draft.model_copy(update=changes), (), ())


@pytest.mark.parametrize(
    ("reason", "outcome", "changes", "good"),
    [
        (Reason.WRONG_CLAUSE, "revision", {}, False),
        (Reason.WRONG_CLAUSE, "revision", {"clause_number": "2.2"}, True),
        (Reason.NOT_A_TEXT_MATTER, "revision", {}, False),
        (Reason.NOT_A_TEXT_MATTER, "action", {}, True),
        (Reason.WORDING, "revision", {}, False),
        (Reason.WORDING, "revision", {"new_text": OLD}, True),
        (Reason.NOT_FEASIBLE, "revision", {}, False),
        (Reason.NOT_FEASIBLE, "revision", {"new_text": OLD}, True),
        (Reason.WEAK_EVIDENCE, "revision", {}, False),
        (Reason.WEAK_EVIDENCE, "action", {}, False),
        (Reason.WEAK_EVIDENCE, "failed", {}, True),
        (Reason.DUPLICATE, "revision", {}, False),
        (Reason.OTHER, "revision", {}, False),
    ],
)
def test_a_new_draft_is_better_when_it_does_not_repeat_what_was_rejected(store, reason, outcome, changes, good):
    drafted(store)
    decided(store, "p1", State.REJECTED, reason)
    found = again(store, redone(store, outcome, **changes))
    assert (found.decided, found.good) == (reason, good)


@pytest.mark.parametrize("reason", list(Reason))
def test_no_draft_repeats_nothing_that_was_rejected(store, reason):
    drafted(store)
    decided(store, "p1", State.REJECTED, reason)
    found = again(store, "the comments are about too many different things")
    assert (found.outcome, found.clause, found.good) == ("brief", "", True)


@pytest.mark.parametrize(
    ("outcome", "changes", "good"),
    [
        ("revision", {}, True),
        ("revision", {"new_text": OLD}, True),
        ("action", {}, False),
        ("revision", {"clause_number": "2.2"}, False),
    ],
)
def test_what_was_approved_should_come_again(store, outcome, changes, good):
    drafted(store)
    decided(store, "p1", State.APPROVED)
    assert again(store, redone(store, outcome, **changes)).good == good


def test_what_nobody_decided_on_is_not_drafted_again(store):
    drafted(store)
    assert draft_again(store, lambda _row: pytest.fail("drafted")) == ()


def test_drafting_again_changes_nothing_in_the_store(store):
    drafted(store)
    decided(store, "p1", State.REJECTED, Reason.WORDING)
    before = load(store, "p1")
    again(store, redone(store, new_text=OLD))
    assert load(store, "p1") == before


def test_without_a_proposal_evaluating_says_how_to_get_one(store):
    with pytest.raises(NotFoundError, match="voc propose"):
        evaluate_proposals(SimpleNamespace(database=store), again=False, pairs=None)


def test_what_is_stored_is_evaluated_without_a_model(store):
    drafted(store, method="m")
    found = evaluate_proposals(SimpleNamespace(database=store), again=False, pairs=None)
    assert ([one.model for one in found.models], found.again, found.precision) == (["m"], (), None)


def pair(sentence, supported, *texts):
    return json.dumps({"sentence": sentence, "quotes": [{"text": one} for one in texts], "supported": supported})


def precision(path, *lines):
    path.write_text("\n".join(lines), encoding="utf-8")
    return citation_precision(path, lambda sentence, quotes: 1.0 if sentence in quotes else 0.0, threshold=0.5)


def test_precision_and_recall_are_of_what_the_score_accepts(tmp_path):
    lines = [pair("a", True, "a"), pair("b", False, "b"), pair("c", True, "x"), pair("d", True, "d"), "", "  "]
    found = precision(tmp_path / "p.jsonl", *lines)
    assert (found.pairs, found.cited) == (4, 3)
    assert (found.precision, found.recall) == (pytest.approx(2 / 3), pytest.approx(2 / 3))


def test_where_nothing_is_accepted_or_supported_there_is_no_share(tmp_path):
    found = precision(tmp_path / "p.jsonl", pair("a", False, "x"))
    assert (found.precision, found.recall) == (None, None)


@pytest.mark.parametrize(
    "line",
    [
        "nonsense",
        "{",
        "[]",
        '{"sentence": "a", "quotes": [{"text": "b"}]}',
        '{"sentence": "a", "quotes": ["b"], "supported": true}',
        '{"sentence": 7, "quotes": [], "supported": true}',
        json.dumps({"sentence": "a" * 30_000, "quotes": [], "supported": True}),
    ],
)
def test_a_line_that_is_no_pair_is_named(tmp_path, line):
    with pytest.raises(InputError, match=r"p\.jsonl, line 3 is not a pair such as"):
        precision(tmp_path / "p.jsonl", pair("a", True, "a"), "", line)


@pytest.mark.parametrize("content", [b"", b"\n \n"])
def test_a_file_without_pairs_is_told(tmp_path, content):
    (tmp_path / "p.jsonl").write_bytes(content)
    with pytest.raises(InputError, match="holds no pairs"):
        citation_precision(tmp_path / "p.jsonl", lambda *_: 1.0, threshold=0.5)


def test_a_file_that_cannot_be_read_is_told(tmp_path):
    (tmp_path / "p.jsonl").write_bytes(b"\xff\xfe")
    for path in (tmp_path / "p.jsonl", tmp_path / "none", tmp_path):
        with pytest.raises(InputError, match="cannot be read as UTF-8 text"):
            citation_precision(path, lambda *_: 1.0, threshold=0.5)
