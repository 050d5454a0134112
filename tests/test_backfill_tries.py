"""What goes wrong in a backfill: tries, refusals, damaged outputs, workers that are killed."""

import os
import shutil
import signal
import subprocess
import sys
import threading
import time

import pytest
from brought import Inline, bring, forged, held, history_of, rows, write_csv
from conftest import BARE
from typer.testing import CliRunner

from voc.backfill import reading, tries
from voc.backfill.history import FOLDER
from voc.backfill.local import Local
from voc.backfill.output import place_of, write_output
from voc.backfill.tries import Outcome, State, attempt, raise_if_hopeless
from voc.cli.main import app
from voc.errors import DamageError, DiskFullError, InputError, VocError
from voc.workspace import Workspace


@pytest.fixture
def source(workspace):
    return history_of(workspace)


def test_a_part_is_tried_three_times(tmp_path):
    tried = []
    outcome = attempt(tmp_path, "read", 4, lambda: tried.append(1) or 1 / 0)
    assert (outcome.state, outcome.tries, len(tried)) == (State.QUARANTINED, 3, 3)
    assert outcome.reason.startswith("ZeroDivisionError in test_backfill_tries.py:")


def test_what_a_customer_wrote_is_not_part_of_a_reason(tmp_path):
    def fail():
        raise ValueError("secret words of a customer")

    assert "secret" not in attempt(tmp_path, "read", 1, fail).reason


def test_tries_that_took_their_worker_with_them_count(tmp_path):
    (tmp_path / "tries").mkdir()
    for number in range(3):
        (tmp_path / "tries" / f"read-000001.{number + 1}").touch()
    outcome = attempt(tmp_path, "read", 1, pytest.fail)
    assert (outcome.state, outcome.reason) == (State.QUARANTINED, tries._KILLED)


def test_what_would_fail_every_part_is_not_tried_again(tmp_path):
    def full():
        raise DiskFullError("no room")

    assert attempt(tmp_path, "read", 1, full).state is State.NO_ROOM


@pytest.mark.parametrize(("state", "code"), [(State.NO_ROOM, 6), (State.FATAL, 1)])
def test_what_ends_everything_is_raised_with_the_code_of_its_kind(state, code):
    with pytest.raises(VocError, match="why") as raised:
        raise_if_hopeless(Outcome(1, state, "why"))
    assert raised.value.exit_code == code


def test_a_part_that_was_set_aside_lets_the_others_go_on():
    raise_if_hopeless(Outcome(1, State.QUARANTINED, "why"))


def test_a_part_that_works_at_the_second_try_is_done(tmp_path):
    def second():
        if len(list((tmp_path / "tries").glob("*"))) < 2:
            raise InputError("not yet")
        write_output(tmp_path, "read", 1, {}, {})

    assert attempt(tmp_path, "read", 1, second).state is State.DONE


def test_a_part_that_always_fails_is_set_aside_with_its_reason_and_the_rest_goes_on(workspace, source, monkeypatch):
    works = reading.rows_of

    def broken(plan, part):
        if part.first_row == 30:
            raise InputError("this part is damaged")
        return works(plan, part)

    monkeypatch.setattr(reading, "rows_of", broken)
    report = bring(workspace, source)
    assert report.quarantined == ("history.csv, rows 31 to 40: this part is damaged",)
    assert report.tally.rows == 85
    monkeypatch.setattr(reading, "rows_of", works)
    engine = Inline()
    assert bring(workspace, source, engine=engine).quarantined == ()
    assert engine.worked_on == [3]


def test_a_refusal_ends_everything_with_its_reason(workspace, source, monkeypatch):
    monkeypatch.setattr(reading, "told_versions", lambda: {"voc": "0.0"})
    with pytest.raises(VocError, match=r"A worker runs voc 0\.0"):
        bring(workspace, source)


def test_a_worker_of_another_voc_is_refused(workspace, source):
    folder, _ = forged(workspace, source, versions={**reading.told_versions(), "voc": "9.9"})
    (outcome,) = Inline().map_partitions(folder, "read", [0])
    assert outcome.state is State.FATAL
    assert "runs voc 0.1.0, the plan was made with 9.9" in outcome.reason


def test_a_worker_that_sees_another_workspace_is_refused(workspace, source):
    folder, _ = forged(workspace, source, key="0" * 16)
    (outcome,) = Inline().map_partitions(folder, "read", [0])
    assert outcome.state is State.FATAL
    assert "sees another workspace" in outcome.reason


def test_a_changed_output_is_taken_away_and_made_again(workspace, source):
    with pytest.raises(KeyboardInterrupt):
        bring(workspace, source, engine=Inline(seed=1, stops_after=9))
    (folder,) = (workspace.services.paths.private / FOLDER).iterdir()
    kept = next(number for number in range(10) if place_of(folder, "read", number).exists())
    damaged = place_of(folder, "read", kept) / "feedback.parquet"
    damaged.write_bytes(damaged.read_bytes()[:-1] + b"x")
    with pytest.raises(DamageError, match="taken away"):
        bring(workspace, source)
    bring(workspace, source)
    assert len(held(workspace)["feedback"]) == 87


def test_an_output_that_is_there_already_stays(tmp_path):
    write_output(tmp_path, "read", 0, {"a": b"first"}, {})
    write_output(tmp_path, "read", 0, {"a": b"second"}, {})
    assert (place_of(tmp_path, "read", 0) / "a").read_bytes() == b"first"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["read-000000"]


def test_a_file_that_changed_meanwhile_is_set_aside(workspace, source):
    folder, _ = forged(workspace, source)
    write_csv(source, rows(3))
    (outcome,) = Inline().map_partitions(folder, "read", [0])
    assert (outcome.state, "has changed since the plan" in outcome.reason) == (State.QUARANTINED, True)


@pytest.mark.slow
def test_processes_store_the_same_also_when_one_is_killed(workspace, source, tmp_path):
    folder = tmp_path / "other"
    assert workspace.services.key
    shutil.copytree(workspace.services.paths.folder, folder)
    bring(workspace, source)
    engine, killed = Local(2), []

    def kill_one():
        end = time.monotonic() + 60
        while time.monotonic() < end and not killed:
            for tries_of in (folder / ".voc" / FOLDER).glob("*/tries/*"):
                if engine.pids and tries_of.exists():
                    os.kill(engine.pids[0], signal.SIGKILL)
                    killed.append(engine.pids[0])
                    return
            time.sleep(0.005)

    thread = threading.Thread(target=kill_one)
    with Workspace.open(folder, environment=BARE) as other:
        assert other.services.key == workspace.services.key
        thread.start()
        bring(other, source, engine=engine)
        thread.join()
        assert killed
        assert held(other) == held(workspace)


@pytest.mark.slow
def test_workers_that_cannot_begin_are_not_begun_for_ever(workspace, source, monkeypatch):
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(VocError, match="3 workers in a row ended before they were ready"):
        bring(workspace, source, engine=Local(1))


def command(folder, failpoint):
    environment = {**os.environ, **BARE, "VOC_WORKSPACE": str(folder), "VOC_FAILPOINT": failpoint}
    arguments = ["backfill", str(folder / "history.csv"), "--workers", "1", "--bring-only"]
    return subprocess.run(
        [sys.executable, "-m", "voc.cli.main", *arguments], env=environment, capture_output=True, text=True, timeout=200
    )


def test_an_address_is_no_folder_that_all_workers_see():
    with pytest.raises(InputError, match="let 'voc ingest' read the address"):
        CliRunner().invoke(app, ["backfill", "s3://bucket/history/"], catch_exceptions=False)


@pytest.mark.slow
def test_a_kill_while_outputs_are_stored_changes_nothing_in_the_end(workspace, source, tmp_path):
    folder = tmp_path / "other"
    assert workspace.services.key
    shutil.copytree(workspace.services.paths.folder, folder)
    bring(workspace, source, per_part=5000)
    for place in ("vectors.bytes-written", "backfill.before-commit", "backfill.after-commit"):
        assert command(folder, place).returncode == -signal.SIGKILL
    ended = command(folder, "")
    assert ended.returncode == 0, ended.stderr
    assert "95 rows, 87 new, 0 known, 8 rejected" in ended.stdout
    with Workspace.open(folder, environment=BARE) as other:
        assert held(other) == held(workspace)
