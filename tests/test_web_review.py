"""What people do with proposals on the pages: every form, its refusals, and two people at once."""

import re

import pytest
from reviewed import ADDENDUM, NEW, OLD, desk, drafted, shelf, state
from visitors import HOST, browser

from voc.proposals import consult, edits, review
from voc.standards.markdown import parse
from voc.standards.registry import import_standard
from voc.types import Stamp
from voc.web.spoken import spoken

LATER = "2099-10-30"


@pytest.fixture
def place(workspace):
    shelf(workspace.services.database)
    drafted(workspace.services.database)
    return workspace


@pytest.fixture
def in_review(place):
    review.submit(desk(place.services.database, "analyst", "ana"), "p1")
    return place


def plain(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", answer.text))


def test_a_draft_is_handed_in_and_the_page_says_so_once(place):
    ana = browser(place, "analyst")
    answer = ana.fill("/proposals/p1/submit", why="ready")
    assert (answer.status_code, answer.headers["location"]) == (303, "/proposals/p1")
    assert "Handed to its reviewers." in ana.get("/proposals/p1").text
    assert "Handed to its reviewers." not in ana.get("/proposals/p1").text
    assert state(place.services.database) == "in_review"


def test_somebody_is_asked_answers_and_the_answer_stands_on_the_page(place):
    olga = browser(place, "owner", name="olga")
    assert olga.fill("/proposals/p1/ask", reviewer="lea", part="legal", other="", due=LATER).status_code == 303
    lea = browser(place, "consulted", name="lea")
    answer = lea.fill("/proposals/p1/answer", answer="object", text="Too costly", on_version="1")
    assert answer.status_code == 303
    assert "objects to version 1: Too costly" in plain(olga.get("/proposals/p1"))


def test_an_answer_to_an_older_version_is_a_conflict_and_is_kept_in_the_form(place):
    database = place.services.database
    consult.ask(desk(database), "p1", reviewer="lea", part="legal", due="2024-10-30")
    edits.edit(desk(database, "owner", "olga"), "p1", text=f"{NEW} And smile.", why="kinder")
    answer = browser(place, "consulted", name="lea").fill(
        "/proposals/p1/answer", answer="object", text="Too costly", on_version="1"
    )
    assert answer.status_code == 409
    assert ">Too costly</textarea>" in answer.text
    assert "Changed from version 1" in answer.text


def test_an_objection_without_words_is_refused_without_naming_options(place):
    consult.ask(desk(place.services.database), "p1", reviewer="lea", part="legal", due="2024-10-30")
    answer = browser(place, "consulted", name="lea").fill("/proposals/p1/answer", answer="object", on_version="1")
    assert answer.status_code == 422
    assert "Say what you object to." in answer.text
    assert "--text" not in answer.text


def test_cost_and_feasibility_are_kept(place):
    olga = browser(place, "owner")
    olga.fill("/proposals/p1/assess", cost="9,000 euros", feasibility="from May")
    assert "9,000 euros" in olga.get("/proposals/p1").text


def test_an_edit_is_a_new_version_with_what_it_changed(place):
    olga = browser(place, "owner", name="olga")
    olga.fill("/proposals/p1/edit", text=f"{NEW} And smile.", why="kinder", on_version="1")
    page = olga.get("/proposals/p1")
    assert "Version 2 by olga" in page.text
    assert "What it changed in version 1" in page.text


def test_an_edit_without_a_reason_comes_back_with_the_text(place):
    answer = browser(place, "owner").fill("/proposals/p1/edit", text="The courier shall sing.", why="", on_version="1")
    assert answer.status_code == 422
    assert "The courier shall sing.</textarea>" in answer.text


def test_two_edits_at_once_the_second_sees_both_texts_and_keeps_its_own(place):
    edits.edit(desk(place.services.database, "owner", "olga"), "p1", text="The courier shall sing.", why="hers")
    otto = browser(place, "owner", name="otto")
    answer = otto.fill("/proposals/p1/edit", text="The courier shall dance.", why="his", on_version="1")
    assert answer.status_code == 409
    assert "Version 2 says:" in answer.text
    assert "The courier shall sing.</p>" in answer.text
    assert "The courier shall dance.</textarea>" in answer.text
    assert 'name="on_version" value="2"' in answer.text
    assert "kept in" not in answer.text
    again = otto.fill("/proposals/p1/edit", text="The courier shall dance and sing.", why="both", on_version="2")
    assert again.status_code == 303


def test_an_edit_that_comes_after_the_decision_shows_what_was_typed(in_review):
    review.reject(desk(in_review.services.database, "owner", "olga"), "p1", reason="wording", why="no")
    answer = browser(in_review, "owner", name="otto").fill(
        "/proposals/p1/edit", text="The courier shall dance.", why="his", on_version="1"
    )
    assert answer.status_code == 409
    assert "What you typed, to copy what you still need" in answer.text
    assert "The courier shall dance." in answer.text
    assert 'action="/proposals/p1/edit"' not in answer.text


def test_an_earlier_version_comes_back(place):
    olga = browser(place, "owner", name="olga")
    olga.fill("/proposals/p1/edit", text="The courier shall sing.", why="try", on_version="1")
    assert olga.fill("/proposals/p1/restore", version="1", why="better").status_code == 303
    assert "Version 3 by olga" in olga.get("/proposals/p1").text


def test_a_proposal_is_carried_over_to_the_clause_in_force(place):
    database = place.services.database
    text = ADDENDUM.replace(
        "2.2 Manners [replace]\n\nThe courier shall greet.", f"2.1 Bell [replace]\n\n{OLD} Then go."
    )
    import_standard(database, parse(text, "s"), markets=("US", "DE", "FR"), stamp=Stamp("x", place.services.clock()))
    olga = browser(place, "owner", name="olga")
    assert 'action="/proposals/p1/rebase"' in olga.get("/proposals/p1").text
    assert olga.fill("/proposals/p1/rebase").status_code == 303
    assert 'action="/proposals/p1/rebase"' not in olga.get("/proposals/p1").text


def test_changes_are_asked_for_with_what(in_review):
    olga = browser(in_review, "owner")
    assert olga.fill("/proposals/p1/changes", why="", on_version="1").status_code == 422
    assert olga.fill("/proposals/p1/changes", why="say who", on_version="1").status_code == 303
    assert "changes asked: say who" in plain(olga.get("/proposals/p1"))


def test_a_rejection_wants_a_code_and_words(in_review):
    olga = browser(in_review, "owner")
    wrong = olga.fill("/proposals/p1/reject", reason="moon", why="typed this", on_version="1")
    assert wrong.status_code == 422
    assert ">typed this</textarea>" in wrong.text
    assert olga.fill("/proposals/p1/reject", reason="wording", why="typed this", on_version="1").status_code == 303
    assert state(in_review.services.database) == "rejected"


@pytest.mark.parametrize("form", ["changes", "reject", "approve", "edit"])
def test_who_decides_says_on_which_version(in_review, form):
    answer = browser(in_review, "owner").fill(f"/proposals/p1/{form}", why="x", reason="wording", text="Something.")
    assert answer.status_code == 422
    assert "which version" in answer.text


def test_an_approval_publishes_and_shows_the_edition_and_the_act(in_review):
    olga = browser(in_review, "owner", name="olga")
    answer = olga.fill("/proposals/p1/approve", on_version="1", why="agreed", effective="", edition="")
    assert (answer.status_code, answer.headers["location"]) == (303, "/proposals/p1")
    page = olga.get("/proposals/p1")
    assert "Published as edition DE-2024-1" in plain(page)
    link = re.search(r'href="(/standards/delivery\?market=DE[^"]+)#c-2.1"', page.text)[1].replace("&amp;", "&")
    assert NEW in olga.get(link).text
    assert "move proposal: approved" in plain(page)


def test_of_two_who_approve_the_second_gets_a_conflict_and_what_was_typed(in_review):
    browser(in_review, "owner", name="olga").fill("/proposals/p1/approve", on_version="1")
    answer = browser(in_review, "owner", name="otto").fill(
        "/proposals/p1/approve", on_version="1", why="me too", edition="MINE"
    )
    assert answer.status_code == 409
    assert "olga made it approved" in answer.text
    assert "me too" in answer.text
    assert "MINE" in answer.text


def test_an_approval_of_an_older_version_shows_what_changed_since(in_review):
    edits.edit(desk(in_review.services.database, "analyst", "ana"), "p1", text=f"{NEW} And smile.", why="kinder")
    answer = browser(in_review, "owner", name="otto").fill("/proposals/p1/approve", on_version="1", why="fine")
    assert answer.status_code == 409
    assert "Changed from version 1" in answer.text
    assert "And smile." in answer.text
    assert 'value="fine"' in answer.text
    assert state(in_review.services.database) == "in_review"


def test_an_approval_goes_over_an_open_answer_only_with_a_reason(in_review):
    consult.ask(desk(in_review.services.database), "p1", reviewer="lea", part="legal", due="2024-10-30")
    olga = browser(in_review, "owner")
    refused = olga.fill("/proposals/p1/approve", on_version="1", why="fine")
    assert refused.status_code == 422
    assert "lea (legal) has not answered" in plain(refused)
    assert olga.fill("/proposals/p1/approve", on_version="1", override="she is away").status_code == 303


def test_adoption_wants_a_market_and_a_day(in_review):
    olga = browser(in_review, "owner")
    olga.fill("/proposals/p1/approve", on_version="1")
    assert "at least one market" in olga.fill("/proposals/p1/adopt", on=LATER).text
    assert olga.fill("/proposals/p1/adopt", on="soon", market="DE").status_code == 422
    assert olga.fill("/proposals/p1/adopt", on=LATER, market="DE").status_code == 303
    page = olga.get("/proposals/p1")
    assert f"Adopted: DE from {LATER}" in plain(page)
    assert 'href="/effect/p1"' in page.text


def test_a_proposal_to_act_is_given_to_somebody(place):
    drafted(place.services.database, "p2", outcome="action")
    omar = browser(place, "operations")
    assert omar.fill("/proposals/p2/action", owner="Bo", due=LATER).status_code == 303
    assert "Given to Bo" in omar.get("/proposals/p2").text


def test_a_proposal_is_set_aside_with_a_reason(place):
    olga = browser(place, "owner")
    assert olga.fill("/proposals/p1/supersede", why="").status_code == 422
    assert olga.fill("/proposals/p1/supersede", why="something better").status_code == 303


FORMS = ("submit", "ask", "answer", "assess", "edit", "restore", "rebase", "changes", "reject", "supersede", "approve",
         "adopt", "action")  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_nobody_acts_on_a_proposal_of_markets_that_they_do_not_see(in_review, form):
    ulla = browser(in_review, "admin", name="ulla", markets=["US"])
    fields = {"on_version": "1", "why": "x", "text": "y", "reason": "wording", "version": "1", "reviewer": "lea",
              "part": "legal", "due": LATER, "on": LATER, "market": "US", "owner": "Bo", "answer": "agree"}  # fmt: skip
    assert ulla.fill(f"/proposals/p1/{form}", **fields).status_code == 404
    assert state(in_review.services.database) == "in_review"


@pytest.mark.parametrize("form", FORMS)
def test_a_form_without_the_sessions_token_is_refused(in_review, form):
    olga = browser(in_review, "owner")
    answer = olga.post(f"/proposals/p1/{form}", data={"on_version": "1", "why": "x"}, headers={"referer": HOST})
    assert answer.status_code == 403


@pytest.mark.parametrize("form", FORMS)
def test_a_viewer_may_send_no_form(in_review, form):
    assert browser(in_review, "viewer").fill(f"/proposals/p1/{form}", on_version="1").status_code == 403


@pytest.mark.parametrize("form", [one for one in FORMS if one != "approve"])
def test_the_address_of_a_form_leads_back_to_the_proposal(place, form):
    assert browser(place, "owner").get(f"/proposals/p1/{form}").headers["location"] == "/proposals/p1"


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ("Say why: --why TEXT. What people decide is kept.", "Say why. What people decide is kept."),
        ("Look at it first: voc proposals show p1", "Look at it first."),
        ("It can become: a (voc proposals submit p1), b (voc proposals reject p1).", "It can become: a, b."),
        ("Bring both together and edit again with --on-version 3.", "Bring both together and edit again."),
        ("Write the pack: voc proposals pack p1 --to FILE.docx", "Write the pack."),
        ("You are olga (VOC_ACTOR).", "You are olga."),
        (
            "Drafted against:\nA line.\n\nCarry it over: voc proposals rebase p1",
            "Drafted against:\nA line.\n\nCarry it over.",
        ),
        ("The voc team says 3 -- no more.", "The voc team says 3 -- no more."),
    ],
)
def test_messages_on_pages_name_no_commands(said, left):
    assert spoken(said) == left
