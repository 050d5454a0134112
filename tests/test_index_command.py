"""`voc index`: how the index stands, a new generation on demand, and tiers compared, without weights."""

import hashlib
import json
from dataclasses import replace

import numpy as np
import pytest
from conftest import BARE
from shop import STAMP, Shop
from typer.testing import CliRunner

from voc.cli.main import app
from voc.embed.pending import embed_pending
from voc.errors import DamageError, InputError, NotFoundError
from voc.index import generation, tiers
from voc.index.tiers import Tier
from voc.index.tune import LEAST, RERANKS, status, tune

WORDS = ["rain", "door", "box", "van", "gate", "shop", "locker", "courier", "vase", "delay"]
TEXTS = [f"parcel {n} {WORDS[n % 10]} {WORDS[n // 10 % 10]} came on day {n * n}" for n in range(130)]


@pytest.fixture
def shop(tmp_path):
    made = Shop(tmp_path)
    made.add(*TEXTS)
    made.holdings.build()
    return made


def root(shop):
    return shop.holdings.root


def folder(shop):
    return root(shop) / generation.pointer(root(shop)).current.name


def tree(path):
    return {str(one): hashlib.sha256(one.read_bytes()).hexdigest() for one in path.rglob("*") if one.is_file()}


def flip(path):
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(bytes(data))


def test_status_says_what_the_generation_is_and_what_lies_on_the_disk(shop):
    found = status(root(shop), shop.database)
    assert (found.name, found.previous, found.problems) == (folder(shop).name, "", ())
    assert (found.manifest.rows, found.manifest.tier, found.manifest.mark) == (130, "flat", (1, 130))
    assert found.file_bytes["keys.bin"] == 130 * 16
    assert sum(found.file_bytes.values()) == sum(one.stat().st_size for one in folder(shop).rglob("*") if one.is_file())
    assert set(found.file_bytes) >= {"manifest.json", "vectors.faiss", "words"}


def test_status_counts_what_came_since_and_what_waits(shop):
    shop.add("new with a vector", "another")
    shop.add("still waiting", embed=False)
    found = status(root(shop), shop.database)
    assert (found.came, found.waiting) == (2, 1)


def test_status_names_the_generation_before(shop):
    before = folder(shop).name
    shop.add("new")
    shop.holdings.build()
    assert status(root(shop), shop.database).previous == before


def test_status_without_an_index_says_what_to_do(tmp_path):
    shop = Shop(tmp_path)
    with pytest.raises(NotFoundError, match="voc run"):
        status(root(shop), shop.database)


def test_status_tells_damage_and_mends_nothing(shop):
    flip(folder(shop) / "keys.bin")
    before = tree(root(shop))
    found = status(root(shop), shop.database)
    assert len(found.problems) == 1
    assert "keys.bin" in found.problems[0]
    assert found.manifest.rows == 130
    assert tree(root(shop)) == before


def test_status_tells_a_damaged_manifest_and_a_damaged_pointer(shop):
    (folder(shop) / "manifest.json").write_text("{")
    found = status(root(shop), shop.database)
    assert (found.manifest, found.came) == (None, 0)
    assert "manifest.json" in found.problems[0]
    flip(root(shop) / "CURRENT")
    found = status(root(shop), shop.database)
    assert found.name == ""
    assert "CURRENT" in found.problems[0]


def test_comparing_every_vector_finds_all_and_codes_with_enough_exact_cosines_do_too(shop):
    found = tune(root(shop), shop.files, questions=40)
    assert [(one.tier, one.rerank) for one in found.trials] == [
        (Tier.FLAT, None),
        *((Tier.CODES, rerank) for rerank in RERANKS),
    ]
    assert (found.trials[0].recall_10, found.trials[0].recall_100) == (1.0, 1.0)
    assert all(one.recall_100 == 1.0 for one in found.trials[2:])
    assert all(0 < one.recall_10 <= 1 and 0 < one.p50_ms <= one.p99_ms for one in found.trials)
    assert found.trials[0].vector_bytes == 4 * 32
    assert found.trials[1].vector_bytes < 4 * 32
    assert (found.tier, found.texts, found.questions, found.dim) == (Tier.FLAT, 130, 40, 32)


def test_what_finds_only_the_asking_text_itself_and_no_near_one_has_a_recall_of_zero(shop, monkeypatch):
    class Blind:
        def __init__(self, inner):
            self.inner = inner

        def nearest(self, query, *, limit, among=None):
            own, cosine = self.inner.nearest(query, limit=1)
            others = np.setdiff1d(np.arange(limit), own)[: limit - 1]
            return np.append(own, others), np.append(cosine, np.zeros(limit - 1, np.float32))

    opened = tiers.open_tier
    monkeypatch.setattr(tiers, "open_tier", lambda *args: Blind(opened(*args)))
    assert tune(root(shop), shop.files, questions=20).trials[0].recall_10 == 0


def test_no_more_exact_cosines_are_taken_than_a_trial_says(shop, monkeypatch):
    taken, opened = [], generation.open_named

    def watched(*args, **options):
        found = opened(*args, **options)
        return replace(found, take=lambda rows: taken.append(len(rows)) or found.take(rows))

    monkeypatch.setattr(generation, "open_named", watched)
    shop.add(*(f"more {one}" for one in TEXTS))
    shop.holdings.build()
    tune(root(shop), shop.files, questions=5)
    assert {100, 200} <= set(taken)


def test_texts_with_equal_vectors_are_all_right(tmp_path):
    shop = Shop(tmp_path)
    shop.add(*(one for text in TEXTS[:60] for one in (text, text.upper(), text.title())))
    shop.holdings.build()
    assert tune(root(shop), shop.files, questions=180).trials[0].recall_10 == 1.0


def test_tuning_stores_nothing_and_gives_threads_back(shop):
    import faiss

    before, threads = tree(shop.folder), faiss.omp_get_max_threads()
    tune(root(shop), shop.files, questions=5)
    assert tree(shop.folder) == before
    assert faiss.omp_get_max_threads() == threads


def test_tuning_searches_on_one_thread(shop, monkeypatch):
    import faiss

    used, opened = set(), tiers.open_tier

    class Watched:
        def __init__(self, inner):
            self.inner = inner

        def nearest(self, query, **options):
            used.add(faiss.omp_get_max_threads())
            return self.inner.nearest(query, **options)

    monkeypatch.setattr(tiers, "open_tier", lambda *args: Watched(opened(*args)))
    before = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(2)
    try:
        tune(root(shop), shop.files, questions=5)
        assert used == {1}
        assert faiss.omp_get_max_threads() == 2
    finally:
        faiss.omp_set_num_threads(before)


def test_too_few_texts_or_questions_and_a_damaged_index_are_told(tmp_path):
    shop = Shop(tmp_path)
    with pytest.raises(NotFoundError, match="voc run"):
        tune(root(shop), shop.files)
    shop.add(*TEXTS[: LEAST - 1])
    shop.holdings.build()
    with pytest.raises(InputError, match=r"has 99 texts; at least 100"):
        tune(root(shop), shop.files)
    with pytest.raises(InputError, match="--queries is 0"):
        tune(root(shop), shop.files, questions=0)
    flip(folder(shop) / "places.bin")
    with pytest.raises(DamageError, match=r"places.bin.*voc doctor --repair"):
        tune(root(shop), shop.files)


def test_a_hundred_texts_are_enough(tmp_path):
    shop = Shop(tmp_path)
    shop.add(*TEXTS[:LEAST])
    shop.holdings.build()
    assert tune(root(shop), shop.files).trials[0].recall_100 == 1.0


@pytest.fixture
def filled(workspace, tmp_path):
    """A workspace whose comments have vectors, and no index yet."""
    ingest(workspace, tmp_path, {f"{n}": text for n, text in enumerate(TEXTS)})
    return workspace


def ingest(workspace, tmp_path, texts):
    """Read comments by their ids, and give them vectors."""
    said = {"created": "2024-09-02T10:00:00", "country": "US"}
    rows = [json.dumps({"id": one, "comment": text, **said}) for one, text in texts.items()]
    (tmp_path / "comments.jsonl").write_text("\n".join(rows))
    workspace.ingest(tmp_path / "comments.jsonl")
    services = workspace.services
    embed_pending(services.database, services.vector_files, services.embedder, stamp=lambda: STAMP)


def voc(workspace, *words):
    place = str(workspace.services.paths.folder)
    return CliRunner(env=BARE).invoke(app, ["-C", place, "index", *words], catch_exceptions=False)


def test_the_commands_write_show_and_compare(filled):
    written = voc(filled, "compact")
    assert written.exit_code == 0
    assert "texts       130" in written.output
    shown = voc(filled, "status")
    assert (shown.exit_code, shown.output) == (0, written.output)
    for word in (
        "tier        flat",
        "mark        segment 1, row 130",
        "languages",
        "vectors.faiss",
        "files       sound",
    ):
        assert word in shown.output
    compared = voc(filled, "tune", "--queries", "10")
    assert compared.exit_code == 0
    for word in ("recall@10 ", "bytes", "up to 50,000 texts (FLAT_UP_TO) every vector is compared"):
        assert word in compared.output
    told = json.loads(voc(filled, "tune", "--queries", "10", "--json").stdout)
    assert (told["tier"], told["questions"], len(told["trials"])) == ("flat", 10, 5)


def test_status_of_a_damaged_index_ends_with_three(filled):
    filled.compact_index()
    place = filled.services.paths.index
    flip(place / generation.pointer(place).current.name / "offsets.f32")
    shown = voc(filled, "status")
    assert shown.exit_code == 3
    assert "voc doctor --repair" in shown.output
    assert "offsets.f32" in shown.output


def test_compacting_takes_in_what_came_since_though_it_is_too_little_for_a_run(filled, tmp_path, monkeypatch):
    monkeypatch.setattr("voc.search.upkeep.FLAT_UP_TO", 0)
    first = filled.compact_index()
    ingest(filled, tmp_path, {"n1": "one more parcel"})
    assert filled.index_status().came == 1
    assert filled.services.holdings.build_if_due() == first.name
    second = filled.compact_index()
    assert (second.came, second.manifest.rows, second.previous) == (0, 131, first.name)


def test_compacting_without_vectors_says_what_to_do(workspace):
    with pytest.raises(NotFoundError, match="voc run"):
        workspace.compact_index()
