"""Bring a source in on a real Ray, in a process of its own, and print what happened.

Usage: python tests/ray_case.py WORKSPACE SOURCE CASE, where CASE is plain, kill-worker, kill-node or wrong-token.
"""

from __future__ import annotations

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
    for process in psutil.process_iter(["pid", "cmdline"]):
        if any("ray::MapWorker" in part for part in process.info["cmdline"] or ()):
            os.kill(process.info["pid"], signal.SIGKILL)
            done.append("worker")
            return


def main(folder, source, case):
    done = []
    with Workspace.open(folder, environment=BARE) as workspace:
        engine = OnRay(2)
        if case in {"kill-node", "wrong-token"}:
            from ray.cluster_utils import Cluster

            cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False})
            node = cluster.add_node(num_cpus=2)
            engine = OnRay(2, address=cluster.address)
        if case == "kill-worker":
            once_at_work(folder, lambda: kill_a_worker(done))
        if case == "kill-node":
            once_at_work(folder, lambda: (cluster.remove_node(node, allow_graceful=False), done.append("node")))
        report = bring(workspace, source, engine=engine)
    print(json.dumps({"rows": report.tally.rows, "killed": done, "aside": report.quarantined}))
    if case == "kill-node":
        cluster.shutdown()


def refused(folder, source):
    """Join a cluster with another token than its own."""
    from ray.cluster_utils import Cluster

    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False})
    environment = {**os.environ, **BARE, "RAY_AUTH_TOKEN": "f" * 64, "VOC_WORKSPACE": str(folder)}
    command = ["-m", "voc.cli.main", "backfill", str(source), "--engine", "ray", "--address", cluster.address]
    ended = subprocess.run([sys.executable, *command], env=environment, capture_output=True, text=True)
    print(json.dumps({"code": ended.returncode, "said": ended.stderr[-600:]}))
    cluster.shutdown()


if __name__ == "__main__":
    os.environ |= {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": "0123456789abcdef" * 4}  # read when ray is imported
    place, file, wanted = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
    if wanted == "wrong-token":
        refused(place, file)
    else:
        try:
            main(place, file, wanted)
        except VocError as error:
            print(json.dumps({"error": str(error)}))
