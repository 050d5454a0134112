"""The pages of standards: what is in force, comparison, export, and an import in two steps."""

import base64
import re

import pytest
from conftest import BARE
from reviewed import ADDENDUM, GLOBAL, OLD, desk, drafted, shelf
from visitors import browser

from voc.proposals import review
from voc.proposals.approve import approve

NEXT = GLOBAL.replace('"2024-1"', '"2024-2"').replace("2024-01-01", "2024-06-01").replace("be polite", "be very polite")


@pytest.fixture
def place(workspace):
    shelf(workspace.services.database, addendum=True)
    return workspace


@pytest.fixture
def empty(workspace):
    return workspace


def plain(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", answer.text))


def send(client, *files, **fields):
    parts = [("files", (name, text.encode() if isinstance(text, str) else text)) for name, text in files]
    return client.post("/standards/import", data={"csrf": client.csrf, **fields}, files=parts)


def hidden(answer):
    """Return the fields that the page of a check carries back."""
    pairs = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', answer.text)
    found = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value.replace("&#43;", "+"))
    return found


def test_editions_stand_with_owner_day_place_and_origin(place):
    page = browser(place, "viewer").get("/standards")
    assert page.status_code == 200
    row = re.search(r'<tr><th scope="row"[^>]*>.{0,120}2024-1</a>.*?</tr>', page.text)[0]
    assert [one in row for one in ("global", "2024-01-01", "Network", "an import", "the first")] == [True] * 5
    assert "DE-1" in page.text


def test_an_edition_of_a_proposal_leads_to_it_for_those_who_read(place):
    database = place.services.database
    drafted(database, market="US", markets=("US",))
    review.submit(desk(database, "analyst", "ana"), "p1")
    approve(desk(database, "owner", "olga"), "p1")
    assert 'href="/proposals/p1"' in browser(place, "owner").get("/standards").text
    assert 'href="/proposals/p1"' not in browser(place, "viewer").get("/standards").text


def test_the_clause_in_force_depends_on_the_market_and_the_day(place):
    reader = browser(place, "viewer")
    assert "The courier shall greet." in reader.get("/standards/delivery?market=DE").text
    assert "The courier shall greet." not in reader.get("/standards/delivery?market=US").text
    assert "The courier shall greet." not in reader.get("/standards/delivery?market=DE&on=2024-01-15").text


def test_every_clause_can_be_led_to(place):
    assert 'id="c-2.1"' in browser(place, "viewer").get("/standards/delivery").text


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/standards/nothing", 404),
        ("/standards/delivery?market=XX", 404),
        ("/standards/delivery?on=yesterday", 422),
        ("/standards/export?side=nothing", 404),
        ("/standards/export?side=delivery&form=.exe", 404),
        ("/standards/compare?old=delivery&new=nothing", 404),
    ],
)
def test_what_does_not_exist_is_told_on_a_page(place, address, status):
    answer = browser(place, "viewer").get(address)
    assert answer.status_code == status
    assert "<h1" in answer.text


def test_a_comparison_shows_what_was_struck_out_and_put_in(place):
    page = browser(place, "viewer").get("/standards/compare?old=delivery&new=delivery/DE")
    assert "1 changed, 0 added, 0 removed, 2 unchanged" in plain(page)
    assert "<del>" in page.text
    assert "<ins>" in page.text


def test_a_comparison_that_cannot_be_made_keeps_both_names_in_the_form(place):
    page = browser(place, "viewer").get("/standards/compare?old=delivery&new=deliv:9")
    assert 'value="deliv:9"' in page.text
    assert "There is no edition or document" in page.text


@pytest.mark.parametrize(("form", "begins"), [(".md", b"+++"), (".yaml", b""), (".docx", b"PK"), (".jsonl", b"{")])
def test_what_is_in_force_can_be_taken_away_in_every_form(place, form, begins):
    answer = browser(place, "viewer").get(f"/standards/export?side=delivery/DE&form={form}")
    assert answer.status_code == 200
    assert answer.content.startswith(begins)
    assert answer.headers["content-disposition"].startswith('attachment; filename="standard-delivery-DE')


def test_the_name_of_a_download_holds_no_path_and_no_quote(place):
    answer = browser(place, "viewer").get("/standards/export", params={"side": "delivery/DE@2024-10-01"})
    assert re.fullmatch(r'attachment; filename="[A-Za-z0-9_-]+\.md"', answer.headers["content-disposition"])


def test_somebody_of_one_market_sees_no_addendum_of_another(place):
    ulla = browser(place, "viewer", name="ulla", markets=["US"])
    assert "DE-1" not in ulla.get("/standards").text
    assert ulla.get("/standards/delivery?market=DE").status_code == 403
    assert ulla.get("/standards/export?side=delivery:DE-1").status_code == 404
    assert ulla.get("/standards/compare?old=delivery&new=delivery:DE-1").status_code == 404


def test_an_import_is_checked_first_and_stores_nothing(empty):
    answer = send(browser(empty, "owner"), ("mine.md", GLOBAL))
    assert answer.status_code == 200
    assert "mine.md" in answer.text
    assert "No errors. Nothing is stored yet" in answer.text
    assert empty.standards() == ()


def test_what_was_checked_is_taken_in_without_choosing_it_again(empty):
    olga = browser(empty, "owner")
    fields = hidden(send(olga, ("mine.md", GLOBAL), ("de.md", ADDENDUM)))
    answer = olga.post("/standards/import", data={**fields, "accept": "1"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/standards")
    assert [one.name for one in empty.standards()] == ["2024-1", "DE-1"]


def test_a_word_document_is_taken_in_after_its_check(place):
    olga = browser(place, "owner")
    word = olga.get("/standards/export?side=delivery:2024-1&form=.docx").content
    checked = send(olga, ("mine.docx", word))
    assert "known already" in checked.text
    assert "All of this is stored already" in checked.text


def test_a_word_document_that_is_new_is_taken_in_after_its_check(place, tmp_path):
    from voc.workspace import Workspace

    word = browser(place, "owner").get("/standards/export?side=delivery:2024-1&form=.docx").content
    with Workspace.init(tmp_path / "other", environment=BARE) as other:
        olga = browser(other, "owner")
        fields = hidden(send(olga, ("mine.docx", word)))
        assert olga.post("/standards/import", data={**fields, "accept": "1"}).status_code == 303
        assert [one.name for one in other.standards()] == ["2024-1"]


def test_what_a_file_does_not_say_can_be_said_beside_it(empty):
    olga = browser(empty, "owner")
    bare = GLOBAL.replace('owner = "Network"\n', "")
    assert "1 error" in plain(send(olga, ("mine.md", bare)))
    fields = hidden(send(olga, ("mine.md", bare), owner="Somebody"))
    assert olga.post("/standards/import", data={**fields, "accept": "1"}).status_code == 303
    assert empty.standards()[0].owner == "Somebody"


def test_a_file_with_errors_cannot_be_taken_in(empty):
    olga = browser(empty, "owner")
    broken = GLOBAL.replace("## 2.2 Manners", "## 2.1 Manners")
    checked = send(olga, ("mine.md", broken))
    assert "1 error" in plain(checked)
    assert "Take it in" not in checked.text
    fields = {"csrf": olga.csrf, "name": "mine.md", "content": base64.b64encode(broken.encode()).decode()}
    assert olga.post("/standards/import", data={**fields, "accept": "1"}).status_code == 422
    assert empty.standards() == ()


def test_a_hostile_name_of_a_file_is_text_and_no_path(empty):
    answer = send(browser(empty, "owner"), ("../../<script>x</script>.md", GLOBAL))
    assert answer.status_code == 200
    assert "<script>x" not in answer.text
    assert "/tmp/" not in answer.text


@pytest.mark.parametrize("name", ["mine.exe", "mine", ".md/..", "mine.md.zip"])
def test_other_kinds_of_files_are_refused(empty, name):
    answer = send(browser(empty, "owner"), (name, "x"))
    assert answer.status_code == 422
    assert ".yaml" in answer.text


def test_a_file_that_is_no_text_is_told_by_its_own_name(empty):
    answer = send(browser(empty, "owner"), ("mine.md", b"\xff\xfe\x00\x01"))
    assert answer.status_code in {200, 422}
    assert "mine.md" in answer.text
    assert "/tmp/" not in answer.text


def test_a_file_that_is_too_large_is_refused(empty):
    answer = send(browser(empty, "owner"), ("mine.md", b"x" * 700_001))
    assert answer.status_code == 422
    assert "700 kB" in answer.text


def test_content_that_came_back_changed_is_refused(empty):
    olga = browser(empty, "owner")
    answer = olga.post("/standards/import", data={"csrf": olga.csrf, "name": "a.md", "content": "no*base64"})
    assert answer.status_code == 422
    assert "Choose them again" in answer.text


def test_only_who_may_import_sees_the_form_and_is_taken(empty):
    ana = browser(empty, "analyst")
    assert 'action="/standards/import"' not in ana.get("/standards").text
    assert send(ana, ("mine.md", GLOBAL)).status_code == 403
    assert 'action="/standards/import"' in browser(empty, "owner").get("/standards").text


def test_an_edition_says_what_it_changed_in_the_one_before(place):
    olga = browser(place, "owner")
    olga.post("/standards/import", data={**hidden(send(olga, ("next.md", NEXT))), "accept": "1"})
    page = olga.get("/standards").text
    link = re.search(r'href="(/standards/compare\?old=delivery%3A2024-1&amp;new=delivery%3A2024-2)"', page)[1]
    assert "1 changed" in plain(olga.get(link.replace("&amp;", "&")))
    assert OLD in olga.get("/standards/delivery").text
