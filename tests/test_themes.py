"""Clusters and thresholds on vectors whose groups are known."""

import os

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voc.index.neighbours import nearest_rows
from voc.themes.centroids import measure, nearest, young_threshold
from voc.themes.fit import find_themes, in_order
from voc.themes.graph import NEIGHBOURS, CommunityClusterer, communities
from voc.themes.space import fit_space, unit_rows


def groups(sizes, dim=32, spread=0.5, seed=5):
    """Unit rows around one direction a group, and the group of each."""
    chance = np.random.default_rng(seed)
    middles = np.linalg.qr(chance.normal(size=(dim, dim)))[0][: len(sizes)]
    truth = np.repeat(np.arange(len(sizes)), sizes)
    rows = middles[truth] + spread / np.sqrt(dim) * chance.normal(size=(len(truth), dim))
    return unit_rows(rows.astype(np.float32)), truth


def same(left, right):
    """Say whether two labellings group alike, whatever their numbers."""
    return len({*zip(left, right, strict=True)}) == len(set(left)) == len(set(right))


@settings(deadline=None, max_examples=25)
@given(st.integers(2, 90), st.integers(1, 20), st.integers(0, 99))
def test_nearest_rows_are_those_of_brute_force(count, wanted, seed):
    rows = unit_rows(np.random.default_rng(seed).normal(size=(count, 6)).astype(np.float32))
    found = nearest_rows(rows, wanted)
    cosines = rows @ rows.T
    np.fill_diagonal(cosines, -2)
    best = -np.sort(-cosines, axis=1)[:, : min(wanted, count - 1)]
    assert np.allclose(found.cosines, best, atol=1e-5)
    assert (found.places != np.arange(count)[:, None]).all()


def test_nearest_rows_have_the_same_bits_on_one_core_and_on_many(monkeypatch):
    rows = unit_rows(np.random.default_rng(1).normal(size=(3000, 64)).astype(np.float32))
    many = nearest_rows(rows, 15)
    monkeypatch.setattr(os, "cpu_count", lambda: 1)
    one = nearest_rows(rows, 15)
    assert np.array_equal(many.cosines, one.cosines)
    assert np.array_equal(many.places, one.places)


def test_equal_rows_are_neighbours_and_never_themselves():
    rows = np.repeat(unit_rows(np.ones((1, 4), np.float32)), 30, axis=0)
    found = nearest_rows(rows, 5)
    assert (found.places != np.arange(30)[:, None]).all()
    assert np.allclose(found.cosines, 1)


def test_planted_groups_are_communities():
    rows, truth = groups([60, 40, 25, 20])
    assert same(communities(nearest_rows(rows, NEIGHBOURS)), truth)


def test_the_same_rows_give_the_same_communities_every_time():
    rows = unit_rows(np.random.default_rng(4).normal(size=(400, 12)).astype(np.float32))
    assert len({communities(nearest_rows(rows, NEIGHBOURS)).tobytes() for _ in range(5)}) == 1


def test_small_communities_are_left_out():
    rows, truth = groups([60, 40, 25])
    found = CommunityClusterer(nearest_rows(rows, NEIGHBOURS), smallest=30).fit(rows).labels_
    assert (found[truth == 2] == -1).all()
    assert same(found[truth < 2], truth[truth < 2])


@settings(deadline=None, max_examples=10)
@given(st.integers(0, 10_000))
def test_the_order_of_rows_changes_no_community_of_well_parted_groups(seed):
    rows, truth = groups([50, 30, 20], seed=2)
    order = np.random.default_rng(seed).permutation(len(rows))
    assert same(communities(nearest_rows(rows[order], NEIGHBOURS)), truth[order])


def test_themes_are_found_without_being_told_their_number():
    rows, truth = groups([80, 50, 30, 20])
    found = find_themes(rows, smallest=8, neighbours=nearest_rows)
    inside = found.labels >= 0
    assert inside.mean() >= 0.9
    assert same(found.labels[inside], truth[inside])
    assert found.labels.max() == 3


@pytest.mark.parametrize("count", [1, 2, 7])
def test_fewer_texts_than_a_theme_needs_are_no_theme(count):
    rows, _ = groups([count])
    assert find_themes(rows, smallest=8, neighbours=nearest_rows) is None


def test_texts_that_are_all_alike_are_one_theme():
    rows = np.repeat(unit_rows(np.ones((1, 8), np.float32)), 40, axis=0)
    found = find_themes(rows, smallest=8, neighbours=nearest_rows)
    assert set(found.labels) == {0}


def test_a_stranger_belongs_to_no_theme():
    rows, truth = groups([60, 40])
    centroids = measure(rows, truth)
    stranger = unit_rows(-rows[:1])
    assert not nearest(stranger, centroids).belongs[0]
    assert nearest(rows, centroids).belongs.mean() >= 0.9


def test_the_threshold_of_a_new_theme_lies_between_its_own_and_the_usual_one():
    assert young_threshold(0.4, 8, []) == 0.4
    few, many = young_threshold(0.4, 8, [0.1, 0.1, 0.2]), young_threshold(0.4, 800, [0.1, 0.1, 0.2])
    assert 0.1 < few < 0.2
    assert 0.39 < many < 0.4


def test_clusters_are_numbered_by_size_then_by_first_member():
    assert in_order(np.array([7, 3, 3, -1, 5, 5])).tolist() == [2, 0, 0, -1, 1, 1]


def test_a_space_takes_out_what_is_a_languages_and_keeps_what_is_a_subjects():
    rows, subject = groups([120, 120, 120], dim=24)
    languages = np.tile(["de", "fr"], 180)
    offset = np.zeros(24, np.float32)
    offset[-1] = 0.8
    vectors = unit_rows(rows + np.where((languages == "de")[:, None], offset, -offset))
    placed = fit_space(vectors, list(languages)).place(vectors, list(languages))
    assert same(communities(nearest_rows(placed, NEIGHBOURS)), subject)
