"""Long comments are cut into clauses with offsets; each can have a theme, and the comment counts once in each."""

import itertools
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voc.ingest.clauses import LEAST, LONG, MOST, clauses, words_in
from voc.ingest.identity import text_hash
from voc.store import assignments, batches, counts, feedback, runs
from voc.store.batches import Batch
from voc.store.feedback import NewFeedback
from voc.types import Assignment, Feedback, Polarity

MONDAY = datetime(2024, 1, 1, 12, tzinfo=UTC)
LONG_TEXT = (
    "The driver was friendly and carried the heavy box up to the third floor without being asked. "
    "The parcel itself had been left in the rain at your depot and everything in it was soaking wet. "
    "When I called your hotline nobody could tell me how to claim the damage, but they promised to call me back soon."
)


def pieces(text):
    return [text[start:end] for start, end in clauses(text)]


def test_a_short_comment_is_one_clause():
    text = "The parcel was left out in the rain. The driver was rude to me and my neighbour."
    assert pieces(text) == [text]


def test_a_rant_has_twelve_clauses_at_most():
    assert len(clauses("The courier did not come to my door again. " * 60)) == MOST


def test_a_long_comment_is_cut_at_sentences_and_where_it_turns_round():
    assert [piece.split()[0] for piece in pieces(LONG_TEXT)] == ["The", "The", "When", "but"]


@pytest.mark.parametrize(
    ("text", "count"),
    [
        (
            "外卖很好吃，包装也很精美，送餐的小哥特别有礼貌。" * 2 + "但是等了两个多小时才送到，打电话也没有人接。" * 2,
            4,
        ),
        (
            "Der Bote war sehr nett und hat das Paket bis in den dritten Stock getragen, " * 3
            + "aber es war ganz nass und kaputt",
            2,
        ),
    ],
)
def test_other_scripts_and_languages_are_cut_too(text, count):
    assert len(clauses(text)) == count


@settings(deadline=None, max_examples=150)
@given(
    st.text(alphabet="ab .!?\n,;但。ก é", max_size=400)
    | st.lists(st.sampled_from(["wet", "but", "x.", "。", "\n", "雨"]), max_size=300).map(" ".join)
)
def test_clauses_hold_all_of_the_text_in_order_and_are_neither_too_many_nor_too_short(text):
    spans = clauses(text)
    covered = "".join(text[start:end] for start, end in spans)
    assert "".join(covered.split()) == "".join(text.split())
    assert all(one[1] <= other[0] for one, other in itertools.pairwise(spans))
    assert len(spans) <= MOST
    if len(spans) > 1:
        assert words_in(text) >= LONG
        assert all(words_in(text[start:end]) >= LEAST for start, end in spans)


def test_a_comment_counts_once_in_each_of_its_themes(database, stamp):
    spans = tuple((start, end, text_hash(LONG_TEXT[start:end])) for start, end in clauses(LONG_TEXT))
    row = Feedback("f", "s", "1", "", "US", MONDAY, "2024-W01", "en", LONG_TEXT, text_hash(LONG_TEXT), 2.0)
    with database.write() as connection:
        batches.begin(connection, stamp, Batch("b", "feedback", "f", "", ""))
        feedback.add(connection, stamp, [NewFeedback(row, (), spans)], batch_id="b")
        runs.start(connection, stamp, run_id="r", pipeline="weekly", week="2024-W01", config_hash="", manifest={})
        units = sorted(assignments.undecided(connection, last_week="2024-W01"), key=lambda unit: unit.start)
        kinds = [Polarity.PRAISE, Polarity.COMPLAINT, Polarity.COMPLAINT, Polarity.COMPLAINT]
        made = [
            Assignment(unit.unit_id, None, 0.0, None, kind, "learned") for unit, kind in zip(units, kinds, strict=True)
        ]
        assignments.put(connection, stamp, made, run_id="r")
        found = counts.by_theme(connection, first_week="2024-W01", last_week="2024-W01")
        (total,) = counts.totals(connection, first_week="2024-W01", last_week="2024-W01")
    assert [(one.polarity, one.comments, one.texts) for one in found] == [("complaint", 1, 1), ("praise", 1, 1)]
    assert (total.comments, total.texts) == (1, 1)


def test_ingested_comments_carry_the_spans_of_their_clauses(workspace):
    path = workspace.services.paths.folder / "f.csv"
    header = "id,created,country,comment,stars,channel,depot,service,tracking_no\n"
    path.write_text(f'{header}1,2024-10-01 10:00:00,US,"{LONG_TEXT}",1,app,NJ1,standard,\n', encoding="utf-8")
    workspace.ingest(path)
    with workspace.services.database.read() as connection:
        units = assignments.undecided(connection, last_week="2024-W53")
        (comment,) = feedback.get(connection, [units[0].feedback_id])
        texts = feedback.texts_by_hash(connection, [unit.text_hash for unit in units])
    assert len(units) == 4
    assert all(comment.text[unit.start : unit.end] == texts[unit.text_hash] for unit in units)
