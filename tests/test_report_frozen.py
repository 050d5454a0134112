"""A report as it is kept: it comes back whole, and without any text of feedback."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from voc.errors import DamageError
from voc.report.frozen import freeze, quoted, thaw
from voc.report.model import (
    ActionLine,
    EmergingLine,
    Report,
    Scope,
    SearchLine,
    ShownQuote,
    ThemeLine,
    with_quotes,
)
from voc.trends.emerging import Emerging, Growth
from voc.trends.rates import Change
from voc.trends.table import Coverage, ThemeWeek
from voc.types import Estimate, Feedback, Quote

TEXT = "SECRET TEXT OF A COMMENT"
numbers = st.floats(allow_nan=False)
words = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
counts = st.integers(0, 10**6)
few = {"max_size": 2}
estimates = st.none() | st.builds(Estimate, numbers, st.none() | numbers, st.none() | numbers)
changes = st.none() | st.builds(Change, estimates.filter(bool), numbers)
quotes = st.builds(
    lambda number, start, length: ShownQuote(
        Quote(f"f{number}", start, start + length, TEXT[start : start + length], "en", "US"), ""
    ),
    st.integers(0, 5),
    st.integers(0, 5),
    st.integers(1, 18),
)
shown = st.lists(quotes, max_size=3).map(tuple)
rows = st.builds(
    ThemeWeek,
    *(words, words, counts, counts, counts, estimates, changes, st.booleans(), st.booleans()),
    st.lists(counts, **few).map(tuple),
    st.lists(st.none() | numbers, **few).map(tuple),
    *(st.none() | numbers, st.none() | numbers, counts, numbers, counts, estimates, estimates),
)
lines = st.lists(st.builds(ThemeLine, rows, words, words, st.just(("rain", "wet")), words, shown), **few).map(tuple)
coverages = st.builds(Coverage, words, counts, counts, counts, st.none() | counts)
scopes = st.lists(st.builds(Scope, words, words, coverages, st.booleans(), lines, lines, counts, shown), **few)
emerging = st.builds(Emerging, words, words, st.just(("2024-W40",)), st.just((3,)), st.sampled_from(Growth), changes)
actions = st.builds(ActionLine, *(words, words, words, st.just(("US", "DE")), *([words] * 6)))
texts = st.lists(words, **few).map(tuple)
reports = st.builds(
    Report,
    *(words, words, texts, texts, lines, st.lists(st.builds(EmergingLine, emerging, words), **few).map(tuple)),
    *(scopes.map(tuple), texts, st.just(()), texts, counts),
    st.lists(st.builds(SearchLine, words, words, words, words), **few).map(tuple),
    st.lists(actions, **few).map(tuple),
    texts,
)
quick = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
WHEN = datetime(2024, 10, 1, tzinfo=UTC)


def comment(number):
    return Feedback(f"f{number}", "s", f"{number}", "", "US", WHEN, "2024-W40", "en", TEXT, "h")


EVERY = [comment(number) for number in range(6)]


def untranslated(_quote):
    return ""


@quick
@given(reports)
def test_a_report_comes_back_as_it_was_kept(report):
    found = thaw(freeze(report), EVERY, translate=untranslated)
    assert (found.report, found.erased) == (report, 0)


@quick
@given(reports)
def test_the_same_report_is_kept_as_the_same_text(report):
    again = thaw(freeze(report), EVERY, translate=untranslated).report
    assert freeze(again) == freeze(report)
    json.loads(freeze(report), parse_constant=pytest.fail)


@quick
@given(reports)
def test_nothing_of_a_comment_is_kept(report):
    kept = json.loads(freeze(report))["report"]
    found = [*kept["new_themes"], *(line for one in kept["scopes"] for line in (*one["themes"], *one["praised"]))]
    told = [shown for line in found for shown in line["quotes"]]
    told += [shown for one in kept["scopes"] for shown in one["unassigned"]]
    assert {(shown["quote"]["text"], shown["translation"]) for shown in told} <= {("", "")}


@quick
@given(reports, st.sets(st.integers(0, 5)))
def test_what_is_erased_is_left_out_and_counted(report, gone):
    kept = freeze(report)
    found = thaw(kept, [one for number, one in enumerate(EVERY) if number not in gone], translate=untranslated)
    left = []
    with_quotes(found.report, lambda shown: left.append(shown.quote.feedback_id) or shown)
    assert not {f"f{number}" for number in gone} & set(left)
    assert found.erased == len({f"f{number}" for number in gone} & set(quoted(kept)))


@pytest.mark.parametrize("kept", ["", "[]", "{}", '{"form": 1, "report": {"title": 3}}', '{"form": 1}'])
def test_what_cannot_be_read_is_damage_and_no_traceback(kept):
    with pytest.raises(DamageError, match="cannot be read"):
        thaw(kept, [], translate=untranslated)


def test_a_form_of_a_newer_voc_is_named():
    with pytest.raises(DamageError, match="newer voc"):
        thaw('{"form": 2}', [], translate=untranslated)
