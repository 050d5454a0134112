"""Places where a test may kill or fill the disk: named ones, and those around all that makes things last."""

import ast
import errno
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from voc import failpoints, files
from voc.errors import DiskFullError, SettingsError
from voc.wiring import make_key

ROOT = Path(__file__).resolve().parents[1]
LASTING = {
    "os": {"fsync", "fdatasync", "replace", "rename", "renames", "link"},
    "shutil": {"move"},
    "": {"rename", "hardlink_to", "commit", "fsync", "fdatasync"},
}
PLACES = {"voc/files.py", "voc/store/database.py"}
NOT_LASTING = {
    ("voc/index/lexical.py", "commit"),  # tantivy's, in a folder that is synced whole before it counts
    ("voc/label/groups.py", "rename"),  # gives a group of themes another name
    ("voc/web/views/theme_edits.py", "rename"),
    ("voc/cli/themes.py", "rename"),
    ("voc/workspace_start.py", "hardlink_to"),  # a second name for as long as an upload is looked at
}


def lasting_calls(path):
    """Names of calls by which something may become durable; `x.replace(one)` with one argument is a path's."""
    for node in ast.walk(ast.parse(path.read_text())):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        name, owner = node.func.attr, getattr(node.func.value, "id", "")
        of_a_path = name == "replace" and len(node.args) == 1 and not node.keywords
        if name in LASTING.get(owner, LASTING[""]) or of_a_path:
            yield name


def test_nothing_is_made_durable_but_where_a_failpoint_stands():
    found = set()
    for path in sorted((ROOT / "voc").rglob("*.py")):
        name = str(path.relative_to(ROOT))
        found |= {(name, call) for call in lasting_calls(path) if name not in PLACES}
    assert found - NOT_LASTING == set()


def test_calls_that_make_durable_are_recognised(tmp_path):
    source = tmp_path / "x.py"
    source.write_text("os.fsync(1)\np.replace(q)\nt.replace('a', 'b')\nos.rename(a, b)\nconnection.commit()\n")
    assert list(lasting_calls(source)) == ["fsync", "replace", "rename", "commit"]


def ended(code, tmp_path, **variables):
    command = [sys.executable, "-c", code, str(tmp_path)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **variables}
    return subprocess.run(command, env=environment, capture_output=True, text=True)


WRITES = (
    "import sys; from pathlib import Path; from voc.files import write_atomic\n"
    "for n in range(3): write_atomic(Path(sys.argv[1]) / 'file', b'%d' % n)"
)


def test_a_trace_names_every_place_in_turn(tmp_path):
    ended(WRITES, tmp_path, VOC_FAILPOINT_TRACE=str(tmp_path / "trace"))
    lines = (tmp_path / "trace").read_text().split()
    assert lines[:6] == [f"{act}:{when}#{n}" for act, n in (("fsync", 1), ("rename", 1), ("fsync", 2))
                         for when in ("before", "after")]  # fmt: skip
    assert lines[-1] == "fsync:after#6"


@pytest.mark.parametrize(("place", "left"), [("rename:before#2", "0"), ("rename:after#2", "1"), ("fsync:after#6", "2")])
def test_a_process_dies_at_the_place_that_is_named(tmp_path, place, left):
    assert ended(WRITES, tmp_path, VOC_FAILPOINT=place).returncode == -signal.SIGKILL
    assert (tmp_path / "file").read_text() == left


def test_threads_count_for_themselves(tmp_path):
    beside = (
        "import threading\n"
        "thread = threading.Thread(target=lambda: write_atomic(Path(sys.argv[1]) / 'other', b''), name='night watch')\n"
        "thread.start(); thread.join()\n"
    )
    head, *rest = WRITES.splitlines()
    code = "\n".join([head, beside, *rest])
    ended(code, tmp_path, VOC_FAILPOINT_TRACE=str(tmp_path / "trace"))
    lines = (tmp_path / "trace").read_text().split()
    assert lines[0] == "night-watch:fsync:before#1"
    assert [one for one in lines if one.startswith("rename:before")] == [f"rename:before#{n}" for n in (1, 2, 3)]
    assert ended(code, tmp_path, VOC_FAILPOINT="rename:before#1").returncode == -signal.SIGKILL
    assert (tmp_path / "other").exists()


def test_a_place_that_is_never_reached_changes_nothing(tmp_path):
    assert ended(WRITES, tmp_path, VOC_FAILPOINT="rename:before#99").returncode == 0


def test_a_disk_can_be_full_at_a_place(tmp_path, monkeypatch):
    monkeypatch.setattr(failpoints, "_passed", failpoints.Counter())
    monkeypatch.setenv("VOC_FAILPOINT", "fsync:full#3")
    files.write_atomic(tmp_path / "file", b"old")
    with pytest.raises(DiskFullError, match="No room left"):
        files.write_atomic(tmp_path / "file", b"new")
    assert (tmp_path / "file").read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_commit_that_finds_no_room_stores_nothing(sqlite, monkeypatch):
    monkeypatch.setattr(failpoints, "_passed", failpoints.Counter())
    monkeypatch.setenv("VOC_FAILPOINT", "commit:full#1")
    with pytest.raises(DiskFullError) as told, sqlite.write() as connection:
        connection.exec_driver_sql("insert into workspace (key, value) values ('a', 'b')")
    assert told.value.__cause__.errno == errno.ENOSPC
    with sqlite.read() as connection:
        assert connection.exec_driver_sql("select count(*) from workspace").scalar() == 0


def test_a_name_that_is_no_place_is_refused():
    with pytest.raises(ValueError, match="not a failpoint"):
        failpoints.reach("nowhere")


def test_a_new_file_is_written_once(tmp_path):
    assert files.write_new(tmp_path / "key", b"one")
    assert not files.write_new(tmp_path / "key", b"two")
    assert (tmp_path / "key").read_bytes() == b"one"
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["key"]


KEY = "import sys; from pathlib import Path; from voc.wiring import make_key; make_key(Path(sys.argv[1]) / 'key')"


@pytest.mark.parametrize("place", ["fsync:before#1", "rename:before#1", "rename:after#1", "fsync:after#2"])
def test_a_kill_while_the_key_is_made_leaves_a_whole_one_or_none(tmp_path, place):
    assert ended(KEY, tmp_path, VOC_FAILPOINT=place).returncode == -signal.SIGKILL
    key = make_key(tmp_path / "key")
    assert len(key) == 32
    assert make_key(tmp_path / "key") == key


def test_a_key_that_is_no_key_is_told(tmp_path):
    (tmp_path / "key").write_text("zz")
    with pytest.raises(SettingsError, match="Put it back from a backup"):
        make_key(tmp_path / "key")
