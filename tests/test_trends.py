import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voc.store.counts import CountRow, WeekTotal
from voc.trends.rates import Counted, change, rate
from voc.trends.table import coverage, theme_weeks
from voc.trends.week import NETWORK, Week
from voc.types import Polarity


@settings(deadline=None)
@given(st.integers(0, 500), st.integers(1, 10**6))
def test_a_rate_lies_in_its_interval(count, exposure):
    found = rate(Counted(count, exposure))
    assert found.low <= found.value <= found.high


def test_nothing_seen_still_has_an_upper_bound():
    assert rate(Counted(0, 1000)).high > 0
    assert rate(Counted(3, 0)) is None


@settings(deadline=None)
@given(st.integers(0, 200), st.integers(0, 200))
def test_equal_exposure_and_swapped_counts_mirror_the_p_value(now, before):
    if now + before == 0:
        assert change(Counted(0, 10), Counted(0, 10)) is None
        return
    one, other = change(Counted(now, 10), Counted(before, 10)), change(Counted(before, 10), Counted(now, 10))
    assert one.p_value == pytest.approx(other.p_value)


def grid(last):
    weeks = [f"2024-W{number}" for number in range(30, 41)]
    rows = [CountRow(week, "US", f"t{theme}", Polarity.COMPLAINT, 10, 10) for week in weeks[:-1] for theme in range(20)]
    rows += [
        CountRow(weeks[-1], "US", f"t{theme}", Polarity.COMPLAINT, count, count) for theme, count in enumerate(last)
    ]
    totals = [WeekTotal(week, "US", 200, 200) for week in weeks]
    deliveries = {("US", week): 10_000 for week in weeks}
    return Week(weeks[-1], tuple(weeks[:-1]), tuple(rows), tuple(totals), deliveries, ("US",), assigned={"US": 190})


def test_a_doubled_theme_is_marked_and_steady_ones_are_not():
    found = theme_weeks(grid([30] + [10] * 19))
    assert {row.theme_id for row in found if row.rising} == {"t0"}
    assert not any(row.falling for row in found)


def test_noise_of_one_week_is_not_marked():
    assert not any(row.rising or row.falling for row in theme_weeks(grid([13, 7] * 10)))


def test_coverage_is_reported_for_network_and_market():
    network, market = coverage(grid([10] * 20))
    assert (network.market, market.market) == (NETWORK, "US")
    assert network.share == 0.95
