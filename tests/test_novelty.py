"""What is new in a window of weeks: groups that keep to themselves in time as well as in meaning."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voc.index.neighbours import nearest_rows
from voc.themes.novelty import new_groups
from voc.themes.space import unit_rows

DIM = 32


def window(old, new, *, seed=3, spread=0.5):
    """Rows of a window: so many old and so many recent ones of each subject; with them whether recent, and which."""
    chance = np.random.default_rng(seed)
    middles = np.linalg.qr(chance.normal(size=(DIM, DIM)))[0]
    subject = np.repeat(np.arange(len(old)), np.add(old, new))
    recent = np.concatenate([np.arange(was + now) >= was for was, now in zip(old, new, strict=True)])
    rows = middles[subject] + spread / np.sqrt(DIM) * chance.normal(size=(len(subject), DIM))
    order = chance.permutation(len(subject))
    return unit_rows(rows.astype(np.float32))[order], recent[order], subject[order]


def test_a_new_subject_is_found_whole_and_nothing_else():
    rows, recent, subject = window([60, 60, 0], [24, 24, 20])
    groups = new_groups(rows, recent, smallest=8, neighbours=nearest_rows)
    assert len(set(groups[subject == 2])) == 1
    assert (groups[subject == 2] >= 0).all()
    assert (groups[subject < 2] == -1).all()


def test_two_new_subjects_are_two_groups():
    rows, recent, subject = window([90, 90, 0, 0], [30, 30, 15, 15])
    groups = new_groups(rows, recent, smallest=8, neighbours=nearest_rows)
    assert len(set(groups[subject == 2]) | set(groups[subject == 3])) == 2


def test_a_subject_that_doubles_is_not_new():
    rows, recent, _ = window([60, 60, 60], [24, 24, 48])
    assert (new_groups(rows, recent, smallest=8, neighbours=nearest_rows) == -1).all()


@pytest.mark.parametrize(("old", "new"), [([0, 0], [20, 20]), ([40, 40], [0, 0])])
def test_nothing_is_new_without_a_before_or_a_now(old, new):
    rows, recent, _ = window(old, new)
    assert (new_groups(rows, recent, smallest=8, neighbours=nearest_rows) == -1).all()


def test_a_new_subject_of_fewer_comments_than_a_theme_needs_is_left_out():
    rows, recent, _ = window([60, 60, 0], [24, 24, 7])
    assert (new_groups(rows, recent, smallest=8, neighbours=nearest_rows) == -1).all()


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 999), st.integers(20, 80), st.integers(4, 40))
def test_groups_hold_recent_comments_only_and_enough_of_them(seed, old, new):
    rows, recent, _ = window([old, old, 0], [new, new, new], seed=seed, spread=1.0)
    groups = new_groups(rows, recent, smallest=8, neighbours=nearest_rows)
    assert recent[groups >= 0].all()
    assert all((groups == group).sum() >= 8 for group in set(groups) - {-1})


@pytest.mark.parametrize("seed", [0, 2, 3, 8])
def test_the_fringe_of_a_new_subject_belongs_to_its_core(seed):
    """One of ten comments lies so far out that its neighbourhood alone is not recent enough."""
    rows, recent, subject = window([60, 60, 0], [24, 24, 10], seed=seed, spread=1.0)
    groups = new_groups(rows, recent, smallest=8, neighbours=nearest_rows)
    assert (groups[subject == 2] >= 0).all()
    assert (groups[subject < 2] == -1).all()
