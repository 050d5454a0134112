"""Markets on their page: each against its own past, and beside each other only within one channel."""

import re
import shutil

import pytest
from conftest import BARE
from visitors import browser

from voc.trends.rates import Counted, change
from voc.web.words import change as told
from voc.workspace import Workspace

WEEK = "2024-W39"


@pytest.fixture(scope="module")
def shown(ready_folder, tmp_path_factory):
    """A workspace that these tests only read."""
    folder = tmp_path_factory.mktemp("markets") / "w"
    shutil.copytree(ready_folder, folder)
    with Workspace.open(folder, environment=BARE) as opened:
        yield opened


@pytest.fixture(scope="module")
def viewer(shown):
    return browser(shown, "viewer")


def says(answer):
    """Return what a page says, without its tags."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text))


def biggest(workspace):
    return workspace.week_page(WEEK).of_market("")[0].theme_id


def compared(shown):
    """Return the widest channel, a theme, and its complaints through it by market."""
    weeks = shown.week_page(WEEK).week.weeks
    span = (weeks[0], weeks[-1])
    for row in shown.week_page(WEEK).of_market(""):
        for channel in shown.channels():
            found = shown.complaints_through(row.theme_id, channel, weeks=span)
            if row.complaints >= 5 and sum(count >= 5 for count in found.values()) > 1:
                return channel, row.theme_id, found
    raise AssertionError("no theme has enough complaints in two markets")


def address(channel, theme, reference):
    return f"/markets?week={WEEK}&channel={channel}&theme={theme}&reference={reference}"


def test_each_cell_is_the_change_of_the_market_against_its_own_past(shown):
    page = browser(shown, "owner").get(f"/markets?week={WEEK}").text
    row = next(one for one in shown.week_page(WEEK).rows if one.market and one.complaints >= 5 and one.change)
    link = f'href="/explain/change/{row.theme_id}?week={WEEK}&amp;market={row.market}">{told(row.change)}<'
    assert link in page


def test_a_small_cell_is_told_to_nobody(shown):
    rows = shown.week_page(WEEK).rows
    listed = {one.theme_id for one in rows if not one.market and one.complaints >= 5}
    row = next(one for one in rows if one.market and 0 < one.complaints < 5 and one.theme_id in listed)
    page = browser(shown, "owner").get(f"/markets?week={WEEK}").text
    assert f"/explain/change/{row.theme_id}?week={WEEK}&amp;market={row.market}" not in page
    assert "fewer than 5" in page


def test_without_a_channel_there_are_no_ratios_and_the_page_says_why(viewer):
    page = says(viewer.get(f"/markets?week={WEEK}"))
    assert "Without a channel there are no ratios" in page
    assert "Rate beside" not in page


def test_a_ratio_is_of_rates_within_the_channel(shown, viewer):
    channel, theme, found = compared(shown)
    base, other = sorted((one for one in found if found[one] >= 5), key=lambda one: -found[one])[:2]
    week = shown.week_page(WEEK).week
    over = {one: sum(week.deliveries[one, each] for each in week.weeks) for one in (base, other)}
    ratio = change(Counted(found[other], over[other]), Counted(found[base], over[base]))
    assert told(ratio) in says(viewer.get(address(channel, theme, base)))


def test_a_market_of_few_complaints_has_no_count_and_no_ratio(shown, viewer):
    channel, theme, found = compared(shown)
    base = max(found, key=lambda one: found[one])
    few = [one for one in found if 0 < found[one] < 5]
    page = says(viewer.get(address(channel, theme, base)))
    section = page[page.index("Complaints through") :]
    assert section.count("fewer than 5") == len(few)
    assert section.count("too few to say") == sum(1 for one in found if found[one] < 5)


@pytest.mark.parametrize(
    ("query", "status", "said"),
    [
        ("channel=telepathy", 404, "Channels: "),
        ("channel=survey&theme=zzzz", 404, "fewer than 5 complaints"),
        ("reference=XX", 404, "Markets that you see"),
        ("week=2031-W01", 404, "was not run"),
    ],
)
def test_what_does_not_exist_is_told_with_what_does(viewer, query, status, said):
    answer = viewer.get(f"/markets?{query}")
    assert answer.status_code == status
    assert said in says(answer)


def test_somebody_of_one_market_compares_with_no_other(shown):
    dora = browser(shown, "analyst", name="dora", markets=["DE"])
    page = says(dora.get(f"/markets?week={WEEK}"))
    assert "Germany" in page
    assert "United States" not in page
    assert dora.get(f"/markets?week={WEEK}&reference=US").status_code == 403


def test_the_name_of_a_channel_is_text(ready):
    with ready.services.database.write() as connection:
        connection.exec_driver_sql("update feedback set channel = ?", ("<script>alert(1)</script>\u202e",))
    page = browser(ready, "owner").get(f"/markets?week={WEEK}").text
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert" not in page
