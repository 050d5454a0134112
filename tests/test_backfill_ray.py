"""A real Ray on this machine gives what local processes give, also when a worker or a node is killed in the middle."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from brought import bring, held, rows, write_csv
from conftest import BARE

from voc.backfill import on_ray
from voc.backfill.on_ray import OnRay
from voc.errors import SettingsError
from voc.workspace import Workspace

pytest.importorskip("ray", reason="Ray is not installed: pip install 'voc[ray]'")
TESTS = Path(__file__).parent


@pytest.fixture
def source(workspace):
    assert workspace.services.key
    return write_csv(workspace.services.paths.folder / "history.csv", rows(95))


def on_a_cluster(folder, source, case):
    environment = {**os.environ, "PYTHONPATH": f"{TESTS}:{TESTS.parent}", "RAY_ADDRESS": ""}
    command = [sys.executable, str(TESTS / "ray_case.py"), str(folder), str(source), case]
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=280)
    assert ended.returncode == 0, ended.stderr[-3000:]
    return json.loads(ended.stdout.splitlines()[-1])


@pytest.mark.slow
@pytest.mark.parametrize("case", ["plain", "kill-worker", "kill-node"])
def test_a_cluster_stores_what_one_process_stores(workspace, source, tmp_path, case):
    folder = tmp_path / "other"
    shutil.copytree(workspace.services.paths.folder, folder)
    bring(workspace, source)
    told = on_a_cluster(folder, source, case)
    killed = {"plain": [], "kill-worker": ["worker"], "kill-node": ["node"]}[case]
    assert told == {"rows": 95, "killed": killed, "aside": []}
    with Workspace.open(folder, environment=BARE) as other:
        assert held(other) == held(workspace)


@pytest.mark.slow
def test_a_cluster_refuses_another_token(workspace, source):
    told = on_a_cluster(workspace.services.paths.folder, source, "wrong-token")
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
