"""Alerts over arrays, and what they say where there is little or nothing to say."""

import numpy as np
import pytest

from voc.report.headlines import headlines
from voc.store.counts import CountRow, WeekTotal
from voc.trends.alerts import baseline_columns, judge, method_for
from voc.trends.collection import collection_changes
from voc.trends.discovery import adjusted, takes_part
from voc.trends.dispersion import moderate
from voc.trends.predict import fall, rise
from voc.trends.rates import Counted
from voc.trends.shrink import shrunk
from voc.trends.table import theme_weeks
from voc.trends.week import NETWORK, Week
from voc.types import Polarity
from voc.weeks import week_range


def series(*last, past=11, usual=8, quiet=20):
    """One series that ends with `last` beside quiet ones, all over equal exposure."""
    counts = np.full((1 + quiet, past + 1), float(usual))
    counts[1:, ::2] += 1
    counts[0, -len(last) :] = last
    return counts, np.full(counts.shape, 1000.0)


def week(counts, *, last="2024-W40", markets=("US",), deliveries=10_000, totals=None, history=12):
    """A week from {(theme, market): series}; `totals` are {market: series} of all feedback."""
    weeks = week_range(week_range("2020-W01", last)[-history], last)
    rows, feedback = [], []
    for (theme, market), found in counts.items():
        for one, count in zip(weeks[-len(found) :], found, strict=True):
            if count:
                rows.append(CountRow(one, market, theme, Polarity.COMPLAINT, count, count))
    for market in markets:
        every = (totals or {}).get(market, [100] * history)
        for one, count in zip(weeks, every, strict=True):
            if count:
                feedback.append(WeekTotal(one, market, count, count))
    known = {(market, one): deliveries for market in markets for one in weeks} if deliveries else {}
    return Week(weeks[-1], weeks[-9:-1], tuple(rows), tuple(feedback), known, tuple(markets), weeks[:-1])


def row_of(found, theme="t", market="US"):
    return next(row for row in theme_weeks(found) if (row.theme_id, row.market) == (theme, market))


def test_a_rise_that_lasts_three_weeks_does_not_hide_itself():
    found = judge(*series(17, 18, 17))
    assert found.method == "C2 and C3"
    assert found.rising[0]
    assert found.expected[0] == pytest.approx(8)
    assert not found.rising[1:].any()
    assert not found.falling.any()


def test_a_fall_to_nothing_is_found_and_is_no_rise():
    found = judge(*series(0, 0, 0))
    assert found.falling[0]
    assert not found.rising.any()


def test_history_decides_the_method():
    assert [method_for(past) for past in (0, 1, 5, 14, 160, 161)] == [
        "none", "C1", "C2 and C3", "Farrington", "Farrington", "Farrington with seasons",
    ]  # fmt: skip
    assert baseline_columns(3) == range(3)
    assert baseline_columns(11) == range(1, 9)
    assert baseline_columns(30) == range(28)


def test_a_past_outbreak_does_not_hide_the_next():
    counts, exposures = series(24, past=30)
    counts[0, 10:13] = 40
    found = judge(counts, exposures)
    assert found.rising[0]
    assert found.expected[0] < 10


def seasonal():
    weeks = np.arange(52 * 5 + 10)
    usual = 20 * np.exp(0.5 * np.cos(2 * np.pi * (weeks - weeks[-1]) / 52.1775))
    return np.random.default_rng(5).poisson(np.tile(usual, (12, 1))).astype(float), usual


def test_a_season_is_no_alert_where_years_are_known():
    counts, usual = seasonal()
    found = judge(counts, np.ones_like(counts))
    assert found.method == "Farrington with seasons"
    assert not found.rising.any()
    assert found.expected == pytest.approx(np.full(12, usual[-1]), rel=0.25)
    assert judge(counts[:, -100:], np.ones((12, 100))).rising.any()


def test_a_rise_in_a_season_is_an_alert():
    counts, usual = seasonal()
    counts[0, -3:] = np.round(2 * usual[-3:])
    assert judge(counts, np.ones_like(counts)).rising[0]


def test_without_overdispersion_the_tails_are_those_of_the_exact_conditional_test():
    from scipy.stats import binomtest

    one = np.ones(1)
    for count, seen in ((5, 20), (0, 7), (9, 0), (30, 64)):
        share = 0.125 / 1.125
        up, down = rise(count * one, seen * one, one / 8, one), fall(count * one, seen * one, one / 8, one)
        assert up[0] == pytest.approx(binomtest(count, count + seen, share, alternative="greater").pvalue, rel=1e-6)
        assert down[0] == pytest.approx(binomtest(count, count + seen, share, alternative="less").pvalue, rel=1e-6)


@pytest.mark.parametrize("history", [8, 26])
def test_few_quiet_grids_raise_an_alert(history):
    random = np.random.default_rng(11)
    level = np.exp(random.normal(np.log(6), 1, (100, 1))) * np.ones(history + 1)
    alarmed = [
        found.rising.any() or found.falling.any()
        for _ in range(200)
        for found in [judge(random.negative_binomial(level, 0.5).astype(float), np.ones_like(level))]
    ]
    assert np.mean(alarmed) <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / 200)


def test_one_wild_series_does_not_make_the_others_wild():
    raw, weeks = np.full(30, 1.1), np.full(30, 7.0)
    raw[0] = 9.0
    found = moderate(raw, weeks, np.full(30, 8.0))
    assert found.values[1:].max() < 2
    assert found.freedom[1:].min() > 20


def test_what_can_never_be_found_takes_no_part():
    part = takes_part(np.array([1e-6, 1e-5, 0.5, 0.4]), 0.05)
    assert part.tolist() == [True, True, False, False]
    assert adjusted(np.array([0.01, 0.04, 0.001, 0.5]), part).tolist() == pytest.approx([0.02, 0.04, 1, 1])


def test_the_first_week_of_all_has_nothing_to_compare_with():
    found = row_of(week({("t", "US"): [9]}, history=1))
    assert (found.change, found.usual, found.rising, found.falling) == (None, None, False, False)


def test_the_second_week_is_compared_with_the_first_alone():
    found = row_of(week({("t", "US"): [9, 40]}, history=2))
    assert found.usual == pytest.approx(9)
    assert found.rising


def test_week_53_is_a_week_like_any_other():
    found = week({("t", "US"): [8] * 9 + [20, 20, 20]}, last="2021-W02")
    assert "2020-W53" in found.past
    assert row_of(found).moved_weeks == 3
    assert row_of(found).rising


def test_a_week_that_nobody_ingested_is_not_a_week_without_complaints():
    counts = [8, 8, 8, 8, 0, 0, 8, 8, 8, 8, 8, 8]
    totals = {"US": [0 if count == 0 else 100 for count in counts]}
    assert row_of(week({("t", "US"): counts}, totals=totals)).usual == pytest.approx(8)


def test_a_market_that_sent_nothing_this_week_is_not_judged():
    totals = {"US": [100] * 12, "DE": [50] * 11 + [0]}
    found = week({("t", "US"): [8] * 12, ("t", "DE"): [8] * 11 + [0]}, markets=("US", "DE"), totals=totals)
    row = row_of(found, market="DE")
    assert (row.falling, row.change) == (False, None)
    assert not row_of(found, market=NETWORK).falling


def test_a_market_without_deliveries_is_judged_by_its_share_of_feedback():
    found = week({("t", "US"): [8] * 9 + [20, 20, 20]}, deliveries=None)
    assert row_of(found).rising
    doubled = week({("t", "US"): [8] * 9 + [20, 20, 20]}, deliveries=None, totals={"US": [100] * 9 + [250, 250, 250]})
    assert not row_of(doubled).rising


def test_zero_counts_have_answers():
    found = row_of(week({("t", "US"): [0] * 11 + [1], ("u", "US"): [8] * 12}))
    assert not found.rising
    assert found.change.ratio.high is None
    assert judge(np.zeros((3, 12)), np.ones((3, 12))).p_rise.tolist() == [1, 1, 1]


def test_a_theme_born_this_week_rises_from_nothing_and_is_told_once_as_new():
    found = week({("t", "US"): [0] * 11 + [12], ("u", "US"): [8] * 12})
    row = row_of(found)
    assert row.rising
    assert row.change.ratio.value == float("inf")
    (line, *_) = headlines(found, theme_weeks(found), {"t": "Lockers"}, (), {"US": "United States"}, k=5)
    assert line == "Lockers rises in United States: 12 complaints, none in the weeks it is compared with."


def planted(factor):
    themes = {(f"t{one}", "US"): [10] * 11 + [10 * factor] for one in range(8)}
    return week(themes, totals={"US": [100] * 11 + [100 * factor]})


def test_a_volume_that_jumps_as_a_whole_is_a_changed_collection_and_no_alert():
    found = planted(3)
    (changed,) = collection_changes(found)
    assert changed.market == "US"
    assert changed.ratio == pytest.approx(3)
    assert not any(row.rising for row in theme_weeks(found))


def test_a_steady_volume_is_no_changed_collection():
    assert collection_changes(planted(1)) == ()


def test_one_theme_that_lifts_the_volume_is_an_alert_and_no_changed_collection():
    themes = {(f"t{one}", "US"): [10] * 12 for one in range(7)}
    found = week({**themes, ("t", "US"): [10] * 11 + [110]}, totals={"US": [100] * 11 + [200]})
    assert collection_changes(found) == ()
    assert {row.theme_id for row in theme_weeks(found) if row.rising} == {"t"}


def test_small_markets_are_drawn_towards_the_network_and_large_ones_hardly():
    counts = [Counted(400, 100_000), Counted(100, 50_000), Counted(3, 300), Counted(0, 0)]
    large, other, small, none = shrunk(counts)
    assert large.value == pytest.approx(4, rel=0.05)
    assert other.value < large.value
    assert small.value < 9
    assert small.low < small.value < small.high
    assert none is None
    assert shrunk([Counted(0, 10)]) == (None,)


def test_like_markets_share_one_rate():
    found = shrunk([Counted(20, 1000), Counted(40, 2000), Counted(2, 100)])
    assert [one.value for one in found] == pytest.approx([20] * 3, rel=0.01)
