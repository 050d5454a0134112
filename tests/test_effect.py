"""The comparison itself: what it finds in counts whose truth is plain."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voc.effect.measure import Reason, Verdict, measure
from voc.effect.panel import Panel
from voc.errors import InputError
from voc.weeks import shift_week

FIRST = "2023-W10"
BEFORE, AFTER, OUT = 20, 8, 2
WEEKS = BEFORE + OUT + AFTER


def weeks(number=WEEKS):
    return tuple(shift_week(FIRST, ahead) for ahead in range(number))


def noisy(level, seed, number=WEEKS):
    return np.random.default_rng(seed).poisson(level, number).astype(float)


def course(before, after, seed=0, number=BEFORE + OUT):
    random = np.random.default_rng(seed)
    return np.concatenate([random.poisson(before, number), random.poisson(after, AFTER)]).astype(float)


def panel(counts, adopters=("US",), since=None, washout=OUT, **more):
    table = np.array([np.asarray(one, dtype=float) for one in counts.values()])
    held = weeks(table.shape[1])
    begin = since or held[-AFTER]
    exposures = np.full(table.shape, 10_000.0)
    return Panel(tuple(counts), held, table, exposures, dict.fromkeys(adopters, begin), {}, washout, **more)


def others(level=60, number=4):
    return {f"M{one}": noisy(level, 10 + one) for one in range(number)}


def found(own, **more):
    return measure(panel({"US": own} | others(), **more), studies=False)


def test_a_fall_against_steady_markets_is_an_improvement():
    effect = found(course(60, 24))
    assert effect.verdict is Verdict.IMPROVED
    assert effect.ratio.low < 0.4 < effect.ratio.high


def test_a_rise_against_steady_markets_is_said():
    assert found(course(30, 75)).verdict is Verdict.WORSENED


def test_a_fall_everywhere_is_no_effect_of_the_change():
    falling = {f"M{one}": course(400, 200, seed=one) for one in range(5)}
    effect = measure(panel({"US": course(400, 200, seed=9)} | falling), studies=False)
    assert effect.verdict is Verdict.NO_EFFECT
    assert effect.ratio.value == pytest.approx(1, abs=0.1)


def test_few_complaints_cannot_tell():
    quiet = {f"M{one}": course(0.4, 0.4, seed=one) + (np.arange(30) == 3) for one in range(4)}
    effect = measure(panel({"US": course(0.3, 0, seed=2) + (np.arange(30) == 5)} | quiet), studies=False)
    assert effect.verdict is Verdict.CANNOT_TELL
    assert effect.reason is Reason.FEW


def test_no_complaint_at_all_after_the_change_has_a_finite_interval():
    effect = found(course(10, 0))
    assert effect.verdict is Verdict.IMPROVED
    assert 0 < effect.ratio.low < effect.ratio.value < effect.ratio.high < 1
    assert effect.ratio.value == pytest.approx(0.5 / (effect.own.before * AFTER / BEFORE), rel=0.5)


def test_markets_that_were_moving_apart_cannot_tell():
    falling = np.array([round(80 * 0.96**week) for week in range(WEEKS)], dtype=float)
    effect = found(falling)
    assert effect.course.diverging
    assert effect.verdict is Verdict.CANNOT_TELL
    assert effect.reason is Reason.DIVERGING
    assert effect.carried_on.low < 1 < effect.carried_on.high


def test_the_weeks_that_led_to_the_change_are_not_compared():
    alarming = course(60, 60)
    alarming[BEFORE : BEFORE + OUT] = 600
    effect = found(alarming)
    assert effect.verdict is not Verdict.IMPROVED
    assert effect.ratio.value == pytest.approx(found(course(60, 60)).ratio.value, abs=0.02)
    assert effect.out == weeks()[BEFORE : BEFORE + OUT]


def test_too_short_a_history_to_leave_those_weeks_out_is_no_improvement():
    effect = found(course(60, 24), washout=0, cut=True)
    assert effect.verdict is Verdict.CANNOT_TELL
    assert effect.reason is Reason.SHORT


def test_without_other_markets_the_own_course_is_compared_with():
    effect = measure(panel({"US": course(60, 20)}), studies=False)
    assert effect.others is None
    assert effect.verdict is Verdict.IMPROVED
    assert effect.course is None


def test_the_only_market_loses_the_weeks_before_its_change_once():
    effect = measure(panel({"US": course(60, 20)}), studies=False)
    assert effect.before == weeks()[:BEFORE]
    assert effect.out == weeks()[BEFORE : BEFORE + OUT]


def test_a_straight_trend_of_the_only_market_is_no_effect():
    falling = np.array([round(90 * 0.97**week) for week in range(WEEKS)], dtype=float)
    assert measure(panel({"US": falling}), studies=False).verdict is not Verdict.IMPROVED


def test_markets_that_adopt_on_different_days_are_each_compared_from_their_day_on():
    late = np.concatenate([noisy(60, 3, WEEKS - 4), noisy(24, 4, 4)])
    table = panel({"US": course(60, 24), "DE": late} | others())
    staggered = replace(table, since={"US": weeks()[-AFTER], "DE": weeks()[-4]})
    effect = measure(staggered)
    assert effect.verdict is Verdict.IMPROVED
    assert effect.ratio.value == pytest.approx(0.4, abs=0.08)
    assert [one.week for one in effect.weeks if one.week >= 0] == list(range(AFTER))


def test_weeks_without_collection_count_neither_way():
    own = course(60, 60)
    gap = own.copy()
    gap[[4, 5, 25]] = np.nan
    effect = found(gap)
    assert effect.own.before == own[:BEFORE].sum() - own[[4, 5]].sum()
    assert effect.own.after == own[-AFTER:].sum() - own[25]


def test_a_market_without_a_complaint_is_not_compared_with():
    counts = {"US": course(60, 24), "ZZ": np.zeros(WEEKS)} | others()
    effect = measure(panel(counts), studies=False)
    assert effect.dropped == ("ZZ",)
    assert "ZZ" not in effect.others.markets


@settings(max_examples=15, deadline=None)
@given(st.permutations(range(5)), st.floats(0.1, 50))
def test_order_of_markets_and_size_of_exposure_change_nothing(order, size):
    counts = {"US": course(60, 40)} | others()
    names = list(counts)
    mixed = panel({names[place]: counts[names[place]] for place in order})
    scaled = Panel(
        mixed.markets, mixed.weeks, mixed.counts, mixed.exposures * size, mixed.since, mixed.changing, mixed.washout
    )
    plain, other = measure(panel(counts), studies=False), measure(scaled, studies=False)
    assert other.ratio.value == pytest.approx(plain.ratio.value, rel=1e-5)
    assert other.ratio.high == pytest.approx(plain.ratio.high, rel=1e-5)


def test_too_few_weeks_after_are_told_with_what_is_needed():
    with pytest.raises(InputError, match=r"2 whole weeks with the change .* at least 3"):
        found(course(60, 24), since=weeks()[-2])


def test_too_few_weeks_before_are_told_with_what_to_do():
    with pytest.raises(InputError, match=r"at least 6 are needed.*--washout"):
        found(course(60, 24), since=weeks()[7])


def test_a_market_without_exposure_is_named():
    empty = panel({"US": course(60, 24)} | others())
    empty.exposures[0] = 0
    with pytest.raises(InputError, match="US has neither deliveries nor comments"):
        measure(empty)


def test_no_complaint_at_all_is_said():
    with pytest.raises(InputError, match="no complaint of this theme in US"):
        found(np.zeros(WEEKS))
