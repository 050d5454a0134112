"""Themes on their pages: how large they are for whom, what stands beside them, and what their forms do."""

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
    folder = tmp_path_factory.mktemp("themes") / "w"
    shutil.copytree(ready_folder, folder)
    with Workspace.open(folder, environment=BARE) as opened:
        yield opened


def says(answer):
    """Return what a page says, without its tags."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text))


def sizes(page):
    """Return the sizes of the themes of the list, by id."""
    rows = re.findall(r'<a href="/themes/([0-9a-f]+)">.*?data-label="Comments">([^<]*)<', page.text, re.DOTALL)
    return {theme: int(count.replace("\u202f", "")) for theme, count in rows}


def test_a_theme_is_as_large_as_the_markets_that_one_sees(shown):
    everywhere = sizes(browser(shown, "analyst").get("/themes"))
    in_germany = sizes(browser(shown, "analyst", name="dora", markets=["DE"]).get("/themes"))
    assert in_germany
    theme = next(iter(in_germany))
    assert in_germany[theme] == shown.theme_comments(theme, market="DE").total < everywhere[theme]


def test_a_theme_with_few_comments_in_the_markets_that_one_sees_is_not_listed(shown):
    listed = sizes(browser(shown, "analyst", name="dora", markets=["DE"]).get("/themes"))
    assert min(listed.values()) >= shown.services.settings.workspace.k


def test_the_page_of_a_theme_tells_its_size_in_the_markets_that_one_sees(shown):
    dora = browser(shown, "analyst", name="dora", markets=["DE"])
    theme = next(iter(sizes(dora.get("/themes"))))
    assert f"{shown.theme_comments(theme, market='DE').total} comments in all" in says(dora.get(f"/themes/{theme}"))
