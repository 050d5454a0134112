"""What is told about a batch once it is stored, and what is not told."""

from datetime import UTC, datetime, timedelta

import pytest
from visitors import browser

from voc.ingest.checks import BURST, check
from voc.ingest.copies import LEAST_LETTERS
from voc.store import batch_checks, batches, feedback
from voc.store.batch_checks import Check, Span
from voc.store.batches import Batch
from voc.store.feedback import NewFeedback
from voc.types import Feedback, Stamp
from voc.web.app import create_app
from voc.weeks import monday, shift_week

WEEK = "2024-W40"
WORDS = ("wet", "late", "lost", "torn", "bell", "door", "rain", "rude", "call", "fee")


def text(number):
    """Return a text of its own that shares little with any other."""
    digits = [
        WORDS[int(one)] + chr(97 + place) * 3 for place, one in enumerate(f"{(number + 1) * 48_271_987_653:014d}")
    ]
    return " ".join(digits)


def comment(number, *, week=WEEK, words=None, **more):
    day = datetime.combine(monday(week), datetime.min.time(), UTC) + timedelta(hours=number % 160)
    said = words or text(number)
    kept = {"market": "US", "language": "en", "rating": 3.0, "channel": "app", "attributes": {"depot": "B3"}} | more
    return Feedback(
        id=f"{week}-{number}-{kept['market']}", source="panel", source_id=f"s{number}", revision="", created_at=day,
        week=week, text=said, text_hash=f"hash of {said}", **kept,
    )  # fmt: skip


def store(database, stamp, batch_id, comments):
    with database.write() as connection:
        batches.begin(connection, stamp, Batch(batch_id, "feedback", f"{batch_id}.csv", batch_id, "0"))
        feedback.add(connection, stamp, [NewFeedback(one) for one in comments], batch_id=batch_id)


def checked(database, batch_id="new", *, first=WEEK, today="2025-W01"):
    with database.read() as connection:
        span = Span(batch_id, "panel", first, WEEK)
        return {(one.name, one.subject): one for one in check(connection, span, attributes=["depot"], today=today)}


def told(database, **more):
    return {name for name, one in checked(database, **more).items() if one.is_warning}


@pytest.fixture
def history(database, stamp):
    """Four weeks of 40 comments each."""
    earlier = [comment(number, week=shift_week(WEEK, -back)) for back in range(1, 5) for number in range(40)]
    store(database, stamp, "old", earlier)
    return database


def test_usual_batch_is_checked_and_nothing_is_told(history, stamp):
    store(history, stamp, "new", [comment(number) for number in range(40)])
    found = checked(history)
    assert {name for name, _ in found} == {"null_rate", "volume", "languages", "duplicates", "burst"}
    assert [one.sentence for one in found.values() if one.is_warning] == []


@pytest.mark.parametrize(
    ("empty", "field"),
    [({"rating": None}, "rating"), ({"channel": ""}, "channel"), ({"attributes": {}}, "depot")],
)
def test_field_that_is_empty_more_often_than_before_is_told(history, stamp, empty, field):
    store(history, stamp, "new", [comment(number, **(empty if number % 2 else {})) for number in range(40)])
    assert told(history) == {("null_rate", f"panel: {field}")}
    assert f"{field} is empty in 50% of the comments from panel, 0% before" in (
        checked(history)["null_rate", f"panel: {field}"].sentence
    )


def test_field_that_was_always_empty_is_not_told(database, stamp):
    store(database, stamp, "old", [comment(n, week=shift_week(WEEK, -1), rating=None) for n in range(40)])
    store(database, stamp, "new", [comment(n, rating=None) for n in range(40)])
    assert told(database) == set()


@pytest.mark.parametrize(("count", "strange"), [(15, True), (25, False), (75, False), (90, True)])
def test_volume_is_told_from_half_and_double_of_the_median_on(history, stamp, count, strange):
    store(history, stamp, "new", [comment(number) for number in range(count)])
    assert (("volume", "US") in told(history)) is strange


def test_low_volume_of_a_week_that_is_not_over_is_not_told(history, stamp):
    store(history, stamp, "new", [comment(number) for number in range(5)])
    assert told(history) == {("volume", "US")}
    assert told(history, today=WEEK) == set()


def test_low_volume_tells_no_small_number(history, stamp):
    store(history, stamp, "new", [comment(number) for number in range(3)])
    assert "3" not in checked(history)["volume", "US"].sentence.replace(WEEK, "")


def test_other_languages_are_told(history, stamp):
    store(history, stamp, "new", [comment(number, language="de" if number % 3 == 0 else "en") for number in range(40)])
    assert told(history) == {("languages", "US")}
    assert "de is the language of 35% of the comments, 0% in the four weeks before" in (
        checked(history)["languages", "US"].sentence
    )


def test_copies_letter_by_letter_are_told(history, stamp):
    store(history, stamp, "new", [comment(number, words=text(number // 2)) for number in range(40)])
    assert told(history) == {("duplicates", "panel")}


def test_short_texts_may_repeat(history, stamp):
    store(history, stamp, "new", [comment(number, words="Very good") for number in range(40)])
    assert told(history) == set()


@pytest.mark.parametrize(("copies", "strange"), [(BURST - 1, False), (BURST, True)])
def test_burst_of_near_copies_within_a_day_is_told(history, stamp, copies, strange):
    form = "I demand that the new fee for parcels to islands is taken back at once, number {} of our campaign"
    assert len(form) > LEAST_LETTERS
    burst = [comment(number * 160, words=form.format(number)) for number in range(copies)]
    store(history, stamp, "new", [*burst, *(comment(number) for number in range(1, 30))])
    assert (("burst", "panel") in told(history)) is strange


def test_first_batch_of_all_has_nothing_to_be_compared_with(database, stamp):
    store(database, stamp, "new", [comment(number) for number in range(40)])
    assert {name for name, _ in checked(database)} == {"duplicates", "burst"}


def test_order_of_rows_changes_no_check(history, stamp):
    comments = [comment(number, language="de" if number % 3 else "en", words=text(number // 2)) for number in range(60)]
    store(history, stamp, "new", comments)
    first = checked(history)
    store(history, stamp, "other", [])
    assert checked(history) == first


def _check(*, warning, market="US", subject="US", sentence="strange", weeks=(WEEK, WEEK)):
    return Check("volume", subject, market, weeks, 1.0, 2.0, warning, sentence)


def test_later_batch_has_the_last_word_and_only_warnings_of_the_week_are_told(database, stamp):
    later = Stamp(stamp.actor, stamp.at + timedelta(hours=1))
    kept = {
        "a": (stamp, [_check(warning=True, sentence="missing"), _check(warning=True, subject="DE", market="DE")]),
        "b": (later, [_check(warning=False, sentence="complete")]),
        "c": (later, [_check(warning=True, subject="panel", market="", sentence="copies")]),
        "d": (later, [_check(warning=True, subject="x", sentence="old", weeks=("2024-W01", "2024-W02"))]),
    }
    for name, (at, checks) in kept.items():
        store(database, at, name, [])
        with database.write() as connection:
            batch_checks.put(connection, at, name, checks=checks)
    with database.read() as connection:
        assert batch_checks.warnings(connection, week=WEEK, markets=["US", ""]) == ("copies",)
        assert batch_checks.warnings(connection, week=WEEK, markets=["US", "DE"]) == ("strange",)
        (one,) = batch_checks.of_batch(connection, batch_id="c")
    assert one == kept["c"][1][0]


# Where it is shown

HEAD = "id,created,country,comment,stars,channel,depot,service,tracking_no\n"


def line(number, *, stars, market="US"):
    return f"n{number},2024-10-0{1 + number % 5} 10:00:00,{market},{text(number)},{stars},app,NJ1,standard,n{number}\n"


@pytest.fixture
def strange(ready):
    """A file of many comments of one week without a rating."""
    path = ready.services.paths.folder / "strange.csv"
    path.write_text(HEAD + "".join(line(number, stars="") for number in range(120)), encoding="utf-8")
    return ready.ingest(path)


def test_ingest_gives_the_checks_back_and_keeps_them(ready, strange):
    assert {one.name for one in strange.checks if one.is_warning} >= {"null_rate", "volume"}
    assert set(ready.batch_checks(strange.batch_id)) == set(strange.checks)


def test_report_tells_what_is_strange_in_every_form_and_the_same_again(ready, strange):
    ready.run(WEEK)
    written = ready.report(WEEK)
    told_there = [note for note in written.report.notes if note.startswith("Data: ")]
    assert any("rating is empty in" in note for note in told_there)
    again = ready.report(WEEK)
    assert again.report.notes == written.report.notes
    assert written.html.read_bytes() == again.html.read_bytes()
    folder = written.html.parent
    for form in ("html", "md", "json"):
        (path,) = [one for one in folder.glob(f"{written.html.stem}*.{form}")]
        assert "rating is empty in" in path.read_text(encoding="utf-8"), form


def test_sample_tells_nothing_strange(ready):
    (batch,) = [one for one in ready.batches() if one.batch.kind == "feedback"]
    checks = ready.batch_checks(batch.id)
    assert checks
    assert [one.sentence for one in checks if one.is_warning] == []


def test_page_of_an_import_shows_its_checks_within_the_markets_of_the_reader(ready, strange):
    app = create_app(ready)
    whole = browser(ready, "admin", app=app).get(f"/runs/imports/{strange.batch_id}").text
    assert "rating is empty in" in whole
    assert "US, 2024-W40" in whole
    part = (
        browser(ready, "analyst", name="de.one", markets=["DE"], app=app).get(f"/runs/imports/{strange.batch_id}").text
    )
    assert "rating is empty in" not in part
    assert "US, 2024-W40" not in part
