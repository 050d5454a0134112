"""Kill -9 at random moments of all kinds of work: what was acknowledged stays, nothing is twice, replay is equal.

Each job is killed again and again in the same workspace until it gets through; then the end must be that of a workspace
in which nothing was ever killed. VOC_SOAK=1 kills 280 times, else a few.
"""

import os
import random
import re
import shutil
from dataclasses import dataclass, field
from typing import Any

import crashed
import pytest
from conftest import BARE
from sqlalchemy import func, select

from voc.store import schema
from voc.workspace import Workspace

SOAK = bool(os.environ.get("VOC_SOAK"))
SEED = int(os.environ.get("VOC_SEED", "20241007"))
KILLS = int(os.environ.get("VOC_KILLS", "40" if SOAK else "2"))
"""Kills of each job."""
LONG = 1100
"""Comments of the file that is long, so that it is stored in several transactions."""


@dataclass(frozen=True)
class Job:
    """Commands that are said until all have ended well; `kept` checks what the killed ones had acknowledged."""

    name: str
    start: str
    commands: tuple[tuple[str, ...], ...]
    kept: Any = None
    again: tuple[int, ...] = (0,)
    variables: dict[str, str] = field(default_factory=dict)


def count(folder, table):
    with Workspace.open(folder, environment=BARE) as opened, opened.services.database.read() as connection:
        return connection.execute(select(func.count()).select_from(schema.metadata.tables[table])).scalar_one()


def rows_kept(folder, said):
    """Every row that a progress line told of is in the store, with the hundred that were there before."""
    told = [int(one) for one in re.findall(r"^  (\d+)$", said, re.MULTILINE)]
    assert count(folder, "feedback") >= 100 + max(told, default=0)


def brought_kept(folder, said):
    """A partition that was told is stored whole; there is one."""
    if "  1 of 1" in said:
        assert count(folder, "feedback") == 100 + LONG


def vectors_kept(folder, said):
    """Every text that was said to be embedded has a vector."""
    told = [int(one) for one in re.findall(r"^  (\d+) of \d+$", said.split("find themes")[0], re.MULTILINE)]
    assert count(folder, "vector") >= max(told, default=0)


def state_kept(folder, said):
    """A proposal that was said to be in review or approved is at least that far."""
    with Workspace.open(folder, environment=BARE) as opened:
        state = next(one.state for one in opened.proposals() if one.id == "p1")
    if "p1 is approved" in said:
        assert state == "approved"
    elif "p1 is now in_review" in said:
        assert state in ("in_review", "approved")


JOBS = (
    Job("ingest", "long", (("ingest", "W/long.csv"),), rows_kept),
    Job("embed and run", "ingested", (("run", "--week", crashed.WEEKS[1]),), vectors_kept),
    Job("fit", "ingested", (("themes", "refit", "--week", crashed.WEEKS[1]),)),
    Job("index", "unindexed", (("doctor", "--repair"),)),
    Job(
        "review",
        "drafted",
        (("proposals", "submit", "p1"), ("proposals", "approve", "p1")),
        state_kept,
        again=(0, 2),
        variables={"VOC_ROLE": "owner", "VOC_ACTOR": "olga"},
    ),
    Job("backfill", "long", (("backfill", "W/long.csv", "--workers", "1", "--bring-only"),), brought_kept),
    Job("history", "unrun", (("run", "--week", crashed.WEEKS[1], "--backfill"),)),
)
"""Every kind of work that is killed; a new kind is a line here."""


@pytest.fixture(scope="module")
def starts(forks, small_folder, tmp_path_factory):
    root = tmp_path_factory.mktemp("kills")
    ingested = shutil.copytree(small_folder, root / "ingested")
    assert forks.run(ingested, "ingest", ingested / "late.csv", **BARE).status == 0
    shutil.copytree(ingested, root / "unindexed", ignore=shutil.ignore_patterns("index"))
    crashed.draft(shutil.copytree(small_folder, root / "drafted"))
    unrun = shutil.copytree(small_folder, root / "unrun", ignore=shutil.ignore_patterns(".voc", "reports"))
    files = [unrun / name for name in ("feedback.csv", "late.csv", "deliveries.csv")]
    shutil.copytree(small_folder / ".voc", unrun / ".voc", ignore=shutil.ignore_patterns("store*", "vectors", "index"))
    assert forks.run(unrun, "ingest", *files, **BARE).status == 0
    long = shutil.copytree(small_folder, root / "long")
    rows = "".join(
        f"k{n},2024-08-0{1 + n % 5} 10:00:00,US,Comment {n}: parcel stood wet for {n} hours,1,,,,\n"
        for n in range(LONG)
    )
    head = "id,created,country,comment,stars,channel,depot,service,tracking_no\n"
    (long / "long.csv").write_text(head + rows, encoding="utf-8")
    return root


def line_of(command, folder):
    return [part.replace("W/", f"{folder}/") for part in command]


def undisturbed(forks, job, folder):
    """Run a job without a kill; return what it comes to and the seconds of its longest command."""
    longest = 0.0
    for command in job.commands:
        ended = forks.run(folder, *line_of(command, folder), **{**BARE, **job.variables})
        assert ended.status == 0, ended.err
        longest = max(longest, ended.seconds)
    return crashed.contents(folder), longest


@pytest.mark.slow
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("job", JOBS, ids=[job.name for job in JOBS])
def test_kills_at_random_moments_change_nothing_in_the_end(job, forks, starts, tmp_path):
    print(f"seed {SEED}")
    chance = random.Random(f"{SEED} {job.name}")
    wanted, longest = undisturbed(forks, job, shutil.copytree(starts / job.start, tmp_path / "unharmed"))
    kills = rounds = 0
    while kills < KILLS or not rounds:
        folder = shutil.copytree(starts / job.start, tmp_path / "w")
        waiting = list(job.commands)
        while waiting:
            # At most a few kills in one workspace, so that many come to their end and are compared.
            after = chance.uniform(0, 1.1 * longest) if kills < KILLS and chance.random() < 0.8 else None
            ended = forks.run(folder, *line_of(waiting[0], folder), after=after, **{**BARE, **job.variables})
            kills += ended.killed
            if job.kept is not None:
                job.kept(folder, ended.out + ended.err)
            assert ended.killed or ended.status in job.again, ended.err
            if not ended.killed:
                waiting.pop(0)
        assert list(crashed.differences(crashed.contents(folder), wanted)) == [], f"seed {SEED}, after {kills} kills"
        if [one for one in crashed.problems(folder) if "left over" not in one and "stopped before" not in one]:
            raise AssertionError(crashed.problems(folder))
        shutil.rmtree(folder)
        rounds += 1
    print(f"{job.name}: {kills} kills in {rounds} rounds")
    assert kills >= KILLS
