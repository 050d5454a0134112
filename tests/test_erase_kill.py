"""Kill -9 at every named place of an erasure: doctor tells of it, and the same command completes it."""

import shutil

import crashed
import pytest
from conftest import BARE
from scanner import in_files, in_tables

from voc.failpoints import NAMES
from voc.store import audit, erasures
from voc.workspace import Workspace

PLACES = [one for one in NAMES if one.startswith("erase.")]
SAID = "somebody wrote zorblaxquint about wet parcels on the driveway"

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def before(small_folder, tmp_path_factory):
    """The small workspace with one more comment, and the id of it."""
    folder = tmp_path_factory.mktemp("erase") / "before"
    shutil.copytree(small_folder, folder)
    late = tmp_path_factory.mktemp("late") / "late.csv"
    columns = "id,created,country,comment,stars,channel,depot,service,tracking_no\n"
    late.write_text(f"{columns}z1,2024-08-06 10:00:00,US,{SAID},1,,,,\n")
    with Workspace.open(folder, environment=BARE) as opened:
        opened.ingest(late)
        opened.run(crashed.WEEKS[1])
        found = next(hit.feedback.id for hit in opened.search("zorblaxquint", mode="lexical").hits)
    return folder, found


def command(forks, folder, feedback_id, failpoint=""):
    arguments = ["erase", "--feedback", feedback_id[:12], "--yes", "--why", "asked"]
    return forks.run(folder, *arguments, **BARE, VOC_FAILPOINT=failpoint)


@pytest.mark.parametrize("place", PLACES)
def test_an_erasure_that_was_killed_is_completed_by_the_same_command(forks, before, place, tmp_path):
    source, erased = before
    folder = tmp_path / "w"
    shutil.copytree(source, folder)
    assert in_files([folder], "zorblaxquint")
    assert command(forks, folder, erased, place).killed
    with Workspace.open(folder, environment=BARE) as opened:
        assert any("voc erase --resume" in one for one in opened.problems())
    done = command(forks, folder, erased)
    assert done.status == 0, done.err
    with Workspace.open(folder, environment=BARE) as opened:
        assert list(opened.problems()) == []
        assert in_tables(opened.services.database, "zorblaxquint") == set()
        assert in_files([folder], "zorblaxquint") == {}
        with opened.services.database.read() as connection:
            assert erasures.unfinished(connection) == ()
            audit.verify(connection)
        assert opened.search("wet parcels").hits


def test_doctor_mends_what_was_damaged_besides(forks, before, tmp_path):
    source, erased = before
    folder = tmp_path / "w"
    shutil.copytree(source, folder)
    assert command(forks, folder, erased, "erase.committed").killed
    for path in (folder / ".voc" / "vectors").rglob("*.f32"):
        path.unlink()
    assert command(forks, folder, erased).status == 3
    with Workspace.open(folder, environment=BARE) as opened:
        opened.repair()
        assert list(opened.problems()) == []
        assert not opened.has_unfinished_erasure()
    assert in_files([folder], "zorblaxquint") == {}


def test_doctor_completes_an_erasure_that_was_killed(forks, before, tmp_path):
    source, erased = before
    folder = tmp_path / "w"
    shutil.copytree(source, folder)
    assert command(forks, folder, erased, "erase.block-sealed").killed
    with Workspace.open(folder, environment=BARE) as opened:
        assert any("damaged or missing" in one for one in opened.problems())
        opened.repair()
        assert list(opened.problems()) == []
    assert in_files([folder], "zorblaxquint") == {}
