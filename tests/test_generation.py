"""Generations of the index: exact, whole, checked when opened, and never silently empty."""

import os
import shutil
from pathlib import Path
from unittest.mock import Mock

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from indexed import World, bm25, key_of, vector_of

from voc.errors import DamageError
from voc.index.current import remove
from voc.index.generation import open_named, pointer, problems
from voc.index.snapshot import Snapshot, _highest, make_delta
from voc.index.tiers import Tier

PLACES = ["rain", "box", "door", "locker", "street", "van", "shop", "desk"]
TEXTS = [f"parcel {n} left {word}" for n, word in enumerate(PLACES * 6)]
QUERY = vector_of("a question")
ANY_WORDS = st.lists(st.sampled_from(["parcel", "rain", "box", "7", "nothing"]), min_size=1, max_size=3, unique=True)


@pytest.fixture(params=list(Tier))
def tier(request):
    return request.param


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(st.sampled_from(TEXTS), unique=True), st.integers(1, 60), st.data())
def test_nearest_equals_brute_force(tmp_path, tier, texts, limit, data):
    world = World(texts)
    shutil.rmtree(tmp_path / "i", ignore_errors=True)
    world.build(tmp_path / "i", tier=tier)
    among = data.draw(st.none() | st.lists(st.sampled_from(TEXTS).map(key_of), unique=True))
    found = Snapshot(world.open(tmp_path / "i"), make_delta({}, np.zeros((0, 8), "f4"), {}))
    assert list(found.nearest(QUERY, limit=limit, among=among).keys) == world.nearest(QUERY, among)[:limit]


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(st.sampled_from(TEXTS), unique=True), ANY_WORDS, st.data())
def test_texts_with_words_are_all_found_and_no_other(tmp_path, texts, terms, data):
    world = World(texts)
    shutil.rmtree(tmp_path / "i", ignore_errors=True)
    world.build(tmp_path / "i")
    among = data.draw(st.none() | st.lists(st.sampled_from(TEXTS).map(key_of), unique=True))
    found = Snapshot(world.open(tmp_path / "i"), make_delta({}, np.zeros((0, 8), "f4"), {}))
    assert set(found.with_words(terms, limit=100, among=among).keys) == world.holding(terms, among)


def test_scores_of_words_are_those_of_bm25(tmp_path):
    world = World(TEXTS)
    world.build(tmp_path)
    whole = Snapshot(world.open(tmp_path), make_delta({}, np.zeros((0, 8), "f4"), {}))
    found = whole.with_words(["rain", "7"], limit=100)
    wanted = bm25(world.texts, ["rain", "7"])
    assert dict(zip(found.keys, found.scores, strict=True)) == pytest.approx(wanted, rel=1e-4)


def test_texts_beside_an_index_are_scored_like_those_in_it(tmp_path):
    world = World(TEXTS[:40])
    world.build(tmp_path)
    fresh = {key_of(text): text for text in TEXTS[40:]}
    delta = make_delta(fresh, np.stack([vector_of(text) for text in fresh.values()]), {})
    found = Snapshot(world.open(tmp_path), delta).with_words(["shop"], limit=100)
    wanted = bm25({key_of(text): text for text in TEXTS}, ["shop"])
    assert set(found.keys) == set(wanted)
    assert max(found.scores) == pytest.approx(max(wanted.values()), rel=0.15)


def test_a_text_in_index_and_delta_is_found_once(tmp_path):
    world = World(TEXTS[:3])
    world.build(tmp_path)
    again = {key_of(TEXTS[0]): TEXTS[0]}
    found = Snapshot(world.open(tmp_path), make_delta(again, vector_of(TEXTS[0])[None], {}))
    assert found.texts == 3
    assert sorted(found.nearest(QUERY, limit=9).keys) == sorted(key_of(text) for text in TEXTS[:3])
    assert len(found.with_words(["parcel"], limit=9)) == 3


def test_a_text_that_waits_for_its_vector_is_found_by_its_words(tmp_path):
    world = World(TEXTS[:3])
    world.build(tmp_path)
    waiting = {key_of("gone fishing"): "gone fishing"}
    found = Snapshot(world.open(tmp_path), make_delta({}, np.zeros((0, 8), "f4"), waiting))
    assert found.with_words(["fishing"], limit=9).keys == tuple(waiting)
    assert key_of("gone fishing") not in found.nearest(QUERY, limit=9).keys


def test_building_the_same_again_changes_nothing(tmp_path):
    world = World(TEXTS)
    name = world.build(tmp_path)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*") if path.is_file() and path.name != "LOCK"}
    assert world.build(tmp_path) == name
    assert {path: path.stat().st_mtime_ns for path in before} == before


def test_the_generation_before_is_kept_and_older_ones_are_not(tmp_path):
    world, names = World(), []
    for text in TEXTS[:4]:
        world.add(text)
        names.append(world.build(tmp_path))
    assert sorted(one.name for one in tmp_path.iterdir() if one.is_dir()) == sorted(names[-2:])
    assert pointer(tmp_path).previous.name == names[-2]


def test_a_reader_keeps_what_it_opened_while_others_are_published(tmp_path):
    world = World(TEXTS[:5])
    world.build(tmp_path)
    opened = Snapshot(world.open(tmp_path), make_delta({}, np.zeros((0, 8), "f4"), {}))
    before = opened.nearest(QUERY, limit=9), opened.with_words(["parcel"], limit=9)
    for text in TEXTS[5:9]:
        world.add(text)
        world.build(tmp_path)
    assert (opened.nearest(QUERY, limit=9), opened.with_words(["parcel"], limit=9)) == before


def all_files(root):
    return sorted(path for path in root.rglob("*") if path.is_file() and path.suffix != ".lock" and path.name != "LOCK")


def opens(world, root):
    try:
        open_named(root, pointer(root).current, model_id="m", take=world.take)
    except DamageError:
        return False
    return True


def test_every_flipped_byte_of_every_file_is_seen(tmp_path, tier):
    world = World(TEXTS[:6])
    world.build(tmp_path, tier=tier)
    chance = np.random.default_rng(0)
    assert opens(world, tmp_path)
    for path in all_files(tmp_path):
        data = path.read_bytes()
        rows = range(len(data)) if len(data) < 300 else sorted(chance.integers(0, len(data), 60).tolist())
        for row in rows:
            path.write_bytes(data[:row] + bytes([data[row] ^ (1 << int(chance.integers(8)))]) + data[row + 1 :])
            assert not opens(world, tmp_path), f"{path.name}, byte {row}"
            assert problems(tmp_path)
        path.write_bytes(data)
    assert opens(world, tmp_path)


def test_every_cut_or_missing_file_is_seen(tmp_path, tier):
    world = World(TEXTS[:6])
    world.build(tmp_path, tier=tier)
    for path in all_files(tmp_path):
        data = path.read_bytes()
        for left in {0, len(data) // 2, len(data) - 1} - {len(data)}:
            path.write_bytes(data[:left])
            assert not opens(world, tmp_path), f"{path.name} cut to {left}"
        path.unlink()
        assert problems(tmp_path), f"{path.name} missing"
        path.write_bytes(data)
    assert opens(world, tmp_path)


def test_everything_is_synced_before_it_counts(tmp_path, monkeypatch):
    synced, real, rename = [], os.fsync, os.replace
    monkeypatch.setattr(
        os, "fsync", lambda handle: (synced.append(str(Path(f"/proc/self/fd/{handle}").readlink())), real(handle))
    )
    moved = []

    def replace(source, target):
        moved.append((os.fspath(source), os.fspath(target), list(synced)))
        rename(source, target)

    monkeypatch.setattr(os, "rename", replace)
    monkeypatch.setattr(os, "replace", replace)
    world = World(TEXTS[:6])
    name = world.build(tmp_path)
    folder = next((source, before) for source, target, before in moved if target.endswith(name))
    files = {str(path.relative_to(tmp_path / name)) for path in all_files(tmp_path / name)}
    assert {f"{folder[0]}/{file}" for file in files} <= set(folder[1])
    assert {folder[0], f"{folder[0]}/words"} <= set(folder[1])
    current = next(before for _, target, before in reversed(moved) if target.endswith("CURRENT"))
    assert current[-2] == str(tmp_path), "the folder's new name is durable before CURRENT says it"
    assert synced[-1] == str(tmp_path), "and CURRENT's own at the end"


def test_generations_without_the_file_that_names_them_are_called_damaged(tmp_path):
    World(TEXTS[:2]).build(tmp_path)
    (tmp_path / "CURRENT").unlink()
    assert "CURRENT is missing" in problems(tmp_path)[0]


def test_what_was_removed_in_part_is_not_called_damaged(tmp_path, monkeypatch):
    World(TEXTS[:2]).build(tmp_path)
    monkeypatch.setattr(shutil, "rmtree", Mock(side_effect=KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        remove(tmp_path)
    assert any(tmp_path.glob("*/manifest.json"))
    assert problems(tmp_path) == ()
    assert pointer(tmp_path) is None


def test_an_index_of_another_encoder_is_refused(tmp_path):
    world = World(TEXTS[:2])
    world.build(tmp_path)
    with pytest.raises(DamageError, match="of the encoder m, not other"):
        open_named(tmp_path, pointer(tmp_path).current, model_id="other", take=world.take)


@given(st.lists(st.sampled_from([0.1, 0.2, 0.3]), max_size=12), st.integers(1, 6))
def test_no_equal_of_the_last_of_the_highest_is_left_out(values, limit):
    least = sorted(values, reverse=True)[:limit][-1:] or [1.0]
    found = _highest(np.array(values, np.float32), limit).tolist()
    wanted = [row for row, value in enumerate(values) if value >= least[0]]
    assert found == wanted or (len(values) <= limit and found == list(range(len(values))))
