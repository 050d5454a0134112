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


def biggest(workspace):
    return workspace.week_page(WEEK).of_market("")[0].theme_id


def test_rates_by_language_are_of_all_comments_in_the_language(shown):
    weeks = shown.week_page(WEEK).week.weeks
    span = (weeks[0], weeks[-1])
    own = shown.texts_by_language(weeks=span, theme_id=biggest(shown))
    over = shown.texts_by_language(weeks=span)
    code = next(iter(own))
    page = says(browser(shown, "analyst").get(f"/themes/{biggest(shown)}?week={WEEK}"))
    assert f"{code} {own[code]} {over[code]} {1000 * own[code] / over[code]:.2f} (" in page


def test_languages_and_markets_count_the_same_complaints(shown):
    for row in shown.week_page(WEEK).rows:
        found = shown.texts_by_language(market=row.market, weeks=(WEEK, WEEK), theme_id=row.theme_id)
        assert sum(found.values()) == row.complaints


def test_a_language_of_few_complaints_is_not_told(shown):
    week = shown.week_page(WEEK)
    span = (week.week.weeks[0], WEEK)
    theme, code = next(
        (row.theme_id, code)
        for row in week.of_market("")
        for code, count in shown.texts_by_language(weeks=span, theme_id=row.theme_id).items()
        if 0 < count < 5
    )
    page = says(browser(shown, "viewer").get(f"/themes/{theme}?week={WEEK}"))
    assert f" {code} fewer than 5" in page


def test_somebody_of_one_market_is_told_the_languages_of_it_only(shown):
    dora = browser(shown, "analyst", name="dora", markets=["DE"])
    week = shown.week_page(WEEK)
    span = (week.week.weeks[0], WEEK)
    theme = next(
        row.theme_id
        for row in week.of_market("DE")
        if "en" in shown.texts_by_language(weeks=span, theme_id=row.theme_id)
        and "en" not in shown.texts_by_language(market="DE", weeks=span, theme_id=row.theme_id)
    )
    page = says(dora.get(f"/themes/{theme}?week={WEEK}"))
    section = page[page.index("By language") : page.index("By kind")]
    assert " en " not in section
    assert " de " in section
