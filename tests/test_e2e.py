"""A Monday morning in a real browser: sign in, read, search, decide; wide, narrow, and by keyboard alone."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from test_run import Choosing

from voc.workspace import Workspace

pytestmark = [pytest.mark.slow, pytest.mark.models, pytest.mark.enable_socket]

PASSWORD = "four words make good"
WEEK = "2024-W40"
PORT = 8473 + os.getpid() % 500
BASE = f"http://127.0.0.1:{PORT}"
SIZES = {"wide": (1440, 900), "phone": (390, 844)}


@pytest.fixture(scope="module")
def played(real_environment, tmp_path_factory):
    folder = tmp_path_factory.mktemp("e2e") / "w"
    with Workspace.init(folder, sample=True, environment=real_environment) as made:
        made.ingest(folder / "feedback.csv")
        for name in ("deliveries.csv", "signals.csv"):
            made.ingest_figures(folder / name)
        for name in ("global", "us", "gb", "de", "fr", "br"):
            made.import_standard(folder / "standards" / f"{name}.md")
        for name, role in (("ada", "admin"), ("olga", "owner"), ("otto", "owner"), ("vera", "viewer")):
            made.add_person(name, password=PASSWORD, role=role)
    settings = {**real_environment, "VOC_LLM_PROVIDER": "local", "VOC_ACTOR": "night run"}
    with Workspace.open(folder, environment=settings, model=Choosing()) as opened:
        opened.run(WEEK)
    return folder
