"""The pages: what they show, to whom, what their forms do, and that nothing that people wrote is ever markup."""

import re
import shutil

import pytest
from conftest import BARE, STAMP
from visitors import browser, program

from voc.proposals.draft import Draft, Obligation, Sentence
from voc.standards.registry import clauses_in_force
from voc.store import assignments, feedback, proposals, themes
from voc.store.proposals import EvidenceRow, GateRow, ProposalRow
from voc.types import Quote
from voc.workspace import Workspace

WEEK = "2024-W39"
HOSTILE = '<script>alert(1)</script> **bold** "quoted" \u202egnp.exe Z\u0351\u036b\u0343algo'


@pytest.fixture(scope="module")
def shown(ready_folder, tmp_path_factory):
    """A workspace that these tests only read, with a draft to be looked at."""
    folder = tmp_path_factory.mktemp("pages") / "w"
    shutil.copytree(ready_folder, folder)
    with Workspace.open(folder, environment=BARE) as opened:
        draft_in(opened)
        yield opened


@pytest.fixture(scope="module")
def owner(shown):
    return browser(shown, "owner")


@pytest.fixture(scope="module")
def viewer(shown):
    return browser(shown, "viewer")


@pytest.fixture
def changed(ready):
    """A workspace that a test changes."""
    draft_in(ready)
    return ready


def biggest(workspace):
    return workspace.themes()[0].theme.id


def draft_in(workspace, proposal_id="p1", state="draft"):
    """Store a sound draft for clause 3.2 of the United States as the machine would."""
    theme = biggest(workspace)
    with workspace.services.database.read() as connection:
        units = assignments.members(connection, theme_id=theme, last_week=WEEK)
        ids = list(dict.fromkeys(unit.feedback_id for unit in units if unit.market == "US"))[:5]
        comments = feedback.get(connection, ids)
    found = clauses_in_force(workspace.services.database, document="delivery", market="US", on="2024-10-01")
    clause = next(one for one in found if one.number == "3.2")
    added = "The courier shall ring the bell."
    draft = Draft(
        theme="Nobody rings",
        scope="United States",
        markets=("US",),
        document="delivery",
        edition=clause.edition,
        clause_number="3.2",
        clause_title=clause.title,
        verdict="too weak",
        old_text=clause.text,
        new_text=f"{clause.text} {added}",
        obligations=(
            Obligation(
                id="ring", who="courier", what="ring the bell", sentence=added, supporters=5, evidence=tuple(ids)
            ),
        ),
        rationale=(Sentence(text="Customers report that nobody rings.", evidence=tuple(ids[:2]), support=0.8),),
        figures=(),
        offered=8,
        relevant=5,
    )
    row = ProposalRow(
        proposal_id, theme, "US", WEEK, "delivery", "3.2", clause.edition_id, "revision", state,
        draft.model_dump(mode="json"), "", None,
    )  # fmt: skip
    first = comments[0]
    with workspace.services.database.write() as connection:
        proposals.add(
            connection,
            STAMP,
            row,
            evidence=[EvidenceRow(one, "evidence", "ring") for one in ids],
            quotes=[Quote(first.id, 0, 6, first.text[:6], first.language, first.market)],
            gate=[GateRow("clause-number-kept", True, "")],
        )
    return clause


def says(answer):
    """Return what a page says, without its tags."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text))


ADDRESSES = (
    "/overview", "/overview?market=US", "/themes", "/markets", "/search", "/search?q=rain", "/report",
    "/report?market=DE", "/report/list", "/standards", "/standards/delivery",
    "/standards/delivery?market=DE&on=2024-10-01",
    "/standards/compare?old=delivery/US&new=delivery/DE", "/proposals", "/proposals?state=draft",
    "/proposals?failed=1",
    "/proposals/p1", "/actions", "/effect", "/audit", "/audit?verify=1", "/explain/alerts", "/explain/coverage",
)  # fmt: skip


@pytest.mark.parametrize("address", ADDRESSES)
def test_every_page_is_whole_for_an_owner(owner, address):
    answer = owner.get(address)
    assert answer.status_code == 200
    assert "</html>" in answer.text
    assert len(re.findall(r"<h1", answer.text)) == 1


@pytest.mark.parametrize("address", ["/overview", "/themes", "/markets", "/report", "/search?q=rain", "/standards"])
def test_a_viewer_reads_counts_and_no_comment(shown, viewer, address):
    with shown.services.database.read() as connection:
        texts = [one.text for one in feedback.get(connection, _ids(connection))]
    page = says(viewer.get(address))
    assert not [text for text in texts if len(text) > 30 and text in page]


@pytest.mark.parametrize("address", ["/report", "/api/v1/reports/2024-W39", "/search?q=rain&mode=lexical"])
def test_a_token_for_counts_reads_no_comment_even_where_its_person_may(shown, address):
    with shown.services.database.read() as connection:
        texts = [one.text for one in feedback.get(connection, _ids(connection)) if len(one.text) > 30]
    answer = program(shown, "admin", scopes=["counts"], name="counter").get(address)
    assert answer.status_code == 200
    assert not [text for text in texts if text in says(answer)]


def _ids(connection):
    return [unit.feedback_id for unit in assignments.units(connection, last_week=WEEK)]


def test_the_first_page_leads_to_the_newest_week(owner):
    assert owner.get("/").headers["location"] == "/overview"
    assert WEEK in says(owner.get("/overview"))


@pytest.mark.parametrize(
    ("address", "status", "said"),
    [
        ("/overview?week=2031-W01", 404, "was not run"),
        ("/overview?week=nonsense", 404, "2024-W40"),
        ("/overview?market=XX", 404, "Markets that you see"),
        ("/themes/zzzz", 404, "No theme"),
        ("/explain/wealth/x", 404, "complaints, rate, change, impact"),
        ("/comments/zzzz", 404, "No comment begins"),
        ("/proposals/zzzz", 404, "zzzz"),
        ("/standards/nothing", 404, "nothing"),
        ("/report?edition=x", 404, "Editions are numbers"),
        ("/nowhere", 404, "nothing at this address"),
    ],
)
def test_what_does_not_exist_is_told_on_a_page(owner, address, status, said):
    answer = owner.get(address)
    assert answer.status_code == status
    assert said in says(answer)


def test_somebody_of_one_market_sees_that_market_only(shown):
    ana = browser(shown, "analyst", name="ana", markets=["DE"])
    assert "United States" not in says(ana.get("/overview"))
    assert ana.get("/overview?market=US").status_code == 403
    assert ana.get("/proposals/p1").status_code == 404
    assert "Nobody rings" not in says(ana.get("/proposals"))


def test_a_figure_of_the_overview_is_the_one_that_its_explanation_works_out(shown, owner):
    page = shown.week_page(WEEK)
    row = page.of_market("")[0]
    explained = says(owner.get(f"/explain/rate/{row.theme_id}?week={WEEK}"))
    assert f"{row.complaints:,} × 1,000" in explained
    assert f"= {row.rate.value:.2f}" in explained
    assert f"{row.rate.value:.2f} ({row.rate.low:.2f}" in says(owner.get(f"/overview?week={WEEK}"))


def test_a_theme_shows_its_trend_with_the_figures_beside(shown, owner):
    theme = biggest(shown)
    page = owner.get(f"/themes/{theme}?week={WEEK}")
    assert '<svg class="chart"' in page.text
    assert page.text.count("<tr>") > 8


def test_a_theme_leads_to_the_clauses_that_it_touches(shown, owner):
    owner.app.state.kept.get(("places",), shown.clause_places)
    page = owner.get(f"/themes/{biggest(shown)}?week={WEEK}")
    assert page.status_code == 200
    assert page.text.count('href="/standards/delivery#c-') == 3


def test_the_beginning_of_an_id_leads_to_the_theme(shown, owner):
    theme = biggest(shown)
    answer = owner.get(f"/themes/{theme[:8]}")
    assert answer.status_code == 303
    assert theme in answer.headers["location"]


def test_a_theme_is_renamed_with_a_reason_that_is_kept(changed):
    ana, theme = browser(changed, "analyst"), biggest(changed)
    answer = ana.fill(f"/themes/{theme}/edit", act="rename", name="Rain at the door", why="clearer")
    assert answer.status_code == 303
    assert "Renamed" in says(ana.get(answer.headers["location"]))
    assert "Rain at the door" in says(ana.get("/overview"))
    assert changed.audit(limit=1)[0].actor == "analyst.one"


def test_a_change_without_a_reason_is_refused(changed):
    answer = browser(changed, "analyst").fill(f"/themes/{biggest(changed)}/edit", act="mute", why=" ")
    assert answer.status_code == 422
    assert "Say why" in says(answer)


def test_a_comment_is_moved_and_judged(changed):
    ana = browser(changed, "analyst")
    with changed.services.database.read() as connection:
        unit = assignments.members(connection, theme_id=biggest(changed), last_week=WEEK)[0]
    assert ana.fill(f"/comments/{unit.feedback_id}/move", theme="none", why="a stranger").status_code == 303
    assert ana.fill(f"/comments/{unit.feedback_id}/judge", kind="praise", why="it praises").status_code == 303
    page = says(ana.get(f"/comments/{unit.feedback_id}"))
    assert "praise" in page
    assert "person" in page


def test_what_a_customer_wrote_is_text_on_every_page(changed):
    ana, theme = browser(changed, "analyst"), biggest(changed)
    with changed.services.database.write() as connection:
        unit = assignments.members(connection, theme_id=theme, last_week=WEEK)[0]
        connection.exec_driver_sql(
            "update feedback set text = ?, created_at = '2031-01-01T00:00:00.000000Z' where id = ?",
            (HOSTILE, unit.feedback_id),
        )
        connection.exec_driver_sql("update unit set start = 0, end = ? where id = ?", (len(HOSTILE), unit.unit_id))
    for address in (f"/comments/{unit.feedback_id}", f"/themes/{theme}"):
        page = ana.get(address).text
        assert "&lt;script&gt;alert(1)" in page
        assert "<script>alert" not in page
        assert "\u202e" not in page


def test_a_name_that_somebody_gave_is_text_too(changed):
    ana, theme = browser(changed, "analyst"), biggest(changed)
    ana.fill(f"/themes/{theme}/edit", act="rename", name="<b onclick=x>Rain</b>", why="<i>why</i>")
    for address in ("/overview", "/themes", f"/themes/{theme}", "/markets", "/report", "/search"):
        assert "<b onclick" not in ana.get(address).text


def test_a_proposal_goes_from_draft_to_edition_on_the_pages(changed):
    ana, olga = browser(changed, "analyst"), browser(changed, "owner")
    assert ana.fill("/proposals/p1/submit").status_code == 303
    assert olga.get("/proposals/p1/approve").status_code == 200
    answer = olga.fill("/proposals/p1/approve", on_version="1")
    assert answer.status_code == 303
    page = says(olga.get(answer.headers["location"]))
    assert "Approved. Edition" in page
    clause = says(olga.get("/standards/delivery?market=US"))
    assert "The courier shall ring the bell." in clause
    assert "approved" in says(olga.get("/audit?subject=p1"))


def test_nobody_decides_for_a_market_that_they_do_not_see(changed):
    browser(changed, "analyst").fill("/proposals/p1/submit")
    with changed.services.database.write() as connection:
        connection.exec_driver_sql("update proposal set market = ''")
    ulla = browser(changed, "owner", name="ulla", markets=["US"])
    answer = ulla.fill("/proposals/p1/reject", reason="wording", why="not mine to say", on_version="1")
    assert answer.status_code == 403
    assert "which you do not see" in answer.text
    assert "in review" in says(browser(changed, "owner").get("/proposals/p1"))


def test_a_rejection_wants_a_reason_of_the_list_and_keeps_what_was_typed(changed):
    olga = browser(changed, "owner")
    browser(changed, "analyst").fill("/proposals/p1/submit")
    wrong = olga.fill("/proposals/p1/reject", reason="bad mood", why="I typed this", on_version="1")
    assert wrong.status_code == 422
    assert "I typed this" in wrong.text
    assert olga.fill("/proposals/p1/reject", reason="wording", why="too long", on_version="1").status_code == 303
    assert "rejected" in says(olga.get("/proposals/p1"))


def test_two_owners_at_once_the_second_is_told_and_loses_nothing(changed):
    olga, otto = browser(changed, "owner", name="olga"), browser(changed, "owner", name="otto")
    assert (
        olga.fill("/proposals/p1/edit", text="The courier shall wait.", why="mine", on_version="1").status_code == 303
    )
    late = otto.fill("/proposals/p1/edit", text="The courier shall knock twice.", why="his", on_version="1")
    assert late.status_code == 409
    assert "The courier shall knock twice." in late.text
    assert "The courier shall wait." in late.text


def test_a_decision_on_a_version_that_is_no_longer_the_newest_is_a_conflict(changed):
    olga, otto = browser(changed, "owner", name="olga"), browser(changed, "owner", name="otto")
    browser(changed, "analyst").fill("/proposals/p1/submit")
    olga.fill("/proposals/p1/edit", text="The courier shall wait.", why="mine", on_version="1")
    late = otto.fill("/proposals/p1/approve", on_version="1", why="fine with me")
    assert late.status_code == 409
    assert "fine with me" in late.text


@pytest.mark.parametrize(
    ("form", "begins"), [("pack.docx", b"PK"), ("redline.docx", b"PK"), ("page.html", b"<!doctype")]
)
def test_a_proposal_can_be_taken_away(owner, form, begins):
    answer = owner.get(f"/proposals/p1/file?form={form}")
    assert answer.status_code == 200
    assert answer.content.startswith(begins)
    assert answer.headers["content-disposition"] == f'attachment; filename="voc-p1-{form}"'


@pytest.mark.parametrize("form", [".md", ".yaml", ".docx", ".jsonl"])
def test_a_standard_can_be_taken_away_in_every_form(owner, form):
    answer = owner.get(f"/standards/export?side=delivery/US&form={form}")
    assert answer.status_code == 200
    assert "attachment" in answer.headers["content-disposition"]


def test_an_import_is_looked_at_before_it_is_taken(changed):
    olga = browser(changed, "owner")
    source = changed.services.paths.folder / "standards" / "jp.md"
    text = (changed.services.paths.folder / "standards" / "br.md").read_text().replace("BR", "JP")
    files = {"files": ("../../jp.md", text, "text/markdown")}
    checked = olga.post("/standards/import", data={"csrf": olga.csrf}, files=files)
    assert checked.status_code == 200
    assert "Nothing is stored" in says(checked)
    assert not [one for one in changed.standards() if one.market == "JP"]
    assert not source.exists()
    taken = olga.post("/standards/import", data={"csrf": olga.csrf, "accept": "1"}, files=files)
    assert taken.status_code == 303
    assert [one for one in changed.standards() if one.market == "JP"]


def test_an_action_is_given_and_closed(changed):
    olga = browser(changed, "owner")
    given = olga.fill(
        "/actions",
        theme=biggest(changed),
        market="US",
        clause="3.2",
        duty="Ring the bell",
        owner="Depot 3",
        due="2031-01-01",
    )
    assert given.status_code == 303
    home = given.headers["location"]
    assert "Depot 3" in says(olga.get("/actions"))
    assert olga.fill(f"{home}/done", result="Bells were mended", on="").status_code == 303
    assert "Bells were mended" in says(olga.get(home))


def test_a_search_is_kept_and_asked_again(changed):
    olga = browser(changed, "owner")
    kept = olga.fill("/search/save", name="Rain", q="rain", market="US", mode="lexical")
    assert kept.status_code == 303
    page = olga.get("/search").text
    address = re.search(r'href="(/search\?[^"]*market=US[^"]*)"', page)[1].replace("&amp;", "&")
    assert olga.get(address).status_code == 200
    assert olga.fill("/search/forget", name="Rain").status_code == 303
    assert changed.saved_searches() == ()


@pytest.mark.parametrize("form", ["csv", "xlsx", "jsonl"])
def test_hits_can_be_taken_away(owner, form):
    answer = owner.get(f"/search/export?q=rain&mode=lexical&form={form}")
    assert answer.status_code == 200
    assert answer.headers["content-disposition"] == f'attachment; filename="voc-search.{form}"'


def test_a_question_that_cannot_be_asked_is_told_beside_the_form(owner):
    answer = owner.get("/search?q=rain&week=never")
    assert answer.status_code == 422
    assert 'value="rain"' in answer.text


def test_a_report_is_written_published_and_stays_as_it_was(changed):
    ana = browser(changed, "analyst")
    where = {"week": WEEK, "market": ""}
    words = {"headline": "Rain again", "comment": "One.\n\nTwo."}
    assert ana.fill("/report/write", **where, **words, on_version="0").status_code == 303
    late = ana.fill("/report/write", **where, headline="I typed this too", comment="", on_version="0")
    assert late.status_code == 409
    assert "I typed this too" in late.text
    assert ana.fill("/report/publish", **where, on_version="1").status_code == 303
    page = says(ana.get(f"/report?week={WEEK}"))
    assert "Published" in page
    assert "Rain again" in page
    files = [ana.get(f"/report/file?week={WEEK}&form={form}") for form in ("html", "md", "json")]
    assert [one.status_code for one in files] == [200, 200, 200]


def test_the_kept_page_is_made_anew_when_the_store_changes(changed):
    ana, theme = browser(changed, "analyst"), biggest(changed)
    assert "Quite another name" not in ana.get("/overview").text
    changed.acting(_who(changed)).edit(why="for the test").rename(theme, "Quite another name")
    assert "Quite another name" in ana.get("/overview").text
    with changed.services.database.read() as connection:
        assert themes.get(connection, theme).id == theme


def _who(workspace):
    from voc.access import Role, Who

    return Who("analyst.one", Role.ANALYST)
