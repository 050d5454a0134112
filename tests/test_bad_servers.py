"""Databases that hang or die, two runs at once, a lack of memory, a killed worker: told, and nothing is lost."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Barrier

import crashed
import pytest
from conftest import BARE, new_postgres, start_postgres

from voc.errors import BusyError, InputError, OutOfMemoryError, StoreError, out_of_memory
from voc.runner import steps
from voc.runner.job import held_lease
from voc.store import database, schema
from voc.store.bulk import insert_many
from voc.store.database import open_database
from voc.store.outside import Query, open_query
from voc.workspace import Workspace

WEEK = crashed.WEEKS[1]


def report(folder):
    return (folder / "reports" / f"{WEEK}.html").read_bytes()


@pytest.fixture
def ingested(forks, small_folder, tmp_path):
    folder = shutil.copytree(small_folder, tmp_path / "w")
    assert forks.run(folder, "ingest", folder / "late.csv", **BARE).status == 0
    return folder


@pytest.mark.slow
def test_a_run_beside_a_run_is_told_who_is_at_work_and_both_give_the_same_report(forks, ingested):
    with Workspace.open(ingested, environment=BARE) as opened, held_lease(opened.services, "r" * 16):
        second = forks.run(ingested, "run", "--week", WEEK, **BARE)
    assert second.status == 3
    assert f":{os.getpid()}:" in second.err
    assert "by tester) is at work since" in second.err
    assert forks.run(ingested, "run", "--week", WEEK, **BARE).status == 0
    first = report(ingested)
    assert forks.run(ingested, "run", "--week", WEEK, **BARE).status == 0
    assert report(ingested) == first


def both_at_once(folder, environment):
    """Run the same week in two workspaces over one store at the same moment; return how each ended."""
    gate = Barrier(2)

    def one(_):
        with Workspace.open(folder, environment=environment) as opened:
            opened.services.database.close()
            gate.wait(30)
            try:
                opened.run(WEEK)
            except BusyError as error:
                return str(error)
            return "done"

    with ThreadPoolExecutor(2) as pool:
        return sorted(pool.map(one, range(2)))


@pytest.mark.slow
def test_of_two_runs_at_the_same_moment_one_works(ingested):
    busy, done = both_at_once(ingested, BARE)
    assert "is at work since" in busy
    assert done == "done"
    assert crashed.problems(ingested) == []


@pytest.fixture
def cluster(postgres_socket):
    """The folder of a server that may be killed, and how to start it again."""
    folder = Path(tempfile.mkdtemp(prefix="voc-pg-"))  # the server's user may not enter the test's own folder
    yield folder, start_postgres(folder)
    killed(server(folder))
    shutil.rmtree(folder, ignore_errors=True)


def address(cluster):
    return f"postgresql+psycopg://voc@/postgres?host={cluster}"


@pytest.fixture
def team(tmp_path, small_folder, cluster):
    """The small workspace with its store in a server of its own that may be killed, and how to start it again."""
    environment = {**BARE, "VOC_DATABASE_URL": address(cluster[0])}
    folder = tmp_path / "team"
    with Workspace.init(folder, sample=True, environment=environment) as made:
        made.services.paths.private.mkdir()
        shutil.copy(small_folder / ".voc" / "key", made.services.paths.key)
        for name in ("feedback.csv", "late.csv"):
            shutil.copy(small_folder / name, folder / name)
            made.ingest(folder / name)
        made.ingest_figures(folder / "deliveries.csv")
        for name in ("global", "us"):
            made.import_standard(folder / "standards" / f"{name}.md")
    return folder, environment, *cluster


def killed(processes):
    """Kill processes and wait until the system has forgotten them, as a server that starts anew must."""
    signalled(processes, signal.SIGKILL)
    for _ in range(200):
        if not any(Path(f"/proc/{process}").exists() for process in processes):
            return
        time.sleep(0.05)


def signalled(processes, kind):
    for process in processes:
        with suppress(ProcessLookupError):  # a child of the server may end by itself
            os.kill(process, kind)


def server(cluster):
    """The processes of a server: its first one and the children of that."""
    pid = cluster / "data" / "postmaster.pid"
    if not pid.exists():
        return []
    first = int(pid.read_text().splitlines()[0])
    if not Path(f"/proc/{first}").exists():
        return []
    children = subprocess.run(["pgrep", "-P", str(first)], capture_output=True, text=True).stdout.split()
    return [first, *map(int, children)]


@pytest.mark.slow
def test_a_server_that_is_killed_in_the_middle_of_a_run_is_told_and_the_same_command_goes_on(team):
    folder, environment, cluster, start = team

    def announce(step):
        if step == "name themes":
            killed(server(cluster))
        return lambda _done, _total: None

    with Workspace.open(folder, environment=environment) as opened, pytest.raises(StoreError) as told:
        opened.run(WEEK, announce=announce)
    assert "cannot be reached" in str(told.value)
    assert "run the same command again" in str(told.value)
    start()
    with Workspace.open(folder, environment=environment) as opened:
        opened.run(WEEK)
        assert list(opened.problems()) == []
        assert [run.state for run in opened.runs(limit=5)] == ["done", "failed"]
        assert both_at_once(folder, environment)[1] == "done"
    first = report(folder)
    with Workspace.open(folder, environment=environment) as opened:
        opened.run(WEEK)
    assert report(folder) == first


@contextmanager
def stopped(processes):
    """Freeze processes while the body runs."""
    signalled(processes, signal.SIGSTOP)
    try:
        yield
    finally:
        signalled(processes, signal.SIGCONT)


@pytest.mark.slow
def test_a_server_that_hangs_is_given_up_and_used_again_when_it_is_back(cluster, monkeypatch):
    monkeypatch.setattr(database, "_CONNECT_S", 2)
    begun = time.monotonic()
    with stopped(server(cluster[0])[:1]), pytest.raises(StoreError, match="cannot be reached"):
        open_database(address(cluster[0]))
    assert time.monotonic() - begun < 20
    open_database(address(cluster[0])).close()


@pytest.fixture
def hasty(monkeypatch):
    """Whoever is silent for a fifth of a second is asked, and has two to answer."""
    monkeypatch.setattr(database, "_CONNECT_S", 2)
    monkeypatch.setattr("voc.store.server.SILENCE_S", 0.2)


@pytest.mark.slow
def test_a_server_that_freezes_with_connections_open_is_given_up_and_used_again_when_it_is_back(cluster, hasty):
    opened = open_database(address(cluster[0]))
    counts = dict.fromkeys(("rows", "added", "known", "rejected", "suppressed"), 0)
    texts = dict.fromkeys(("kind", "file_name", "sha256", "mapping_hash", "actor"), "x")
    rows = [{"id": f"{n:032}", "at": "2024-10-01T00:00:00Z", **counts, **texts} for n in range(100)]

    def read(connection):
        connection.exec_driver_sql("select 1")

    def bring_in(connection):
        insert_many(connection, schema.metadata.tables["batch"], rows)

    for work in (read, bring_in):
        told = pytest.raises(StoreError, match=r"cannot be reached: .*takes no new connection")
        with told, opened.write() as connection, stopped(server(cluster[0])):
            work(connection)
        with opened.read() as connection:
            assert connection.exec_driver_sql("select count(*) from batch").scalar() == 0
    opened.close()


@pytest.mark.slow
def test_a_slow_statement_of_a_server_that_answers_others_is_waited_for(postgres_socket, hasty):
    opened = open_database(new_postgres(postgres_socket, "slow"))
    with opened.read() as connection:
        assert connection.exec_driver_sql("select 7 from pg_sleep(1)").scalar() == 7
    opened.close()


@pytest.mark.slow
def test_a_source_that_freezes_while_it_is_read_is_given_up(cluster, hasty):
    query = Query("orders", address(cluster[0]) + "&connect_timeout=2", "select n from generate_series(1, 100000) n")
    with open_query(query, None) as answer:
        assert next(answer.rows) == {"n": 1}
        with stopped(server(cluster[0])), pytest.raises(InputError, match=r"broke off.*takes no new connection"):
            list(answer.rows)


def test_a_lack_of_memory_in_a_step_is_told_and_the_same_command_goes_on(ready, monkeypatch):
    def starved(*_):
        raise MemoryError("Unable to allocate 9.31 GiB for an array")

    with monkeypatch.context() as patched:
        patched.setattr(steps, "group", starved)
        with pytest.raises(OutOfMemoryError, match="not enough memory"):
            ready.run("2024-W40")
    assert ready.runs(limit=1)[0].state == "failed"
    assert "not enough memory" in ready.runs(limit=1)[0].error
    assert list(ready.problems()) == []
    assert ready.run("2024-W40").results["write the report"]


@pytest.mark.parametrize(
    ("error", "known"),
    [
        (MemoryError(), True),
        (RuntimeError("[enforce fail at alloc_cpu.cpp:117] DefaultCPUAllocator: can't allocate memory"), True),
        (RuntimeError("std::bad_alloc"), True),
        (RuntimeError("can't start new thread"), True),
        (RuntimeError("shapes do not match"), False),
    ],
)
def test_a_lack_of_memory_is_recognised_however_a_library_says_it(error, known):
    assert (out_of_memory(error) is not None) is known


@pytest.mark.slow
def test_a_worker_that_the_system_kills_leaves_a_run_that_the_next_one_marks(ingested):
    """As by the kernel's killer for lack of memory: the run that the pages started is gone without a word."""
    with Workspace.open(ingested, environment={**os.environ, **BARE}) as opened:
        started = opened.start_run(WEEK)
        with opened.services.database.read() as connection:
            (holder,) = connection.exec_driver_sql("select holder from lease").scalars()
        os.kill(int(holder.split(":")[1]), signal.SIGKILL)
        for _ in range(100):
            if not Path(f"/proc/{holder.split(':')[1]}").exists():
                break
            time.sleep(0.05)
        opened.run(WEEK)
        assert opened.run_of(started.id).run.error == "stopped before its end"
        assert list(opened.problems()) == []
