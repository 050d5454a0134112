import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import time

import pytest
from conftest import BARE

SMALL_FILES = 2_200_000
HEAVY = ("torch", "bertopic", "faiss", "langchain", "langchain_core", "sklearn", "sqlalchemy", "transformers")


def voc(*arguments, folder=None, **extra):
    environment = {**os.environ, **BARE, **extra}
    if folder is not None:
        environment["VOC_WORKSPACE"] = str(folder)
    return subprocess.run(
        [sys.executable, "-m", "voc.cli.main", *map(str, arguments)],
        capture_output=True,
        text=True,
        env=environment,
        timeout=250,
    )


@pytest.fixture(scope="module")
def folder(ready_folder, tmp_path_factory):
    """A copy of the ready workspace, for even a run that is refused is kept in it."""
    return shutil.copytree(ready_folder, tmp_path_factory.mktemp("cli") / "w")


def test_help_is_quick():
    voc("--help")
    seconds = []
    for _ in range(3):
        start = time.perf_counter()
        done = voc("--help")
        seconds.append(time.perf_counter() - start)
        assert done.returncode == 0
    assert min(seconds) < 1


def test_help_imports_nothing_heavy():
    code = (
        "import sys; sys.argv=['voc','--help']\n"
        "from voc.cli.main import run\n"
        "try: run()\nexcept SystemExit: pass\n"
        f"print([one for one in {HEAVY!r} if one in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stderr.strip() == "[]"


def test_a_folder_that_is_no_workspace_says_what_to_do(tmp_path):
    done = voc("run", "--week", "2024-W40", folder=tmp_path)
    assert done.returncode == 2
    assert "voc init" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("run", "--week", "2024-W99"), 2, "not an ISO week"),
        (("run", "--week", "2023-W01"), 2, "has no feedback"),
        (("run", "--week", "2024-W39", "--market", "XX"), 2, "'XX' is not configured"),
        (("ingest", "nowhere.csv"), 2, "does not exist"),
        (("search", ""), 2, "question is empty"),
        (("search", "rain", "--rating", "9"), 2, "not a rating"),
        (("search", "rain", "--since", "soon"), 2, "not a day"),
        (("search", "rain", "--market", "XX"), 2, "no market 'XX'"),
        (("search", "rain", "--limit", "0"), 2, "not between 1 and 1,000"),
        (("themes", "show", "zzz"), 2, "No theme begins"),
        (("proposals", "show", "zzz"), 2, "No proposal begins"),
        (("standards", "show", "--market", "XX"), 2, "not configured"),
        (("standards", "import", "nowhere.md"), 2, "no standard at"),
        (("models", "pull", "none-such"), 2, "No model is called"),
    ],
)
def test_a_mistake_is_one_clear_line_and_no_traceback(forks, folder, arguments, code, said):
    done = forks.run(folder, *arguments, **BARE)
    assert done.status == code, done.err
    assert said in done.err
    assert "Traceback" not in done.err
    assert len([line for line in done.err.splitlines() if line.startswith("voc: ")]) == 1


def test_search_prints_json_that_parses(folder):
    done = voc("search", "left in the rain", "--market", "US", "--limit", "3", "--json", folder=folder)
    found = json.loads(done.stdout)
    assert len(found["hits"]) == 3
    assert {hit["market"] for hit in found["hits"]} == {"US"}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("themes", "list"), "comments"),
        (("standards", "list"), "DE-2024-1"),
        (("standards", "show", "--market", "DE", "--clause", "3.1"), "Storage permission"),
        (("models", "list"), "multilingual-e5-small"),
        (("proposals", "list"), "Evidence brief"),
    ],
)
def test_lists_name_what_is_there(forks, folder, arguments, said):
    done = forks.run(folder, *arguments, **BARE)
    assert done.status == 0, done.err
    assert said in done.out


def test_a_guess_shows_rows_and_stores_nothing(ready):
    folder = ready.services.paths.folder
    before = (folder / ".voc" / "store.sqlite").stat().st_size
    done = voc("ingest", "--guess", folder / "feedback.csv", folder=folder)
    assert 'text = "comment"' in done.stdout
    assert "2024-W29" in done.stdout
    assert (folder / ".voc" / "store.sqlite").stat().st_size == before


def test_a_damaged_index_is_said_and_made_anew(ready):
    folder = ready.services.paths.folder
    ready.close()
    path = next((folder / ".voc" / "index").glob("*/vectors.faiss"))
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    assert voc("doctor", folder=folder).returncode == 3
    found = voc("search", "rain", folder=folder)
    assert found.returncode == 0
    assert "made anew from the store" in found.stderr
    assert voc("doctor", folder=folder).returncode == 0


def test_a_full_disk_is_said_and_loses_nothing(ready):
    folder = ready.services.paths.folder
    ready.close()

    def small_files():
        resource.setrlimit(resource.RLIMIT_FSIZE, (SMALL_FILES, SMALL_FILES))
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

    big = folder / "big.csv"
    rows = "".join(f"b{n},2024-10-0{1 + n % 6},US,{'wet box ' * 40}{n},1,,,,\n" for n in range(4_000))
    big.write_text("id,created,country,comment,stars,channel,depot,service,tracking_no\n" + rows)
    done = subprocess.run(
        [sys.executable, "-m", "voc.cli.main", "ingest", str(big)],
        capture_output=True,
        text=True,
        env={**os.environ, **BARE, "VOC_WORKSPACE": str(folder)},
        preexec_fn=small_files,
    )
    assert done.returncode == 6, done.stderr
    assert "No room left" in done.stderr
    assert "Traceback" not in done.stderr
    assert voc("search", "rain", folder=folder).returncode == 0
    again = voc("ingest", big, folder=folder)
    assert "4000 rows" in again.stdout


def test_a_week_with_three_comments_is_reported_without_alarms(tmp_path):
    folder = tmp_path / "w"
    voc("init", folder)
    rows = "".join(f"{n},2024-10-0{n},US,The parcel was wet {n},1,,,,\n" for n in (1, 2, 3))
    (folder / "f.csv").write_text("id,created,country,comment,stars,channel,depot,service,tracking_no\n" + rows)
    assert voc("ingest", folder / "f.csv", folder=folder).returncode == 0
    done = voc("run", "--week", "2024-W40", folder=folder)
    assert done.returncode == 0, done.stderr
    assert "3 comments, 0 % in a theme" in done.stdout
    assert "3 different texts are too few to find themes" in done.stderr
    assert "▲" not in done.stdout


def test_init_twice_is_refused(tmp_path):
    assert voc("init", tmp_path / "w").returncode == 0
    assert "workspace already" in voc("init", tmp_path / "w").stderr
