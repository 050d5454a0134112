import pytest

from voc.effect.compare import compare
from voc.errors import InputError
from voc.store.counts import CountRow
from voc.trends.week import Week
from voc.types import Polarity

WEEKS = tuple(f"2024-W{number}" for number in range(30, 38))


def span(counts, markets=("US", "DE")):
    rows = tuple(
        CountRow(week, market, "t", Polarity.COMPLAINT, count, count)
        for market, found in counts.items()
        for week, count in zip(WEEKS, found, strict=True)
    )
    deliveries = {(market, week): 10_000 for market in markets for week in WEEKS}
    return Week(WEEKS[-1], WEEKS[:-1], rows, (), deliveries, tuple(markets))


def effect(us, de=(50,) * 8, since="2024-W34"):
    return compare(span({"US": us, "DE": de}), "t", adopted=["US"], since=since)


def test_a_fall_against_steady_markets_is_a_fall():
    found = effect((50,) * 4 + (20,) * 4)
    assert found.verdict == "fell"
    assert found.ratio.low <= 0.4 <= found.ratio.high


def test_a_fall_everywhere_is_no_effect_of_the_change():
    found = effect((300,) * 4 + (150,) * 4, (300,) * 4 + (150,) * 4)
    assert found.verdict == "no effect seen"
    assert found.ratio.value == pytest.approx(1, abs=0.02)


def test_a_rise_is_said():
    assert effect((20,) * 4 + (50,) * 4).verdict == "rose"


def test_few_complaints_cannot_tell():
    assert effect((1, 0, 2, 1, 0, 1, 0, 1), (1, 1, 0, 1, 1, 0, 1, 0)).verdict == "cannot tell"


def test_without_other_markets_the_plain_change_is_given():
    found = compare(span({"US": (50,) * 4 + (20,) * 4}, ("US",)), "t", adopted=["US"], since="2024-W34")
    assert found.others is None
    assert found.verdict == "fell"


def test_a_single_week_is_not_enough():
    with pytest.raises(InputError, match="at least 2"):
        effect((5,) * 8, since="2024-W37")
