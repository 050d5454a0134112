"""A backup is whole, says when it is not, and comes back as it was."""

import gzip
import io
import json
import shutil
import tarfile

import pytest
from conftest import BARE
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from voc.backup.restore import restore_backup
from voc.backup.write import MANIFEST, write_backup
from voc.errors import InputError, NotFoundError
from voc.files import left_folders, passing_folder
from voc.store import backups, people, sign_ins
from voc.workspace import Workspace


def written(workspace, folder, name="b.tar.gz"):
    return write_backup(workspace.services.paths, workspace.services.database, folder / name).file


@pytest.mark.slow
def test_a_restored_workspace_gives_the_same_report_and_finds_the_same(ready, tmp_path):
    out = tmp_path / "elsewhere"
    out.mkdir()
    file = written(ready, out)
    assert file.stat().st_mode & 0o777 == 0o600
    restored = restore_backup(file, out / "back")
    assert restored.store
    with Workspace.open(out / "back", environment=BARE) as other:
        assert other.report("2024-W39").data.read_bytes() == ready.report("2024-W39").data.read_bytes()
        other.repair()
        ids = [hit.feedback.id for hit in other.search("rain").hits]
        assert ids == [hit.feedback.id for hit in ready.search("rain").hits]
        assert list(other.problems()) == []


def test_who_is_signed_in_is_not_backed_up(workspace, tmp_path):
    workspace.add_person("ana", password="four words make good", role="admin")
    now = workspace.services.clock()
    token = workspace.doorkeeper.sign_in("ana", "four words make good", address="a", now=now)
    out = tmp_path / "o"
    out.mkdir()
    restore_backup(written(workspace, out), out / "back")
    with Workspace.open(out / "back", environment=BARE) as other:
        assert other.doorkeeper.session(token, now=now) is None
        with other.services.database.read() as connection:
            assert people.get(connection, "ana").role == "admin"
            assert sign_ins.sessions_of(connection, "ana") == ()


def test_a_killed_backup_leaves_what_the_doctor_tells_the_next_backup_removes_and_an_erasure_knows(
    forks, small_folder, tmp_path
):
    folder, file = shutil.copytree(small_folder, tmp_path / "w"), tmp_path / "b.tar.gz"
    assert forks.run(folder, "backup", file, **BARE, VOC_FAILPOINT="rename:before#1").killed
    (left,) = tmp_path.glob(".voc-backup.*.passing")
    assert any(left.rglob("store.sqlite"))
    with Workspace.open(folder, environment=BARE) as opened:
        assert "are left over" in " ".join(opened.problems())
        assert str(left) in " ".join(opened.problems())
    assert forks.run(folder, "backup", file, **BARE).status == 0
    assert list(tmp_path.glob(".voc-backup.*")) == []
    with Workspace.open(folder, environment=BARE) as opened, opened.services.database.read() as connection:
        assert backups.written(connection) == (file,)


def test_what_a_killed_backup_left_is_cleared_and_one_at_work_is_left_alone(workspace, tmp_path):
    out = tmp_path / "o"
    out.mkdir()
    with workspace.services.database.write() as connection:
        backups.begin(connection, workspace.services.stamp, out / "b.tar.gz")
    dead = out / ".voc-backup.00.passing"
    dead.mkdir()
    (dead / "held").touch()
    with passing_folder(out, "voc-backup-of-another") as other, passing_folder(out, "voc-backup") as at_work:
        assert not dead.exists(), "the next one clears"
        dead.mkdir()
        (dead / "held").touch()
        workspace.repair()
        assert (dead.exists(), at_work.exists(), other.exists()) == (False, True, True)
        assert list(workspace.problems()) == []


def test_a_folder_that_is_made_this_moment_is_not_taken_for_left(tmp_path):
    (tmp_path / ".voc-backup.00.passing").mkdir()
    assert left_folders(tmp_path, "voc-backup") == ()
    (tmp_path / ".voc-backup.00.passing" / "held").touch()
    assert len(left_folders(tmp_path, "voc-backup")) == 1


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """A small backup as bytes."""
    folder = tmp_path_factory.mktemp("small")
    with Workspace.init(folder / "w", environment=BARE) as made:
        made.services.key  # noqa: B018  the key is made when it is first asked for
        return written(made, folder).read_bytes()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(share=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
def test_no_changed_byte_is_restored_as_if_it_were_whole(small, tmp_path_factory, share, bit):
    folder = tmp_path_factory.mktemp("flip")
    body = gzip.decompress(small)
    place = int(share * len(body))
    changed = body[:place] + bytes([body[place] ^ (1 << bit)]) + body[place + 1 :]
    (folder / "b.tar.gz").write_bytes(gzip.compress(changed, compresslevel=1))
    try:
        restore_backup(folder / "b.tar.gz", folder / "back")
    except InputError:
        assert not (folder / "back").exists()
        return
    (folder / "good.tar.gz").write_bytes(small)
    restore_backup(folder / "good.tar.gz", folder / "good")
    assert _files(folder / "back") == _files(folder / "good")


def _files(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("share", [0.01, 0.3, 0.7, 0.99])
def test_a_cut_backup_is_told_and_nothing_is_left_behind(small, tmp_path, share):
    (tmp_path / "b.tar.gz").write_bytes(small[: int(share * len(small))])
    with pytest.raises(InputError):
        restore_backup(tmp_path / "b.tar.gz", tmp_path / "back")
    assert [path.name for path in tmp_path.iterdir()] == ["b.tar.gz"]


def packed(path, members, manifest=None):
    """Write an archive as somebody with ill will would."""
    files = {name: {"sha256": "0" * 64, "bytes": len(body)} for name, body, _ in members}
    told = manifest or {"format": 1, "voc": "0", "files": files}
    with tarfile.open(path, "w:gz") as archive:
        for name, body, kind in [(MANIFEST, json.dumps(told).encode(), tarfile.REGTYPE), *members]:
            info = tarfile.TarInfo(name)
            info.size, info.type, info.linkname = len(body), kind, "/etc/passwd"
            archive.addfile(info, io.BytesIO(body))
    return path


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("../out", tarfile.REGTYPE),
        ("/etc/out", tarfile.REGTYPE),
        ("a/../../out", tarfile.REGTYPE),
        ("link", tarfile.SYMTYPE),
        ("hard", tarfile.LNKTYPE),
        ("device", tarfile.CHRTYPE),
    ],
)
def test_what_leads_out_of_the_folder_is_refused(tmp_path, name, kind):
    file = packed(tmp_path / "b.tar.gz", [(name, b"x" if kind == tarfile.REGTYPE else b"", kind)])
    with pytest.raises(InputError):
        restore_backup(file, tmp_path / "back")
    assert not (tmp_path / "back").exists()
    assert not (tmp_path / "out").exists()


def test_a_file_that_grows_beyond_what_the_manifest_says_is_refused(tmp_path):
    told = {"format": 1, "voc": "0", "files": {"a": {"sha256": "0" * 64, "bytes": 1}}}
    file = packed(tmp_path / "b.tar.gz", [("a", b"x" * 100_000, tarfile.REGTYPE)], told)
    with pytest.raises(InputError, match="does not name so"):
        restore_backup(file, tmp_path / "back")


def test_a_backup_of_a_newer_form_is_told(tmp_path):
    file = packed(tmp_path / "b.tar.gz", [], {"format": 99, "voc": "9.9", "files": {}})
    with pytest.raises(InputError, match=r"newer voc \(9.9\)"):
        restore_backup(file, tmp_path / "back")


def test_nothing_is_restored_over_something(small, tmp_path):
    (tmp_path / "b.tar.gz").write_bytes(small)
    (tmp_path / "back").mkdir()
    (tmp_path / "back" / "mine").write_text("kept")
    with pytest.raises(InputError, match="holds something already"):
        restore_backup(tmp_path / "b.tar.gz", tmp_path / "back")
    assert (tmp_path / "back" / "mine").read_text() == "kept"


def test_what_is_no_backup_is_told(tmp_path):
    (tmp_path / "b.tar.gz").write_bytes(b"not a backup")
    with pytest.raises(InputError, match="damaged or no backup"):
        restore_backup(tmp_path / "b.tar.gz", tmp_path / "back")
    with pytest.raises(NotFoundError):
        restore_backup(tmp_path / "nothing.tar.gz", tmp_path / "back")


def test_a_backup_is_not_written_into_what_it_backs_up(workspace, tmp_path):
    with pytest.raises(InputError, match="outside of the workspace"):
        written(workspace, workspace.services.paths.folder)
    with pytest.raises(InputError, match=r"is a \.tar\.gz file"):
        written(workspace, tmp_path, "b.zip")
