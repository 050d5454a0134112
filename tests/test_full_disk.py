"""A disk that is really full: a small one of its own, where the tests may mount one."""

import shutil
import subprocess

import crashed
import pytest
from conftest import BARE

COMMANDS = {
    "ingest": ("ingest", "W/late.csv"),
    "run": ("run", "--week", crashed.WEEKS[0]),
    "index": ("doctor", "--repair"),
    "report": ("report", "write", "--week", crashed.WEEKS[0]),
    "backup": ("backup", "W/../kept.tar.gz"),
}


@pytest.fixture
def disk(tmp_path):
    """A disk of 24 MB in memory."""
    place = tmp_path / "disk"
    place.mkdir()
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(place)], capture_output=True)
    if done.returncode:
        pytest.skip("this user may not mount a disk: full disks were tried by failpoints only (test_crash_matrix.py)")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def fill(disk):
    """Write until there is no room for another byte."""
    with (disk / "filler").open("wb", buffering=0) as out:
        for size in (1 << 20, 1 << 12, 1):
            try:
                while True:
                    out.write(bytes(size))
            except OSError:
                continue


@pytest.mark.slow
@pytest.mark.parametrize("name", COMMANDS)
def test_a_full_disk_is_told_and_after_space_is_freed_the_same_command_works(forks, small_folder, disk, name):
    folder = shutil.copytree(small_folder, disk / "w")
    if name == "index":
        shutil.rmtree(folder / ".voc" / "index")
    command = [part.replace("W/", f"{folder}/") for part in COMMANDS[name]]
    before = crashed.contents(folder) if name != "index" else {}
    fill(disk)
    full = forks.run(folder, *command, **BARE)
    assert full.status == 6, full.err
    assert "No room left" in full.err
    assert "Free some space" in full.err
    assert not (disk / "kept.tar.gz").exists()
    (disk / "filler").unlink()
    if before:
        assert list(crashed.differences(crashed.contents(folder), before)) == []
    again = forks.run(folder, *command, **BARE)
    assert again.status == (3 if name == "index" else 0), again.out + again.err  # the doctor tells of so small a disk
    assert all("GB are free" in one for one in crashed.problems(folder))
