"""Every figure opens its explanation, which works it out from its own numbers, and tells no small group."""

import re
import shutil

import pytest
from conftest import BARE
from visitors import browser

from voc.report.explained import explain
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


def figures(shown):
    """Return the rows of the network that the overview shows, and some of single markets."""
    k = shown.services.settings.workspace.k
    return [row for row in shown.week_page(WEEK).rows if row.complaints >= k]


def test_complaints_are_the_comments_less_what_does_not_count(shown):
    for row in figures(shown):
        found = shown.counting(row.theme_id, market=row.market, week=WEEK)
        assert found.texts == row.complaints
        assert found.comments - found.beyond_quota - found.copies == row.complaints
        listed = shown.theme_comments(row.theme_id, market=row.market, week=WEEK, kind="complaint")
        assert listed.total == found.comments


def test_copies_and_what_is_beyond_a_quota_are_told_apart(ready):
    row = max(ready.week_page(WEEK).rows, key=lambda one: one.complaints if one.market else 0)
    listed = ready.theme_comments(row.theme_id, market=row.market, week=WEEK, kind="complaint").rows
    before = ready.counting(row.theme_id, market=row.market, week=WEEK)
    first, second, third = (one.id for one in listed[:3])
    same = "update feedback set text_hash = (select text_hash from feedback where id = ?) where id = ?"
    with ready.services.database.write() as connection:
        connection.exec_driver_sql(same, (first, second))
        connection.exec_driver_sql("insert into beyond_quota (feedback_id) values (?)", (third,))
    counted = ready.counting(row.theme_id, market=row.market, week=WEEK)
    assert (counted.beyond_quota, counted.copies) == (1, before.copies + 1)
    page = browser(ready, "owner").get(f"/explain/complaints/{row.theme_id}?week={WEEK}&market={row.market}")
    worked = f"{counted.comments} complaints − 1 beyond a quota − {before.copies + 1} copies = {row.complaints - 2}"
    assert worked in says(page)


def test_a_change_is_worked_out_to_the_ratio_of_the_overview(shown, owner):
    row = next(one for one in figures(shown) if one.market == "" and one.change and one.usual)
    page = says(owner.get(f"/explain/change/{row.theme_id}?week={WEEK}"))
    assert f"{row.compared:,} ÷ {row.usual:.1f} expected = {row.change.ratio.value:.2f}" in page
    assert row.compared / row.usual == pytest.approx(row.change.ratio.value)


def test_an_impact_follows_from_the_ratings_that_are_shown(shown):
    shown_week = shown.week_page(WEEK)
    rows = [row for row in shown_week.rows if row.impact]
    assert {row.market == "" for row in rows} == {True, False}
    for row in rows:
        sides = explain("impact", shown_week, row.theme_id, row.market).sides
        every = sum(one.with_theme + one.without for one in sides)
        mean = sum((one.with_theme + one.without) / every * one.own for one in sides)
        assert mean == pytest.approx(row.impact.value)


def test_an_impact_lists_the_comments_of_all_the_weeks_that_it_is_of(shown, owner):
    row = next(one for one in figures(shown) if one.market == "" and one.impact)
    page = says(owner.get(f"/explain/impact/{row.theme_id}?week={WEEK}"))
    first = shown.week_page(WEEK).week.weeks[0]
    total = shown.theme_comments(row.theme_id, week=WEEK, since=first).total
    assert total > shown.theme_comments(row.theme_id, week=WEEK).total
    assert f"{first} to {WEEK} {total} comments" in page


def test_a_rate_names_the_file_that_its_deliveries_are_from(shown, owner):
    row = figures(shown)[0]
    page = owner.get(f"/explain/rate/{row.theme_id}?week={WEEK}").text
    assert page.count(">deliveries.csv</a>") == len(shown.week_page(WEEK).week.markets)


def test_an_explanation_leads_to_the_run_and_tells_what_it_was_made_with(shown, owner):
    run = shown.run_of_week(WEEK)
    page = owner.get(f"/explain/rate/{figures(shown)[0].theme_id}?week={WEEK}")
    assert f'href="/runs/{run.id}"' in page.text
    assert f"made with voc {run.manifest['voc']}" in says(page)


def test_coverage_is_the_share_of_the_overview(shown, owner):
    found = shown.week_page(WEEK).coverage[0]
    page = says(owner.get(f"/explain/coverage?week={WEEK}"))
    assert f"{found.assigned:,} ÷ {found.comments:,} comments = {round(100 * found.share)} %" in page


def test_a_viewer_sees_the_numbers_and_no_comment(shown, viewer):
    row = figures(shown)[0]
    page = viewer.get(f"/explain/rate/{row.theme_id}?week={WEEK}")
    assert f"{row.complaints:,} × 1,000" in says(page)
    assert "<blockquote" not in page.text
    assert "/runs/imports/" not in page.text


def test_alerts_are_listed_with_their_own_numbers(owner, shown):
    alerts = shown.week_page(WEEK).alerts(5)
    page = owner.get(f"/explain/alerts?week={WEEK}").text
    assert page.count('href="/explain/change/') == len(alerts) > 0


def test_somebody_of_one_market_is_not_told_of_others(shown):
    dora = browser(shown, "analyst", name="dora", markets=["DE"])
    row = next(one for one in shown.week_page(WEEK, market="DE").of_market("DE"))
    page = says(dora.get(f"/explain/rate/{row.theme_id}?week={WEEK}"))
    assert "Germany" in page
    assert "United States" not in page
    assert dora.get(f"/explain/rate/{row.theme_id}?week={WEEK}&market=US").status_code == 403
