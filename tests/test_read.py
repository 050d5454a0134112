"""Reading a week from the store: which weeks, and what is said where there are none."""

import pytest
from counted import WEEKS, stored

from voc.errors import InputError
from voc.report.notes import notes
from voc.trends.read import read_week
from voc.trends.table import coverage, theme_weeks
from voc.trends.week import NETWORK
from voc.weeks import week_range

YEAR_END = week_range("2020-W40", "2021-W02")


def test_week_53_is_history_and_shown_like_any_other_week(sqlite):
    found = stored(sqlite, {("US", "app", "t"): [8] * len(YEAR_END)}, weeks=YEAR_END)
    assert found.weeks == (*week_range("2020-W47", "2020-W53"), "2021-W01", "2021-W02")
    (row, _) = sorted(theme_weeks(found), key=lambda one: one.market == NETWORK)
    assert row.series == (8,) * 9
    assert row.usual == pytest.approx(8)


def test_a_first_week_is_read_and_compared_with_nothing(database):
    found = stored(database, {("US", "app", "t"): [9]}, weeks=WEEKS[-1:])
    assert (found.weeks, found.history, found.apart.changes) == (WEEKS[-1:], (), ())
    assert all(row.change is None and not row.rising for row in theme_weeks(found))
    assert notes(found, (), (), {}) == ("This is the first week: there is nothing to compare it with yet.",)


def test_weeks_without_feedback_are_read_as_weeks_and_are_no_zero(sqlite):
    series = [8] * len(WEEKS)
    series[5:8] = [0, 0, 0]
    found = stored(sqlite, {("US", "app", "t"): series, ("US", "web", "u"): series})
    assert found.history == WEEKS[:-1]
    assert [row.usual for row in theme_weeks(found)] == [pytest.approx(8)] * 4
    assert not any(row.rising or row.falling for row in theme_weeks(found))


def test_a_market_without_deliveries_has_rates_per_comment(sqlite):
    found = stored(sqlite, {("US", "app", "t"): [5] * len(WEEKS), ("US", "app", "u"): [15] * len(WEEKS)}, deliveries=0)
    rates = {row.theme_id: row.rate.value for row in theme_weeks(found)}
    assert rates == {"t": pytest.approx(250), "u": pytest.approx(750)}


def test_coverage_counts_every_comment_and_those_with_a_theme(sqlite):
    found = stored(sqlite, {("US", "app", "t"): [8] * len(WEEKS), ("DE", "app", "t"): [3] * len(WEEKS)})
    assert [(one.market, one.comments, one.assigned) for one in coverage(found)] == [
        (NETWORK, 11, 11),
        ("DE", 3, 3),
        ("US", 8, 8),
    ]


def test_only_the_markets_that_are_asked_for_are_read(sqlite):
    stored(sqlite, {("US", "app", "t"): [8] * len(WEEKS), ("DE", "app", "t"): [3] * len(WEEKS)})
    found = read_week(sqlite, WEEKS[-1], markets=["DE"], baseline_weeks=4)
    assert {row.market for row in (*found.counts, *found.totals)} == {"DE"}
    assert found.weeks == WEEKS[-5:]


def test_a_week_without_feedback_says_which_weeks_have_some(sqlite):
    with pytest.raises(InputError, match="no feedback at all yet"):
        read_week(sqlite, WEEKS[-1], markets=["US"], baseline_weeks=8)
    stored(sqlite, {("US", "app", "t"): [8] * len(WEEKS)})
    with pytest.raises(InputError, match="from 2024-W27 to 2024-W40"):
        read_week(sqlite, "2024-W41", markets=["US"], baseline_weeks=8)
    with pytest.raises(InputError, match="no feedback in DE, FR"):
        read_week(sqlite, WEEKS[-1], markets=["DE", "FR"], baseline_weeks=8)
