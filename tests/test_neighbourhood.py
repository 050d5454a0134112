"""Neighbours have a say about the theme of a text."""

from dataclasses import replace

import numpy as np
import pytest

from voc.index.neighbours import nearest_rows
from voc.store.assignments import UnitRow
from voc.store.themes import ThemeRow
from voc.themes.centroids import Centroids, measure, nearest
from voc.themes.decide import Sources, place_units
from voc.themes.neighbourhood import NOBODY, VOTERS, WEIGHT, Said, said_by, voters_near
from voc.themes.space import Space, unit_rows

COUNT = 20


def at(degrees) -> np.ndarray:
    """Return unit rows of a plane."""
    angle = np.radians(np.asarray(degrees, dtype=np.float64))
    return np.stack([np.cos(angle), np.sin(angle)], axis=1).astype(np.float32)


def long_and_short() -> tuple[np.ndarray, np.ndarray, Centroids]:
    """Return rows of a theme from 0 to 60 degrees and of one from 69 to 75, which the centroid of the second misleads.

    The centroids stand at 30 and 72: the border between them is 51, inside the first.
    """
    rows = np.concatenate([at(np.linspace(0, 60, COUNT)), at(np.linspace(69, 75, COUNT))])
    labels = np.repeat([0, 1], COUNT)
    return rows, labels, measure(rows, labels)


def test_near_a_border_neighbours_tell_the_side_that_a_centroid_gets_wrong():
    rows, labels, centroids = long_and_short()
    inside = int(np.flatnonzero(nearest(rows, centroids).theme != labels)[0])
    near = nearest_rows(rows, 6)
    with_neighbours = nearest(rows, centroids, said_by(near, labels, np.arange(2)))
    assert with_neighbours.theme[inside] == 0
    assert with_neighbours.score[inside] == pytest.approx(float(rows[inside] @ centroids.rows[0]))


def test_neighbours_do_not_make_a_stranger_belong():
    _, _, centroids = long_and_short()
    stranger = at([200])
    said = Said(np.zeros((1, 3), np.int64), np.ones((1, 3)), np.arange(2))
    assert not nearest(stranger, centroids, said).belongs[0]


def test_votes_are_shares_of_the_weight_of_all_neighbours():
    said = Said(np.array([[0, 0, 1, NOBODY]]), np.array([[0.5, 0.3, 0.1, 0.1]]), np.arange(3))
    assert said.votes(slice(0, 1))[0] == pytest.approx([WEIGHT * 0.8, WEIGHT * 0.1, 0.0])


@pytest.mark.parametrize("weights", [np.zeros((1, 2)), np.zeros((1, 0))])
def test_no_neighbours_add_nothing(weights):
    said = Said(np.zeros(weights.shape, np.int64), weights, np.arange(2))
    assert said.votes(slice(0, 1)).tolist() == [[0.0, 0.0]]


def test_a_neighbour_on_the_far_side_does_not_vote_against():
    assert said_by(nearest_rows(at([0, 180]), 1), np.array([0, 1]), np.arange(2)).weights.tolist() == [[0.0], [0.0]]


def test_nobody_votes_on_itself():
    voters = at([0, 1, 2, 3])
    near = voters_near(voters[1:3], voters, np.array([1, NOBODY]))
    assert near.cosines[0].min() == -np.inf
    assert np.isfinite(near.cosines[1]).all()


def test_the_nearest_voters_are_those_of_an_exhaustive_search():
    chance = np.random.default_rng(3)
    rows = unit_rows(chance.normal(size=(1500, 8)).astype(np.float32))
    found = voters_near(rows, rows, np.arange(len(rows)))
    wanted = nearest_rows(rows, VOTERS)
    assert (np.sort(found.places, axis=1) == np.sort(wanted.places, axis=1)).all()


def unit(name: str, *, theme: str | None = None, method: str | None = None) -> UnitRow:
    """Return a whole comment."""
    return UnitRow(
        name, name, name, name, 0, 1, False, True, "US", "2024-W01", "en", None, theme, None, method, None, None
    )


@pytest.fixture
def placed():
    """Return a function that places the text at 52 degrees among others, some of which a person moved."""
    _, _, centroids = long_and_short()
    degrees = {"asked": 52.0} | {f"n{one}": 51.0 + one / 10 for one in range(10)}
    vectors = dict(zip(degrees, at(list(degrees.values())), strict=True))
    space = Space(np.zeros(2, np.float32), {}, np.eye(2, dtype=np.float32))
    themes = [
        ThemeRow(name, "f", "2024-W01", "active", row, float(threshold))
        for name, row, threshold in zip(("long", "short"), centroids.rows, centroids.thresholds, strict=True)
    ]

    def place(voters, known=themes) -> str | None:
        sources = Sources("m", lambda wanted: np.stack([vectors[one] for one in wanted]), nearest_rows)
        return place_units([unit("asked")], sources, space, known, voters=voters).decided["asked"].theme_id

    place.themes = themes
    return place


def test_a_text_without_voters_goes_by_centroids(placed):
    low = [replace(theme, threshold=0.0) for theme in placed.themes]
    assert placed([], low) == "short"


def test_what_people_moved_teaches_what_is_near_to_it(placed):
    low = [replace(theme, threshold=0.0) for theme in placed.themes]
    moved = [unit(f"n{one}", theme="long", method="person") for one in range(10)]
    assert placed(moved, low) == "long"
    assert placed([replace(one, method="machine") for one in moved], low) == "short"


def test_a_merged_theme_gets_the_votes_of_the_theme_that_it_leads_to(placed):
    long, short = (replace(theme, threshold=0.0) for theme in placed.themes)
    third = ThemeRow("third", "f", "2024-W01", "active", at([120])[0], 0.0)
    known = [replace(long, state="merged", into="third"), short, third]
    moved = [unit(f"n{one}", theme="third", method="person") for one in range(10)]
    assert placed(moved, known) == "third"
