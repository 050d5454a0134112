"""The JSON API: the same figures as the calls behind the pages, page by page, tagged, and decided on by version."""

import dataclasses
import re
import shutil
import types
from pathlib import Path

import pytest
from conftest import BARE
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st
from visitors import HOST, program

from voc.errors import InputError
from voc.standards.registry import clauses_in_force
from voc.store import audit, proposals
from voc.store.proposals import GateRow
from voc.web import app as web
from voc.web.api.figures import at_least
from voc.web.api.paged import PageQuestion, paged, read_cursor, write_cursor
from voc.workspace import Workspace

ROOT = Path(__file__).resolve().parents[1]
API = "/api/v1"


@pytest.fixture(scope="module")
def workspace(ready_folder, tmp_path_factory):
    folder = tmp_path_factory.mktemp("api") / "w"
    shutil.copytree(ready_folder, folder)
    with Workspace.open(folder, environment=BARE) as opened:
        yield opened


@pytest.fixture(scope="module")
def app(workspace):
    return web.create_app(workspace)


@pytest.fixture(scope="module")
def client(workspace, app):
    return program(workspace, "owner", app=app)


@pytest.fixture(scope="module")
def of_us(workspace, app):
    """A program of somebody who sees one market."""
    return program(workspace, "owner", name="owner.us", markets=("US",), app=app)


def get(client, path, **parameters):
    answer = client.get(API + path, params=parameters)
    assert answer.status_code == 200, answer.text
    return answer.json()


# The same as the pages


def test_the_overview_gives_the_figures_of_the_page(client, workspace):
    shown, k = workspace.week_page("2024-W39", market="US"), workspace.services.settings.workspace.k
    found = get(client, "/overview", week="2024-W39", market="US")
    ours = [(row.theme_id, row.complaints) for row in shown.of_market("US") if row.complaints >= k]
    assert [(one["theme_id"], one["complaints"]) for one in found["themes"]] == ours
    assert found["headlines"] == list(shown.headlines)
    assert found["weeks"] == list(shown.week.weeks)
    assert ours


def test_groups_that_are_too_small_are_told_nowhere(client):
    found = get(client, "/overview", week="2024-W39")
    rows = [*found["themes"], *found["alerts"]]
    counts = [one[name] for one in rows for name in ("complaints", "comments", "praise")]
    counts += [count for one in rows for count in one["series"]]
    counts += [one[name] for one in found["coverage"] for name in ("comments", "assigned")]
    assert [one for one in counts if one is not None and 0 < one < found["least"]] == []
    assert any(one is None for one in counts)
    assert found["hidden"] > 0


@given(st.one_of(st.none(), st.integers(0, 1000)), st.integers(1, 50))
def test_a_count_is_told_as_it_is_or_not_at_all(count, k):
    told = at_least(count, k)
    assert told in (count, None)
    assert told is None or told == 0 or told >= k


def test_themes_are_those_of_the_workspace(client, workspace):
    ours = {one.theme.id: one.comments for one in workspace.themes() if one.comments >= 5}
    found = get(client, "/themes")["themes"]
    assert {one["id"]: one["comments"] for one in found} == ours


def test_a_theme_comes_with_its_week_and_its_history(client, workspace):
    entry = workspace.themes()[0]
    found = get(client, f"/themes/{entry.theme.id[:8]}", week="2024-W39")
    assert found["theme"]["id"] == entry.theme.id
    assert [one["kind"] for one in found["history"]] == [one.kind for one in workspace.ledger(entry.theme.id)]
    assert {one["market"] for one in found["rows"]} >= {""}
    one = get(client, f"/themes/{entry.theme.id}", week="2024-W39", market="US")
    assert {row["market"] for row in one["rows"]} <= {"US"}


def test_a_comment_comes_with_the_parts_of_it(client, workspace):
    hit = workspace.search("rain", limit=1).hits[0].feedback
    found = get(client, f"/comments/{hit.id}")
    assert found["comment"]["text"] == hit.text
    assert found["parts"]
    assert all(0 <= one["start"] < one["end"] <= len(hit.text) for one in found["parts"])


def test_clauses_in_force_hold_the_addendum_of_the_market(client):
    base, own = get(client, "/standards/delivery/clauses"), get(client, "/standards/delivery/clauses", market="DE")
    assert base["addendum"] is None
    assert own["addendum"]["market"] == "DE"
    assert {one["market"] for one in own["clauses"]} == {"", "DE"}
    assert client.get(f"{API}/standards/delivery/clauses", params={"on": "1999-01-01"}).status_code == 404


def test_a_report_is_the_draft_until_it_is_published(ready):
    client = program(ready, "owner")
    assert get(client, "/reports/2024-W39")["edition"] == 0
    ready.write_report("2024-W39", headline="Rain")
    ready.publish_report("2024-W39")
    found = get(client, "/reports/2024-W39")
    assert (found["edition"], found["headline"]) == (1, "Rain")
    assert found["published_at"]
    assert get(client, "/reports")["reports"][0]["edition"] == 1
    assert get(client, "/reports/2024-W39", draft=True)["edition"] == 0


def revision(workspace):
    """Store a sound draft of a revision, made of a brief of one market, and return its id."""
    brief = next(one for one in workspace.proposals() if one.outcome == "brief" and one.market)
    shown = workspace.proposal(brief.id)
    clause = clauses_in_force(workspace.services.database, document="delivery", market="", on="2024-10-01")[0]
    draft = shown.draft.model_copy(
        update={
            "document": "delivery",
            "edition": clause.edition,
            "clause_number": clause.number,
            "clause_title": clause.title,
            "old_text": clause.text,
            "new_text": f"{clause.text} The courier shall ring the bell.",
        }
    )
    row = dataclasses.replace(
        brief,
        id="feed00000001",
        clause_number=clause.number,
        edition_id=clause.edition_id,
        outcome="revision",
        draft=draft.model_dump(mode="json"),
    )
    with workspace.services.database.write() as connection:
        proposals.add(
            connection,
            workspace.services.stamp,
            row,
            evidence=shown.evidence,
            quotes=shown.quotes,
            gate=[GateRow("clause number is kept", True, "")],
        )
    return row.id


# Markets that somebody does not see


@pytest.mark.parametrize(
    "path",
    ["/overview?market=DE", "/standards/delivery/clauses?market=DE", "/reports/2024-W39", "/search?q=x&market=DE"],
)
def test_another_market_is_shown_to_nobody_who_does_not_see_it(of_us, path):
    assert of_us.get(API + path).status_code == 403


def test_who_sees_one_market_gets_figures_of_it_alone(of_us, workspace):
    assert [one["code"] for one in get(of_us, "/markets")["markets"]] == ["US"]
    found = get(of_us, "/overview", week="2024-W39")
    assert [one["market"] for one in found["coverage"]] == ["", "US"]
    assert {one["comments"] for one in get(of_us, "/themes")["themes"]} == {None}
    comment = workspace.search("Paket", limit=1, wanted=workspace.filter(_asked("DE"))).hits[0].feedback
    assert of_us.get(f"{API}/comments/{comment.id}").status_code == 403


def test_a_proposal_of_other_markets_is_not_there(of_us, client, workspace):
    from voc.proposals.shown import concerns

    other = [one.id for one in workspace.proposals() if not concerns(one, ["US"])]
    assert other
    shown = {one["id"] for one in get(of_us, "/proposals")["proposals"]}
    assert shown.isdisjoint(other)
    for one in other:
        for path in ("", "/versions", "/history"):
            assert of_us.get(f"{API}/proposals/{one}{path}").status_code == 404
        assert of_us.post(f"{API}/proposals/{one}/submit", json={}).status_code == 404
    assert {one["id"] for one in get(client, "/proposals")["proposals"]} >= set(other)


def _asked(market):
    from voc.search.filters import Asked

    return Asked(markets=[market])


# Pages


@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 50)), unique=True, max_size=25),
    st.lists(st.tuples(st.sampled_from("abc"), st.integers(51, 99)), unique=True, max_size=5),
    st.integers(1, 7),
    st.booleans(),
)
def test_pages_show_each_row_once_while_rows_are_added(rows, added, limit, down):
    seen, cursor, known = [], "", list(rows)
    for _ in range(len(rows) + len(added) + 1):
        found = paged(known, PageQuestion(limit=limit, cursor=cursor), lambda one: one, down=down)
        seen += found.rows
        assert len(found.rows) <= limit
        known += [one for one in added if one not in known][:1]
        cursor = found.cursor
        if not cursor:
            break
    assert not cursor
    assert len(seen) == len(set(seen))
    assert set(rows) <= set(seen)
    assert seen == sorted(seen, reverse=down)


@given(st.lists(st.one_of(st.text(max_size=20), st.integers(-(2**62), 2**62)), min_size=1, max_size=4))
def test_a_cursor_comes_back_as_it_was(key):
    assert read_cursor(write_cursor(tuple(key)), [type(one) for one in key]) == tuple(key)


@given(st.text(max_size=60))
def test_a_cursor_of_anything_else_is_refused_and_is_no_fault(text):
    try:
        found = read_cursor(text, [str, int])
    except InputError:
        return
    assert [type(one) for one in found] == [str, int]


def test_the_audit_log_goes_on_where_the_page_before_ended(client, workspace):
    whole = [one.seq for one in workspace.audit(limit=500)]
    first = get(client, "/audit", limit=3)
    with workspace.services.database.write() as connection:
        audit.record(connection, workspace.services.stamp, action="test", subject="later")
    second = get(client, "/audit", limit=3, cursor=first["cursor"])
    assert [one["seq"] for one in (*first["entries"], *second["entries"])] == whole[:6]


def test_the_comments_of_a_theme_come_page_by_page_the_newest_first(client, of_us, workspace):
    theme = workspace.themes()[0].theme.id
    whole = get(client, f"/themes/{theme[:6]}/comments", limit=500)["comments"]
    paged_ids, cursor = [], ""
    while True:
        page = get(client, f"/themes/{theme}/comments", limit=7, **({"cursor": cursor} if cursor else {}))
        paged_ids += [one["id"] for one in page["comments"]]
        cursor = page["cursor"]
        if not cursor:
            break
    assert paged_ids == [one["id"] for one in whole]
    assert [one["created_at"] for one in whole] == sorted((one["created_at"] for one in whole), reverse=True)
    assert len(whole) == workspace.theme_comments(theme).total > 14
    own = get(of_us, f"/themes/{theme}/comments", limit=500)["comments"]
    assert [one["id"] for one in own] == [one["id"] for one in whole if one["market"] == "US"]
    assert of_us.get(f"{API}/themes/{theme}/comments", params={"market": "DE"}).status_code == 403
    complaints = get(client, f"/themes/{theme}/comments", limit=500, kind="complaint", week="2024-W39", lang="en")
    assert {(one["week"], one["language"]) for one in complaints["comments"]} == {("2024-W39", "en")}


# Tags


def test_an_answer_is_not_sent_again_while_nothing_changes(ready):
    client = program(ready, "owner")
    first = client.get(f"{API}/actions")
    tag = first.headers["etag"]
    again = client.get(f"{API}/actions", headers={"if-none-match": f'"other", W/{tag}'})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert again.headers["cache-control"] == "no-store"
    theme = ready.themes()[0].theme.id
    ready.open_action_by_hand(theme, markets=["US"], clause="4.1", duty="Ring.", owner="ana")
    new = client.get(f"{API}/actions", headers={"if-none-match": tag})
    assert new.status_code == 200
    assert new.headers["etag"] != tag


def test_a_tag_lets_nobody_in(client, app):
    tag = client.get(f"{API}/weeks").headers["etag"]
    nobody = TestClient(app, base_url=HOST)
    assert nobody.get(f"{API}/weeks", headers={"if-none-match": tag}).status_code == 401


def test_what_is_refused_has_no_tag(client):
    assert "etag" not in client.get(f"{API}/themes/zz").headers


# Decisions


def test_an_action_is_opened_closed_and_told(ready):
    client = program(ready, "operations")
    theme = ready.themes()[0].theme.id
    sent = {"theme_id": theme, "markets": ["US"], "clause": "4.1", "duty": "Ring.", "owner": "ana", "due": "2030-01-01"}
    opened = client.post(f"{API}/actions", json=sent)
    assert opened.status_code == 200
    own = opened.json()["id"]
    assert [one["id"] for one in get(client, "/actions", state="open")["actions"]] == [own]
    closed = client.post(f"{API}/actions/{own}/close", json={"result": "They ring.", "on": "2024-10-01"})
    assert (closed.json()["state"], closed.json()["done_on"]) == ("done", "2024-10-01")
    assert [one["after"] for one in get(client, f"/actions/{own}")["steps"]] == ["open", "done"]


def test_of_two_who_decide_the_second_is_told_and_changes_nothing(ready):
    client = program(ready, "owner")
    own = revision(ready)
    assert client.post(f"{API}/proposals/{own}/submit", json={}).status_code == 200
    sent = {"on_version": 1, "reason": "wording", "why": "Not as we speak."}
    assert client.post(f"{API}/proposals/{own}/reject", json=sent).json()["proposal"]["state"] == "rejected"
    later = client.post(f"{API}/proposals/{own}/reject", json=sent | {"why": "Me too."})
    assert later.status_code in {409, 422}
    steps = get(client, f"/proposals/{own}/history")["steps"]
    assert [(one["after"], one["reason"]) for one in steps][-1] == ("rejected", "wording")
    assert len(steps) == 3


@pytest.mark.parametrize("act", ["approve", "reject", "changes", "edit", "answer"])
def test_who_decides_names_the_version(client, workspace, act):
    own = workspace.proposals()[0].id
    answer = client.post(
        f"{API}/proposals/{own}/{act}", json={"why": "x", "reason": "other", "text": "x", "agrees": True}
    )
    assert answer.status_code == 422
    assert "on_version" in answer.json()["error"] or "no field" in answer.json()["error"]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"owner": "ana", "owners": "bo"}, "There is no field 'owners'"),
        ({}, "The field 'owner' is missing"),
        ({"owner": 3}, "The field 'owner' cannot be '3'"),
        ({"owner": "a\0"}, "control character"),
        ({"owner": "ana"}, "Name the proposal"),
        ({"owner": "ana", "theme_id": "zz", "markets": ["US"], "clause": "4.1", "duty": "Ring."}, "zz"),
    ],
)
def test_a_body_that_is_not_right_is_told_what_is_wrong(client, body, said):
    answer = client.post(f"{API}/actions", json=body)
    assert answer.status_code in {404, 422}
    assert said in answer.json()["error"]


def test_nothing_that_is_sent_runs_by_a_parameter(client):
    answer = client.post(f"{API}/actions?owner=ana", json={"owner": "ana"})
    assert "no parameter 'owner'" in answer.json()["error"]


def test_a_run_is_told_with_its_steps_and_one_is_started(ready, monkeypatch):
    client, done = program(ready, "analyst"), ready.runs()[0]
    assert [one["id"] for one in get(client, "/runs")["runs"]] == [one.id for one in ready.runs()]
    found = get(client, f"/runs/{done.id}")
    assert (found["run"]["state"], found["progress"], found["is_asked_to_stop"]) == ("done", None, False)
    assert found["steps"]
    assert all(one["seconds"] >= 0 for one in found["steps"])
    asked = []
    monkeypatch.setattr(Workspace, "start_run", lambda self, week, **rest: asked.append((week, rest)) or done)
    sent = client.post(f"{API}/runs", json={"week": "2024-W40", "market": "US"})
    assert sent.json()["run"]["id"] == done.id
    assert asked == [("2024-W40", {"market": "US", "backfill": False})]
    assert client.post(f"{API}/runs/{done.id}/cancel", json={}).status_code == 422
    assert program(ready, "viewer").post(f"{API}/runs", json={"week": "2024-W40"}).status_code == 403


# The documents


def test_every_example_of_the_documents_runs(ready, monkeypatch, capsys):
    revision(ready)
    client = program(ready, "owner")
    client.base_url = f"{HOST}{API}/"
    monkeypatch.setitem(__import__("sys").modules, "httpx", types.SimpleNamespace(Client=lambda **_: client))
    monkeypatch.setenv("VOC_TOKEN", "voc_x")
    names = {}
    blocks = re.findall(r"^```python\n(.*?)^```", (ROOT / "docs" / "api.md").read_text(), re.MULTILINE | re.DOTALL)
    assert len(blocks) >= 5
    for block in blocks:
        exec(compile(block, "docs/api.md", "exec"), names)
    said = capsys.readouterr().out
    assert "2024-W39" in said
    assert "rejected" in said
    assert "NotFoundError" in said


def test_every_address_is_documented():
    from test_openapi import OPERATIONS

    text = (ROOT / "docs" / "api.md").read_text()
    missing = []
    for label in OPERATIONS:
        method, path = label.split(" ")
        short = re.sub(r"{\w+_id}", "{id}", path.removeprefix("/api/v1/"))
        told = short in text or (short.startswith("proposals/{id}/") and f"`{short.split('/')[-1]}`" in text)
        told = told or f"…/{short.split('/')[-1]}" in text
        if not told:
            missing.append(f"{method} {short}")
    assert missing == []
