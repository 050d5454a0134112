"""One flipped bit in any file of a workspace: it is told or harmless; what is derived is mended to what it was."""

import random
import shutil

import crashed
import pytest
from conftest import BARE

from voc.errors import VocError
from voc.workspace import Workspace

EACH = 3
"""Places that are flipped in each file."""


def flip(path, place, bit):
    with path.open("r+b") as handle:
        handle.seek(place)
        (old,) = handle.read(1)
        handle.seek(place)
        handle.write(bytes([old ^ (1 << bit)]))


def files_of(folder):
    return sorted(
        path
        for path in folder.rglob("*")
        if path.is_file() and path.stat().st_size and path.suffix not in {".lock", ".sqlite-wal", ".sqlite-shm"}
    )


DERIVED = ("vectors", "index", "reports")
"""Folders of what is checked by sha256 and can be made again."""


def is_derived(path, folder):
    return path.relative_to(folder).parts[:2][-1 if path.is_relative_to(folder / ".voc") else 0] in DERIVED


def derived(folder):
    return [path for path in files_of(folder) if is_derived(path, folder)]


@pytest.mark.slow
def test_a_flip_in_anything_derived_is_found_and_mended(small_folder, tmp_path):
    chance = random.Random(7)
    folder = shutil.copytree(small_folder, tmp_path / "w")
    before = crashed.contents(folder)
    count = len(derived(folder))
    assert {path.relative_to(folder).parts[0] for path in derived(folder)} == {".voc", "reports"}
    for number in range(count):
        path = derived(folder)[number]  # an index that is written anew has other names
        name = path.relative_to(folder)
        flip(path, chance.randrange(path.stat().st_size), chance.randrange(8))
        with Workspace.open(folder, environment=BARE) as opened:
            said = [one for one in opened.problems() if "--repair" in one]
            assert said, f"nobody saw the flip in {name}"
            opened.repair()
            assert list(opened.problems()) == [], name
    assert list(crashed.differences(crashed.contents(folder), before)) == []


@pytest.mark.slow
def test_many_things_flipped_at_once_are_mended_at_once(small_folder, tmp_path):
    chance = random.Random(8)
    folder = shutil.copytree(small_folder, tmp_path / "w")
    before = crashed.contents(folder)
    for path in derived(folder):
        flip(path, chance.randrange(path.stat().st_size), chance.randrange(8))
    with Workspace.open(folder, environment=BARE) as opened:
        opened.repair()
        assert list(opened.problems()) == []
    assert list(crashed.differences(crashed.contents(folder), before)) == []


@pytest.mark.slow
@pytest.mark.parametrize("name", [".voc/store.sqlite", ".voc/key", "voc.toml", "mapping.toml", "standards/global.md"])
def test_a_flip_in_what_is_not_derived_never_makes_a_fault_of_ours(forks, small_folder, tmp_path, name):
    """It is told with an exit code for people, or the file is still readable; a traceback or code 70 is a fault."""
    chance = random.Random(9)
    for number in range(12 if name.endswith("sqlite") else EACH):
        folder = shutil.copytree(small_folder, tmp_path / str(number))
        path = folder / name
        flip(path, 0 if number == 0 else chance.randrange(path.stat().st_size), chance.randrange(8))
        for line in (("doctor",), ("report", "write", "--week", crashed.WEEKS[0])):
            ended = forks.run(folder, *line, **BARE)
            assert ended.status in (0, 2, 3), (number, line, ended.err)
            assert "Traceback" not in ended.err
        shutil.rmtree(folder)


def test_texts_and_figures_that_the_store_seals_are_told_when_flipped(small_folder, tmp_path):
    """A flip in the text of a comment, where SQLite itself sees nothing."""
    folder = shutil.copytree(small_folder, tmp_path / "w")
    path = folder / ".voc" / "store.sqlite"
    with Workspace.open(folder, environment=BARE) as opened, opened.services.database.read() as connection:
        text = connection.exec_driver_sql("select text from feedback where length(text) > 60 limit 1").scalar()
    data = path.read_bytes()
    places = [place for place in range(len(data)) if data.startswith(text.encode(), place)]
    assert places
    for place in places:
        flip(path, place + 10, 0)
    with Workspace.open(folder, environment=BARE) as opened:
        assert any("The texts of comments are not what was stored" in one for one in opened.problems())


def test_a_damaged_store_is_told_when_it_is_opened(small_folder, tmp_path):
    folder = shutil.copytree(small_folder, tmp_path / "w")
    (folder / ".voc" / "store.sqlite").write_bytes(b"not a database, but long enough to be taken for one" * 100)
    with pytest.raises(VocError, match="damaged"), Workspace.open(folder, environment=BARE) as opened:
        opened.themes()
