import json
import os
import resource
import subprocess
import sys
import time

import pytest
from conftest import BARE

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
def test_a_mistake_is_one_clear_line_and_no_traceback(ready_folder, arguments, code, said):
    done = voc(*arguments, folder=ready_folder)
    assert done.returncode == code, done.stderr
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert len([line for line in done.stderr.splitlines() if line.startswith("voc: ")]) == 1


def test_search_prints_json_that_parses(ready_folder):
    done = voc("search", "left in the rain", "--market", "US", "--limit", "3", "--json", folder=ready_folder)
    found = json.loads(done.stdout)
    assert len(found["hits"]) == 3
    assert {hit["market"] for hit in found["hits"]} == {"US"}


def test_lists_name_what_is_there(ready_folder):
    assert "comments" in voc("themes", "list", folder=ready_folder).stdout
    assert "DE-2024-1" in voc("standards", "list", folder=ready_folder).stdout
    assert (
        "Storage permission"
        in voc("standards", "show", "--market", "DE", "--clause", "3.1", folder=ready_folder).stdout
    )
    assert "multilingual-e5-small" in voc("models", "list", folder=ready_folder).stdout
    assert voc("proposals", "list", folder=ready_folder).returncode == 0


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
    limit = 2_200_000 + (folder / ".voc" / "store.sqlite").stat().st_size * 0

    def small_files():
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
        import signal

        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

    big = folder / "big.csv"
    rows = "".join(f"b{n},2024-10-0{1 + n % 6},US,{'wet box ' * 40}{n},1,,,,\n" for n in range(20_000))
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
    assert "20000 rows" in again.stdout


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
