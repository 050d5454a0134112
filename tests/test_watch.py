"""A watched folder: complete files are taken once, bad ones told once, and a signal ends it cleanly."""

import os
import signal
import subprocess
import sys
import threading
import time

import pytest
from conftest import BARE

from voc.errors import NotFoundError
from voc.ingest.load import IngestReport
from voc.ingest.parts import Failed
from voc.ingest.watch import Watch, watch

HEAD = "id,created,country,comment,stars,channel,depot,service,tracking_no\n"
ROW = "{0},2024-10-01 10:00:00,US,The parcel was left in the rain {0},1,app,NJ1,standard,VX{0}\n"


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "incoming"
    made.mkdir()
    return made


@pytest.fixture
def watched(workspace, folder):
    return Watch(folder, lambda parts: workspace._take_parts(parts, None))


def put(folder, name, *ids):
    (folder / name).write_text(HEAD + "".join(ROW.format(one) for one in ids), encoding="utf-8")
    return folder / name


def test_file_is_taken_when_two_looks_find_it_alike(folder, watched):
    put(folder, "a.csv", 1)
    assert list(watched.look()) == []
    (done,) = watched.look()
    assert done.tally.added == 1
    assert list(watched.look()) == []
    assert (folder / "a.csv").exists()


def test_file_that_still_grows_waits(folder, watched):
    put(folder, "a.csv", 1)
    list(watched.look())
    put(folder, "a.csv", 1, 2)
    assert list(watched.look()) == []
    assert watched.is_waiting
    assert next(watched.look()).tally.added == 2


@pytest.mark.parametrize("name", [".a.csv.tmp", ".a.csv", "a.csv.part", "~a.csv", "_a.csv", "a.exe"])
def test_temporary_and_strange_names_are_no_files(folder, watched, name):
    put(folder, name, 1)
    assert [*watched.look(), *watched.look()] == []


def test_bad_file_is_told_once_blocks_no_other_and_is_tried_when_it_changes(folder, watched):
    (folder / "a.csv").write_text("no,columns\n1,2\n")
    put(folder, "b.csv", 1)
    list(watched.look())
    bad, good = watched.look()
    assert isinstance(bad, Failed)
    assert "a.csv" in bad.reason
    assert isinstance(good, IngestReport)
    assert list(watched.look()) == []
    put(folder, "a.csv", 2)
    assert [*watched.look(), *watched.look()][0].tally.added == 1


def test_new_watch_knows_what_the_last_one_took(workspace, folder, watched):
    put(folder, "a.csv", 1)
    [*watched.look(), *watched.look()]
    put(folder, "copy.csv", 1)
    again = Watch(folder, lambda parts: workspace._take_parts(parts, None))
    (copied,) = [*again.look(), *again.look()]
    assert (copied.file_name, copied.tally.known) == ("copy.csv", 1)


def test_once_ends_when_nothing_waits(workspace, folder):
    put(folder, "a.csv", 1)
    found = list(workspace.watch(folder, every_s=0.01, once=True))
    assert [one.tally.added for one in found] == [1]


def test_folder_that_goes_away_is_waited_for_and_one_that_never_was_is_refused(folder, workspace):
    with pytest.raises(NotFoundError, match="is not a folder"):
        list(workspace.watch(folder / "none", once=True))
    stop = threading.Event()
    found = watch(folder, lambda parts: iter(()), every_s=0.01, stop=stop)
    folder.rmdir()

    def later():
        time.sleep(0.05)
        stop.set()

    # The first look happens while the folder is away, so it is made again first.
    folder.mkdir()
    thread = threading.Thread(target=later)
    thread.start()
    seen = []
    for one in found:
        seen.append(one)
    thread.join()
    assert seen == []


@pytest.mark.slow
@pytest.mark.parametrize("name", [signal.SIGTERM, signal.SIGINT])
def test_signal_ends_a_watch_cleanly(workspace, folder, name):
    put(folder, "a.csv", 1)
    command = [sys.executable, "-m", "voc.cli.main", "-C", str(workspace.services.paths.folder), "watch", str(folder)]
    child = subprocess.Popen(
        [*command, "--every", "1"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, **BARE},
        text=True,
    )
    assert "a.csv: 1 rows, 1 new" in child.stdout.readline()
    child.send_signal(name)
    _, said = child.communicate(timeout=20)
    assert child.returncode == 0
    assert "Stopped" in said
    assert "Traceback" not in said
