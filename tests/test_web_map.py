"""The map: the same for the same vectors, of the markets that somebody sees, with a way to every comment."""

import shutil

import numpy as np
import pytest
from conftest import BARE
from hypothesis import given
from hypothesis import strategies as st
from visitors import browser

from voc.themes.layout import lay_out
from voc.workspace import Workspace


def unit(rows):
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def made(themes=7, comments=60, seed=0):
    chance = np.random.default_rng(seed)
    centroids = unit(chance.normal(size=(themes, 16)))
    owner = chance.integers(themes, size=comments)
    rows = unit(centroids[owner] + 0.2 * chance.normal(size=(comments, 16)))
    return centroids, rows, owner, np.bincount(owner, minlength=themes)


@given(st.integers(1, 12), st.integers(0, 80), st.integers(0, 50))
def test_everything_lies_on_the_map(themes, comments, seed):
    found = lay_out(*made(themes, comments, seed))
    assert np.isfinite(found.places).all()
    assert np.abs(found.middles).max(initial=0) <= 1
    assert np.abs(found.places).max(initial=0) <= 1.0001


def test_the_order_of_comments_changes_no_place():
    centroids, rows, owner, sizes = made()
    order = np.random.default_rng(1).permutation(len(rows))
    first = lay_out(centroids, rows, owner, sizes)
    second = lay_out(centroids, rows[order], owner[order], sizes)
    assert np.allclose(first.places[order], second.places, atol=1e-5)
    assert (first.middles == second.middles).all()


def test_no_theme_covers_another():
    found = lay_out(*made(12, 300))
    between = np.linalg.norm(found.middles[:, None] - found.middles[None], axis=2) + 9 * np.eye(12)
    assert (between + 1e-3 >= found.radii[:, None] + found.radii[None]).all()


@given(st.integers(1, 12), st.integers(0, 50))
def test_the_themes_fill_the_map(themes, seed):
    found = lay_out(*made(themes, 60, seed))
    low = (found.middles - found.radii[:, None]).min(axis=0)
    high = (found.middles + found.radii[:, None]).max(axis=0)
    assert np.allclose(low, -high, atol=1e-6)
    assert np.isclose(high.max(), 1)


def test_a_comment_lies_within_its_theme():
    centroids, rows, owner, sizes = made()
    found = lay_out(centroids, rows, owner, sizes)
    far = np.linalg.norm(found.places - found.middles[owner], axis=1)
    assert (far <= found.radii[owner] + 1e-6).all()


@pytest.fixture(scope="module")
def shown(ready_folder, tmp_path_factory):
    folder = tmp_path_factory.mktemp("map") / "w"
    shutil.copytree(ready_folder, folder)
    with Workspace.open(folder, environment=BARE) as opened:
        yield opened


def test_points_are_comments_of_the_markets_that_somebody_sees(shown):
    ana = browser(shown, "analyst", name="ana", markets=["DE"])
    found = ana.app.state.kept.get(("map", frozenset({"DE"})), shown.acting(who("ana", {"DE"})).feedback_map)
    assert found.points
    answer = ana.get("/map/points").json()
    assert len(answer["points"]) == len(found.points)
    for point in answer["points"][:20]:
        comment, _ = shown.comment(point[3])
        assert comment.market == "DE"
        assert ana.get(f"/comments/{point[3]}").status_code == 200


def test_a_sample_holds_every_theme_and_says_of_how_many(shown):
    found = shown.feedback_map(most=100)
    assert {point.theme for point in found.points} == set(range(len(found.themes)))
    assert len(found.points) < found.comments
    assert all(one.comments >= 5 for one in found.themes)


def test_a_viewer_gets_no_map(shown):
    assert browser(shown, "viewer").get("/map").status_code == 403
    assert browser(shown, "viewer").get("/map/points").status_code == 403


def test_the_first_visitor_is_told_that_it_is_drawn(shown):
    olga = browser(shown, "owner")
    assert "being drawn" in olga.get("/map").text
    olga.app.state.kept.get(("map", None), shown.feedback_map)
    page = olga.get("/map").text
    assert page.count("<circle") == page.count('href="/themes/') / 2
    assert "comments, each a dot" in page


def who(name, markets):
    from voc.access import Role, Who

    return Who(name, Role.ANALYST, frozenset(markets))
