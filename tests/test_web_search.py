"""Search over HTTP: hits with reasons, every filter, clear refusals, and nothing given away."""

import csv
import dataclasses
import logging
import shutil
import subprocess
import sys
import threading
import time

import pytest
from conftest import BARE
from fastapi import FastAPI
from fastapi.testclient import TestClient
from test_cli import HEAVY
from visitors import program

from voc import errors
from voc.access import Role, Who
from voc.search.count import Count
from voc.search.filters import Asked
from voc.search.fuse import Mode
from voc.search.question import MOST_HITS
from voc.search.result import COLUMNS, SearchResult
from voc.types import Polarity
from voc.web import app as web
from voc.web.api import search as asking
from voc.web.api.search import CommentCount, Hit
from voc.wiring import Services
from voc.workspace import Workspace

SEARCH, COUNT, LOOKUP, SAVED = (f"/api/v1/{one}" for one in ("search", "search/count", "lookup", "searches"))
RAIN = {"q": "parcel left in the rain"}
ASKED = {
    "market": ["US", "GB"],
    "week": "2024-W36..2024-W39",
    "since": "2024-09-01",
    "until": "2024-09-30",
    "theme": "none",
    "group": "damage",
    "rating": "1-2",
    "lang": ["en", "de"],
    "channel": ["survey"],
    "kind": ["complaint"],
    "where": ["depot=B3", "service=standard"],
}


@pytest.fixture(scope="module")
def workspace(ready_folder, tmp_path_factory):
    folder = tmp_path_factory.mktemp("search") / "w"
    shutil.copytree(ready_folder, folder)
    with Workspace.open(folder, environment=BARE) as opened:
        yield opened


@pytest.fixture(scope="module")
def client(workspace):
    return program(workspace, name="tester")


@pytest.fixture(scope="module")
def viewer(workspace):
    return program(workspace, "viewer")


def problem(answer, status, kind):
    assert (answer.status_code, set(answer.json()), answer.json()["kind"]) == (status, {"error", "kind"}, kind)
    return answer.json()["error"]


def told_by_the_server(caplog):
    """Return what was logged, but for the test's own client."""
    return "\n".join(one.getMessage() for one in caplog.records if not one.name.startswith("httpx"))


def test_a_hit_comes_with_its_reasons(client):
    found = client.get(SEARCH, params=RAIN | {"market": "US", "limit": 3}).json()
    assert set(found) == {"hits", "cursor", "notes"}
    assert len(found["hits"]) == 3
    hit = found["hits"][0]
    assert hit["market"] == "US"
    assert hit["why"] == f"meaning #{hit['dense_rank']}, words #{hit['lexical_rank']}"
    words = {hit["text"][start:end].casefold() for start, end in hit["matched"]}
    assert words
    assert words <= {"parcel", "left", "in", "the", "rain"}
    assert hit["start"] <= hit["matched"][0][0] < hit["end"]


def test_a_hit_has_every_field_that_the_other_doors_give():
    assert set(Hit.model_fields) == {*COLUMNS, "matched", "why"}


def test_a_hit_is_the_one_that_python_gives(client, workspace):
    ours = workspace.search(RAIN["q"], limit=5)
    theirs = client.get(SEARCH, params=RAIN | {"limit": 5}).json()
    said = [(one["id"], one["score"], one["created_at"]) for one in theirs["hits"]]
    assert said == [(one.feedback.id, round(one.score, 4), one.feedback.created_at.isoformat()) for one in ours.hits]


def test_every_filter_is_passed_on(client, monkeypatch):
    got = {}
    monkeypatch.setattr(Workspace, "filter", lambda self, asked: got.setdefault("asked", asked))
    monkeypatch.setattr(
        Workspace, "search", lambda self, text, **rest: got.update(rest, text=text) or SearchResult((), "on", ("a",))
    )
    page = {"like": "abc", "mode": "dense", "limit": 7, "cursor": "here"}
    answer = client.get(SEARCH, params=RAIN | ASKED | page)
    assert answer.json() == {"hits": [], "cursor": "on", "notes": ["a"]}
    asked = dataclasses.asdict(got["asked"])
    assert {asking.PARAMETERS.get(name, name): value for name, value in asked.items()} == ASKED
    assert got == page | {"text": RAIN["q"], "wanted": got["asked"], "asked": got["asked"]}


def test_a_count_is_of_the_same_filters(client, monkeypatch):
    got = {}
    monkeypatch.setattr(Workspace, "filter", lambda self, asked: got.setdefault("asked", asked))
    monkeypatch.setattr(
        Workspace, "count", lambda self, text, **rest: got.update(rest, text=text) or Count(0, 0, None, {}, {})
    )
    client.get(COUNT, params=RAIN | ASKED | {"like": "abc", "mode": "lexical"})
    assert got.pop("asked") == got.pop("wanted") == Asked(*ASKED.values())
    assert got == {"text": RAIN["q"], "like": "abc", "mode": "lexical"}


def test_a_count_says_where_and_when(client, workspace):
    found = client.get(COUNT, params={"q": "rain", "mode": "lexical", "market": "US"}).json()
    counted = workspace.count("rain", wanted=workspace.filter(Asked(markets=["US"])), mode="lexical")
    assert found == dataclasses.asdict(counted)
    assert found["comments"] > 0
    assert set(CommentCount.model_fields) == {one.name for one in dataclasses.fields(Count)}


def test_a_number_finds_its_comment(client, ready_folder):
    with (ready_folder / "feedback.csv").open(encoding="utf-8", newline="") as file:
        row = next(row for row in csv.DictReader(file) if row["tracking_no"])
    answer = client.get(LOOKUP, params={"number": row["tracking_no"].lower()})
    (comment,) = answer.json()["comments"]
    assert comment["source_id"] == row["id"]
    assert row["tracking_no"] not in answer.text
    assert client.get(LOOKUP, params={"number": "VX000"}).json() == {"comments": []}


def test_saved_searches_come_with_the_parameters_that_ask_them_again(ready):
    ready.save_search("Wet", "rain", Asked(markets=["US"], rating="1-2"), mode="lexical")
    found = program(ready).get(SAVED).json()["searches"]
    assert [{**one, "at": ""} for one in found] == [
        {
            "name": "Wet",
            "q": "rain",
            "mode": "lexical",
            "filters": {"market": ["US"], "rating": "1-2"},
            "actor": "tester",
            "at": "",
        }
    ]


def test_pages_together_are_the_one_big_page(client):
    whole = client.get(SEARCH, params=RAIN | {"limit": 9}).json()["hits"]
    paged, cursor = [], ""
    for _ in range(3):
        page = client.get(SEARCH, params=RAIN | {"limit": 3, "cursor": cursor}).json()
        paged, cursor = paged + page["hits"], page["cursor"]
    assert len(whole) == 9
    assert paged == whole


@pytest.mark.parametrize(
    ("path", "params", "status", "kind", "said"),
    [
        (SEARCH, RAIN | {"market": "XX"}, 422, "InputError", "no market 'XX'. Known: US, DE, FR, GB"),
        (SEARCH, RAIN | {"mode": "psychic"}, 422, "InputError", "Allowed: hybrid, dense, lexical"),
        (SEARCH, {}, 422, "InputError", "question is empty"),
        (SEARCH, RAIN | {"limit": 0}, 422, "InputError", "'limit' cannot be '0': Input should be greater"),
        (SEARCH, RAIN | {"limit": "many"}, 422, "InputError", "'limit' cannot be 'many': Input should be a valid int"),
        (SEARCH, RAIN | {"markt": "US"}, 422, "InputError", "no parameter 'markt'. Allowed: q, like, mode, market"),
        (SEARCH, RAIN | {"theme": ["a", "b"]}, 422, "InputError", "'theme' came 2 times"),
        (SEARCH, RAIN | {"cursor": "bad"}, 422, "InputError", "cursor is not one"),
        (SEARCH, RAIN | {"market": "US\0"}, 422, "InputError", "holds a control character"),
        (SEARCH, {"like": "zzz"}, 404, "NotFoundError", "No comment begins with 'zzz'"),
        (COUNT, RAIN | {"limit": 3}, 422, "InputError", "no parameter 'limit'"),
        (LOOKUP, {}, 422, "InputError", "'number' is missing"),
        (LOOKUP, {"number": " - "}, 422, "InputError", "number is empty"),
        (SAVED, {"q": "x"}, 422, "InputError", "Allowed: none"),
        ("/api/v1/nowhere", {}, 404, "NotFoundError", "nothing at this address"),
    ],
)
def test_a_mistake_is_answered_with_what_came_and_what_to_do(client, path, params, status, kind, said):
    assert said in problem(client.get(path, params=params), status, kind)


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (errors.NotAllowedError, 403),
        (errors.NotFoundError, 404),
        (errors.SettingsError, 422),
        (errors.BusyError, 409),
        (errors.DamageError, 503),
        (errors.StoreError, 503),
        (errors.ModelError, 503),
        (errors.LLMRefused, 503),
        (errors.DiskFullError, 503),
    ],
)
def test_every_kind_of_error_has_its_status(client, monkeypatch, error, status):
    def fail(self):
        raise error("why")

    monkeypatch.setattr(Workspace, "saved_searches", fail)
    assert problem(client.get(SAVED), status, error.__name__) == "why"


def test_a_full_disk_is_said(client, monkeypatch):
    def fail(self):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Workspace, "saved_searches", fail)
    assert "No room left" in problem(client.get(SAVED), 503, "DiskFullError")


def test_a_viewer_counts_but_reads_no_comment(viewer):
    assert "may not read single comments" in problem(viewer.get(SEARCH, params=RAIN), 403, "NotAllowedError")
    assert "may not look up" in problem(viewer.get(LOOKUP, params={"number": "VX1"}), 403, "NotAllowedError")
    assert viewer.get(COUNT, params={"q": "rain", "mode": "lexical"}).json()["comments"] > 0


@pytest.mark.parametrize("name", ["q", "like", "theme", "market", "cursor", "where", "no<b>"])
@pytest.mark.parametrize(
    "text", ["<script>alert(1)</script>", "rain\0\x1b[2J\r\nSet-Cookie: a=b", "rain " * 10_000, "%ff\u202e'; drop"]
)
def test_hostile_text_is_answered_as_plain_json(client, name, text):
    answer = client.get(SEARCH, params={name: text})
    assert answer.status_code in {200, 404, 422}
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "set-cookie" not in answer.headers
    assert answer.status_code == 200 or len(answer.json()["error"]) < 1000


def test_a_text_that_is_too_long_is_said_to_be(client):
    answer = client.get(SEARCH, params={"q": "x" * 50_000})
    assert "50,000 characters; at most 2,000" in problem(answer, 422, "InputError")


def test_the_schema_names_every_filter(client):
    schema = client.get("/api/v1/openapi.json").json()
    filters = {"q", "like", "mode", *ASKED}
    named = {
        path: {one["name"] for one in operation["get"].get("parameters", [])}
        for path, operation in schema["paths"].items()
        if path in {SEARCH, COUNT, LOOKUP, SAVED}
    }
    assert named == {SEARCH: filters | {"limit", "cursor"}, COUNT: filters, LOOKUP: {"number"}, SAVED: set()}


def test_the_schema_allows_what_search_allows(client):
    given = client.get("/api/v1/openapi.json").json()["paths"][SEARCH]["get"]["parameters"]
    told = {one["name"]: one for one in given}
    assert told["mode"]["schema"]["enum"] == [one.value for one in Mode]
    assert told["limit"]["schema"]["maximum"] == MOST_HITS
    assert all(one.value in told["kind"]["description"] for one in Polarity)


@pytest.mark.parametrize("method", ["put", "patch", "delete", "options"])
def test_only_get_is_answered(client, method):
    answer = getattr(client, method)(SAVED)
    assert "does not take this kind of request" in problem(answer, 405, "InputError")
    assert answer.headers["allow"] == "GET"


@pytest.mark.parametrize(
    ("host", "status"),
    [("127.0.0.1:8000", 200), ("localhost", 200), ("[::1]:8000", 200), ("evil.example", 400), ("localhost.evil", 400)],
)
def test_only_our_own_hosts_are_answered(client, host, status):
    answer = client.get(SAVED, headers={"Host": host})
    assert answer.status_code == status
    assert answer.headers["cache-control"] == "no-store"


def test_another_host_can_be_named(workspace):
    other = program(workspace, name="tester", app=web.create_app(workspace, hosts=["voc.example"]))
    assert other.get(SAVED, headers={"Host": "voc.example"}).status_code == 200
    assert other.get(SAVED).status_code == 400


def test_an_unexpected_error_hides_its_inside(client, monkeypatch, caplog):
    def fail(self, asked):
        raise RuntimeError("SELECT hidden WHERE text = 'secret question'")

    monkeypatch.setattr(Workspace, "filter", fail)
    caplog.set_level(logging.DEBUG)
    answer = client.get(SEARCH, params={"q": "secret question"})
    logged = told_by_the_server(caplog)
    assert "fault of voc" in problem(answer, 500, "UnexpectedError")
    assert answer.headers["cache-control"] == "no-store"
    for told in (answer.text, logged):
        assert "secret" not in told
        assert "SELECT" not in told
    assert "RuntimeError" not in answer.text
    assert "RuntimeError" in logged
    assert "in search" in logged


def test_the_server_around_it_never_sees_the_question(workspace, caplog):
    app, seen = web.create_app(workspace), []

    async def server(scope, receive, send):
        async def logged(message):
            seen.append(scope["query_string"])
            await send(message)

        await app(scope, receive, logged)

    caplog.set_level(logging.DEBUG)
    other = program(workspace, name="tester", app=app)
    answer = TestClient(server).get(SEARCH, params=RAIN, headers={"authorization": other.headers["authorization"]})
    assert answer.json()["hits"]
    assert set(seen) == {b""}
    assert "rain" not in told_by_the_server(caplog)


def test_no_trace_is_kept_of_a_question(client, monkeypatch):
    asked = []
    for provider in ("trace.get_tracer_provider", "_logs.get_logger_provider", "metrics.get_meter_provider"):
        monkeypatch.setattr(f"opentelemetry.{provider}", lambda: asked.append(1))
    assert client.get(SAVED).status_code == 200
    assert asked == []


def test_two_first_questions_at_once_build_one_encoder(ready_folder, monkeypatch):
    built, begin = [], threading.Barrier(2)
    real = Services._embedder

    def slow(self):
        built.append(1)
        time.sleep(0.01)
        return real(self)

    monkeypatch.setattr(Services, "_embedder", slow)
    with Workspace.open(ready_folder, environment=BARE) as opened:
        everybody = [opened, opened.acting(Who("other", Role.ANALYST))]

        def ask(one):
            begin.wait()
            one.search("rain", limit=1)

        threads = [threading.Thread(target=ask, args=(one,)) for one in everybody]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
        assert everybody[0].services.embedder is everybody[1].services.embedder
    assert built == [1]


def test_the_workspace_comes_from_the_environment_and_is_closed_at_the_end(ready_folder, monkeypatch):
    closed = []
    monkeypatch.setenv("VOC_WORKSPACE", str(ready_folder))
    monkeypatch.setattr(Workspace, "close", lambda self: closed.append(self.services.paths.folder))
    app = web.from_environment()
    assert isinstance(app, FastAPI)
    with TestClient(app) as opened:
        assert opened.get("/healthz").json() == {"status": "ok"}
        assert closed == []
    assert closed == [ready_folder]


def test_a_folder_that_is_no_workspace_is_refused(tmp_path, monkeypatch):
    monkeypatch.delenv("VOC_WORKSPACE", raising=False)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(errors.SettingsError, match="voc init"):
        web.from_environment()


def test_the_app_imports_nothing_heavy_but_the_store():
    heavy = [one for one in HEAVY if one != "sqlalchemy"]
    code = f"import sys, voc.web.app; print([one for one in {heavy!r} if one in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.strip() == "[]", done.stderr
