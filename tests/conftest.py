"""Shared ground of the tests: databases of both kinds, workspaces without weights, and what each test may need."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest
from filelock import FileLock
from hypothesis import settings
from migrated import new_store

# Workers beside each other that each take every core wait for each other: half the speed of a core for each.
if "PYTEST_XDIST_WORKER" in os.environ:
    os.environ.setdefault("OMP_NUM_THREADS", "1")

from voc import wiring
from voc.store.database import open_database
from voc.types import Stamp
from voc.workspace import Workspace

settings.register_profile("voc", deadline=None)  # a busy moment of the machine fails nothing
settings.load_profile("voc")

STAMP = Stamp("tester", datetime(2024, 10, 7, 12, tzinfo=UTC))
SHARED = Path(os.environ.get("VOC_SHARED_DATA") or Path(__file__).resolve().parents[2] / "shared" / "data")
PG_BIN = Path("/usr/lib/postgresql/15/bin")
BARE = {"VOC_ENCODER": "trigrams", "VOC_LLM_PROVIDER": "none", "VOC_ACTOR": "tester"}


def pytest_collection_modifyitems(items):
    """Begin with the files that have most slow tests, so that no worker is left with one of them at the end."""
    slow = Counter(item.path for item in items if item.get_closest_marker("slow"))
    items.sort(key=lambda item: -slow[item.path])


@pytest.fixture(scope="session")
def shared_data():
    if not SHARED.is_dir():
        pytest.skip(f"real data is not at {SHARED}; set VOC_SHARED_DATA to its folder")
    return SHARED


@pytest.fixture
def stamp():
    return STAMP


def _as_postgres(command):
    if os.geteuid() != 0:
        return command
    return ["runuser", "-u", pwd.getpwnam("postgres").pw_name, "--", *command]


@pytest.fixture(scope="session")
def postgres_socket():
    found = shutil.which("initdb") or (PG_BIN / "initdb" if PG_BIN.is_dir() else None)
    if found is None:
        pytest.skip("PostgreSQL is not installed (Debian: apt install postgresql); the store was tested on SQLite only")
    folder = Path(tempfile.mkdtemp(prefix="voc-pg-"))
    start_postgres(folder, Path(found).parent)
    yield folder
    _run(Path(found).parent / "pg_ctl", "-D", folder / "data", "-m", "immediate", "stop")
    shutil.rmtree(folder, ignore_errors=True)


def start_postgres(folder, binaries=PG_BIN):
    """Make a server whose data and socket lie in a folder, start it, and return what starts it again."""
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
    options = f"-k {folder} -c listen_addresses='' -c fsync=off"
    command = (binaries / "pg_ctl", "-D", folder / "data", "-o", options, "-w", "-l", folder / "log", "start")
    _run(binaries / "initdb", "-D", folder / "data", "-A", "trust", "-U", "voc", "-E", "UTF8", "--no-sync")
    _run(*command)
    return lambda: _run(*command)


def _run(*command):
    subprocess.run(_as_postgres(list(map(str, command))), check=True, capture_output=True, cwd="/")


def new_postgres(socket, name, *, template="template1"):
    """Make a database on the server whose socket lies in a folder, and return its address."""
    command = [str(PG_BIN / "createdb"), "-h", str(socket), "-U", "voc", "-T", template, name]
    subprocess.run(command, check=True, capture_output=True)
    return f"postgresql+psycopg://voc@/{name}?host={socket}"


def drop_postgres(socket, name):
    """Remove a database whose connections are closed."""
    subprocess.run([str(PG_BIN / "dropdb"), "-h", str(socket), "-U", "voc", name], check=True, capture_output=True)


@pytest.fixture(scope="session")
def postgres_template(postgres_socket):
    """The name of a database that was migrated once; the migrations have tests of their own."""
    open_database(new_postgres(postgres_socket, "migrated")).close()
    return "migrated"


_databases = iter(range(10_000))


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request, tmp_path):
    if request.param == "sqlite":
        opened = new_store(tmp_path / "store.sqlite")
    else:
        socket, template = request.getfixturevalue("postgres_socket"), request.getfixturevalue("postgres_template")
        opened = open_database(new_postgres(socket, f"t{next(_databases)}", template=template))
    yield opened
    opened.close()


@pytest.fixture
def sqlite(tmp_path):
    opened = new_store(tmp_path / "store.sqlite")
    yield opened
    opened.close()


@pytest.fixture
def workspace(tmp_path):
    with Workspace.init(tmp_path / "w", environment=BARE) as made:
        made.services.paths.private.mkdir(exist_ok=True)
        new_store(made.services.paths.store).close()
        yield made


def made_once(tmp_path_factory, name, make):
    """Return this worker's copy of a folder that `make(folder)` makes once for all workers."""
    beside = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        beside = beside.parent
    folder, half = beside / name, beside / f"{name}-half"
    with FileLock(beside / f"{name}.lock"):
        if not folder.is_dir():
            shutil.rmtree(half, ignore_errors=True)
            half.mkdir()
            make(half / "w")
            half.rename(folder)
    return shutil.copytree(folder / "w", tmp_path_factory.mktemp(name) / "w")


KEY = "5a" * 32 + "\n"


def same_every_time(folder):
    """Give a new workspace the key of all of them, so that ids do not change from one day to the next."""
    (folder / ".voc").mkdir(exist_ok=True)
    (folder / ".voc" / "key").write_text(KEY)


def bring_the_sample(made):
    """Bring the sample and the standards of its markets into a workspace."""
    folder = made.services.paths.folder
    made.ingest(folder / "feedback.csv")
    made.ingest_figures(folder / "deliveries.csv")
    for name in ("global", "us", "gb", "de", "fr", "br"):
        made.import_standard(folder / "standards" / f"{name}.md")


@pytest.fixture(scope="session")
def ready_folder(tmp_path_factory):
    """A workspace on the sample, without weights, with themes up to the week before the last."""
    return made_once(tmp_path_factory, "ready", _ready)


def _ready(folder):
    with Workspace.init(folder, sample=True, environment=BARE) as made:
        same_every_time(folder)
        bring_the_sample(made)
        made.run("2024-W39")


@pytest.fixture
def ready(ready_folder, tmp_path):
    """A copy of that workspace, to be changed at will."""
    shutil.copytree(ready_folder, tmp_path / "w")
    with Workspace.open(tmp_path / "w", environment=BARE) as opened:
        yield opened


def models_dir():
    return wiring.models_dir(None, os.environ)


@pytest.fixture(scope="session")
def real_environment():
    """Settings that use real weights; the tests that need them say so when they are absent."""
    from voc.models.pull import State, state
    from voc.models.registry import read_registry

    model = read_registry().get("multilingual-e5-small")
    if state(model, models_dir()) is not State.READY:
        pytest.skip(f"the encoder's weights are not in {models_dir()}: voc models pull")
    return {"VOC_MODELS_DIR": str(models_dir()), "VOC_LLM_PROVIDER": "none", "VOC_ACTOR": "tester"}


@pytest.fixture(scope="session")
def played_folder(real_environment, tmp_path_factory):
    """A workspace that went through the sample's weeks with real weights, its feedback in another order; copy it."""

    def make(folder):
        from played import played

        with played(folder, real_environment, backwards=True):
            pass

    return made_once(tmp_path_factory, "played", make)


@pytest.fixture(scope="session")
def reported_folder(tmp_path_factory):
    from reported import make

    return made_once(tmp_path_factory, "reported", make)


@pytest.fixture
def reported(reported_folder, tmp_path):
    """A workspace whose newest week was counted without a run, on a clock that goes by seconds."""
    from reported import opened

    with opened(reported_folder, tmp_path / "w") as workspace:
        yield workspace


@pytest.fixture(scope="session")
def forks(tmp_path_factory):
    """Commands of voc in forks of one warm process."""
    from forked import Forks

    warm = Forks(tmp_path_factory.mktemp("forks"))
    yield warm
    warm.close()


@pytest.fixture(scope="session")
def small_folder(forks, tmp_path_factory):
    """A small workspace that was run for a week, with a file of the next week beside it; copy it to change it."""
    import crashed

    return made_once(tmp_path_factory, "small", lambda folder: crashed.make(forks, folder))
