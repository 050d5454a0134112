"""The pages of runs: what ran, the one at work live, starting and stopping, and what could not be read."""

import asyncio
import csv
import io
import json
import secrets
import shutil
from dataclasses import replace

import pytest
from conftest import BARE
from visitors import browser, program

from voc.access import Role
from voc.errors import BusyError, TooManyTriesError
from voc.store import batches, run_progress, runs
from voc.store.batches import Batch, DeadLetter, Tally
from voc.store.run_progress import ProgressRow
from voc.store.runs import StepRow
from voc.types import Stamp
from voc.web import streams
from voc.web.app import create_app
from voc.web.streams import MOST_OF_PERSON, Streams, follow
from voc.wiring import utc_now
from voc.workspace import Workspace
from voc.workspace_runs import RunCalls

HOSTILE = "<script>alert(1)</script> **bold** \u202egnp.exe Z\u0351\u0343\u0357algo"


@pytest.fixture(scope="module")
def workspace(ready_folder, tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "w"
    shutil.copytree(ready_folder, folder)
    with Workspace.open(folder, environment=BARE) as opened:
        yield opened


@pytest.fixture(scope="module")
def app(workspace):
    return create_app(workspace)


@pytest.fixture(scope="module")
def done(workspace):
    return workspace.runs()[0]


@pytest.fixture
def lost(workspace):
    """A run that is marked as running and has no lease."""
    run_id, stamp = secrets.token_hex(8), Stamp("ana", utc_now())
    with workspace.services.database.write() as connection:
        runs.start(
            connection, stamp, run_id=run_id, pipeline="weekly", week="2024-W38", config_hash="c", manifest={"voc": "1"}
        )
    yield run_id
    with workspace.services.database.write() as connection:
        runs.finish(connection, stamp, run_id=run_id, error="stopped")


@pytest.fixture
def live(workspace, lost, monkeypatch):
    """The same, as if its process were at work."""
    stamp = Stamp("ana", utc_now())
    step = StepRow(lost, "embed", 1, "running", stamp.at.isoformat(), None, None, None, {}, None)
    with workspace.services.database.write() as connection:
        runs.record_step(connection, stamp, step)
        run_progress.put(connection, lost, ProgressRow("embed", 30, 120, stamp.at.isoformat()))
    monkeypatch.setattr(RunCalls, "running", lambda self: self.run_of(lost))
    return lost


@pytest.fixture(scope="module")
def batch(workspace):
    found, stamp = Batch("ba7c000000000000", "feedback", HOSTILE + ".csv", "0" * 64, "m"), Stamp("ana", utc_now())
    with workspace.services.database.write() as connection:
        batches.begin(connection, stamp, found)
        letter = DeadLetter(3, "market", "the market 'XX' is not configured", {"text": HOSTILE, "sum": "=1+1"})
        batches.reject(connection, found.id, letters=[letter])
        batches.tally(connection, found.id, counts=Tally(rows=9, added=8, rejected=1))
    return found


def test_what_ran_is_listed_with_week_pipeline_and_who(workspace, app, done):
    text = browser(workspace, "viewer", app=app).get("/runs").text
    assert f'<a href="/runs/{done.id}">2024-W39</a>' in text
    assert "weekly" in text
    assert "tester" in text


def test_a_page_of_runs_that_is_not_there_is_empty(workspace, app):
    assert "No more." in browser(workspace, app=app).get("/runs?at=30").text


def test_a_run_shows_its_steps_with_seconds_memory_and_versions(workspace, app, done):
    text = browser(workspace, "viewer", app=app).get(f"/runs/{done.id}").text
    for step in workspace.run_of(done.id).steps:
        assert step.name in text
    assert " MB" in text
    assert "<dt>numpy</dt>" in text
    assert f"/overview?week={done.week}" in text


def test_the_beginning_of_an_id_leads_to_the_run(workspace, app, done):
    answer = browser(workspace, app=app).get(f"/runs/{done.id[:8]}")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/runs/{done.id}")


def test_a_run_that_is_not_there_is_not_found(workspace, app):
    assert browser(workspace, app=app).get("/runs/feedfeedfeed").status_code == 404
    assert browser(workspace, app=app).get("/runs/feedfeedfeed/events").status_code == 404


def test_a_run_at_work_is_live_with_and_without_scripts(workspace, app, live):
    text = browser(workspace, "viewer", app=app).get(f"/runs/{live}").text
    assert f'data-events="/runs/{live}/events"' in text
    assert '<noscript><meta http-equiv="refresh"' in text
    assert '<progress max="120" value="30"' in text
    assert "30 of 120" in text


@pytest.mark.parametrize("role", list(Role))
def test_only_those_who_may_are_offered_to_stop_a_run(workspace, app, live, role):
    text = browser(workspace, role.value, app=app).get(f"/runs/{live}").text
    assert ("Stop this run" in text) == (role in {Role.ANALYST, Role.OWNER, Role.ADMIN})


def test_a_run_is_asked_to_stop(workspace, app, live):
    client = browser(workspace, "analyst", app=app)
    assert client.fill(f"/runs/{live}/cancel").headers["location"] == f"/runs/{live}"
    assert workspace.run_of(live).wish.actor == "analyst.one"
    text = client.get(f"/runs/{live}").text
    assert "asked it to stop" in text
    assert "Stop this run" not in text


def test_a_viewer_stops_and_starts_nothing(workspace, app, live):
    client = browser(workspace, "viewer", app=app)
    assert client.fill(f"/runs/{live}/cancel").status_code == 403
    assert client.fill("/runs", week="2024-W39").status_code == 403
    assert workspace.run_of(live).wish is None


def test_a_form_without_the_sessions_token_starts_nothing(workspace, app, monkeypatch):
    monkeypatch.setattr(RunCalls, "start_run", lambda *_, **__: pytest.fail("it was started"))
    assert browser(workspace, app=app).post("/runs", data={"week": "2024-W39"}).status_code == 403


def test_a_run_whose_process_is_gone_can_be_gone_on_with(workspace, app, lost):
    text = browser(workspace, app=app).get(f"/runs/{lost}").text
    assert "its process is gone" in text
    assert "Go on with it" in text
    assert "data-events" not in text


def test_going_on_starts_the_same_week_again(workspace, app, done, monkeypatch):
    asked = []
    monkeypatch.setattr(RunCalls, "start_run", lambda self, week, **more: asked.append((week, more)) or done)
    answer = browser(workspace, app=app).fill("/runs", week="2024-W39", market="", backfill="yes")
    assert answer.headers["location"] == f"/runs/{done.id}"
    assert asked == [("2024-W39", {"market": None, "backfill": True})]


def test_while_another_run_is_at_work_none_is_started(workspace, app, live):
    answer = browser(workspace, app=app).fill("/runs", week="2024-W39")
    assert answer.status_code == 409
    assert "at work" in answer.text


def test_a_week_that_is_none_is_said(workspace, app):
    assert browser(workspace, app=app).fill("/runs", week="soon").status_code == 422


# Imports


def test_imports_are_shown_to_those_who_bring_things_in(workspace, app, batch):
    assert f"/runs/imports/{batch.id}" in browser(workspace, "analyst", app=app).get("/runs").text
    assert f"/runs/imports/{batch.id}" not in browser(workspace, "viewer", app=app).get("/runs").text


def test_what_could_not_be_read_is_shown_as_text(workspace, app, batch):
    text = browser(workspace, app=app).get(f"/runs/imports/{batch.id}").text
    assert "is not configured" in text
    assert "<script>alert" not in text
    assert "\u202e" not in text


def test_no_spreadsheet_finds_a_formula_in_the_download(workspace, app, batch):
    answer = browser(workspace, app=app).get(f"/runs/imports/{batch.id}/rejected.csv")
    assert answer.headers["content-disposition"] == f'attachment; filename="rejected-{batch.id}.csv"'
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert rows[0]["row"] == "3"
    assert rows[0]["file: sum"] == "'=1+1"


def test_rows_of_no_market_are_not_for_those_of_one_market(workspace, app, batch):
    client = browser(workspace, "analyst", name="de.one", markets=["DE"], app=app)
    page = client.get(f"/runs/imports/{batch.id}")
    assert page.status_code == 200
    assert "is not configured" not in page.text
    assert client.get(f"/runs/imports/{batch.id}/rejected.csv").status_code == 403


@pytest.mark.parametrize("path", ["", "/rejected.csv"])
def test_an_import_that_is_not_there_is_not_found(workspace, app, path):
    assert browser(workspace, app=app).get(f"/runs/imports/nothing{path}").status_code == 404


def test_a_viewer_sees_no_import(workspace, app, batch):
    assert browser(workspace, "viewer", app=app).get(f"/runs/imports/{batch.id}").status_code == 403


# Streams


@pytest.fixture
def quick(monkeypatch):
    monkeypatch.setattr(streams, "LOOK_S", 0.001)


def read(answer, most=100):
    """Return what a stream sends, as the data of its events."""

    async def go():
        found = []
        async for one in answer.body_iterator:
            found.append(one)
            if len(found) >= most:
                break
        await answer.body_iterator.aclose()
        return found

    return asyncio.run(go())


def test_a_stream_tells_what_changed_and_ends_with_the_run(quick):
    states = iter([{"at": 1}, {"at": 1}, {"at": 2}, {"at": 3, "ended": True}, {"at": 4}])
    sent = read(follow(Streams(), "ana", lambda: next(states)))
    assert [json.loads(one[6:]) for one in sent if one.startswith("data: ")] == [
        {"at": 1},
        {"at": 2},
        {"at": 3, "ended": True},
    ]


def test_a_stream_ends_when_the_server_stops(quick):
    held, looks = Streams(), []
    held.is_stopping = lambda: len(looks) >= 3
    read(follow(held, "ana", lambda: looks.append(1) or {"at": len(looks)}))
    assert len(looks) == 3


def test_a_stream_ends_after_a_while(quick):
    assert len(read(follow(Streams(), "ana", lambda: {"at": 1}, longest_s=0.02))) == 2


def test_a_stream_that_waits_says_so_now_and_then(quick, monkeypatch):
    monkeypatch.setattr(streams, "STILL_S", 0.004)
    assert ": still at it\n\n" in read(follow(Streams(), "ana", lambda: {"at": 1}), most=4)


def test_a_person_follows_few_streams_at_once_and_others_are_not_held_up(quick):
    held = Streams()
    for _ in range(MOST_OF_PERSON):
        follow(held, "ana", lambda: {"at": 1})
    with pytest.raises(TooManyTriesError):
        follow(held, "ana", lambda: {"at": 1})
    assert follow(held, "ben", lambda: {"at": 1})


def test_a_stream_that_ended_makes_room(quick):
    held = Streams()
    for _ in range(MOST_OF_PERSON * 3):
        read(follow(held, "ana", lambda: {"ended": True}))


def test_a_stream_whose_browser_went_makes_room(quick):
    held = Streams()
    for _ in range(MOST_OF_PERSON * 3):
        read(follow(held, "ana", lambda: {"at": 1}), most=2)


def test_a_store_that_is_busy_ends_a_stream_without_a_traceback(quick):
    def look():
        raise BusyError("busy")

    assert read(follow(Streams(), "ana", look)) == ["retry: 1000\n\n"]


def test_the_stream_of_a_run_passes_the_door_and_tells_the_end(workspace, app, done):
    answer = browser(workspace, "viewer", app=app).get(f"/runs/{done.id}/events")
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.headers["x-content-type-options"] == "nosniff"
    found = [json.loads(one[6:]) for one in answer.text.split("\n\n") if one.startswith("data: ")]
    assert len(found) == 1
    assert found[0]["ended"]


def test_a_stream_wants_a_session_or_token(workspace, app, done):
    client = browser(workspace, "viewer", app=app)
    client.cookies.clear()
    assert client.get(f"/runs/{done.id}/events").status_code == 303
    assert program(workspace, "viewer", scopes=["counts"], app=app).get(f"/runs/{done.id}/events").status_code == 200


def test_a_hostile_name_of_a_run_is_text(workspace, app, done, monkeypatch):
    real = RunCalls.run_of

    def hostile(self, run_id):
        now = real(self, run_id)
        return replace(now, run=replace(now.run, actor=HOSTILE, error=HOSTILE, manifest={HOSTILE: HOSTILE}))

    monkeypatch.setattr(RunCalls, "run_of", hostile)
    text = browser(workspace, app=app).get(f"/runs/{done.id}").text
    assert "<script>alert" not in text
    assert "\u202e" not in text
