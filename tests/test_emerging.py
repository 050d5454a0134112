"""Young themes and whether they grow, and how reports tell it."""

from dataclasses import replace

import numpy as np
import pytest

from voc.report.headlines import headlines
from voc.report.model import EmergingLine
from voc.report.render import as_html, as_markdown, growth_text, signed
from voc.store import themes
from voc.store.counts import CountRow, WeekTotal
from voc.store.themes import FIRST_FIT, ThemeEvent
from voc.trends.channels import ChannelChange
from voc.trends.emerging import Growth, emerging, first_emerging_week
from voc.trends.table import theme_weeks
from voc.trends.week import Apart, Week
from voc.types import Polarity
from voc.weeks import shift_week, week_range

WEEKS = week_range("2024-W20", "2024-W40")


def week_of(series, *, old=20, weeks=WEEKS):
    """A week of market US with quiet old themes and young ones, {theme: complaints of its last weeks}."""
    quiet = {f"old{one}": [8 + (one + place) % 3 for place in range(len(weeks))] for one in range(old)}
    rows = [
        CountRow(at, "US", theme, Polarity.COMPLAINT, count, count)
        for theme, found in {**quiet, **series}.items()
        for at, count in zip(weeks[-len(found) :], found, strict=True)
        if count
    ]
    totals = tuple(WeekTotal(at, "US", 300, 300) for at in weeks)
    deliveries = {("US", at): 10_000 for at in weeks}
    return Week(weeks[-1], weeks[-9:-1], tuple(rows), totals, deliveries, ("US",), weeks[:-1])


def born_with(series):
    return {theme: WEEKS[-len(found)] for theme, found in series.items()}


def found_in(series):
    week = week_of(series)
    return {one.theme_id: one for one in emerging(week, theme_weeks(week), born_with(series))}


def test_a_theme_that_doubles_every_week_grows():
    found = found_in({"t": [5, 10, 20, 40]})["t"]
    assert (found.growth, found.complaints, found.weeks) == (Growth.GROWS, (5, 10, 20, 40), WEEKS[-4:])
    assert found.ratio.ratio.value == pytest.approx(4)


def test_of_three_weeks_the_newest_is_compared_with_both_others():
    assert found_in({"t": [10, 20, 60]})["t"].ratio.ratio.value == pytest.approx(4)


@pytest.mark.parametrize("series", [[8, 9, 8, 9], [2, 3], [1, 0, 2, 1]])
def test_what_is_not_beyond_chance_cannot_be_told(series):
    assert found_in({"t": series})["t"].growth is Growth.CANNOT_TELL


def test_a_burst_that_ebbs_away_fades():
    assert found_in({"t": [60, 40, 9, 6]})["t"].growth is Growth.FADES


def test_a_theme_of_this_week_is_new_and_nothing_else_is_said():
    found = found_in({"t": [12]})["t"]
    assert (found.growth, found.ratio, found.new) == (Growth.NEW, None, True)


def test_a_theme_of_five_weeks_emerges_no_more():
    assert set(found_in({"t": [5, 10, 20, 40, 80], "u": [5, 10, 20, 40]})) == {"u"}
    assert first_emerging_week("2021-W02") == "2020-W52"


def test_the_weightiest_comes_first():
    assert list(found_in({"a": [5, 5], "b": [9, 9], "c": [5, 5]})) == ["b", "a", "c"]


@pytest.mark.slow
def test_few_themes_that_stay_as_they_are_are_said_to_grow():
    random = np.random.default_rng(8)
    wrong = 0
    for _ in range(100):
        means = np.exp(random.normal(np.log(8), 0.7, (6, 1))) * np.ones((6, 4))
        drawn = random.negative_binomial(means, 0.5)
        series = {f"t{place}": found.tolist() for place, found in enumerate(drawn)}
        quiet = random.negative_binomial(np.full((20, 11), 9.0), 0.5)
        old = {f"q{place}": found.tolist() for place, found in enumerate(quiet)}
        week = week_of({**old, **series}, old=0, weeks=WEEKS[-11:])
        growing = [one for one in emerging(week, theme_weeks(week), born_with(series)) if one.growth is Growth.GROWS]
        wrong += bool(growing)
    assert wrong / 100 <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / 100)


def test_a_week_that_nobody_ingested_counts_on_neither_side():
    week = week_of({"t": [10, 20, 0, 20]})
    silent = tuple(total for total in week.totals if total.week != WEEKS[-2])
    kept = tuple(row for row in week.counts if row.week != WEEKS[-2])
    week = replace(week, totals=silent, counts=kept)
    (found,) = emerging(week, theme_weeks(week), {"t": WEEKS[-4]})
    assert found.ratio.ratio.value == pytest.approx(20 / 15)


def test_what_comes_through_a_changed_channel_is_shown_and_does_not_make_a_theme_grow():
    week = week_of({"t": [10, 10, 40, 40]})
    rest = week_of({"t": [10, 10, 10, 10]})
    week = replace(week, apart=Apart((ChannelChange("US", "kiosk", 9.0),), rest.counts, rest.totals))
    (found,) = emerging(week, theme_weeks(week), {"t": WEEKS[-4]})
    assert (found.complaints, found.growth) == ((10, 10, 40, 40), Growth.CANNOT_TELL)
    assert found.ratio.ratio.value == pytest.approx(1)


def told(series, k=5):
    week = week_of(series)
    rows = theme_weeks(week)
    young = tuple(EmergingLine(one, "Lockers") for one in emerging(week, rows, born_with(series)))
    return headlines(week, rows, {"t": "Lockers"}, young, {"US": "United States"}, k=k)


def test_a_growing_theme_is_a_headline_once():
    found = [line for line in told({"t": [5, 10, 20, 40]}) if "Lockers" in line]
    assert len(found) == 1
    assert found[0].startswith(
        "Lockers emerges and grows: 5, 10, 20 and 40 complaints a week since 2024-W37, 4.0 times"
    )


def test_a_new_theme_is_a_headline_from_k_comments_on():
    assert told({"t": [12]})[0] == "New theme: Lockers, 12 complaints in its first week."
    assert not any("New theme" in line for line in told({"t": [4]}))


def test_growth_is_written_with_its_interval():
    (line,) = (EmergingLine(one, "Lockers") for one in found_in({"t": [8, 9, 8, 9]}).values())
    assert growth_text(line) == "cannot tell, ×1.0 (0.5–2.0)"
    (line,) = (EmergingLine(one, "Lockers") for one in found_in({"t": [8]}).values())
    assert growth_text(line) == "new this week"


@pytest.mark.parametrize(("value", "text"), [(-0.1249, "−0.12"), (0.05, "+0.05"), (-0.001, "0.00"), (0.0, "0.00")])
def test_a_signed_figure_has_two_decimals_and_no_sign_at_zero(value, text):
    assert signed(value) == text


def test_a_report_shows_impact_and_young_themes_that_voc_found_after_its_first_fit(ready, stamp):
    job = ready.run("2024-W40")
    before = job.results["write the report"].report
    young = {line.found.theme_id for line in before.emerging}
    first, *others = [line for line in before.scopes[0].themes if line.row.theme_id not in young][:3]
    largest, second, third = (line.row.theme_id for line in (first, *others))
    with ready.services.database.write() as connection:
        for theme, why, run_id in (
            (largest, "found", job.run_id),
            (second, FIRST_FIT, job.run_id),
            (third, "brought by a person", None),
        ):
            event = ThemeEvent(theme, "born", shift_week("2024-W40", -1), 9, why=why)
            themes.record(connection, stamp, [event], run_id=run_id)
    report = ready.report("2024-W40").report
    line = next(one for one in report.emerging if one.found.theme_id == largest)
    assert line.name == first.name
    assert len(report.emerging) == len(before.emerging) + 1
    for form in (as_html(report), as_markdown(report)):
        assert growth_text(line).split(",")[0] in form
        assert "Emerging themes" in form
        assert "impact on rating" in form.lower()
        assert "2024-W32 to 2024-W40" in form
    impacts = [one.row.impact for one in report.scopes[0].themes]
    assert any(one is not None and one.low <= one.value <= one.high for one in impacts)
