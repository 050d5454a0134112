"""Bring a source in on a real Ray, in a process of its own, and print what happened.

Usage: python tests/ray_case.py WORKSPACE SOURCE CASE, where CASE is kill-worker, or kill-node, after which the cluster
is joined with another token than its own.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
from brought import bring
from conftest import BARE

from voc.backfill.history import FOLDER
from voc.backfill.on_ray import OnRay
from voc.errors import VocError
from voc.workspace import Workspace


def once_at_work(folder, act):
    """Do something once the first partition is being worked on."""

    def wait():
        while not list((folder / ".voc" / FOLDER).glob("*/tries/*")):
            time.sleep(0.01)
        act()

    threading.Thread(target=wait, daemon=True).start()


def kill_a_worker(done):
    for process in psutil.Process().children(recursive=True):  # another cluster may be at work beside
        with contextlib.suppress(psutil.NoSuchProcess):
            if any("ray::MapWorker" in part for part in process.cmdline()):
                os.kill(process.pid, signal.SIGKILL)
                done.append("worker")
                return


def lose_a_worker(folder, source):
    done = []
    once_at_work(folder, lambda: kill_a_worker(done))
    return brought_by(OnRay(2), folder, source) | {"killed": done}


def lose_a_node(folder, source):
    """Bring in on a cluster that loses a node, then join it with another token."""
    from ray.cluster_utils import Cluster

    done = []
    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False})
    node = cluster.add_node(num_cpus=2)
    once_at_work(folder, lambda: (cluster.remove_node(node, allow_graceful=False), done.append("node")))
    told = brought_by(OnRay(2, address=cluster.address), folder, source) | {"killed": done}
    told |= refused(cluster.address, folder, source)
    cluster.shutdown()
    return told


def brought_by(engine, folder, source):
    with Workspace.open(folder, environment=BARE) as workspace:
        report = bring(workspace, source, engine=engine)
    return {"rows": report.tally.rows, "aside": report.quarantined}


def refused(address, folder, source):
    """Say how it ends when a cluster is joined with another token than its own."""
    environment = {**os.environ, **BARE, "RAY_AUTH_TOKEN": "f" * 64, "VOC_WORKSPACE": str(folder)}
    fresh = folder / "fresh.csv"  # the same again would need no cluster
    fresh.write_text(source.read_text(encoding="utf-8").replace("wet", "torn"), encoding="utf-8")
    command = ["-m", "voc.cli.main", "backfill", str(fresh), "--engine", "ray", "--address", address]
    ended = subprocess.run([sys.executable, *command], env=environment, capture_output=True, text=True)
    return {"code": ended.returncode, "said": ended.stderr[-600:]}


if __name__ == "__main__":
    os.environ |= {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": "0123456789abcdef" * 4}  # read when ray is imported
    case = {"kill-worker": lose_a_worker, "kill-node": lose_a_node}[sys.argv[3]]
    try:
        print(json.dumps(case(Path(sys.argv[1]), Path(sys.argv[2]))))
    except VocError as error:
        print(json.dumps({"error": str(error)}))
