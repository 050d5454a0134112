"""Kill -9 while an index is written, and a search beside a writer: nothing that was acknowledged is lost."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from shop import Shop
from sqlalchemy import select

from voc.index import generation
from voc.search.find import Page
from voc.search.fuse import Mode
from voc.store import schema

KILLS = 200 if os.environ.get("VOC_SOAK") else 20
HERE = Path(__file__).parent
WRITER = """
import sys
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from shop import Shop
from voc.index.tiers import Tier
shop = Shop(Path(sys.argv[2]))
start = int(sys.argv[3])
for turn in range(start, start + 10_000):
    shop.batches = turn
    for one in shop.add(*(f"parcel {turn} number {n} came wet" for n in range(3))):
        print(one, flush=True)
    shop.holdings.build(tier=list(Tier)[turn % 2])
    print("built", flush=True)
"""


def writer(folder, start, **environment):
    command = [sys.executable, "-c", WRITER, str(HERE), str(folder), str(start)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, **environment})


def stored(shop):
    with shop.database.read() as connection:
        ids = set(connection.execute(select(schema.feedback.c.id)).scalars())
        hashes = set(connection.execute(select(schema.unit.c.text_hash)).scalars())
    return ids, hashes


@pytest.mark.slow
@pytest.mark.timeout(7200 if os.environ.get("VOC_SOAK") else 300)
def test_kills_at_random_moments_of_writing_lose_nothing_acknowledged(tmp_path):
    chance, acknowledged = random.Random(4), set()
    Shop(tmp_path).database.close()
    for kill in range(KILLS):
        process = writer(tmp_path, 1000 * (kill + 1))
        first = process.stdout.readline()
        time.sleep(chance.uniform(0.0, 0.5))
        process.kill()
        lines = [first, *process.communicate()[0].splitlines()]
        acknowledged |= {line.strip() for line in lines if len(line.strip()) == 32}
        shop = Shop(tmp_path)
        known, hashes = stored(shop)
        assert acknowledged <= known
        shop.embed()
        opened = shop.reader.now()
        assert opened.notes == ()
        assert set(opened.snapshot.base.keys.names(range(len(opened.snapshot.base.keys)))) <= hashes
        found = opened.snapshot.with_words(["wet"], limit=10_000)
        assert set(found.keys) == hashes
        shop.database.close()
    assert len(acknowledged) > KILLS


@pytest.mark.slow
@pytest.mark.parametrize("failpoint", ["index.half-written", "index.written"])
def test_a_first_index_that_was_never_finished_is_not_called_damaged(tmp_path, failpoint):
    killed = writer(tmp_path, 1, VOC_FAILPOINT=failpoint)
    assert len(killed.communicate()[0].split()) == 3
    assert killed.returncode == -signal.SIGKILL
    assert any((tmp_path / "index").glob("*/manifest.json"))
    opened = Shop(tmp_path).reader.now()
    assert opened.notes == ()
    assert len(opened.snapshot.base.keys) == 3


@pytest.mark.slow
def test_a_search_beside_a_writer_meets_no_error_and_no_partial_result(tmp_path):
    shop = Shop(tmp_path)
    shop.add("parcel 0 number 0 came wet")
    process = writer(tmp_path, 1)
    counts, names, end = [], set(), time.monotonic() + 6
    try:
        while time.monotonic() < end:
            if len(counts) % 3 == 0:
                shop.reopen()
            known = stored(shop)[0]
            hits = shop.desk.search("parcel wet", Page(1000), mode=Mode.LEXICAL).hits
            after = stored(shop)[0]
            assert known <= {hit.feedback.id for hit in hits} <= after
            counts.append(len(hits))
            names.add(generation.pointer(tmp_path / "index").current.name)
    finally:
        process.kill()
        process.communicate()
    assert counts == sorted(counts)
    assert len(names) > 2
