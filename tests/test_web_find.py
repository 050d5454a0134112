"""The search page: what is found and why, who sees what, searches that are kept, and what leaves as a file."""

import csv
import io
import re
import shutil
from html import unescape

import pytest
from conftest import BARE
from visitors import browser

from voc.access import Role, Who
from voc.search.filters import Asked
from voc.store import feedback
from voc.workspace import Workspace

RAIN = {"q": "parcel left in the rain"}
WORDS = {"q": "rain", "mode": "lexical"}
HOSTILE = "=1+1 rain <script>alert(1)</script> [a](javascript:b) \u202edlo z\u0335\u0336 rain"


@pytest.fixture(scope="module")
def shown(ready_folder, tmp_path_factory):
    folder = tmp_path_factory.mktemp("find") / "w"
    shutil.copytree(ready_folder, folder)
    with Workspace.open(folder, environment=BARE) as opened:
        yield opened


@pytest.fixture(scope="module")
def ana(shown):
    return browser(shown, "analyst", name="ana")


@pytest.fixture(scope="module")
def dirk(shown):
    """An analyst who sees Germany only."""
    return browser(shown, "analyst", name="dirk", markets=["DE"])


@pytest.fixture(scope="module")
def vera(shown):
    return browser(shown, "viewer", name="vera")


def find(client, **asked):
    answer = client.get("/search", params=asked)
    assert answer.status_code == 200, answer.text
    return answer.text


def hits(page):
    return [one[:200] for one in page.split("<blockquote")[1:]]


def add(workspace, *texts):
    """Bring in comments from the United States, and return their ids."""
    before, folder = ids(workspace), workspace.services.paths.folder
    with (folder / "feedback.csv").open(encoding="utf-8", newline="") as known:
        row = next(row for row in csv.DictReader(known) if row["country"] == "US")
    with (folder / "more.csv").open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, list(row))
        writer.writeheader()
        writer.writerows(row | {"id": f"more-{len(before)}-{at}", "comment": text} for at, text in enumerate(texts))
    workspace.ingest(folder / "more.csv")
    return ids(workspace) - before


def ids(workspace):
    with workspace.services.database.read() as connection:
        return set(connection.exec_driver_sql("select id from feedback").scalars())


# What is found


def test_a_hit_shows_its_words_marked_and_why_it_was_found(ana):
    first = find(ana, **RAIN, market="US").split("<blockquote")[1]
    assert re.search(r"<mark>[^<]*rain[^<]*</mark>", first, re.IGNORECASE)
    assert re.search(r"meaning #\d+", first)
    assert re.search(r"words #\d+", first)


def test_the_first_page_asks_and_finds_nothing_yet(ana):
    page = find(ana)
    assert not hits(page)
    assert "Ask as a customer would say it" in page


def test_the_next_page_has_other_comments(ana):
    first = find(ana, **RAIN)
    following = unescape(re.search(r'href="(/search\?[^"]*cursor=[^"]*)"', first)[1])
    second = ana.get(following).text
    seen = [set(re.findall(r'href="/comments/(\w+)"', page)) for page in (first, second)]
    assert len(seen[0]) == len(seen[1]) == 10
    assert not seen[0] & seen[1]


def test_what_is_similar_is_found_without_the_comment_itself(ana, shown):
    one = shown.search(**{"text": RAIN["q"]}, limit=1).hits[0].feedback
    page = find(ana, like=one.id)
    assert hits(page)
    assert f'href="/search?like={one.id}"' not in page
    assert f'name="like" value="{one.id}"' in page


def test_the_address_holds_the_whole_question(ana):
    page = find(ana, **WORDS, market="DE", rating="1-2", week="2024-W30..2024-W39")
    for shown_again in ('value="rain"', '"DE" selected', '"1-2" selected', 'value="2024-W30..2024-W39"'):
        assert shown_again in page


def test_only_values_that_exist_are_offered(ana, shown):
    page = find(ana)
    offered = re.findall(r"<option value=\"([^\"]*)\"", page.split('name="lang"')[1].split("</select>")[0])
    with shown.services.database.read() as connection:
        assert offered == ["", *feedback.languages(connection)]


def test_a_facet_narrows_to_what_it_counts(ana):
    page = find(ana, **WORDS, count="1")
    facet = re.search(r'<a href="(/search\?[^"]*market=US[^"]*)">US</a> <span class="soft">(\d+)</span>', page)
    narrowed = ana.get(f"{unescape(facet[1])}&count=1").text
    assert f"<p>{facet[2]} comments match" in narrowed


def test_every_facet_leads_to_a_page(ana):
    for address in re.findall(r'<li><a href="(/search\?[^"]*q=rain[^"]*)">', find(ana, **WORDS, count="1")):
        assert ana.get(unescape(address)).status_code == 200, address


def test_a_count_that_cannot_be_told_is_said_with_the_way_out(ana):
    page = find(ana, **RAIN, count="1")
    assert hits(page)
    assert "is not told" in page
    assert 'mode=lexical&amp;count=1">By words</a>' in page


def test_hits_do_not_wait_for_the_count(ana, monkeypatch):
    monkeypatch.setattr(Workspace, "count", None)
    page = find(ana, **WORDS)
    assert hits(page)
    assert 'href="/search?q=rain&amp;mode=lexical&amp;count=1" data-parts="count narrow"' in page


@pytest.mark.parametrize(
    ("asked", "status", "said"),
    [
        ({"q": " ... "}, 422, "has no letters"),
        ({**WORDS, "theme": "no such theme"}, 422, "There is no theme"),
        ({**WORDS, "market": "XX"}, 422, "Known: US, DE, FR, GB"),
        ({**WORDS, "week": "2024-W99"}, 422, "2024-W99"),
        ({**WORDS, "rating": "9"}, 422, "is not a rating"),
        ({**WORDS, "cursor": "bad"}, 422, "cursor is not one"),
        ({"like": "zzz"}, 404, "No comment begins with"),
        ({"q": "x" * 2001}, 422, "2,001 characters"),
    ],
)
def test_a_mistake_is_told(ana, asked, status, said):
    answer = ana.get("/search", params=asked)
    assert answer.status_code == status
    assert said in unescape(answer.text)


def test_before_the_first_run_a_search_says_what_to_do(workspace):
    answer = browser(workspace, "analyst").get("/search", params=RAIN)
    assert answer.status_code == 404
    assert "voc run" in answer.text
    assert 'value="parcel left in the rain"' in answer.text


# Who sees what


def test_a_viewer_sees_counts_and_no_comment(vera):
    page = find(vera, **WORDS)
    assert "comments match" in page
    assert not hits(page)
    assert 'action="/search/save"' not in page
    assert 'action="/search/lookup"' not in page
    assert "what is new" not in page


def test_a_viewer_gets_no_number_of_a_few(vera, shown):
    few = find(vera, **WORDS).split("Narrow down")[1]
    k = shown.services.settings.workspace.k
    assert all(int(number) >= k for number in re.findall(r'<span class="soft">(\d+)</span>', few.split("</aside>")[0]))
    answer = vera.get("/search", params={"q": "ZEBRAQUARK", "mode": "lexical"})
    assert answer.status_code == 403
    assert "no smaller groups" in answer.text


def test_a_market_that_somebody_does_not_see_gives_nothing(dirk):
    page = find(dirk, q="paket", mode="lexical", count="1")
    assert set(re.findall(r'<footer dir="ltr">(\w+) ', page)) == {"DE"}
    assert set(re.findall(r">(US|GB|FR|DE|BR)</a> <span", page)) == {"DE"}
    assert dirk.get("/search", params={**WORDS, "market": "US"}).status_code == 403


def test_the_values_of_filters_are_of_the_markets_that_somebody_sees(dirk, ana):
    def languages(client):
        return find(client).split('name="lang"')[1].split("</select>")[0].count("<option")

    assert languages(dirk) < languages(ana)


def test_nobody_asks_for_what_is_like_a_comment_that_they_do_not_see(dirk, ana, shown):
    wanted = shown.filter(Asked(markets=["US"]))
    hidden = shown.search("rain", mode="lexical", wanted=wanted, limit=1).hits[0].feedback.id
    assert dirk.get("/search", params={"like": hidden}).status_code == 403
    assert dirk.get("/search/export", params={"like": hidden, "form": "csv"}).status_code == 403
    assert ana.get("/search", params={"like": hidden}).status_code == 200


# A parcel


def test_a_number_is_looked_up_without_standing_in_an_address(shown, ready_folder):
    with (ready_folder / "feedback.csv").open(encoding="utf-8", newline="") as file:
        row = next(row for row in csv.DictReader(file) if row["tracking_no"])
    olga = browser(shown, "owner", name="olga")
    assert 'action="/search/lookup"' in find(olga)
    answer = olga.fill("/search/lookup", number=row["tracking_no"])
    assert answer.status_code == 200
    assert answer.text.count("<blockquote") == 1
    assert row["tracking_no"] not in answer.text
    assert olga.get("/search/lookup").status_code == 405
    assert "No comment came" in olga.fill("/search/lookup", number="VX000").text


def test_a_number_is_looked_up_by_those_who_may_only(vera, ana):
    assert vera.fill("/search/lookup", number="VX1").status_code == 403
    assert ana.fill("/search/lookup", number="VX1").status_code == 403


# Files


def rows_of(answer):
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


def test_a_file_holds_what_the_page_asks(ana, shown):
    rows = rows_of(ana.get("/search/export", params={**WORDS, "market": "DE", "form": "csv"}))
    found = shown.search("rain", mode="lexical", wanted=shown.filter(Asked(markets=["DE"])), limit=1000).hits
    assert [row["id"] for row in rows] == [hit.feedback.id for hit in found]


def test_a_viewer_takes_groups_away(vera):
    rows = rows_of(vera.get("/search/export", params={**WORDS, "form": "csv"}))
    assert set(rows[0]) == {"market", "week", "theme", "different comments"}
    assert not any("rain" in (row["theme"] or "").split() and len(row["theme"]) > 60 for row in rows)


def test_a_form_that_is_not_written_is_told(ana):
    answer = ana.get("/search/export", params={**WORDS, "form": "exe"})
    assert answer.status_code == 404
    assert "csv, xlsx, jsonl" in answer.text


# Hostile comments, and searches that are kept


def test_a_hostile_comment_shows_as_text_and_calculates_nothing(ready):
    (hostile,) = add(ready, HOSTILE)
    ana = browser(ready, "analyst", name="ana")
    page = find(ana, q="rain javascript", mode="lexical")
    assert f"/comments/{hostile}" in page
    assert "<script>alert" not in page
    assert "\u202e" not in page
    assert "&lt;script&gt;" in page
    rows = rows_of(ana.get("/search/export", params={"q": "rain javascript", "mode": "lexical", "form": "csv"}))
    (text,) = [row["text"] for row in rows if row["id"] == hostile]
    assert text.startswith("'=1+1")


def test_a_saved_search_tells_what_is_new_until_it_is_marked(ready):
    ana = browser(ready, "analyst", name="ana")
    kept = ana.fill("/search/save", name="Wet & <b>cold</b>", market="US", **WORDS)
    assert kept.headers["location"] == "/search?q=rain&mode=lexical&market=US"
    address = unescape(re.search(r'href="(/search/new\?[^"]*)"', find(ana))[1])
    assert "0 new comments" in ana.get(address).text
    first, second = add(ready, "rain came in once", "rain came in twice")
    page = ana.get(address).text
    assert "2 new comments" in page
    assert "<b>cold" not in page
    assert f"/comments/{first}" in page
    assert f"/comments/{second}" in page
    marked = ana.fill("/search/seen", name="Wet & <b>cold</b>", shown=first)
    assert marked.headers["location"] == address
    page = ana.get(address).text
    assert "1 new comment." in page
    assert f"/comments/{first}" not in page


def test_what_is_new_in_a_market_that_somebody_does_not_see_stays_new(ready):
    browser(ready, "analyst", name="ana").fill("/search/save", name="Rain", **WORDS)
    (fresh,) = add(ready, "rain came in once")
    dirk = browser(ready, "analyst", name="dirk", markets=["DE"])
    assert "0 new comments" in dirk.get("/search/new?name=Rain").text
    assert dirk.fill("/search/seen", name="Rain", shown=fresh).status_code == 303
    assert len(ready.watch_searches("Rain", remember=False)[0].fresh) == 1
    assert ready.acting(Who("dirk", Role.ANALYST, frozenset({"DE"}))).watch_searches("Rain")[0].fresh == ()
    assert len(ready.watch_searches("Rain")[0].fresh) == 1


def test_a_search_that_is_kept_tells_no_count_of_other_markets(ready):
    dirk = browser(ready, "analyst", name="dirk", markets=["DE"])
    said = dirk.fill("/search/save", name="Rain", **WORDS)
    assert not re.search(r"\d+ comments match", dirk.get(said.headers["location"]).text.split("Comments</h2>")[0])


def test_a_name_that_is_taken_or_unknown_is_told(ready):
    ana = browser(ready, "analyst", name="ana")
    ana.fill("/search/save", name="Rain", **WORDS)
    assert ana.fill("/search/save", name="Rain", **WORDS).status_code == 422
    for address in ("/search/new", "/search/new?name=Snow"):
        answer = ana.get(address)
        assert answer.status_code == 404
        assert "Saved: Rain" in answer.text
    assert ana.fill("/search/forget", name="Snow").status_code == 404
    assert ana.fill("/search/seen", name="Snow", shown="x").status_code == 404


def test_a_viewer_keeps_and_marks_nothing(vera):
    for path in ("/search/save", "/search/seen", "/search/forget"):
        assert vera.fill(path, name="Rain", **WORDS).status_code == 403
    assert vera.get("/search/new?name=Rain").status_code == 403
