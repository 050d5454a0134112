"""Every figure opens its explanation, which works it out from its own numbers, and tells no small group."""

import re
import shutil

import pytest
from conftest import BARE
from visitors import browser

from voc.workspace import Workspace

WEEK = "2024-W39"


@pytest.fixture(scope="module")
def shown(ready_folder, tmp_path_factory):
    """A workspace that these tests only read."""
    folder = tmp_path_factory.mktemp("explain") / "w"
    shutil.copytree(ready_folder, folder)
    with Workspace.open(folder, environment=BARE) as opened:
        yield opened


@pytest.fixture(scope="module")
def owner(shown):
    return browser(shown, "owner")


@pytest.fixture(scope="module")
def viewer(shown):
    return browser(shown, "viewer")


def says(answer):
    """Return what a page says, without its tags."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text))


def small(workspace):
    """Return a row of one market with some complaints, and fewer than k."""
    k = workspace.services.settings.workspace.k
    return next(row for row in workspace.week_page(WEEK).rows if row.market and 0 < row.complaints < k)


@pytest.mark.parametrize("figure", ["complaints", "rate", "change", "impact"])
def test_a_viewer_is_told_no_figure_of_a_small_group(shown, viewer, figure):
    row = small(shown)
    answer = viewer.get(f"/explain/{figure}/{row.theme_id}?week={WEEK}&market={row.market}")
    assert answer.status_code == 403
    assert "fewer than 5" in says(answer)


def test_who_reads_comments_is_told_it(shown, owner):
    row = small(shown)
    answer = owner.get(f"/explain/complaints/{row.theme_id}?week={WEEK}&market={row.market}")
    assert answer.status_code == 200
    assert f"Complaints: {row.complaints}" in says(answer)


def test_a_viewer_is_told_no_coverage_of_a_small_market(shown, viewer):
    few = next(one for one in shown.week_page(WEEK).coverage if 0 < one.comments < 5)
    assert viewer.get(f"/explain/coverage?week={WEEK}&market={few.market}").status_code == 403
