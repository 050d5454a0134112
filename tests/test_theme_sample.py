"""Fits of more texts than can be looked at together: a sample is fitted, the rest goes by its rule."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.test_update import A_WEEK, SUBJECTS, Carrier
from voc.store import assignments, runs, themes
from voc.store.assignments import UnitRow
from voc.themes.decide import runs_of_texts, vectors_by_hash
from voc.themes.refit import refit_themes
from voc.themes.ruling import ruling_from
from voc.themes.sample import sample_of
from voc.themes.update import ThemeConfig, update_themes

WEEKS, FITTED = 12, 300


def unit(name: str, market: str = "US", week: str = "2024-W01") -> UnitRow:
    """Return a whole comment whose text has that hash."""
    return UnitRow(name, name, name, name, 0, 1, False, True, market, week, "en", None, None, None, None, None, None)


@given(st.lists(st.tuples(st.sampled_from("ABC"), st.sampled_from("12")), max_size=80), st.integers(1, 90))
def test_every_market_and_week_gives_its_share(places, most):
    units = [unit(f"{row:04d}", market, f"2024-W0{week}") for row, (market, week) in enumerate(places)]
    taken = sample_of(units, most)
    assert len(taken) == min(most, len(units))
    assert taken == sorted(taken, key=lambda one: one.same_as)
    share = len(taken) / max(1, len(units))
    got, there = (Counter((one.market, one.week) for one in some) for some in (taken, units))
    assert all(abs(got[key] - count * share) < 1 for key, count in there.items())


def test_the_same_units_give_the_same_sample_whatever_else_is_asked():
    units = [unit(f"{row:04d}") for row in range(50)]
    assert {one.same_as for one in sample_of(units, 10)} <= {one.same_as for one in sample_of(units, 20)}


@given(st.lists(st.integers(0, 9), max_size=60), st.integers(1, 20))
def test_runs_hold_every_unit_once_and_part_no_text(texts, at_once):
    units = [replace(unit(f"u{row:03d}"), same_as=f"t{text}") for row, text in enumerate(texts)]
    runs = list(runs_of_texts(units, at_once))
    assert Counter(one.unit_id for run in runs for one in run) == Counter(one.unit_id for one in units)
    homes = [{one.same_as for one in run} for run in runs]
    assert sum(len(one) for one in homes) == len(set(texts))


@pytest.fixture
def brought(sqlite, stamp):
    carrier = Carrier(sqlite, stamp)
    for _ in range(WEEKS):
        carrier.last = carrier.bring(range(SUBJECTS))
    with sqlite.write() as connection:
        runs.start(connection, stamp, run_id="r", pipeline="weekly", week="w", config_hash="", manifest={})
    return carrier


def units_of(carrier):
    with carrier.database.read() as connection:
        return assignments.units(connection, last_week="9999-W53")


def fit(carrier, *, sources=None, texts=FITTED):
    return update_themes(
        carrier.database,
        sources or carrier.sources,
        week=carrier.last,
        config=ThemeConfig(fit_texts=texts),
        stamp=carrier.stamp,
        run_id="r",
    )


def test_what_a_fit_was_not_made_of_goes_to_the_right_themes(brought):
    report = fit(brought)
    assert report.decided == SUBJECTS * A_WEEK * WEEKS
    homes = {brought.theme_of(subject) for subject in range(SUBJECTS)}
    assert len(homes) == SUBJECTS
    assert (
        sum(one.theme_id is None for one in units_of(brought)) <= report.decided * 0.08
    )  # thresholds leave out 5 % of members


def test_a_ruling_that_travelled_decides_the_same(brought):
    def elsewhere(runs, ruling):
        far = ruling_from(ruling.to_bytes())
        return (far.decide(run, vectors_by_hash(run, brought.sources)) for run in runs)

    def here(runs, ruling):
        taken.extend(ruling.decide(run, vectors_by_hash(run, brought.sources)) for run in runs)
        return elsewhere(runs, ruling)

    taken = []
    fit(brought, sources=replace(brought.sources, decide=here))
    stored = {one.unit_id: (one.theme_id, one.score, one.polarity) for one in units_of(brought)}
    assert sum(len(one) for one in taken) == SUBJECTS * A_WEEK * WEEKS - FITTED
    assert all(stored[one.unit_id] == (one.theme_id, one.score, one.polarity.value) for run in taken for one in run)


def test_a_refit_of_a_sample_keeps_the_themes(brought):
    fit(brought, texts=1000)
    before = {one.unit_id: one.theme_id for one in units_of(brought)}
    refit_themes(
        brought.database,
        brought.sources,
        week=brought.last,
        config=ThemeConfig(fit_texts=FITTED),
        stamp=replace(brought.stamp, at=brought.stamp.at + timedelta(hours=1)),
        run_id="r",
    )
    after = {one.unit_id: one.theme_id for one in units_of(brought)}
    assert np.mean([after[one] == theme for one, theme in before.items() if theme]) > 0.9
    assert all(after[one] in (theme, None) for one, theme in before.items() if theme)
    with brought.database.read() as connection:
        assert themes.newest_fit(connection, model_id="synthetic").config["fit_texts"] == FITTED
