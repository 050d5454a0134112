"""The pages of proposals: who sees which, what they tell, and their files."""

import re

import pytest
from reviewed import ADDENDUM, NEW, OLD, desk, drafted, shelf
from visitors import browser

from voc.proposals import consult, edits, review
from voc.standards.markdown import parse
from voc.standards.registry import import_standard
from voc.store import feedback, proposals
from voc.store.proposals import EvidenceRow, GateRow, ProposalRow
from voc.types import Quote, Stamp
from voc.web.app import create_app

HOSTILE = "<script>alert(1)</script> **bold** \u202eevil\u202c z\u0351\u0350\u0352\u0357algo"


@pytest.fixture
def place(workspace):
    """A workspace with a standard and drafts p1 (Germany) and p2 (everywhere)."""
    shelf(workspace.services.database)
    drafted(workspace.services.database)
    drafted(workspace.services.database, "p2", market="", markets=("US", "DE"))
    return workspace


def plain(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", answer.text))


def test_the_queue_links_every_proposal_with_its_state(place):
    page = browser(place, "owner").get("/proposals")
    assert page.status_code == 200
    assert 'href="/proposals/p1"' in page.text
    assert 'href="/proposals/p2"' in page.text
    assert "draft (2)" in page.text


def test_the_queue_can_be_narrowed_to_a_state(place):
    page = browser(place, "owner").get("/proposals?state=approved")
    assert "None in this state." in page.text
    assert 'href="/proposals/p1"' not in page.text


def test_an_unknown_state_is_told_with_those_that_there_are(place):
    page = browser(place, "owner").get("/proposals?state=eaten")
    assert page.status_code == 404
    assert "in_review" in page.text


def test_a_long_queue_is_paged(place):
    for number in range(52):
        drafted(place.services.database, f"q{number:02d}")
    owner = browser(place, "owner")
    assert "Page 1 of 2, 54 proposals" in plain(owner.get("/proposals"))
    assert owner.get("/proposals?at=2").text.count('scope="row"') == 4


def test_what_is_in_review_waits_for_an_owner_who_did_not_write_it(place):
    database = place.services.database
    review.submit(desk(database, "analyst", "ana"), "p1")
    assert "your decision" in browser(place, "owner", name="olga").get("/proposals").text
    edits.edit(desk(database, "owner", "olga"), "p1", text=f"{NEW} And smile.", why="kinder")
    assert "your decision" not in browser(place, "owner", name="olga").get("/proposals").text
    assert "your wording" in browser(place, "owner", name="olga").get("/proposals").text


def test_who_is_asked_sees_what_for_and_until_when(place):
    consult.ask(desk(place.services.database), "p1", reviewer="lea", part="legal", due="2024-10-30")
    page = browser(place, "consulted", name="lea").get("/proposals")
    assert "your answer for legal, by 2024-10-30" in page.text


def test_overdue_answers_are_listed_for_proposals_that_are_seen_only(place):
    consult.ask(desk(place.services.database), "p1", reviewer="lea", part="legal", due="2024-10-30")
    assert "due 2024-10-30" in browser(place, "owner", name="olga").get("/proposals").text
    assert "due 2024-10-30" not in browser(place, "owner", name="ulla", markets=["US"]).get("/proposals").text


def test_a_viewer_is_refused_and_finds_no_link(place):
    viewer = browser(place, "viewer")
    assert viewer.get("/proposals").status_code == 403
    assert viewer.get("/proposals/p1").status_code == 403
    assert viewer.get("/proposals/p1/file?form=pack.docx").status_code == 403


def test_a_proposal_shows_redline_evidence_gate_and_history_under_one_title(place):
    page = browser(place, "owner").get("/proposals/p1")
    assert page.status_code == 200
    assert page.text.count("<h1") == 1
    assert "<ins>" in page.text
    assert "What customers said" in page.text
    assert "Gate: 1 of 1 rules passed" in page.text
    assert "draft: drafted" in plain(page)


def test_no_page_of_a_proposal_carries_styles_or_handlers_of_its_own(place):
    for path in ("/proposals", "/proposals/p1"):
        text = browser(place, "owner").get(path).text
        assert not re.search(r"\sstyle=|\son[a-z]+=|<style", text)


def test_the_beginning_of_an_id_leads_to_the_proposal(place):
    drafted(place.services.database, "abcdef")
    answer = browser(place, "owner").get("/proposals/abc")
    assert (answer.status_code, answer.headers["location"]) == (303, "/proposals/abcdef")


def test_an_unknown_proposal_is_told_on_a_page(place):
    assert browser(place, "owner").get("/proposals/nothing").status_code == 404


def test_somebody_of_one_market_sees_its_proposals_and_no_others(place):
    ulla = browser(place, "owner", name="ulla", markets=["US"])
    page = ulla.get("/proposals")
    assert 'href="/proposals/p2"' in page.text
    assert 'href="/proposals/p1"' not in page.text
    assert ulla.get("/proposals/p1").status_code == 404
    assert ulla.get("/proposals/p1/approve").status_code == 404
    assert ulla.get("/proposals/p1/file?form=redline.docx").status_code == 404


def test_somebody_of_one_market_reads_its_quotes_and_how_many_are_left_out(place):
    database = place.services.database
    ids = ["US-app-bell-2024-W40-0", "DE-app-bell-2024-W40-0"]
    with database.read() as connection:
        row = proposals.get(connection, "p2")
    other = ProposalRow("p3", *[getattr(row, name) for name in ProposalRow.__slots__[1:]])
    quotes = [Quote(one, 0, 6, f"{one[:2]} said", "en", one[:2]) for one in ids]
    evidence = [EvidenceRow(one, "evidence", "ring") for one in ids]
    with database.write() as connection:
        stamp = Stamp("night run", place.services.clock())
        proposals.add(connection, stamp, other, evidence=evidence, quotes=quotes, gate=[GateRow("r", True, "")])
    page = browser(place, "owner", name="ulla", markets=["US"]).get("/proposals/p3")
    assert "US said" in page.text
    assert "DE said" not in page.text
    assert "1 quotes of markets that you do not see" in plain(page)
    assert ids[1] not in page.text


def test_what_customers_wrote_is_shown_as_text(place):
    database = place.services.database
    drafted(database, "bad", theme=HOSTILE)
    for path in ("/proposals", "/proposals/bad"):
        text = browser(place, "owner").get(path).text
        assert "<script>alert" not in text
        assert "&lt;script&gt;alert(1)" in text
        assert "\u202e" not in text
        assert "**bold**" in text


def test_an_analyst_may_draft_and_not_decide(place):
    review.submit(desk(place.services.database, "analyst", "ana"), "p1")
    text = browser(place, "analyst").get("/proposals/p1").text
    assert 'action="/proposals/p1/edit"' in text
    assert 'action="/proposals/p1/reject"' not in text
    assert 'href="/proposals/p1/approve"' not in text
    assert "In the audit log" not in text


def test_who_was_not_asked_has_no_form_to_answer(place):
    consult.ask(desk(place.services.database), "p1", reviewer="lea", part="legal", due="2024-10-30")
    assert 'action="/proposals/p1/answer"' in browser(place, "consulted", name="lea").get("/proposals/p1").text
    assert 'action="/proposals/p1/answer"' not in browser(place, "consulted", name="leo").get("/proposals/p1").text


def test_an_approval_is_told_before_it_is_given(place):
    review.submit(desk(place.services.database, "analyst", "ana"), "p1")
    page = browser(place, "owner").get("/proposals/p1/approve")
    assert "DE-2024-1 of delivery" in plain(page)
    assert "addendum for DE" in page.text
    assert "<ins>" in page.text


def test_markets_that_a_global_change_does_not_reach_are_named_before(place):
    database = place.services.database
    text = ADDENDUM.replace("2.2 Manners [replace]", "2.1 Bell [replace]")
    import_standard(database, parse(text, "s"), markets=("US", "DE", "FR"), stamp=Stamp("x", place.services.clock()))
    review.submit(desk(database, "analyst", "ana"), "p2")
    assert "but not DE" in browser(place, "owner").get("/proposals/p2/approve").text


def test_who_wrote_a_draft_is_told_that_another_must_approve(place):
    database = place.services.database
    review.submit(desk(database, "analyst", "ana"), "p1")
    edits.edit(desk(database, "owner", "olga"), "p1", text=f"{NEW} And smile.", why="kinder")
    page = browser(place, "owner", name="olga").get("/proposals/p1/approve")
    assert "nobody approves their own draft" in page.text
    assert "Approve and publish" not in page.text


def test_what_cannot_be_approved_any_more_leads_back_to_the_proposal(place):
    answer = browser(place, "owner").get("/proposals/p1/approve")
    assert (answer.status_code, answer.headers["location"]) == (303, "/proposals/p1")


def test_notices_on_pages_name_no_commands(place):
    database = place.services.database
    drafted(database, "old", old_text=f"{OLD} Once.")
    page = browser(place, "owner").get("/proposals/old")
    assert "this was drafted against" in page.text
    assert "voc proposals" not in page.text
    assert 'action="/proposals/old/rebase"' in page.text


@pytest.mark.parametrize(
    ("form", "begins"), [("redline.docx", b"PK"), ("pack.docx", b"PK"), ("page.html", b"<!doctype html>")]
)
def test_a_proposal_can_be_taken_away_under_a_name_of_ours(place, form, begins):
    answer = browser(place, "owner").get(f"/proposals/p1/file?form={form}")
    assert answer.status_code == 200
    assert answer.content.startswith(begins)
    assert answer.headers["content-disposition"] == f'attachment; filename="voc-p1-{form}"'


@pytest.mark.parametrize("form", ["../../etc/passwd", "pack.exe", ""])
def test_only_known_forms_are_written(place, form):
    answer = browser(place, "owner").get("/proposals/p1/file", params={"form": form})
    assert answer.status_code == 404
    assert "pack.pdf" in answer.text


def test_the_kept_proposal_of_one_reader_is_never_shown_to_another(place):
    app = create_app(place)
    olga = browser(place, "owner", name="olga", app=app)
    ulla = browser(place, "owner", name="ulla", markets=["US"], app=app)
    assert olga.get("/proposals/p1").status_code == 200
    assert ulla.get("/proposals/p1").status_code == 404


def test_a_comment_link_is_offered_for_what_the_reader_may_open(place):
    with place.services.database.read() as connection:
        ids = [one.id for one in feedback.get(connection, ["DE-app-bell-2024-W40-1"])]
    page = browser(place, "owner").get("/proposals/p1")
    assert all(f'href="/comments/{one}"' in page.text for one in ids)
    limited = browser(place, "owner", name="dora", markets=["DE"]).get("/proposals/p1")
    assert not any(f'href="/comments/{one}"' in limited.text for one in ids)
