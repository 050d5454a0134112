"""Channels and markets whose collection changed, from stored comments to what is judged."""

from math import inf

import numpy as np
import pytest
from counted import WEEKS, stored

from voc.report.notes import notes
from voc.store.counts import CountRow
from voc.store.volumes import ChannelRow
from voc.trends.channels import channel_changes
from voc.trends.collection import collection_changes
from voc.trends.table import theme_weeks
from voc.trends.week import NETWORK
from voc.types import Polarity

THEMES = tuple(f"t{one}" for one in range(6))


def steady(channels, usual=6):
    """Every theme `usual` times a week through each channel of the market US."""
    return {("US", channel, theme): [usual] * len(WEEKS) for channel in channels for theme in THEMES}


def last(counts, chosen, *newest):
    """Change the newest weeks of the series that are chosen."""
    return {
        key: [*series[: len(series) - len(newest)], *newest] if chosen(key) else series
        for key, series in counts.items()
    }


def apart(week):
    return [(one.market, one.channel, round(one.ratio, 2)) for one in week.apart.changes]


def moved(week):
    return {row.theme_id for row in theme_weeks(week) if row.rising or row.falling}


def test_a_channel_that_doubles_with_all_its_themes_is_told_apart_and_no_theme_rises(database):
    found = stored(database, last(steady(("app", "survey")), lambda key: key[1] == "app", 12, 12, 12))
    assert apart(found) == [("US", "app", 2.0)]
    assert moved(found) == set()
    assert collection_changes(found) == ()


def test_what_is_told_apart_is_shown_and_not_compared(sqlite):
    found = stored(sqlite, last(steady(("app", "survey")), lambda key: key[1] == "app", 12, 12, 12))
    for row in theme_weeks(found):
        assert (row.complaints, row.series[-1]) == (18, 18)
        assert (row.compared, row.usual) == (6, pytest.approx(6))
        assert row.change.ratio.value == pytest.approx(1)


def test_a_theme_of_another_channel_still_rises_beside_a_changed_one(sqlite):
    counts = last(steady(("app", "survey")), lambda key: key[1] == "app", 12, 12, 12)
    found = stored(sqlite, last(counts, lambda key: key[1:] == ("survey", "t2"), 20, 20, 20))
    assert [one.channel for one in found.apart.changes] == ["app"]
    assert moved(found) == {"t2"}


def test_one_theme_that_doubles_in_one_channel_is_an_alert_and_no_changed_channel(sqlite):
    counts = steady(("app", "survey"), usual=20)
    found = stored(sqlite, last(counts, lambda key: key[1:] == ("app", "t2"), 60, 60, 60))
    assert apart(found) == []
    assert moved(found) == {"t2"}


def test_one_theme_that_floods_a_channel_is_an_alert_and_no_changed_channel(sqlite):
    found = stored(sqlite, last(steady(("app", "survey")), lambda key: key[1:] == ("app", "t2"), 90, 90, 90))
    assert apart(found) == []
    assert moved(found) == {"t2"}


def test_a_channel_that_vanishes_is_told_apart_and_no_theme_falls(sqlite):
    found = stored(sqlite, last(steady(("app", "survey")), lambda key: key[1] == "app", 0, 0, 0))
    assert apart(found) == [("US", "app", 0.0)]
    assert moved(found) == set()


def test_a_channel_that_comes_for_the_first_time_is_told_apart_whatever_its_themes(sqlite):
    counts = {**steady(("app", "survey")), ("US", "kiosk", "t1"): [0] * (len(WEEKS) - 1) + [30]}
    found = stored(sqlite, counts)
    assert apart(found) == [("US", "kiosk", inf)]
    assert moved(found) == set()


def test_without_the_told_apart_the_same_comments_would_be_alerts(sqlite):
    """The change is large enough to matter: under one name, the whole market changed its collection."""
    one_name = {("US", "", theme): [12] * (len(WEEKS) - 3) + [18] * 3 for theme in THEMES}
    found = stored(sqlite, one_name)
    assert apart(found) == []
    assert [one.market for one in collection_changes(found)] == ["US"]


def test_a_market_that_doubles_in_every_channel_is_judged_as_a_whole(sqlite):
    found = stored(sqlite, last(steady(("app", "survey")), lambda key: True, 12, 12, 12))
    assert apart(found) == []
    assert [one.market for one in collection_changes(found)] == ["US"]
    assert moved(found) == set()


def test_channels_that_are_only_renamed_change_nothing(sqlite):
    counts = last(steady(("app", "survey")), lambda key: key[1] == "app", 0)
    renamed = {("US", "mobile", theme): [0] * (len(WEEKS) - 1) + [6] for theme in THEMES}
    assert apart(stored(sqlite, {**counts, **renamed})) == []


def test_channels_that_are_named_from_a_week_on_leave_the_market_as_it_was(sqlite):
    before = {("US", "", theme): [12] * (len(WEEKS) - 1) + [0] for theme in THEMES}
    after = {("US", name, theme): [0] * (len(WEEKS) - 1) + [6] for theme in THEMES for name in ("app", "survey")}
    found = stored(sqlite, {**before, **after})
    assert (apart(found), moved(found)) == ([], set())


def test_where_nothing_is_left_beside_the_changed_channels_the_market_is_judged_as_a_whole(sqlite):
    counts = last(steady(("app", "survey")), lambda key: True, 0)
    fresh = {("US", "kiosk", theme): [0] * (len(WEEKS) - 1) + [40] for theme in THEMES}
    found = stored(sqlite, {**counts, **fresh})
    assert (apart(found), [one.market for one in collection_changes(found)]) == ([], ["US"])


def test_a_market_without_deliveries_tells_its_channels_apart_over_weeks(sqlite):
    counts = last(steady(("app", "survey")), lambda key: key[1] == "app", 15, 15, 15)
    found = stored(sqlite, counts, deliveries=None)
    assert apart(found) == [("US", "app", 2.5)]
    assert moved(found) == set()


def test_other_markets_are_judged_as_usual(sqlite):
    counts = last(steady(("app", "survey")), lambda key: key[1] == "app", 12, 12, 12)
    other = {("DE", "web", theme): [8] * (len(WEEKS) - 3) + [8 + 16 * (theme == "t3")] * 3 for theme in THEMES}
    found = stored(sqlite, {**counts, **other})
    assert [one.market for one in found.apart.changes] == ["US"]
    assert all(row.compared == row.complaints for row in theme_weeks(found) if row.market == "DE")
    assert {(row.theme_id, row.market) for row in theme_weeks(found) if row.rising} >= {("t3", "DE"), ("t3", NETWORK)}
    assert moved(found) == {"t3"}


def test_weeks_that_nobody_ingested_do_not_make_a_jump_look_like_scatter():
    rows = [
        ChannelRow(week, "US", name, 120 if (name, week) == ("app", WEEKS[-1]) else 60)
        for week in WEEKS
        if week not in WEEKS[5:8]
        for name in ("app", "web")
    ]
    assert [one.channel for one in channel_changes(rows, WEEKS, {}, lambda market, name: ())] == ["app"]


def test_a_busy_week_of_the_market_is_no_change_of_its_largest_channel(sqlite):
    counts = {**steady(("app",), usual=12), **steady(("survey",), usual=1)}
    busy = last(counts, lambda key: key[1] == "app", 20, 20, 20)
    found = stored(sqlite, last(busy, lambda key: key[1] == "survey", 2, 2, 2), deliveries=None)
    assert (apart(found), moved(found)) == ([], set())


@pytest.mark.parametrize(("others", "told"), [(5, ["app"]), (60, [])])
def test_among_many_channels_a_jump_must_be_larger_to_surprise(others, told):
    app = [40] * (len(WEEKS) - 1) + [72]
    rows = [ChannelRow(week, "US", "app", count) for week, count in zip(WEEKS, app, strict=True)]
    rows += [
        ChannelRow(week, "US", f"c{one}", 40 + at % 2 * 4) for at, week in enumerate(WEEKS) for one in range(others)
    ]
    themes = [
        CountRow(week, "US", f"t{theme}", Polarity.COMPLAINT, count // 4, count // 4)
        for week, count in zip(WEEKS, app, strict=True)
        for theme in range(4)
    ]
    assert [one.channel for one in channel_changes(rows, WEEKS, {}, lambda market, name: themes)] == told


def test_in_one_week_of_history_no_channel_is_told_apart():
    rows = [ChannelRow(WEEKS[-1], "US", name, 60) for name in ("app", "web")]
    assert channel_changes(rows, WEEKS[-1:], {}, lambda market, name: ()) == ()


def test_busy_and_quiet_weeks_of_a_market_tell_few_channels_apart():
    """Themes are twice as scattered as chance, channels by 5 % more and the whole market by 20 %."""
    random = np.random.default_rng(2)
    flagged = 0
    for _ in range(150):
        market = np.exp(random.normal(0, 0.2, len(WEEKS)))
        means = 10 * market * np.exp(random.normal(0, 0.05, (3, 1, len(WEEKS)))) * np.ones((3, 8, 1))
        drawn = random.negative_binomial(means, 0.5)
        rows, themes = [], {}
        for place, name in enumerate("abc"):
            rows += [ChannelRow(week, "US", name, int(drawn[place, :, at].sum())) for at, week in enumerate(WEEKS)]
            themes[name] = [
                CountRow(week, "US", f"t{theme}", Polarity.COMPLAINT, count, count)
                for theme in range(8)
                for week, count in zip(WEEKS, drawn[place, theme].tolist(), strict=True)
            ]
        deliveries = {("US", week): 10_000 for week in WEEKS}
        flagged += bool(channel_changes(rows, WEEKS, deliveries, lambda _, name, themes=themes: themes[name]))
    assert flagged <= 3


@pytest.mark.parametrize(
    ("channel", "newest", "said"),
    [
        ("app", 12, "Comments through app are 2.0 times as many as usual, those through other channels are not;"),
        ("app", 0, "Comments through app do not come in any more;"),
        ("", 12, "Comments without a named channel are 2.0 times as many as usual, those through other channels are"),
    ],
)
def test_a_report_names_the_channel_and_the_ratio(sqlite, channel, newest, said):
    found = stored(sqlite, last(steady((channel, "survey")), lambda key: key[1] == channel, newest, newest, newest))
    (line,) = [one for one in notes(found, (), (), {"US": "United States"}) if "collection" in one]
    assert line.startswith(f"United States: collection changed. {said}")
    assert line.endswith("themes are compared without them.")


def test_a_report_says_when_a_channel_is_new(sqlite):
    counts = {**steady(("app", "survey")), ("US", "kiosk", "t1"): [0] * (len(WEEKS) - 1) + [30]}
    lines = notes(stored(sqlite, counts), (), (), {})
    assert any("Comments through kiosk came in that never came in the weeks compared with" in one for one in lines)
