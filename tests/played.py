"""The sample's weeks gone through from scratch with real weights, in workspaces that have the same key."""

from __future__ import annotations

import contextlib

from conftest import bring_the_sample, same_every_time
from test_run import Choosing

from voc.workspace import Workspace

WEEK = "2024-W40"


@contextlib.contextmanager
def played(folder, environment, *, backwards=False):
    """Go through all weeks in a folder that is made for it, the rows in another order when `backwards`."""
    Workspace.init(folder, sample=True, environment=environment).close()
    same_every_time(folder)
    if backwards:
        head, *rows = (folder / "feedback.csv").read_text(encoding="utf-8").splitlines(keepends=True)
        (folder / "feedback.csv").write_text("".join([head, *sorted(rows, key=lambda row: row[::-1])]), "utf-8")
    settings = {**environment, "VOC_LLM_PROVIDER": "local"}
    with Workspace.open(folder, environment=settings, model=Choosing()) as opened:
        bring_the_sample(opened)
        opened.run(WEEK, pipeline="backfill")
        yield opened
