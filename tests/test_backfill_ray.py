"""A real Ray on this machine gives what local processes give, also when a worker or a node is killed in the middle."""

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


def on_a_cluster(folder, source, case):
    environment = {**os.environ, "PYTHONPATH": f"{TESTS}:{TESTS.parent}", "RAY_ADDRESS": ""}
    command = [sys.executable, str(TESTS / "ray_case.py"), str(folder), str(source), case]
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=280)
    assert ended.returncode == 0, ended.stderr[-3000:]
    return json.loads(ended.stdout.splitlines()[-1])


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


@pytest.mark.slow
def test_a_cluster_that_loses_a_worker_stores_what_one_process_stores(whole, tmp_path):
    alone, source, empty = whole
    folder = shutil.copytree(empty, tmp_path / "w")
    assert on_a_cluster(folder, source, "kill-worker") == {"rows": 95, "killed": ["worker"], "aside": []}
    assert same_as_one_process(alone, folder)


@pytest.fixture(scope="module")
def on_nodes(whole, tmp_path_factory):
    """What was told by a cluster of two nodes, one of which was killed, and by one who joined it with another token."""
    _, source, empty = whole
    folder = shutil.copytree(empty, tmp_path_factory.mktemp("nodes") / "w")
    return on_a_cluster(folder, source, "kill-node"), folder


@pytest.mark.slow
def test_a_cluster_that_loses_a_node_stores_what_one_process_stores(whole, on_nodes):
    told, folder = on_nodes
    assert {name: told[name] for name in ("rows", "killed", "aside")} == {"rows": 95, "killed": ["node"], "aside": []}
    assert same_as_one_process(whole[0], folder)


@pytest.mark.slow
def test_a_cluster_refuses_another_token(on_nodes):
    told, _ = on_nodes
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
