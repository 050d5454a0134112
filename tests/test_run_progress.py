"""A run shows how far it is, is stopped on a wish, and the same command goes on where it stopped."""

import os
import signal
import subprocess
import sys
import time

import pytest
from conftest import BARE
from visitors import known

from voc.access import Role, Who
from voc.errors import BusyError, InputError, NotAllowedError, NotFoundError, RunCancelledError
from voc.runner import pulse
from voc.store import run_progress, runs
from voc.workspace import Workspace

WEEK = "2024-W40"


@pytest.fixture
def quick(monkeypatch):
    monkeypatch.setattr(pulse, "LOOK_S", 0.01)


def stopped_at(workspace, wanted):
    """Run the week and ask it to stop while a step is at work."""
    seen = []

    def announce(step):
        seen.append(step)
        if step == wanted:
            workspace.cancel_run(workspace.runs(limit=1)[0].id)
            time.sleep(0.2)
        return lambda done, total: None

    with pytest.raises(RunCancelledError, match="Cancelled by tester"):
        workspace.run(WEEK, announce=announce)
    return seen


@pytest.mark.slow
def test_a_cancelled_run_stops_and_the_same_command_ends_as_if_nothing_had_been(ready, ready_folder, quick, tmp_path):
    seen = stopped_at(ready, "name themes")
    assert seen[-1] == "name themes"
    cancelled = ready.run_of(ready.runs(limit=1)[0].id)
    assert cancelled.run.state == "cancelled"
    assert "goes on" in cancelled.run.error
    ready.run(WEEK)
    import shutil

    shutil.copytree(ready_folder, tmp_path / "other")
    with Workspace.open(tmp_path / "other", environment=BARE) as other:
        other.run(WEEK)
        theirs = other.report(WEEK).data.read_bytes()
    assert ready.report(WEEK).data.read_bytes() == theirs


def test_what_has_ended_cannot_be_stopped(ready):
    done = ready.runs(limit=1)[0]
    with pytest.raises(InputError, match="ended already"):
        ready.cancel_run(done.id)
    with pytest.raises(NotFoundError, match="No run begins"):
        ready.cancel_run("nothing")


def test_stopping_is_for_those_who_may_run(ready):
    known(ready, "vera", "viewer")
    with pytest.raises(NotAllowedError, match="start and stop runs"):
        ready.acting(Who("vera", Role.VIEWER)).cancel_run(ready.runs(limit=1)[0].id)


def begun(workspace, run_id="r" * 16):
    with workspace.services.database.write() as connection:
        stamp = workspace.services.stamp
        runs.start(connection, stamp, run_id=run_id, pipeline="weekly", week=WEEK, config_hash="", manifest={})
    return run_id


def test_a_pulse_tells_how_far_a_run_is_and_hears_the_wish(workspace, quick):
    run_id = begun(workspace)
    beating = pulse.Pulse(workspace.services, run_id, lease="workspace", holder="h")
    beating.start()
    handed = []
    advance = beating.watched("embed", lambda done, total: handed.append((done, total)))
    advance(3, 9)
    _until(lambda: workspace.run_of(run_id).progress)
    now = workspace.run_of(run_id).progress
    assert (now.step, now.done, now.total) == ("embed", 3, 9)
    workspace.cancel_run(run_id)
    _until(lambda: beating._wish)
    with pytest.raises(RunCancelledError, match="Cancelled by tester"):
        advance(4, 9)
    beating.stop()
    assert handed[0] == (3, 9)


def test_a_wish_is_kept_once_with_who_had_it(workspace):
    run_id = begun(workspace)
    workspace.cancel_run(run_id)
    workspace.cancel_run(run_id)
    with workspace.services.database.read() as connection:
        assert run_progress.wish(connection, run_id).actor == "tester"
    assert [one.action for one in workspace.audit()].count("cancel run") == 1


def test_a_run_keeps_what_it_was_made_with(ready):
    made = ready.runs(limit=1)[0].manifest
    assert {"voc", "python", "torch", "bertopic", "faiss-cpu", "encoder"} <= set(made)


@pytest.mark.slow
def test_a_run_is_started_beside_the_server_and_stopped_by_a_signal(ready):
    run = ready.start_run(WEEK)
    assert run.actor == "tester"
    with pytest.raises(BusyError, match="is at work since"):
        ready.start_run(WEEK)
    _until(lambda: ready.run_of(run.id).run.state != "running", seconds=120)
    assert ready.run_of(run.id).run.state == "done"


@pytest.mark.slow
def test_a_signal_stops_the_command_and_says_how_to_go_on(ready):
    folder = ready.services.paths.folder
    command = [sys.executable, "-m", "voc.cli.main", "-C", str(folder), "run", "--week", WEEK]
    child = subprocess.Popen(command, env={**os.environ, **BARE}, stderr=subprocess.PIPE, text=True)
    _until(lambda: ready.running(), seconds=60)
    child.send_signal(signal.SIGTERM)
    _, said = child.communicate(timeout=60)
    assert child.returncode == 8
    assert "the same command goes on" in said
    assert ready.runs(limit=1)[0].state == "cancelled"
    ready.run(WEEK)


def test_a_start_that_fails_at_once_says_why(ready):
    with pytest.raises(InputError, match=r"ended at once.*no feedback"):
        ready.start_run("2031-W01")


def test_dead_letters_are_told_with_reasons_and_taken_away_without_formulas(workspace):
    path = workspace.services.paths.folder / "f.csv"
    head = "id,created,country,comment,stars,channel,depot,service,tracking_no\n"
    path.write_text(head + "1,2024-10-01,US,wet,1,,,,\n=1+1,never,US,late,1,,,,\n")
    workspace.ingest(path)
    batch = workspace.batches()[0]
    assert (batch.tally.added, batch.tally.rejected) == (1, 1)
    (letter,) = workspace.dead_letters(batch.id)
    assert letter.reason
    text = workspace.dead_letters_csv(batch.id).decode("utf-8-sig")
    assert "'=1+1" in text or "=1+1" not in text.replace("'=1+1", "")


def _until(done, seconds=10.0):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if done():
            return
        time.sleep(0.05)
    raise AssertionError("it never came")
