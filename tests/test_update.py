"""The weekly update over weeks of synthetic vectors whose subjects are known."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from voc.index.neighbours import nearest_rows
from voc.ingest.identity import text_hash
from voc.store import assignments, batches, feedback, runs, themes
from voc.store.batches import Batch
from voc.store.feedback import NewFeedback
from voc.themes.decide import Sources, place_units
from voc.themes.lives import DORMANT_AFTER
from voc.themes.space import from_bytes, unit_rows
from voc.themes.update import ThemeConfig, update_themes
from voc.types import Feedback
from voc.weeks import week_of

MONDAY = datetime(2024, 1, 1, 12, tzinfo=UTC)
SUBJECTS, A_WEEK, FIRST = 4, 12, 3


class Carrier:
    """Weeks of comments on four subjects, and the weekly update over them."""

    def __init__(self, database, stamp):
        self.database, self.stamp, self.week = database, stamp, -1
        self.vectors, self.subject = {}, {}
        self.chance = np.random.default_rng(8)
        self.middles = np.linalg.qr(self.chance.normal(size=(48, 48)))[0]
        self.sources = Sources("synthetic", lambda hashes: np.stack([self.vectors[h] for h in hashes]), nearest_rows)
        with database.write() as connection:
            batches.begin(connection, stamp, Batch("b", "feedback", "f", "", ""))

    def bring(self, subjects):
        """Bring in a week with comments on these subjects, and return its name."""
        self.week += 1
        at = MONDAY + timedelta(weeks=self.week)
        added = []
        for subject in subjects:
            for number in range(A_WEEK):
                text = f"week {self.week} subject {subject} comment {number}"
                one = text_hash(text)
                noise = 0.5 / np.sqrt(48) * self.chance.normal(size=48)
                self.vectors[one] = unit_rows((self.middles[subject] + noise)[None].astype(np.float32))[0]
                self.subject[one] = subject
                name = week_of(at, "UTC")
                added.append(NewFeedback(Feedback(one, "s", one, "", "US", at, name, "en", text, one, 1.0)))
        with self.database.write() as connection:
            feedback.add(connection, self.stamp, added, batch_id="b")
        return week_of(at, "UTC")

    def bring_strays(self, subject, count, *, apart=0.5):
        """Bring a few comments on a subject, so far apart, into the newest week, without moving on."""
        at = MONDAY + timedelta(weeks=self.week)
        added = []
        for number in range(count):
            text = f"week {self.week} subject {subject} stray {number}"
            one, name = text_hash(text), week_of(at, "UTC")
            noise = apart / np.sqrt(48) * self.chance.normal(size=48)
            self.vectors[one] = unit_rows((self.middles[subject] + noise)[None].astype(np.float32))[0]
            self.subject[one] = subject
            added.append(NewFeedback(Feedback(one, "s", one, "", "US", at, name, "en", text, one, 1.0)))
        with self.database.write() as connection:
            feedback.add(connection, self.stamp, added, batch_id="b")

    def update(self, week):
        """Run the weekly update, and return the kinds of the week's events by theme."""
        with self.database.write() as connection:
            runs.start(connection, self.stamp, run_id=week, pipeline="weekly", week=week, config_hash="", manifest={})
        update_themes(self.database, self.sources, week=week, config=ThemeConfig(), stamp=self.stamp, run_id=week)
        with self.database.read() as connection:
            return {event.theme_id: event.kind for event in themes.events(connection, week=week)}

    def theme_of(self, subject):
        """Return the one theme that holds a subject's comments."""
        with self.database.read() as connection:
            units = assignments.units(connection, last_week="9999-W53")
        found = {unit.theme_id for unit in units if self.subject[unit.text_hash] == subject} - {None}
        assert len(found) == 1
        return found.pop()


@pytest.fixture
def carrier(sqlite, stamp):
    made = Carrier(sqlite, stamp)
    for _ in range(FIRST):
        week = made.bring(range(SUBJECTS))
    made.update(week)
    return made


def test_a_theme_without_comments_falls_asleep_once_and_wakes_with_the_next(carrier):
    quiet = carrier.theme_of(0)
    kinds = [carrier.update(carrier.bring(range(1, SUBJECTS))).get(quiet) for _ in range(DORMANT_AFTER + 3)]
    assert kinds == [None] * DORMANT_AFTER + ["dormant", None, None]
    assert carrier.update(carrier.bring(range(SUBJECTS)))[quiet] == "revived"
    assert carrier.update(carrier.bring(range(SUBJECTS)))[quiet] == "continued"


def test_a_stray_comment_a_week_neither_keeps_a_theme_awake_nor_wakes_it(carrier):
    quiet = carrier.theme_of(0)
    kinds = []
    for _ in range(DORMANT_AFTER + 3):
        week = carrier.bring(range(1, SUBJECTS))
        carrier.bring_strays(0, 1)
        kinds.append(carrier.update(week).get(quiet))
    assert kinds.count("continued") >= DORMANT_AFTER - 2
    assert kinds[DORMANT_AFTER:] == ["dormant", None, None]


def test_a_week_of_a_quarter_of_what_was_usual_does_not_wake_a_theme(carrier):
    quiet = carrier.theme_of(0)
    for _ in range(DORMANT_AFTER + 1):
        carrier.update(carrier.bring(range(1, SUBJECTS)))
    week = carrier.bring(range(1, SUBJECTS))
    carrier.bring_strays(0, 3)
    assert quiet not in carrier.update(week)


def test_a_theme_with_a_fifth_of_its_comments_stays_awake(carrier):
    small = carrier.theme_of(0)
    for _ in range(DORMANT_AFTER + 3):
        week = carrier.bring(range(1, SUBJECTS))
        carrier.bring_strays(0, 3)
        assert carrier.update(week)[small] == "continued"


def test_a_subject_that_was_never_there_is_born_in_its_first_week_and_nothing_else(carrier):
    carrier.update(carrier.bring(range(SUBJECTS)))
    kinds = carrier.update(carrier.bring(range(SUBJECTS + 1)))
    assert [theme for theme, kind in kinds.items() if kind == "born"] == [carrier.theme_of(SUBJECTS)]


def test_a_subject_that_grows_slowly_is_born_too(carrier):
    kinds = []
    for _ in range(4):
        week = carrier.bring(range(SUBJECTS))
        carrier.bring_strays(SUBJECTS, 3)
        kinds.append("born" in carrier.update(week).values())
    assert kinds == [False, False, True, False]


def test_an_outbreak_of_a_known_theme_is_no_new_theme(carrier):
    for _ in range(3):
        carrier.update(carrier.bring(range(SUBJECTS)))
    week = carrier.bring(range(SUBJECTS))
    carrier.bring_strays(1, 80)
    assert set(carrier.update(week).values()) == {"continued"}


@pytest.mark.parametrize("by_lock", [True, False])
def test_what_a_person_moved_or_a_locked_theme_holds_does_not_move_to_a_new_theme(carrier, by_lock):
    home = carrier.theme_of(0)
    week = carrier.bring(range(SUBJECTS))
    carrier.bring_strays(SUBJECTS, 4)
    carrier.update(week)
    with carrier.database.write() as connection:
        units = assignments.units(connection, last_week=week)
        few = [unit.unit_id for unit in units if carrier.subject[unit.text_hash] == SUBJECTS]
        if by_lock:
            assignments.rehome_units(connection, few, new=home)
            themes.change(connection, carrier.stamp, replace(themes.get(connection, home), locked=True))
        else:
            assignments.move(connection, carrier.stamp, few, theme_id=home)
    assert "born" in carrier.update(carrier.bring(range(SUBJECTS + 1))).values()
    with carrier.database.read() as connection:
        found = assignments.of_units(connection, few)
    assert {unit.theme_id for unit in found.values()} == {home}


@pytest.mark.parametrize(("share", "is_new"), [(0.0, True), (0.84, False)])
def test_what_grows_slowly_is_a_new_theme_only_apart_from_the_known_ones(carrier, share, is_new):
    new = share * carrier.middles[0] + np.sqrt(1 - share**2) * carrier.middles[SUBJECTS]
    carrier.middles[SUBJECTS] = new
    kinds = []
    for _ in range(6):
        week = carrier.bring(range(SUBJECTS))
        carrier.bring_strays(SUBJECTS, 3)
        kinds += carrier.update(week).values()
    assert ("born" in kinds) is is_new


def test_a_new_comment_follows_what_a_person_did_with_its_neighbours(carrier):
    with carrier.database.write() as connection:
        fit = themes.newest_fit(connection, model_id="synthetic")
        for theme in themes.of_fit(connection, fit_id=fit.id):
            themes.change(connection, carrier.stamp, replace(theme, threshold=0.1))
    between = unit_rows((0.52 * carrier.middles[0] + 0.48 * carrier.middles[1])[None])[0]
    near, far = carrier.theme_of(0), carrier.theme_of(1)
    carrier.middles[SUBJECTS] = between
    for _ in range(2):
        week = carrier.bring(range(SUBJECTS))
        carrier.bring_strays(SUBJECTS, 7, apart=0.05)
        carrier.update(week)
        with carrier.database.write() as connection:
            units = assignments.units(connection, first_week=week, last_week=week)
            strays = [unit for unit in units if carrier.subject[unit.text_hash] == SUBJECTS]
            assert near in {unit.theme_id for unit in strays}
            assignments.move(connection, carrier.stamp, [unit.unit_id for unit in strays], theme_id=far)
    week = carrier.bring(range(SUBJECTS))
    carrier.bring_strays(SUBJECTS, 2, apart=0.05)
    carrier.update(week)
    with carrier.database.read() as connection:
        units = assignments.units(connection, first_week=week, last_week=week)
    found = [unit.theme_id for unit in units if carrier.subject[unit.text_hash] == SUBJECTS]
    assert found == [far, far]


def test_no_theme_is_born_where_nothing_is_new(carrier):
    for _ in range(4):
        assert set(carrier.update(carrier.bring(range(SUBJECTS))).values()) == {"continued"}


def test_themes_that_were_stored_and_read_again_decide_the_fitted_texts_as_before(carrier):
    with carrier.database.read() as connection:
        units = assignments.units(connection, last_week="9999-W53")
        fit = themes.newest_fit(connection, model_id="synthetic")
        known = themes.of_fit(connection, fit_id=fit.id)
    again = place_units(units, carrier.sources, from_bytes(fit.space), known, voters=units).decided
    assert {unit.unit_id: again[unit.same_as].theme_id for unit in units} == {
        unit.unit_id: unit.theme_id for unit in units
    }
    assert all(again[unit.same_as].score == unit.score for unit in units)


def test_more_of_a_young_theme_joins_it_even_from_afar(carrier):
    """The second half of a new subject lies apart, and is still more of it, not another new theme."""
    carrier.update(carrier.bring(range(SUBJECTS)))
    carrier.update(carrier.bring(range(SUBJECTS + 1)))
    young = carrier.theme_of(SUBJECTS)
    carrier.middles[SUBJECTS + 1] = unit_rows((carrier.middles[SUBJECTS] + carrier.middles[SUBJECTS + 1])[None])[0]
    kinds = carrier.update(carrier.bring([*range(SUBJECTS), SUBJECTS + 1]))
    assert "born" not in kinds.values()
    assert kinds[young] == "continued"
    with carrier.database.read() as connection:
        units = assignments.units(connection, last_week="9999-W53")
    assert [unit.theme_id for unit in units if carrier.subject[unit.text_hash] == SUBJECTS + 1] == [young] * A_WEEK
