"""Near-copies count once, whatever their number, and no source counts for more than its quota."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voc.ingest.copies import ALIKE, alike, copies, pieces_of
from voc.ingest.fold import beyond_quota, fold
from voc.ingest.identity import text_hash
from voc.report.render import counting
from voc.store import assignments, batches, counts, feedback, runs
from voc.store.batches import Batch
from voc.store.copies import SourceWeek
from voc.store.feedback import NewFeedback
from voc.trends.table import Coverage
from voc.types import Assignment, Feedback, Polarity
from voc.weeks import week_of

MONDAY = datetime(2024, 1, 1, 12, tzinfo=UTC)
CAMPAIGN = "I am outraged that your company keeps closing parcel shops in our villages, please think again about it"
OTHER = "The courier threw my box over the gate although I was standing right behind it and had called out to him"


def stored(database, stamp, texts, *, week=0, source="s"):
    """Store texts as comments of a week, one after the other, and return their ids."""
    at = MONDAY + timedelta(weeks=week)
    name = week_of(at, "UTC")
    rows = [
        Feedback(
            f"{source}{week:02d}{number:03d}", source, str(number), "", "US", at, name, "en", text, text_hash(text)
        )
        for number, text in enumerate(texts)
    ]
    with database.write() as connection:
        if week == 0 and source == "s":
            batches.begin(connection, stamp, Batch("b", "feedback", "f", "", ""))
        feedback.add(connection, stamp, [NewFeedback(row) for row in rows], batch_id="b")
    return [row.id for row in rows]


def decide(database, stamp, week):
    """Assign everything up to a week to no theme, as complaints."""
    with database.write() as connection:
        runs.start(connection, stamp, run_id=week, pipeline="weekly", week=week, config_hash="", manifest={})
        units = assignments.undecided(connection, last_week=week)
        made = [Assignment(one.unit_id, None, 0.0, None, Polarity.COMPLAINT, "assumed") for one in units]
        assignments.put(connection, stamp, made, run_id=week)


def same_as(database):
    with database.read() as connection:
        return {one.feedback_id: one.same_as for one in assignments.units(connection, last_week="9999-W53")}


def test_a_template_with_another_ending_is_a_copy():
    one, other = text_hash(CAMPAIGN), text_hash(CAMPAIGN + ". John from B.")
    assert copies({}, {one: CAMPAIGN, other: CAMPAIGN + ". John from B."}) == {other: one}


def test_case_figures_and_punctuation_make_no_difference():
    assert alike(pieces_of(CAMPAIGN), pieces_of(CAMPAIGN.upper() + " 123 !!!")) == 1


def test_short_texts_are_left_alone():
    texts = {text_hash(one): one for one in ("Parcel is late again", "Parcel is late again!", "parcel is late again")}
    assert copies({}, texts) == {}


def test_other_words_on_the_same_subject_are_no_copy():
    same = "Closing the parcel shops of small villages like ours is an outrage and I ask you to think about it again"
    assert copies({}, {"a": CAMPAIGN, "b": same}) == {}


def test_two_texts_that_share_three_quarters_are_no_copies():
    one, other = f"{CAMPAIGN} {OTHER}", f"{CAMPAIGN} {OTHER[:70]} and nobody called back"
    assert 0.75 < alike(pieces_of(one), pieces_of(other)) < ALIKE
    assert copies({}, {"a": one, "b": other}) == {}


def test_a_copy_is_never_copied_from():
    """Each text is alike to the one before it, so that a chain would lead from the first to the last."""
    words = [f"word{chr(97 + number % 26)}{chr(97 + number // 26)}" for number in range(80)]
    texts = {f"{step:02d}": " ".join(words[3 * step : 3 * step + 40]) for step in range(12)}
    found = copies({}, texts)
    assert found
    assert not set(found) & set(found.values())
    assert all(alike(pieces_of(texts[one]), pieces_of(texts[first])) >= ALIKE for one, first in found.items())


@settings(deadline=None, max_examples=20)
@given(st.permutations(range(8)))
def test_the_order_of_a_flood_changes_nothing_but_which_text_is_first(order):
    texts = [CAMPAIGN + " " + "x" * number for number in range(6)] + [OTHER, OTHER + " sadly"]
    names = {f"{place}": texts[one] for place, one in enumerate(order)}
    firsts = [name for name in names if name not in (found := copies({}, names))]
    assert len(firsts) == 2
    assert len(found) == 6


def test_a_flood_counts_once_in_rates_and_both_counts_are_kept(database, stamp):
    stored(database, stamp, [CAMPAIGN + " " + "x" * number for number in range(9)] + [OTHER])
    fold(database, week="2024-W01", quotas={}, stamp=stamp)
    decide(database, stamp, "2024-W01")
    with database.read() as connection:
        (row,) = counts.by_theme(connection, first_week="2024-W01", last_week="2024-W01")
        (total,) = counts.totals(connection, first_week="2024-W01", last_week="2024-W01")
    assert (row.comments, row.texts) == (10, 2)
    assert (total.comments, total.texts) == (10, 2)


@pytest.mark.parametrize("ending", ["!", "?", "…", "!!", "??", "!?"])
def test_a_clause_is_never_a_copy_of_a_comment_that_was_cut(sqlite, stamp, ending):
    """Only units have vectors: the first of a unit's copies must be one."""
    whole = f"{CAMPAIGN} {OTHER}"
    cut = len(CAMPAIGN)
    spans = ((0, cut, text_hash(CAMPAIGN)), (cut + 1, len(whole), text_hash(OTHER)))
    one = Feedback("a", "s", "a", "", "US", MONDAY, "2024-W01", "en", whole, text_hash(whole))
    near = f"{CAMPAIGN} {OTHER}{ending}"  # its hash comes before or after that of the whole
    two = Feedback("b", "s", "b", "", "US", MONDAY, "2024-W01", "en", near, text_hash(near))
    with sqlite.write() as connection:
        batches.begin(connection, stamp, Batch("b", "feedback", "f", "", ""))
        feedback.add(connection, stamp, [NewFeedback(one, (), spans), NewFeedback(two)], batch_id="b")
    fold(sqlite, week="2024-W01", quotas={}, stamp=stamp)
    decide(sqlite, stamp, "2024-W01")
    with sqlite.read() as connection:
        units = assignments.units(connection, last_week="2024-W01")
        (row,) = counts.by_theme(connection, first_week="2024-W01", last_week="2024-W01")
    assert {unit.same_as for unit in units} <= {unit.text_hash for unit in units}
    assert (row.comments, row.texts) == (2, 1)


def test_folding_twice_changes_nothing(sqlite, stamp):
    stored(sqlite, stamp, [CAMPAIGN, CAMPAIGN + " again"])
    first = fold(sqlite, week="2024-W01", quotas={}, stamp=stamp)
    before = same_as(sqlite)
    assert (first.near_copies, fold(sqlite, week="2024-W01", quotas={}, stamp=stamp).near_copies) == (1, 0)
    assert same_as(sqlite) == before


def test_a_later_week_copies_from_an_earlier_one_as_if_both_had_come_at_once(sqlite, stamp, tmp_path):
    ids = stored(sqlite, stamp, [CAMPAIGN])
    fold(sqlite, week="2024-W01", quotas={}, stamp=stamp)
    decide(sqlite, stamp, "2024-W01")
    late = stored(sqlite, stamp, [CAMPAIGN + " now"], week=3)
    fold(sqlite, week="2024-W04", quotas={}, stamp=stamp)
    found = same_as(sqlite)
    assert found[ids[0]] == found[late[0]] == text_hash(CAMPAIGN)


def test_a_text_that_was_decided_on_stays_its_own_first(sqlite, stamp):
    stored(sqlite, stamp, [CAMPAIGN + " now"])
    decide(sqlite, stamp, "2024-W01")
    late = stored(sqlite, stamp, [CAMPAIGN, CAMPAIGN + " now"], week=12)
    fold(sqlite, week="2024-W13", quotas={}, stamp=stamp)
    found = same_as(sqlite)
    assert [found[one] for one in late] == [text_hash(CAMPAIGN + " now")] * 2


def test_a_source_counts_up_to_its_quota_and_the_rest_is_kept(database, stamp):
    stored(database, stamp, [f"parcel {chr(97 + number)} is late" for number in range(10)])
    stored(database, stamp, ["another source says so"], source="z")
    done = fold(database, week="2024-W01", quotas={"s": 4}, stamp=stamp)
    decide(database, stamp, "2024-W01")
    with database.read() as connection:
        (row,) = counts.by_theme(connection, first_week="2024-W01", last_week="2024-W01")
        units = assignments.units(connection, last_week="2024-W01")
    assert done.beyond_quota == 6
    assert (row.comments, row.texts) == (11, 5)
    assert sum(unit.counted for unit in units) == 5


def test_what_comes_later_in_a_week_does_not_open_the_quota_again(sqlite, stamp):
    stored(sqlite, stamp, [f"parcel {chr(97 + number)} is late" for number in range(5)])
    fold(sqlite, week="2024-W01", quotas={"s": 4}, stamp=stamp)
    decide(sqlite, stamp, "2024-W01")
    rows = [
        Feedback(f"a{number}", "s", f"n{number}", "", "US", MONDAY, "2024-W01", "en", f"late {number} x", f"h{number}")
        for number in range(3)
    ]
    with sqlite.write() as connection:
        feedback.add(connection, stamp, [NewFeedback(row) for row in rows], batch_id="b")
    fold(sqlite, week="2024-W01", quotas={"s": 4}, stamp=stamp)
    with sqlite.read() as connection:
        units = assignments.units(connection, last_week="2024-W01")
    assert sum(unit.counted for unit in units) == 4


@pytest.mark.parametrize("most", [1, 3, 8])
def test_copies_of_what_counts_take_no_room_in_a_quota(most):
    comments = tuple((f"f{number:02d}", f"t{number // 2}") for number in range(16))
    beyond = beyond_quota(SourceWeek("s", "US", "2024-W01", comments), most)
    kept = [one for one, _ in comments if one not in beyond]
    assert kept == [one for one, _ in comments[: 2 * most]]


def test_a_report_says_how_many_comments_count_where_not_all_do():
    assert counting(Coverage("US", 10, 10, 9, None)) == ""
    assert counting(Coverage("US", 10, 7, 9, None)).startswith(" (7 count: ")
