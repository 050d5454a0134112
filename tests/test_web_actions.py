"""The pages of actions: overdue first, given by hand, closed with what came of it."""

import re
from datetime import timedelta

import pytest
from reviewed import ADDENDUM, desk, shelf
from test_effect_read import action
from visitors import browser

from voc.proposals.actions import done
from voc.standards.markdown import parse
from voc.standards.registry import import_standard
from voc.types import Stamp

LATER = "2099-10-30"
HOSTILE = "<script>alert(1)</script> \u202eevil"


@pytest.fixture
def place(workspace):
    shelf(workspace.services.database)
    return workspace


def give(client, **changes):
    fields = {"theme": "bell", "market": "DE", "clause": "2.1", "duty": "Ring first", "owner": "Bo", "due": LATER}
    return client.fill("/actions", **(fields | changes))


def plain(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", answer.text))


def test_an_action_is_given_by_hand_and_listed(place):
    omar = browser(place, "operations")
    answer = give(omar)
    assert answer.status_code == 303
    assert "Given to Bo" in omar.get(answer.headers["location"]).text
    assert "Ring first" in omar.get("/actions").text


def test_what_is_overdue_stands_first_under_its_own_heading(place):
    database = place.services.database
    action(database, "a1", state="open", done_on=None)
    action(database, "a2", state="open", done_on=None)
    yesterday = (place.services.clock() - timedelta(days=1)).date().isoformat()
    with database.write() as connection:
        connection.exec_driver_sql(f"UPDATE action SET due='{yesterday}' WHERE id='a2'")
    text = browser(place, "viewer").get("/actions").text
    assert text.index(">Overdue<") < text.index("/actions/a2") < text.index(">Open<") < text.index("/actions/a1")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"market": []}, "at least one market"),
        ({"duty": ""}, "Say what is to be done"),
        ({"owner": " "}, "Name who sees to it"),
        ({"due": "2001-01-01"}, "is over"),
        ({"clause": ""}, "Choose the clause"),
    ],
)
def test_what_is_missing_is_told_and_nothing_typed_is_lost(place, changes, said):
    answer = give(browser(place, "operations"), **({"duty": "Ring first", "owner": "Bo"} | changes))
    assert answer.status_code == 422
    assert said in plain(answer)
    assert " --" not in plain(answer)
    if "duty" not in changes:
        assert ">Ring first</textarea>" in answer.text
    assert place.actions() == ()


def test_an_action_is_closed_with_what_came_of_it_and_leads_to_its_effect(place):
    omar = browser(place, "operations")
    where = give(omar).headers["location"]
    assert omar.fill(f"{where}/done", result="All depots told").status_code == 303
    page = omar.get(where)
    assert "All depots told" in page.text
    assert f'href="/effect/{where.split("/")[-1]}"' in page.text


def test_an_action_is_dropped_with_a_reason(place):
    omar = browser(place, "operations")
    where = give(omar).headers["location"]
    assert omar.fill(f"{where}/drop", why="").status_code == 422
    assert omar.fill(f"{where}/drop", why="done by others").status_code == 303
    assert "dropped: done by others" in plain(omar.get(where))


def test_of_two_who_close_an_action_the_second_is_told_and_loses_nothing(place):
    omar = browser(place, "operations")
    where = give(omar).headers["location"]
    done(desk(place.services.database, "owner", "olga", at=place.services.clock()), where.split("/")[-1], result="hers")
    answer = omar.fill(f"{where}/done", result="I told all depots")
    assert answer.status_code == 409
    assert "I told all depots" in answer.text
    assert "hers" in answer.text


def test_a_day_in_the_future_is_refused_and_the_result_stays(place):
    omar = browser(place, "operations")
    where = give(omar).headers["location"]
    answer = omar.fill(f"{where}/done", result="soon", on=LATER)
    assert answer.status_code == 422
    assert ">soon</textarea>" in answer.text


def test_somebody_of_one_market_sees_and_closes_its_actions_only(place):
    give(browser(place, "operations"))
    own = place.actions()[0].id
    ulla = browser(place, "operations", name="ulla", markets=["US"])
    assert own not in ulla.get("/actions").text
    assert ulla.get(f"/actions/{own}").status_code == 404
    assert ulla.fill(f"/actions/{own}/done", result="x").status_code == 404
    assert ulla.fill(f"/actions/{own}/drop", why="x").status_code == 404
    assert give(ulla, market="DE").status_code in {403, 404}
    assert len(place.actions(only_open=True)) == 1


def test_a_viewer_reads_and_has_no_forms(place):
    give(browser(place, "operations"))
    viewer = browser(place, "viewer")
    where = f"/actions/{place.actions()[0].id}"
    for path in ("/actions", where):
        page = viewer.get(path)
        assert page.status_code == 200
        assert "<form" not in page.text.split("<main")[1]
    assert give(viewer).status_code == 403
    assert viewer.fill(f"{where}/done", result="x").status_code == 403


def test_the_clauses_to_choose_from_are_those_in_force_where_one_sees(place):
    text = ADDENDUM.replace("2.2 Manners [replace]", "2.9 Gate [add]")
    import_standard(
        place.services.database, parse(text, "s"), markets=("US", "DE"), stamp=Stamp("x", place.services.clock())
    )
    assert '<option value="2.9">2.9 Gate</option>' in browser(place, "operations").get("/actions").text
    assert "2.9 Gate" not in browser(place, "operations", name="ulla", markets=["US"]).get("/actions").text


def test_what_people_wrote_is_shown_as_text(place):
    omar = browser(place, "operations")
    where = give(omar, duty=HOSTILE.replace("\u202e", ""), owner="<b>Bo</b>").headers["location"]
    for path in ("/actions", where):
        text = omar.get(path).text
        assert "<script>alert" not in text
        assert "&lt;script&gt;" in text
        assert "<b>Bo" not in text


def test_many_closed_actions_are_paged(place):
    for number in range(53):
        action(place.services.database, f"a{number:03d}")
    viewer = browser(place, "viewer")
    assert "Page 1 of 2" in viewer.get("/actions").text
    assert viewer.get("/actions?at=2").text.count('href="/effect/') == 3


def test_an_unknown_action_is_told_on_a_page(place):
    assert browser(place, "viewer").get("/actions/nothing").status_code == 404
