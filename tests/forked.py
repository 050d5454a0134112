"""`voc` commands in forks of one process that has imported everything: a kill costs no new interpreter.

Run as a script it reads one command a line (JSON) and answers how it ended; `Forks` is what tests use of it. The first
process opens no store and starts no thread, so that a fork begins as a fresh process would.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
WARM = (
    "voc.themes.engine faiss tantivy sklearn.metrics sklearn.linear_model scipy.stats",
    "scipy.sparse.csgraph statsmodels.api rensa sknetwork.clustering langchain_core.language_models",
    "phonenumbers py3langid stopwordsiso pyarrow voc.cli.main voc.workspace voc.runner.steps voc.runner.mend",
    "voc.backup.write voc.backup.restore voc.doctor voc.ingest.load voc.search.desk voc.search.upkeep",
    "voc.themes.refit voc.workspace_review voc.proposals.review",
)


@dataclass(frozen=True)
class Ended:
    """How a command ended: exit status (negative for a signal), what it said on both channels, and its seconds."""

    status: int
    out: str
    err: str
    seconds: float

    @property
    def killed(self):
        return self.status == -signal.SIGKILL


class Forks:
    """A warm process and what it is asked to do."""

    def __init__(self, folder):
        self._folder = folder
        self.refused = folder / "network"
        """What commands that ran with VOC_TEST_NO_NETWORK wanted of the network."""
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
        command = [sys.executable, __file__, str(folder)]
        self._process = subprocess.Popen(
            command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdout.readline() == "ready\n"

    def run(self, workspace, *arguments, after=None, **variables):
        """Run `voc ARGUMENTS` for a workspace; with `after`, kill it when so many seconds have passed."""
        for name in ("out", "err"):
            (self._folder / name).write_bytes(b"")  # a command may be killed before it says anything
        order = {
            "arguments": ["-C", str(workspace), *map(str, arguments)],
            "variables": variables,
            "after": after,
        }
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        status, seconds = json.loads(self._process.stdout.readline())
        return Ended(status, (self._folder / "out").read_text(), (self._folder / "err").read_text(), seconds)

    def close(self):
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait()


def _child(folder, arguments, variables):
    os.environ.update(variables)
    for number, name in ((1, "out"), (2, "err")):
        os.dup2(os.open(Path(folder) / name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), number)
    if "VOC_TEST_NO_NETWORK" in variables:
        sys.addaudithook(_refuse(Path(folder) / "network"))
    from voc.cli.main import run

    sys.argv = ["voc", *arguments]
    try:
        run()
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else int(bool(ended.code))
    return 0


def _refuse(record):
    """Return an audit hook that writes down and refuses every address that is called or looked up."""

    def watch(event, arguments):
        asked = event in {"socket.getaddrinfo", "socket.gethostbyname", "socket.sendto"}
        if asked or (event == "socket.connect" and not isinstance(arguments[1], str | bytes)):
            with record.open("a") as out:
                out.write(f"{event} {arguments[1:] if event == 'socket.connect' else arguments}\n")
            raise ConnectionRefusedError(f"no network in this test: {event}")

    return watch


def _fork(folder, order):
    """Run an order in a fork and return its status and seconds."""
    start = time.monotonic()
    child = os.fork()
    if child == 0:
        code = 70
        with contextlib.suppress(BaseException):
            code = _child(folder, order["arguments"], order["variables"])
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    after = order["after"]
    while after is not None:
        found, status = os.waitpid(child, os.WNOHANG)
        if found:
            return os.waitstatus_to_exitcode(status), time.monotonic() - start
        if time.monotonic() - start >= after:
            os.kill(child, signal.SIGKILL)
            break
        time.sleep(0.002)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status), time.monotonic() - start


def main():
    import importlib

    from voc.ingest.language import LanguageGuesser
    from voc.themes.light_import import light

    with light():
        importlib.import_module("bertopic")
    for name in " ".join(WARM).split():
        importlib.import_module(name)
    LanguageGuesser(["en"])
    print("ready", flush=True)
    for line in sys.stdin:
        print(json.dumps(_fork(sys.argv[1], json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
