"""Kill -9 at every named place and at random moments: nothing is lost, nothing is doubled, the rest goes on."""

import os
import random
import shutil

import crashed
import pytest
from conftest import BARE
from sqlalchemy import select

from voc.failpoints import NAMES
from voc.store import audit, schema
from voc.store.database import integrity_problems
from voc.workspace import Workspace

WEEK = crashed.WEEKS[1]
TABLES = (
    "feedback",
    "lookup",
    "unit",
    "vector",
    "vector_block",
    "theme_fit",
    "theme",
    "theme_event",
    "assignment",
    "label",
    "exposure",
    "proposal",
    "proposal_evidence",
    "proposal_quote",
)
ELSEWHERE = ("backfill.", "erase.")  # test_backfill_tries.py, test_erase_kill.py
HERE = [one for one in NAMES if not one.startswith(ELSEWHERE)]
OF_THE_MOMENT = {"id", "at", "run_id", "batch_id"}
RANDOM_KILLS = 500 if os.environ.get("VOC_SOAK") else 6


def work(folder):
    return [("ingest", folder / "late.csv"), ("run", "--week", WEEK)]


def finish(forks, folder):
    for arguments in work(folder):
        ended = forks.run(folder, *arguments, **BARE)
        assert ended.status == 0, ended.err


def contents(folder):
    """Everything stored but the moments of storing, and the bytes of the report."""
    with Workspace.open(folder, environment=BARE) as opened, opened.services.database.read() as connection:
        found = {}
        for name in TABLES:
            table = schema.metadata.tables[name]
            keys = {column.name for column in table.primary_key}
            kept = [
                one
                for one in table.columns
                if one.name not in OF_THE_MOMENT or (one.name == "id" and name != "theme_event" and keys)
            ]
            found[name] = sorted(map(repr, connection.execute(select(*kept))))
        audit.verify(connection)
        assert integrity_problems(opened.services.database) == []
        assert [one for one in opened.problems() if "left over" not in one] == []  # those --repair clears
    found["report"] = (folder / "reports" / f"{WEEK}.html").read_bytes()
    return found


@pytest.fixture(scope="module")
def before(small_folder, tmp_path_factory):
    """The small workspace, with a file of its next week that is not read yet and is too long for one transaction."""
    folder = tmp_path_factory.mktemp("kill") / "before"
    shutil.copytree(small_folder, folder)
    places = ("the back door", "the garage", "our porch", "a bench", "the hedge", "the stairs", "the gate", "the yard")
    rows = "".join(
        f"k{n},2024-08-0{5 + n % 5} 10:00:00,US,Comment {n}: parcel stood wet at {places[n % 8]} for {n} hours,1,,,,\n"
        for n in range(1100)
    )
    (folder / "late.csv").write_text("id,created,country,comment,stars,channel,depot,service,tracking_no\n" + rows)
    return folder


@pytest.fixture(scope="module")
def unharmed(forks, before, tmp_path_factory):
    folder = tmp_path_factory.mktemp("kill") / "unharmed"
    shutil.copytree(before, folder)
    finish(forks, folder)
    return contents(folder)


def killed_at(forks, folder, failpoint):
    return any(forks.run(folder, *arguments, **BARE, VOC_FAILPOINT=failpoint).killed for arguments in work(folder))


@pytest.mark.slow
def test_a_kill_at_every_named_place_in_turn_changes_nothing_in_the_end(forks, before, unharmed, tmp_path):
    folder = tmp_path / "w"
    shutil.copytree(before, folder)
    assert [one for one in HERE if not killed_at(forks, folder, one)] == []
    finish(forks, folder)
    assert contents(folder) == unharmed


@pytest.mark.slow
@pytest.mark.skipif(not os.environ.get("VOC_SOAK"), reason="each place alone is part of make soak")
@pytest.mark.parametrize("failpoint", HERE)
def test_a_kill_at_one_named_place_changes_nothing_in_the_end(forks, before, unharmed, tmp_path, failpoint):
    folder = tmp_path / "w"
    shutil.copytree(before, folder)
    assert killed_at(forks, folder, failpoint), f"{failpoint} was never reached"
    finish(forks, folder)
    assert contents(folder) == unharmed


@pytest.mark.slow
@pytest.mark.timeout(7200 if os.environ.get("VOC_SOAK") else 300)
def test_kills_at_random_moments_change_nothing_in_the_end(forks, before, unharmed, tmp_path):
    folder = tmp_path / "w"
    shutil.copytree(before, folder)
    chance = random.Random(20241007)
    kills = 0
    while kills < RANDOM_KILLS:
        for arguments in work(folder):
            if forks.run(folder, *arguments, after=chance.uniform(0.02, 3.0), **BARE).killed:
                kills += 1
                break
    finish(forks, folder)
    assert contents(folder) == unharmed
