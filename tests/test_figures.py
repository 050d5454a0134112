"""The figures of a draft and of its weeks, and which have moved since."""

import re
from dataclasses import replace

import pytest
from counted import WEEKS, stored
from hypothesis import given
from hypothesis import strategies as st

from voc.proposals.draft import Figure
from voc.proposals.figures import Scope, figures, moved, row_of, signals, success
from voc.store.exposure import Signal
from voc.trends.table import theme_weeks

RISING = [4] * 13 + [20]
COUNTS = {("DE", "app", "bell"): RISING, ("US", "app", "bell"): [6] * 14, ("FR", "app", "rain"): [3] * 14}
DE = Scope("bell", "DE", ("DE",))
BOTH = Scope("bell", "", ("DE", "US"))


@pytest.fixture
def week(sqlite):
    return stored(sqlite, COUNTS)


def told(scope, week, *, distinct=9):
    return {one.name: one for one in figures(scope, week, theme_weeks(week), distinct=distinct)}


def test_the_figures_of_a_market_are_those_of_its_week(week):
    found = told(DE, week)
    assert (found["complaints"].value, found["complaints"].text) == (20, "20 complaints in 2024-W40 (DE)")
    assert found["rate"].value == pytest.approx(2.0)
    assert re.fullmatch(
        r"2\.00 \(95 % interval \d\.\d\d to \d\.\d\d\) complaints per 1,000 deliveries", found["rate"].text
    )
    assert (found["weeks"].value, found["distinct"].value) == (9, 9)


def test_an_alert_is_said_beside_the_change(week):
    assert told(DE, week)["change"].text.endswith("its usual rate (rising: an alert)")


def test_a_proposal_for_several_markets_has_a_line_for_each(week):
    found = told(BOTH, week)
    assert found["complaints"].value == 26
    assert [name for name in found if name.startswith("complaints ")] == ["complaints DE", "complaints US"]
    assert found["complaints DE"].text.startswith("DE: 20 complaints in 2024-W40, 2.00 (95 % interval")
    assert found["complaints US"].value == 6


def test_a_proposal_for_one_market_has_no_lines_of_markets(week):
    assert not [name for name in told(DE, week) if name.startswith("complaints ")]


def test_a_theme_without_a_row_has_only_what_was_counted(week):
    found = told(Scope("gone", "DE", ("DE",)), week)
    assert list(found) == ["distinct"]
    assert found["distinct"].value == 9


def test_without_deliveries_the_rate_is_over_comments(sqlite):
    found = told(DE, stored(sqlite, COUNTS, deliveries=0))
    assert found["rate"].text.endswith("complaints per 1,000 comments")


def test_the_row_of_a_market_goes_before_that_of_the_network(week):
    rows = theme_weeks(week)
    assert row_of(DE, rows).market == "DE"
    assert row_of(Scope("bell", "BR", ("BR",)), rows).market == ""


def test_success_is_told_with_the_rate_of_now_and_without_a_target(week):
    said = success(BOTH, week, theme_weeks(week))
    assert "in all markets: now 0.87" in said  # 26 complaints in the network of three markets
    assert "in DE: now 2.00" in success(DE, week, theme_weeks(week))
    assert "the target is for the owner to set" in said


def signal(market, week, value, *, name="returned_parcels", attribute=""):
    return Signal(market, week, attribute, name, value)


def test_signals_put_the_last_four_weeks_beside_those_before(week):
    known = [signal("DE", one, 2.0 if one < "2024-W37" else 3.0) for one in WEEKS]
    assert signals(DE, week, known) == ("DE: returned parcels 3 on average in the last 4 weeks, 2 in the 5 before",)


def test_signals_of_other_markets_parts_and_times_are_left_out(week):
    whole = [signal("DE", one, 1.0) for one in ("2024-W40", "2024-W33")]
    other = [
        *(signal("US", one, 9.0) for one in WEEKS),
        *(signal("DE", one, 9.0, attribute="depot=B3") for one in WEEKS),
        signal("DE", "2020-W01", 9.0),
    ]
    assert signals(DE, week, whole + other) == (
        "DE: returned parcels 1 on average in the last 1 weeks, 1 in the 1 before",
    )


def test_a_signal_with_nothing_to_compare_is_left_out(week):
    assert signals(DE, week, [signal("DE", "2024-W40", 1.0)]) == ()
    assert signals(DE, week, [signal("DE", "2024-W33", 1.0)]) == ()


def test_signals_come_in_order_of_market_and_name(week):
    known = [
        signal(market, one, 1.0, name=name)
        for market in ("US", "DE")
        for name in ("scans", "claims")
        for one in ("2024-W40", "2024-W33")
    ]
    assert [line.split(" 1 ")[0] for line in signals(BOTH, week, known)] == [
        "DE: claims",
        "DE: scans",
        "US: claims",
        "US: scans",
    ]


def test_no_signal_is_said_to_be_a_cause(week):
    known = [signal("DE", one, float(place)) for place, one in enumerate(WEEKS)]
    causal = r"\b(?:because|caus\w+|due|leads?|led|drives?|driven|effect|impact|therefore|thus|explains?|result\w*)\b"
    assert not re.search(causal, " ".join(signals(DE, week, known)), re.IGNORECASE)


RATE = Figure(name="rate", value=2.0, text="2.00 complaints")


def test_equal_figures_are_not_told():
    assert moved((RATE,), (RATE,)) == ()
    assert moved((RATE,), (replace_value(2.0 + 1e-9),)) == ()


def replace_value(value, text="other"):
    return RATE.model_copy(update={"value": value, "text": text})


def test_a_changed_figure_is_told_as_it_was_and_as_it_is():
    assert moved((RATE,), (replace_value(2.1, "2.10 complaints"),)) == (
        "A figure has moved. Drafted with: 2.00 complaints. Now: 2.10 complaints.",
    )


def test_a_figure_that_cannot_be_computed_any_more_is_told():
    assert moved((RATE,), ()) == ("A figure can no longer be computed. Drafted with: 2.00 complaints.",)


def test_a_figure_that_came_later_is_not_told():
    assert moved((), (RATE,)) == ()


@pytest.mark.parametrize(("was", "now"), [(None, 1.0), (1.0, None), (0.0, 0.001)])
def test_a_value_that_came_or_went_is_told(was, now):
    assert len(moved((replace_value(was),), (replace_value(now),))) == 1


def test_two_figures_without_a_value_are_equal():
    assert moved((replace_value(None),), (replace_value(None),)) == ()


def test_more_deliveries_move_the_rate_and_nothing_else_of_the_week(week):
    rows = theme_weeks(week)
    before = figures(DE, week, rows, distinct=9)
    more = replace(week, deliveries=dict(week.deliveries) | {("DE", "2024-W40"): 20_000})
    notices = moved(before, figures(DE, more, theme_weeks(more), distinct=9))
    assert any("per 1,000" in one for one in notices)
    assert not any("different complaints" in one or "complaints in 2024-W40" in one for one in notices)


@given(st.dictionaries(st.sampled_from("abcdef"), st.one_of(st.none(), st.floats(-1e6, 1e6)), max_size=6))
def test_figures_compared_with_themselves_never_move(values):
    found = tuple(Figure(name=name, value=value, text=name) for name, value in values.items())
    assert moved(found, tuple(reversed(found))) == ()
