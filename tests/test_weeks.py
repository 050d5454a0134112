from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voc.errors import InputError
from voc.weeks import monday, parse_week, shift_week, week_of, week_of_date, week_range


@given(st.dates(date(1990, 1, 1), date(2100, 1, 1)), st.integers(-300, 300))
def test_shifting_there_and_back_returns_the_week(day, by):
    week = week_of_date(day)
    assert shift_week(shift_week(week, by), -by) == week


@given(st.dates(date(1990, 1, 1), date(2100, 1, 1)))
def test_weeks_sort_as_text(day):
    week = week_of_date(day)
    assert week < shift_week(week, 1)
    assert monday(week) <= day


def test_the_week_is_that_of_the_market():
    late_sunday_utc = datetime(2024, 10, 6, 23, 30, tzinfo=UTC)
    assert week_of(late_sunday_utc, "America/New_York") == "2024-W40"
    assert week_of(late_sunday_utc, "Asia/Tokyo") == "2024-W41"


@pytest.mark.parametrize("text", ["2024-W54", "2023-W53", "2024-40", "W40", "", "2024-W00"])
def test_a_week_that_does_not_exist_is_refused(text):
    with pytest.raises(InputError, match="ISO week"):
        parse_week(text)


def test_a_long_year_has_week_53():
    assert parse_week("2020-W53") == "2020-W53"
    assert week_range("2020-W52", "2021-W01") == ("2020-W52", "2020-W53", "2021-W01")
