"""A real Ray on this machine gives what local processes give, also when a worker or a node is killed in the middle."""

import functools
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from brought import bring, held, history_of
from conftest import BARE

from voc.backfill import on_ray
from voc.backfill.on_ray import OnRay
from voc.errors import SettingsError
from voc.workspace import Workspace

pytest.importorskip("ray", reason="Ray is not installed: pip install 'voc[ray]'")
TESTS = Path(__file__).parent


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A workspace into which one process brought its history, and one beside it that has its key and nothing else."""
    folder = tmp_path_factory.mktemp("ray") / "w"
    with Workspace.init(folder, environment=BARE) as made:
        source = history_of(made)
        assert made.services.key
        shutil.copytree(folder, folder.with_name("empty"))
        bring(made, source)
        yield made, source, folder.with_name("empty")


def same_as_one_process(whole, folder):
    with Workspace.open(folder, environment=BARE) as other:
        return held(other) == held(whole)


class Case:
    """A case of `ray_case.py`, begun in a workspace of its own; a cluster waits for itself most of the time."""

    def __init__(self, name, whole, folder):
        _, source, empty = whole
        self.folder = shutil.copytree(empty, folder / name)
        environment = {**os.environ, "PYTHONPATH": f"{TESTS}:{TESTS.parent}", "RAY_ADDRESS": ""}
        command = [sys.executable, str(TESTS / "ray_case.py"), str(self.folder), str(source), name]
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(command, env=environment, stdout=pipe, stderr=pipe, text=True)

    @functools.cached_property
    def told(self):
        """What it printed when it had ended."""
        said, errors = self._process.communicate(timeout=280)
        assert self._process.returncode == 0, errors[-3000:]
        return json.loads(said.splitlines()[-1])

    def close(self):
        if self._process.poll() is None:
            self._process.terminate()
            self._process.communicate(timeout=60)


@pytest.fixture(scope="module")
def cases(whole, tmp_path_factory):
    """A cluster that is begun here and loses a worker, and one of two nodes that loses one, side by side."""
    folder = tmp_path_factory.mktemp("cases")
    begun = {name: Case(name, whole, folder) for name in ("kill-worker", "kill-node")}
    yield begun
    for one in begun.values():
        one.close()


@pytest.mark.slow
def test_a_cluster_that_loses_a_worker_stores_what_one_process_stores(whole, cases):
    case = cases["kill-worker"]
    assert case.told == {"rows": 95, "killed": ["worker"], "aside": []}
    assert same_as_one_process(whole[0], case.folder)


@pytest.mark.slow
def test_a_cluster_that_loses_a_node_stores_what_one_process_stores(whole, cases):
    case = cases["kill-node"]
    told = {name: case.told[name] for name in ("rows", "killed", "aside")}
    assert told == {"rows": 95, "killed": ["node"], "aside": []}
    assert same_as_one_process(whole[0], case.folder)


@pytest.mark.slow
def test_a_cluster_refuses_another_token(cases):
    told = cases["kill-node"].told
    assert told["code"] != 0
    assert "cannot be joined" in told["said"]
    assert "f" * 64 not in told["said"]
    assert "Traceback" not in told["said"]


def test_a_cluster_elsewhere_is_not_joined_without_a_token(monkeypatch, tmp_path):
    for name in ("RAY_AUTH_MODE", "RAY_AUTH_TOKEN", "RAY_AUTH_TOKEN_PATH"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(SettingsError, match="There is no token"), OnRay(2, address="head:6379").started():
        pass


def test_without_ray_it_is_said_how_to_install_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(SettingsError, match=r"pip install 'voc\[ray\]'"):
        on_ray._ray()


def test_a_worker_on_a_node_is_ready_before_its_first_partition(monkeypatch, tmp_path):
    done = []
    monkeypatch.setattr(on_ray.Worker, "refusal", lambda self: done.append("made ready") or "")
    on_ray._OnNode(str(tmp_path), "read")
    assert done == ["made ready"]
