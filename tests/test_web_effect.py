"""The pages that say whether a change worked, and the audit log."""

import re

import pytest
from reviewed import desk
from test_effect_read import CHANGE, action, adopt, shop  # noqa: F401  a fixture
from visitors import browser

from voc.errors import DamageError
from voc.proposals import review
from voc.store import audit
from voc.types import Stamp
from voc.web.app import create_app


@pytest.fixture
def changed(shop):  # noqa: F811
    """Germany adopted p1, and France did an action."""
    adopt(shop.services.database, markets=("DE",))
    action(shop.services.database, markets=("FR",))
    return shop


def plain(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", answer.text))


def test_what_was_adopted_or_done_stands_with_its_verdict(changed):
    page = browser(changed, "owner").get("/effect")
    assert page.status_code == 200
    assert 'href="/effect/p1"' in page.text
    assert 'href="/effect/a1"' in page.text
    assert page.text.count('class="tag">cannot tell') == 2


def test_one_effect_shows_verdict_plots_tables_and_what_could_be_seen(changed):
    page = browser(changed, "owner").get("/effect/p1")
    assert page.status_code == 200
    assert page.text.count("<svg") == 2
    assert page.text.count("<summary>The same as a table") == 2
    assert "would be seen in 8 of 10 cases" in page.text
    assert 'href="/proposals/p1"' in page.text
    assert not re.search(r"\sstyle=|<style", page.text)


def test_a_viewer_finds_no_link_to_what_viewers_may_not_open(changed):
    page = browser(changed, "viewer").get("/effect/p1")
    assert page.status_code == 200
    assert 'href="/proposals/p1"' not in page.text


def test_weeks_of_few_complaints_are_not_told_to_who_sees_counts_only(shop):  # noqa: F811
    adopt(shop.services.database)
    told = browser(shop, "viewer").get("/effect/p1")
    assert told.status_code == 200
    assert "fewer than 5" in told.text
    assert "<td>2</td>" not in told.text
    assert "<td>3</td>" not in told.text
    assert "<td>2</td>" in browser(shop, "owner").get("/effect/p1").text


def test_figures_of_markets_that_somebody_does_not_see_are_left_out(changed):
    dora = browser(changed, "owner", name="dora", markets=["DE"])
    page = dora.get("/effect/p1")
    assert page.status_code == 200
    assert "markets that you do not see are left out" in page.text
    assert "others: complaints" not in page.text
    assert "taken for the adopter" not in page.text
    assert "changed: complaints" in page.text


def test_changes_of_markets_that_somebody_does_not_see_are_not_there(changed):
    dora = browser(changed, "owner", name="dora", markets=["DE"])
    assert 'href="/effect/a1"' not in dora.get("/effect").text
    assert dora.get("/effect/a1").status_code == 404


def test_what_is_kept_for_one_is_not_shown_to_another(changed):
    app = create_app(changed)
    olga = browser(changed, "owner", app=app)
    dora = browser(changed, "owner", name="dora", markets=["DE"], app=app)
    assert 'href="/effect/a1"' in olga.get("/effect").text
    assert 'href="/effect/a1"' not in dora.get("/effect").text


def test_a_free_question_is_measured(changed):
    page = browser(changed, "owner").get(f"/effect?theme=bell&market=US&since={CHANGE}")
    assert "Improved: in the" in page.text


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("theme=bell&since=2024-W33", "Choose the markets that changed."),
        ("theme=bell&market=US&since=soon", "neither a day such as"),
        ("theme=nothing&market=US&since=2024-W33", "nothing"),
    ],
)
def test_a_question_that_cannot_be_answered_is_told_beside_the_form(changed, query, said):
    page = browser(changed, "owner").get(f"/effect?{query}")
    assert page.status_code == 200
    assert said in page.text
    assert "<form" in page.text


def test_what_is_too_new_says_what_could_be_seen(changed):
    page = browser(changed, "owner").get("/effect?theme=bell&market=US&since=2024-W39")
    assert "What could be seen" in page.text
    assert "Weeks after" in page.text
    assert "voc " not in page.text.split("<main")[1]


def test_a_question_about_a_market_that_is_not_seen_is_refused(changed):
    dora = browser(changed, "owner", name="dora", markets=["DE"])
    assert dora.get(f"/effect?theme=bell&market=US&since={CHANGE}").status_code in {403, 404}


def test_an_unknown_change_is_told_on_a_page(changed):
    assert browser(changed, "owner").get("/effect/nothing").status_code == 404


def test_the_audit_log_shows_the_newest_acts_and_narrows_to_one_thing(changed):
    review.submit(desk(changed.services.database, "analyst", "ana"), "p1")
    olga = browser(changed, "owner")
    page = olga.get("/audit?subject=p1")
    assert "move proposal" in page.text
    assert "to: in_review" in plain(page)
    assert "sign in" not in page.text
    assert "No act upon what begins with" in olga.get("/audit?subject=zzz").text


def test_the_audit_log_is_paged_by_numbers(changed):
    database = changed.services.database
    with database.write() as connection:
        for number in range(130):
            audit.record(
                connection, Stamp("x", changed.services.clock()), action="try", subject=f"n{number}", detail={}
            )
    olga = browser(changed, "owner")
    first = olga.get("/audit")
    assert first.text.count('<th scope="row"') == 100
    older = re.search(r'href="(/audit\?subject=&amp;before=\d+)"', first.text)[1].replace("&amp;", "&")
    rest = olga.get(older)
    assert 0 < rest.text.count('<th scope="row"') <= 100
    numbers = [int(one) for one in re.findall(r'<th scope="row"[^>]*>(\d+)', first.text + rest.text)]
    assert numbers == sorted(numbers, reverse=True)
    assert numbers[-1] == 1


def test_the_log_is_checked_row_by_row(changed):
    olga = browser(changed, "owner")
    assert re.search(r"All \d+ rows hold", plain(olga.get("/audit?verify=1")))


def test_a_log_that_was_tampered_with_is_told(changed, monkeypatch):
    def torn(connection, *, expect=""):
        raise DamageError("Row 3 of the audit log was changed.")

    monkeypatch.setattr(audit, "verify", torn)
    page = browser(changed, "owner").get("/audit?verify=1")
    assert page.status_code == 200
    assert 'role="alert">Row 3 of the audit log was changed.' in page.text
    assert "rows hold" not in page.text


@pytest.mark.parametrize("role", ["viewer", "operations", "analyst", "consulted"])
def test_the_log_is_for_owners_and_admins(changed, role):
    assert browser(changed, role).get("/audit").status_code == 403


@pytest.mark.parametrize("query", ["before=x", "before=0", "before=99999999999999999999", f"subject={'x' * 300}"])
def test_odd_questions_to_the_log_are_told(changed, query):
    assert browser(changed, "owner").get(f"/audit?{query}").status_code == 422
