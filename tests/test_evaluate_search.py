"""`voc evaluate search` on passages and comments whose right answers are known, without weights."""

import itertools
import json
import math
import tempfile
from dataclasses import replace

import pytest
from conftest import BARE
from shop import STAMP, Shop
from typer.testing import CliRunner

from voc.cli.main import app
from voc.embed.fake import TrigramEmbedder
from voc.embed.pending import embed_pending
from voc.errors import InputError, NotAllowedError
from voc.ingest.identity import text_hash
from voc.search.evaluate import SearchEvaluator, rank_texts
from voc.search.find import Page, rank
from voc.search.fuse import Mode
from voc.search.judged import Judged, Passage, Query
from voc.search.question import ask
from voc.store import copies
from voc.store.filters import Filter
from voc.workspace import Workspace

PASSAGES = {
    "rain": "the parcel was left in the rain",
    "vase": "my vase arrived broken into pieces",
    "rude": "the courier shouted at my grandmother",
    "late": "it came four weeks too late",
}


def passages(texts=PASSAGES, language="en"):
    return [Passage(one, text, language) for one, text in texts.items()]


def judged(*asked, unknown=0):
    """Each is a text, its language and what is relevant to it; ids are q1, q2 and so on."""
    queries = tuple(Query(f"q{n}", text, language) for n, (text, language, _) in enumerate(asked, 1))
    return Judged(queries, {f"q{n}": dict(grades) for n, (_, _, grades) in enumerate(asked, 1)}, unknown)


def evaluator(**options):
    return SearchEvaluator(TrigramEmbedder(dim=128), **{"guess": lambda _: "xx", **options})


def only(mode):
    return {"modes": (mode,)}


@pytest.fixture
def shop(tmp_path):
    return Shop(tmp_path, dim=128)


def stored(shop, found, **options):
    made = SearchEvaluator(shop.embedder, **{"guess": lambda _: "en", **options})
    return made.stored(found, shop.database, shop.reader.now())


def test_questions_that_repeat_their_passage_are_answered_first_by_every_mode():
    found = evaluator().corpus(judged(*((text, "en", {one: 1}) for one, text in PASSAGES.items())), passages())
    assert [one.mode for one in found.modes] == list(Mode)
    for one in found.modes:
        assert (one.quality.ndcg_10, one.quality.recall_10, one.quality.recall_100, one.quality.mrr) == (1, 1, 1, 1)
    assert (found.passages, found.texts, found.queries) == (4, 4, 4)


def test_an_answer_in_the_second_place_has_the_figures_of_the_second_place():
    texts = {"first": "wet parcel at the door", "second": "wet parcel at the gate of us"}
    found = evaluator(**only(Mode.DENSE)).corpus(judged((texts["first"], "en", {"second": 2})), passages(texts))
    assert found.modes[0].quality.mrr == 0.5
    assert found.modes[0].quality.ndcg_10 == pytest.approx(1 / math.log2(3))


def test_all_passages_of_a_right_text_are_answers():
    told = [*passages(), Passage("again", PASSAGES["rain"], "en")]
    found = evaluator().corpus(judged((PASSAGES["rain"], "en", {"rain": 1, "again": 1})), told)
    assert (found.passages, found.texts) == (5, 4)
    assert [one.quality.ndcg_10 for one in found.modes] == [1, 1, 1]


def test_copies_that_nobody_judged_take_one_place():
    told = [*passages(), *(Passage(f"copy {n}", PASSAGES["rain"], "en") for n in range(5))]
    found = evaluator(**only(Mode.DENSE)).corpus(judged((PASSAGES["rain"], "en", {"vase": 1, "late": 1})), told)
    assert found.modes[0].quality.mrr >= 1 / 3


def test_a_pair_ranks_passages_of_its_language_only():
    told = [*passages(), Passage("regen", "paket lag im regen the parcel", "de"), Passage("tür", "vor der tür", "de")]
    found = evaluator(**only(Mode.DENSE)).corpus(judged((PASSAGES["rain"], "en", {"regen": 1, "vase": 0})), told)
    assert found.modes[0].quality.mrr < 1
    (pair,) = found.modes[0].pairs
    assert (pair.asked, pair.told, pair.quality.queries, pair.quality.mrr) == ("en", "de", 1, 1)


def test_each_language_of_a_questions_answers_makes_a_pair_of_the_questions_that_have_one():
    told = [*passages(), Passage("regen", "paket lag im regen", "de")]
    asked = judged(("the parcel in the rain", "en", {"rain": 1, "regen": 1}), ("zerbrochen", "de", {"vase": 1}))
    found = evaluator().corpus(asked, told)
    for one in found.modes:
        assert [(each.asked, each.told, each.quality.queries) for each in one.pairs] == [
            ("de", "en", 1),
            ("en", "de", 1),
            ("en", "en", 1),
        ]


def test_a_language_is_guessed_only_where_the_file_does_not_tell_it():
    told = [Passage("rain", PASSAGES["rain"], ""), Passage("vase", PASSAGES["vase"], "fr")]
    asked = judged((PASSAGES["rain"], "", {"rain": 1}), (PASSAGES["vase"], "pt", {"vase": 1}))
    found = evaluator(**only(Mode.LEXICAL)).corpus(asked, told)
    assert [(one.asked, one.told) for one in found.modes[0].pairs] == [("pt", "fr"), ("xx", "xx")]


def test_what_is_judged_but_not_there_is_left_out_and_told():
    asked = judged(
        (PASSAGES["rain"], "en", {"rain": 1, "gone": 1}),
        ("only what is gone", "en", {"lost": 1}),
        ("nothing was judged", "en", {}),
        ("?!", "en", {"late": 1}),
        unknown=7,
    )
    found = evaluator(**only(Mode.HYBRID)).corpus(asked, passages())
    assert found.unknown_passages == ("gone", "lost")
    assert (found.queries, found.without_relevant, found.refused, found.unknown_queries) == (1, 2, ("q4",), 7)
    assert found.modes[0].quality.recall_10 == 1


@pytest.mark.parametrize(
    ("asked", "options", "said"),
    [
        (judged(("x", "en", {"zz": 1})), {}, r"the first that they name is 'zz'.*--corpus FILE"),
        (judged(("x", "en", {"rain": 0})), {}, "No relevant passage"),
        (judged(("?!", "en", {"rain": 1})), {}, "None of the 1 judged questions can be asked"),
        (judged(("x", "en", {"rain": 1})), {"limit": 0}, "--limit-queries is 0"),
    ],
)
def test_what_cannot_be_evaluated_says_why(asked, options, said):
    with pytest.raises(InputError, match=said):
        evaluator(**options).corpus(asked, passages())


def test_the_first_questions_that_can_be_asked_are_asked():
    asked = judged(("gone", "en", {"zz": 1}), *((text, "en", {one: 1}) for one, text in PASSAGES.items()))
    made = evaluator(limit=2)
    assert made.corpus(asked, passages()).queries == 2
    assert set(made.embedder.encoded) == set(PASSAGES.values())
    assert made.embedder.encoded.count(PASSAGES["late"]) == 1


def test_nothing_is_encoded_where_only_words_count():
    made = evaluator(**only(Mode.LEXICAL))
    found = made.corpus(judged((PASSAGES["rain"], "en", {"rain": 1})), passages())
    assert made.embedder.encoded == []
    assert found.modes[0].quality.mrr == 1


def test_times_are_of_ranking_alone_and_with_encoding_where_something_is_encoded():
    ticks = itertools.count()
    made = evaluator(clock=lambda: float(next(ticks)), modes=(Mode.DENSE, Mode.LEXICAL))
    dense, lexical = made.corpus(judged((PASSAGES["rain"], "en", {"rain": 1})), passages()).modes
    assert (dense.search.p50_ms, dense.with_encoding.p99_ms) == (1000, 2000)
    assert (lexical.search.p50_ms, lexical.with_encoding.p99_ms) == (1000, 1000)


def test_without_a_store_texts_are_ranked_as_with_one(shop):
    texts = [f"parcel {n} left {word}" for n, word in enumerate(["in the rain", "at the door", "in a box"] * 9)]
    shop.add(*texts)
    shop.holdings.build()
    snapshot = shop.reader.now().snapshot
    for mode in Mode:
        question = ask("parcel in the rain", snapshot, mode=mode, encode=shop.embedder.encode)
        alone = rank_texts(snapshot, question, {text_hash(one): one for one in texts})
        assert alone == rank(shop.database, snapshot, question, Filter(), depth=200).scored


def test_comments_are_judged_by_their_ids_and_found_where_a_search_has_them(shop):
    ids = shop.add(*(f"parcel {n} {word}" for n, word in enumerate(["rain", "door", "box", "van", "gate"] * 8)))
    shop.holdings.build()
    for mode in Mode:
        hits = shop.desk.search("parcel at the door", Page(limit=99), mode=mode).hits
        wanted = hits[6].feedback.id
        assert wanted in ids
        found = stored(shop, judged(("parcel at the door", "en", {wanted: 1})), **only(mode))
        assert found.modes[0].quality.mrr == pytest.approx(1 / 7)


def test_comments_are_judged_by_the_ids_of_their_sources(shop):
    shop.add(*PASSAGES.values())
    shop.add("le colis est resté sous la pluie", market="FR", language="fr")
    shop.holdings.build()
    asked = judged((PASSAGES["vase"], "en", {"1-1": 1}), ("colis pluie", "fr", {"2-0": 1, "9-9": 1}))
    found = stored(shop, asked)
    assert found.unknown_passages == ("9-9",)
    assert (found.passages, found.texts) == (5, 5)
    for one in found.modes:
        assert one.quality.mrr == 1
        assert [(each.asked, each.told, each.quality.mrr) for each in one.pairs] == [("en", "en", 1), ("fr", "fr", 1)]


def test_every_comment_of_a_right_text_is_an_answer_and_near_copies_are_one_text(shop):
    same, near = "the parcel was left in the rain", "the parcel was left in the rain!"
    first, *_ = shop.add(same, "the parcel was late", "the parcel was at the door")
    second, third = shop.add(near, same)
    with shop.database.write() as connection:
        copies.add(connection, STAMP, {text_hash(near): text_hash(same)})
    shop.holdings.build()
    asked = judged((same, "en", {first: 1, second: 1, third: 1}))
    found = stored(shop, asked)
    assert [one.quality.ndcg_10 for one in found.modes] == [1, 1, 1]


def test_comments_that_wait_for_their_vector_are_found_by_their_words(shop):
    shop.add(*PASSAGES.values())
    shop.holdings.build()
    (waiting,) = shop.add("escalator blocked", embed=False)
    found = stored(shop, judged(("escalator", "en", {waiting: 1})), modes=(Mode.HYBRID, Mode.DENSE))
    assert [one.quality.recall_100 for one in found.modes] == [1, 0]


@pytest.fixture
def files(tmp_path):
    """Files of a small judged set, with an id that is not there."""
    told = [{"id": one, "text": text, "lang": "en"} for one, text in PASSAGES.items()]
    asked = [{"id": f"q-{one}", "text": text, "lang": "en"} for one, text in PASSAGES.items()]
    for name, rows in (("corpus", told), ("queries", asked)):
        (tmp_path / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    lines = [f"q-{one} 0 {one} 1" for one in PASSAGES]
    (tmp_path / "qrels.txt").write_text("\n".join([*lines, "q-rain 0 nowhere 1"]) + "\n")
    return tmp_path


def command(workspace, files, *more):
    asked = ["--queries", str(files / "queries.jsonl"), "--qrels", str(files / "qrels.txt")]
    folder = str(workspace.services.paths.folder)
    return CliRunner(env=BARE).invoke(app, ["-C", folder, "evaluate", "search", *asked, *more], catch_exceptions=False)


def test_the_command_prints_a_table_and_json_and_leaves_nothing_behind(workspace, files, monkeypatch):
    (files / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(files / "temporary"))
    table = command(workspace, files, "--corpus", str(files / "corpus.jsonl"))
    assert table.exit_code == 0
    for word in ("nDCG@10", "Recall@100", "hybrid en -> en", "with encoding", "1 (nowhere)", "4 passages of corpus"):
        assert word in table.output
    told = command(workspace, files, "--corpus", str(files / "corpus.jsonl"), "--json", "--mode", "dense")
    found = json.loads(told.stdout)
    assert [(one["mode"], one["quality"]["mrr"]) for one in found["modes"]] == [("dense", 1.0)]
    assert found["unknown_passages"] == ["nowhere"]
    assert list((files / "temporary").iterdir()) == []
    assert not workspace.services.paths.index.exists()


def test_the_command_searches_the_comments_of_the_workspace(workspace, files):
    said = {"created": "2024-09-02T10:00:00", "country": "US"}
    rows = [json.dumps({"id": one, "comment": text, **said}) for one, text in PASSAGES.items()]
    (files / "comments.jsonl").write_text("\n".join(rows))
    workspace.ingest(files / "comments.jsonl")
    services = workspace.services
    embed_pending(services.database, services.vector_files, services.embedder, stamp=lambda: STAMP)
    services.holdings.build()
    found = json.loads(command(workspace, files, "--json", "--limit-queries", "3").stdout)
    assert (found["passages"], found["queries"], found["unknown_passages"]) == (4, 3, ["nowhere"])
    assert [one["quality"]["mrr"] for one in found["modes"]] == [1, 1, 1]


def test_who_sees_counts_only_may_not_probe_single_comments(workspace, files):
    services = replace(workspace.services, environment={**BARE, "VOC_ROLE": "viewer"})
    with Workspace(services) as seen, pytest.raises(NotAllowedError):
        seen.evaluate_search(files / "queries.jsonl", files / "qrels.txt")


def test_an_unknown_mode_is_refused_with_those_that_there_are(workspace, files):
    with pytest.raises(InputError, match="hybrid, dense, lexical"):
        workspace.evaluate_search(files / "queries.jsonl", files / "qrels.txt", modes=["magic"])
