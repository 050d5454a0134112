"""What a theme does to the mean rating, from the rows of the store to a figure with its interval."""

from datetime import UTC, datetime

import numpy as np
import pytest
from sqlalchemy import insert

from voc.store import assignments, batches, feedback, ratings, runs, schema, themes
from voc.store.batches import Batch
from voc.store.counts import CountRow, WeekTotal
from voc.store.feedback import NewFeedback
from voc.store.ratings import RatingRow
from voc.store.themes import FitRow, ThemeRow
from voc.trends.impact import Ratings, Stratum, impact
from voc.trends.table import theme_weeks
from voc.trends.week import NETWORK, Week
from voc.types import Assignment, Feedback, Polarity

WITHOUT = [5, 4, 4, 5, 3, 4, 5, 4, 4, 5, 4, 4, 5, 3, 4]


def ratings_of(values):
    return Ratings(len(values), float(sum(values)), float(sum(value**2 for value in values)))


def test_the_impact_is_the_mean_of_all_less_the_mean_without():
    found = impact([Stratum(ratings_of([1, 2, 1, 1, 2]), ratings_of(WITHOUT))])
    every = [1, 2, 1, 1, 2, *WITHOUT]
    assert found.value == pytest.approx(sum(every) / len(every) - sum(WITHOUT) / len(WITHOUT))
    assert found.low < found.value < found.high < 0


def test_variances_follow_from_sums_of_squares():
    values = [1.0, 2.0, 5.0, 3.0]
    assert ratings_of(values).variance == pytest.approx(np.var(values, ddof=1))
    assert (ratings_of([*values, 4.0]) - ratings_of([4.0])).variance == pytest.approx(np.var(values, ddof=1))


@pytest.mark.parametrize(("inside", "outside"), [([1] * 4, WITHOUT), (WITHOUT, [1] * 4), ([], WITHOUT), ([], [])])
def test_fewer_than_five_ratings_on_a_side_say_nothing(inside, outside):
    assert impact([Stratum(ratings_of(inside), ratings_of(outside))]) is None


def test_a_theme_of_a_market_that_rates_low_does_not_look_costly_for_that():
    low, high = Stratum(ratings_of([1, 2, 3] * 9), ratings_of([1, 2, 3] * 9)), Stratum(Ratings(), ratings_of([5] * 54))
    found = impact([low, high])
    assert found.value == pytest.approx(0)
    assert found.low < 0 < found.high


def test_a_market_without_the_theme_makes_it_cost_less():
    own, other = (
        Stratum(ratings_of([1, 2] * 5), ratings_of(WITHOUT)),
        Stratum(Ratings(), ratings_of(WITHOUT + [4] * 10)),
    )
    assert impact([own, other]).value == pytest.approx(impact([own]).value / 2)


def test_one_rating_in_a_market_spreads_as_the_others_there():
    without = ratings_of(WITHOUT)
    found = impact([Stratum(ratings_of([1]), without), Stratum(ratings_of([1, 2] * 5), without)])
    as_others = impact([Stratum(Ratings(), without), Stratum(ratings_of([1, 2] * 5), without)])
    spread, difference, share = np.var(WITHOUT, ddof=1), 1 - np.mean(WITHOUT), 1 / 16
    of_one = share**2 * (spread + spread / 15) + difference**2 * share * (1 - share) / 16
    error = (found.high - found.value) / 1.959964
    error_without = (as_others.high - as_others.value) / 1.959964 * 40 / 41
    assert error**2 == pytest.approx(error_without**2 + (16 / 41) ** 2 * of_one)


def test_the_interval_holds_the_truth_as_often_as_it_says():
    random = np.random.default_rng(4)
    truth = 0.15 * (1.8 - 3.6)
    held = 0
    for _ in range(1000):
        inside = random.random(200) < 0.15
        own, other = random.choice([1, 2, 3], 200, p=[0.5, 0.2, 0.3]), random.choice([2, 4], 200, p=[0.2, 0.8])
        found = impact([Stratum(ratings_of(own[inside].tolist()), ratings_of(other[~inside].tolist()))])
        held += found.low <= truth <= found.high
    assert 0.93 <= held / 1000 <= 0.97


def rated_week(rows):
    shown = ("2024-W39", "2024-W40")
    counted = tuple(CountRow("2024-W40", market, "t", Polarity.COMPLAINT, 5, 5) for market in ("US", "DE"))
    totals = tuple(WeekTotal(one, market, 40, 40) for one in shown for market in ("US", "DE"))
    return Week("2024-W40", shown[:1], counted, totals, {}, ("US", "DE"), ratings=tuple(rows))


def row(week, market, theme, values):
    return RatingRow(week, market, theme, len(values), float(sum(values)), float(sum(one**2 for one in values)))


def test_impact_is_told_over_the_weeks_shown_and_the_mean_rating_of_the_week():
    rows = [
        row("2024-W39", "US", "t", [1, 1, 2]),
        row("2024-W39", "US", None, [1, 1, 2, *WITHOUT]),
        row("2024-W40", "US", "t", [3, 3]),
        row("2024-W40", "US", None, [3, 3, *WITHOUT]),
    ]
    found = {one.market: one for one in theme_weeks(rated_week(rows))}
    assert found["US"].mean_rating == 3
    expected = impact([Stratum(ratings_of([1, 1, 2, 3, 3]), ratings_of(WITHOUT * 2))])
    assert found["US"].impact.value == pytest.approx(expected.value)
    assert found["US"].impact.low == pytest.approx(expected.low)
    assert found[NETWORK].impact.value == pytest.approx(expected.value)
    assert (found["DE"].impact, found["DE"].mean_rating) == (None, None)


def test_a_comment_is_rated_once_in_a_theme_whatever_its_clauses(database, stamp):
    week, at = "2024-W01", datetime(2024, 1, 1, 12, tzinfo=UTC)
    texts = {"a": ("first. second", 1.0), "b": ("third", 4.0), "c": ("fourth", None), "d": ("fifth", 5.0)}
    texts |= {"e": ("beyond the quota", 1.0), "f": ("of a muted theme", 2.0)}
    rows = [
        Feedback(one, "s", one, "", "US", at, week, "en", text, text, rating) for one, (text, rating) in texts.items()
    ]
    with database.write() as connection:
        batches.begin(connection, stamp, Batch("b", "feedback", "f", "", ""))
        runs.start(connection, stamp, run_id="r", pipeline="weekly", week=week, config_hash="", manifest={})
        feedback.add(connection, stamp, [NewFeedback(one) for one in rows], batch_id="b")
        themes.add_fit(connection, stamp, FitRow("f", "m", {}, b""), run_id="r")
        vector = np.ones(2, dtype=np.float32)
        muted = ThemeRow("m", "f", week, "active", vector, 0.5, muted=True)
        themes.add(connection, stamp, [ThemeRow("t", "f", week, "active", vector, 0.5), muted])
        connection.execute(insert(schema.beyond_quota), {"feedback_id": "e"})
        second = {"id": "second", "feedback_id": "a", "start": 7, "end": 13, "text_hash": "second"}
        connection.execute(insert(schema.unit), second)
        units = assignments.units(connection, last_week=week)
        home = {"a": "t", "c": "t", "e": "t", "f": "m"}
        placed = {unit.unit_id: home.get(unit.feedback_id) for unit in units}
        kinds = (Polarity.COMPLAINT, Polarity.PRAISE)
        assignments.put(
            connection,
            stamp,
            [
                Assignment(one, theme, 0.5, None, kinds[place % 2], "assumed")
                for place, (one, theme) in enumerate(placed.items())
            ],
            run_id="r",
        )
    with database.read() as connection:
        found = ratings.by_theme(connection, first_week=week, last_week=week)
    assert found == (RatingRow(week, "US", None, 4, 12.0, 46.0), RatingRow(week, "US", "t", 1, 1.0, 1.0))
