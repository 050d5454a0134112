"""Complaint, praise, request or other: what words say, what a rating adds, and what people decide."""

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest
from conftest import models_dir
from test_cli import voc

from voc.embed.fake import TrigramEmbedder
from voc.errors import InputError, SettingsError
from voc.ingest.identity import text_hash
from voc.store import assignments, audit, batches, feedback, runs
from voc.store.assignments import UnitRow
from voc.store.batches import Batch
from voc.store.feedback import NewFeedback
from voc.themes import judging
from voc.themes.heads import Group, learn_head, sigmoid
from voc.themes.judging import learn_from, with_corrections
from voc.themes.polarity import CLAUSE_HINT, SURE, Comments, judge, learn
from voc.themes.sentences import Sentences, no_sentences, read_sentences
from voc.types import Assignment, Feedback, Polarity

COMPLAINT, PRAISE, REQUEST, OTHER = Polarity
MONDAY = datetime(2024, 1, 1, 12, tzinfo=UTC)
DIM = 24
PLACES = {COMPLAINT: (1, 1, 0), PRAISE: (1, -1, 0), REQUEST: (-1, 0, 1), OTHER: (-1, 0, -1)}
"""Where each kind lies on three axes: opinion or not, complaint or praise, request or something else."""


def vectors_of(kinds, *, clear=1.0, noise=0.3, seed=0):
    rows = np.random.default_rng(seed).normal(size=(len(kinds), DIM)) * noise
    rows[:, :3] += clear * np.array([PLACES[kind] for kind in kinds], dtype=float).reshape(-1, 3)
    return rows.astype(np.float32)


def sentences(*kinds_to_leave_out, seed=1):
    kinds = [kind for kind in Polarity for _ in range(70) if kind not in kinds_to_leave_out]
    return Sentences(vectors_of(kinds, seed=seed), tuple(kinds), tuple(f"l{row % 7}" for row in range(len(kinds))))


def comments(vectors, *, ratings=None, corrected=None, hint=1.0, language="en"):
    count = len(vectors)
    return Comments(vectors, [language] * count, ratings or [None] * count, corrected or [None] * count, [hint] * count)


NOBODY = comments(np.zeros((0, DIM), np.float32))


def kinds_of(judged):
    return [one.polarity for one in judged]


def unit(row, **given):
    known = dict.fromkeys(UnitRow.__slots__)
    known |= {"unit_id": f"u{row}", "text_hash": f"h{row}", "same_as": f"h{row}", "language": "en", "is_clause": False}
    return UnitRow(**{**known, **given})


def test_before_anyone_has_rated_anything_the_sentences_teach():
    truth = [kind for kind in Polarity for _ in range(50)]
    judged = judge(comments(vectors_of(truth, seed=2)), learn(sentences(), NOBODY))
    assert np.mean([one is known for one, known in zip(kinds_of(judged), truth, strict=True)]) > 0.9
    assert {one.method for one in judged} == {"learned"}


def test_ratings_alone_teach_complaint_and_praise():
    taught = [COMPLAINT, PRAISE] * 40
    ratings = [1.0 if kind is COMPLAINT else 5.0 for kind in taught]
    model = learn(no_sentences(), comments(vectors_of(taught), ratings=ratings))
    truth = [COMPLAINT, PRAISE] * 50
    judged = kinds_of(judge(comments(vectors_of(truth, seed=3)), model))
    assert np.mean([one is known for one, known in zip(judged, truth, strict=True)]) > 0.95


def test_ratings_teach_nothing_about_requests():
    """Who asks for something gives few stars too; what asks is still a request."""
    taught = [COMPLAINT] * 60 + [REQUEST] * 60 + [PRAISE] * 60
    ratings = [1.0] * 120 + [5.0] * 60
    model = learn(sentences(), comments(vectors_of(taught, seed=4), ratings=ratings))
    asked = judge(comments(vectors_of([REQUEST] * 40, seed=5)), model)
    assert kinds_of(asked).count(REQUEST) >= 36


def test_a_correction_outweighs_ratings_of_the_same_words():
    same = np.zeros((60, DIM), np.float32)
    same[:, 3] = 3.0
    ratings = [5.0] * 45 + [None] * 15
    praised = learn(sentences(), comments(same, ratings=ratings))
    corrected = learn(sentences(), comments(same, ratings=ratings, corrected=[None] * 45 + [COMPLAINT] * 15))
    assert kinds_of(judge(comments(same[:1]), praised)) != [COMPLAINT]
    assert kinds_of(judge(comments(same[:1]), corrected)) == [COMPLAINT]


@pytest.mark.parametrize(("words", "rating"), [(COMPLAINT, 5.0), (PRAISE, 1.0)])
def test_clear_words_overrule_the_rating_and_vague_words_follow_it(words, rating):
    model = learn(sentences(), NOBODY)
    clear, vague = (vectors_of([words], clear=size, noise=0) for size in (2.0, 0.3))
    (said,) = judge(comments(clear, ratings=[rating]), model)
    assert (said.polarity, said.method) == (words, "both")
    assert said.score < judge(comments(clear), model)[0].score
    (followed,) = judge(comments(vague, ratings=[rating]), model)
    assert followed.polarity is (PRAISE if rating == 5.0 else COMPLAINT)


def test_where_words_say_nothing_the_rating_decides_and_without_it_a_complaint_is_assumed():
    model = learn(no_sentences(), NOBODY)
    judged = judge(comments(np.zeros((5, 0), np.float32), ratings=[1.0, 2.0, 3.0, 5.0, None]), model)
    assert kinds_of(judged) == [COMPLAINT, COMPLAINT, OTHER, PRAISE, COMPLAINT]
    assert [one.method for one in judged] == ["rating"] * 4 + ["assumed"]
    assert judged[-1].score is None
    assert all(0 < one.score < 1 for one in judged[:4])


def test_what_is_nothing_more_likely_than_all_else_is_other():
    truth = [COMPLAINT, PRAISE] * 200
    judged = judge(comments(vectors_of(truth, clear=0.3, noise=0.5, seed=6)), learn(sentences(), NOBODY))
    assert {one.polarity for one in judged} >= {COMPLAINT, PRAISE, OTHER}
    assert all(one.score >= SURE for one in judged if one.polarity is not OTHER)


def test_a_rating_between_two_stars_lies_between_their_judgements():
    model = learn(no_sentences(), NOBODY)
    nothing = np.zeros((3, 0), np.float32)
    whole, between, lower = (one.score for one in judge(comments(nothing, ratings=[1.0, 1.5, 2.0]), model))
    assert whole > between > lower


def test_a_rating_multiplies_the_odds_of_complaint_and_praise_by_sixteen_at_most():
    found = comments(np.zeros((5, 0), np.float32), ratings=[1.0, 2.0, 3.0, 4.0, 5.0]).evidence
    odds = np.exp(found[:, 0] - found[:, 1])
    assert np.all(np.diff(odds) < 0)
    assert 14 < odds[0] < 17
    assert 14 < 1 / odds[-1] < 17


def test_a_rating_counts_half_for_a_clause():
    model, row = learn(sentences(), NOBODY), vectors_of([COMPLAINT], clear=0.3, noise=0)
    whole, clause, none = (
        judge(comments(row, ratings=[rating], hint=hint), model)[0].score
        for rating, hint in ((1.0, 1.0), (1.0, CLAUSE_HINT), (None, 1.0))
    )
    assert whole > clause > none


def test_the_share_of_complaints_is_learned_for_each_language_and_few_comments_teach_little():
    few, many = comments(vectors_of([PRAISE] * 4)), comments(vectors_of([PRAISE] * 400), language="fr")
    both = Comments(
        np.concatenate([few.vectors, many.vectors]),
        [*few.languages, *many.languages],
        [*few.ratings, *many.ratings],
        [*few.corrected, *many.corrected],
        [*few.hints, *many.hints],
    )
    model = learn(sentences(), both)
    assert model.shares["fr"] < 0.25
    assert 0.4 < model.shares["en"] < 0.5
    vague = vectors_of([COMPLAINT], clear=0.4, noise=0)
    french, english = (judge(comments(vague, language=one), model)[0].score for one in ("fr", "xx"))
    assert french < english


def test_a_persons_word_stands():
    rows = vectors_of([COMPLAINT] * 2, clear=3.0)
    judged = judge(comments(rows, ratings=[1.0, 1.0], corrected=[REQUEST, None]), learn(sentences(), NOBODY))
    assert [(one.polarity, one.method) for one in judged] == [(REQUEST, "person"), (COMPLAINT, "both")]
    assert judged[0].score is None


def test_probabilities_are_those_of_the_outcomes():
    chance = np.random.default_rng(9)
    rows = chance.normal(size=(12_000, 12)).astype(np.float32)
    true = rows @ np.r_[1.5, -1.0, np.zeros(10)]
    yes = chance.random(12_000) < sigmoid(true)
    taught, unseen = slice(0, 2000), slice(2000, None)
    group = Group(rows[taught], yes[taught], np.ones(2000), np.arange(2000) % 3)
    said = sigmoid(learn_head([group], inverse_penalty=0.01).log_odds(rows[unseen]))
    bins = np.minimum((said * 10).astype(int), 9)
    error = sum(abs((yes[unseen] - said)[bins == one].sum()) for one in range(10)) / 10_000
    assert error < 0.025


def test_words_that_say_nothing_and_too_few_examples_teach_nothing():
    yes = np.arange(60) % 2 == 0
    same = Group(np.ones((60, 3), np.float32), yes, np.ones(60), np.arange(60) % 3)
    few = Group(vectors_of([COMPLAINT, PRAISE] * 19), yes[:38], np.ones(38), np.arange(38) % 3)
    assert learn_head([same], inverse_penalty=1.0) is None
    assert learn_head([few], inverse_penalty=1.0) is None
    assert learn_head([], inverse_penalty=1.0) is None


def test_units_in_any_order_teach_the_same():
    truth = [COMPLAINT, PRAISE] * 60
    rows = dict(zip([f"h{row}" for row in range(120)], vectors_of(truth, seed=7), strict=True))
    units = [unit(row, rating=1.0 if kind is COMPLAINT else 5.0) for row, kind in enumerate(truth)]
    models = [
        learn_from(order, vectors=lambda hashes: np.stack([rows[one] for one in hashes]), sentences=sentences())
        for order in (units, units[::-1])
    ]
    assert np.array_equal(models[0].complaint.weights, models[1].complaint.weights)
    assert models[0].shares == models[1].shares


def test_of_a_text_the_corrected_unit_teaches_else_the_rated_one(monkeypatch):
    taught = []
    monkeypatch.setattr(judging, "learn", lambda _, found: taught.append(found))
    silent, rated, said = unit(1), unit(2, rating=1.0), unit(3, polarity="praise", polarity_method="person")
    copies = [replace(one, same_as="h") for one in (silent, rated, said)]
    for units in (copies[:2], copies):
        learn_from(units, vectors=lambda hashes: np.zeros((len(hashes), DIM)), sentences=no_sentences())
    assert [(one.ratings, one.corrected) for one in taught] == [([1.0], [None]), ([None], [PRAISE])]


def test_a_copy_has_what_a_person_said_and_a_clause_of_the_same_words_does_not():
    copy, clause, another = unit(1), replace(unit(2, is_clause=True), same_as="h1"), unit(3)
    found = with_corrections([copy, clause, another], {"h1": "request"})
    assert [(one.polarity, one.polarity_method) for one in found] == [("request", "person"), (None, None), (None, None)]


def test_the_sentences_that_ship_cover_every_language_evenly():
    found = read_sentences(TrigramEmbedder().encode, model_id="t")
    languages = dict.fromkeys(found.languages)
    assert {"en", "de", "fr", "es", "pt", "it", "nl", "pl", "tr", "id", "zh", "ja", "ru", "ar"} <= set(languages)
    for language in languages:
        kinds = [kind for kind, one in zip(found.polarities, found.languages, strict=True) if one == language]
        assert {kinds.count(kind) for kind in Polarity} == {10}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[en]\ncomplaint = ["a"]\npraise = ["b"]\nrequest = ["c"]\n', "no sentence for other"),
        ('[en]\nanger = ["a"]\n', "not made of sentences"),
        ("[en", "not made of sentences"),
    ],
)
def test_a_file_of_sentences_that_lacks_something_is_named(tmp_path, text, said):
    path = tmp_path / "own.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError, match=said):
        read_sentences(TrigramEmbedder().encode, model_id="t", path=path)


def test_sentences_are_encoded_once_for_an_encoder_and_again_when_the_kept_file_is_damaged(tmp_path):
    encoder = TrigramEmbedder()
    first = read_sentences(encoder.encode, model_id="one", cache=tmp_path)
    count = len(encoder.encoded)
    again = read_sentences(encoder.encode, model_id="one", cache=tmp_path)
    assert len(encoder.encoded) == count
    assert np.array_equal(again.vectors, first.vectors)
    (kept,) = tmp_path.iterdir()
    kept.write_bytes(kept.read_bytes()[:-400])
    assert np.array_equal(read_sentences(encoder.encode, model_id="one", cache=tmp_path).vectors, first.vectors)
    assert len(encoder.encoded) == 2 * count
    with np.load(kept) as arrays:
        changed = {**arrays, "vectors": arrays["vectors"] + 1}
    np.savez(kept, **changed)
    assert np.array_equal(read_sentences(encoder.encode, model_id="one", cache=tmp_path).vectors, first.vectors)
    assert len(encoder.encoded) == 3 * count
    read_sentences(encoder.encode, model_id="two", cache=tmp_path)
    assert len(encoder.encoded) == 4 * count


def test_the_store_keeps_and_finds_what_people_said(database, stamp):
    rows = [("a", "wet", "2024-W01"), ("b", "wet", "2024-W02"), ("c", "dry", "2024-W02")]
    with database.write() as connection:
        batches.begin(connection, stamp, Batch("b", "feedback", "f", "", ""))
        made = [
            Feedback(one, "s", one, "", "US", MONDAY, week, "en", text, text_hash(text), 1.0)
            for one, text, week in rows
        ]
        feedback.add(connection, stamp, [NewFeedback(row) for row in made], batch_id="b")
        runs.start(connection, stamp, run_id="r", pipeline="weekly", week="2024-W02", config_hash="", manifest={})
        units = {row.feedback_id: row for row in assignments.undecided(connection, last_week="2024-W02")}
        decided = [
            Assignment(row.unit_id, None, 0.0, None, COMPLAINT, "both", polarity_score=0.9) for row in units.values()
        ]
        assignments.put(connection, stamp, decided, run_id="r")
        assignments.judge(connection, stamp, [units["a"].unit_id], polarity=REQUEST)
        audit.record(connection, stamp, action=assignments.JUDGED, subject="a")
        known = {row.feedback_id: row for row in assignments.units(connection, last_week="2024-W02")}
        found = assignments.corrected(connection, last_week="2024-W02", most=9)
        none = assignments.corrected(connection, last_week="2023-W52", most=9)
        said = assignments.corrections(connection, [text_hash("wet"), text_hash("dry")])
    assert [(one, known[one].polarity, known[one].polarity_method) for one in "abc"] == [
        ("a", "request", "person"),
        ("b", "complaint", "both"),
        ("c", "complaint", "both"),
    ]
    assert not any(row.is_clause for row in known.values())
    assert [row.feedback_id for row in found] == ["a"]
    assert none == ()
    assert said == {text_hash("wet"): "request"}


def kinds_in(workspace):
    with workspace.services.database.read() as connection:
        units = assignments.units(connection, last_week="2024-W53")
    return {one.feedback_id: (one.polarity, one.polarity_method) for one in units if one.polarity is not None}


def test_what_a_person_said_holds_for_copies_and_outlives_runs_and_refits(ready):
    with ready.services.database.read() as connection:
        units = assignments.units(connection, last_week="2024-W39")
    hashes = [one.same_as for one in units if not one.is_clause]
    twice = next(one for one in hashes if hashes.count(one) > 1)
    copies = {one.feedback_id for one in units if one.same_as == twice}
    first = min(copies)
    assert ready.edit(why="they only ask").judge(first[:12], REQUEST) == len(copies)
    header = "id,created,country,comment,stars,channel,depot,service,tracking_no\n"
    with ready.services.database.read() as connection:
        (comment,) = feedback.get(connection, [first])
    path = ready.services.paths.folder / "more.csv"
    path.write_text(f'{header}new,2024-10-01 10:00:00,US,"{comment.text}",1,app,NJ1,standard,\n', encoding="utf-8")
    ready.ingest(path)
    for pipeline in ("weekly", "refit"):
        ready.run("2024-W40", pipeline=pipeline)
        found = {one: said for one, said in kinds_in(ready).items() if said[1] == "person"}
        assert set(found.values()) == {("request", "person")}
        assert set(found) > copies
        assert len(found) == len(copies) + 1


def test_what_a_person_said_is_in_the_audit_log_with_who_and_why(ready):
    one = min(kinds_in(ready))
    ready.edit(why="a mix-up").judge(one, PRAISE)
    with ready.services.database.read() as connection:
        audit.verify(connection)
        (row,) = audit.rows(connection, limit=1)
    assert (row.action, row.subject, row.actor) == ("judge comment", one, "tester")
    assert dict(row.detail) == {"polarity": "praise", "why": "a mix-up"}


def test_a_comment_that_no_run_has_looked_at_cannot_be_judged(ready):
    with ready.services.database.read() as connection:
        waiting = assignments.undecided(connection, last_week="2024-W40")
    with pytest.raises(InputError, match="No run has looked at"):
        ready.edit(why="x").judge(waiting[0].feedback_id, PRAISE)


def test_a_weekly_run_learns_from_what_people_said_long_ago(ready, monkeypatch):
    """A comment without a rating, older than what a weekly run looks at otherwise, teaches once a person judged it."""
    from voc.themes import update

    with ready.services.database.read() as connection:
        units = assignments.units(connection, last_week="2024-W31")
        every = [one.same_as for one in assignments.units(connection, last_week="2024-W53")]
    old = next(one for one in units if one.rating is None and not one.is_clause and every.count(one.same_as) == 1)
    ready.edit(why="they ask").judge(old.feedback_id, REQUEST)
    taught = []

    def learn_from(units, **sources):
        taught.extend(units)
        return judging.learn_from(units, **sources)

    monkeypatch.setattr(update, "learn_from", learn_from)
    monkeypatch.setattr(update, "WINDOW_WEEKS", 2)
    ready.run("2024-W40")
    said = [one.polarity for one in taught if one.same_as == old.same_as and one.polarity_method == "person"]
    assert set(said) == {"request"}


def test_the_first_group_that_says_anything_calibrates():
    yes = np.arange(60) % 2 == 0
    mute = Group(np.zeros((60, DIM), np.float32), yes, np.ones(60), np.arange(60) % 3)
    clear = vectors_of([COMPLAINT if one else PRAISE for one in yes])
    speaks = Group(clear, yes, np.ones(60), np.arange(60) % 3)
    head = learn_head([mute, speaks], inverse_penalty=1.0)
    assert np.array_equal(head.log_odds(clear) > 0, yes)


def test_the_command_judges_a_comment_and_refuses_other_words(ready):
    folder, one = ready.services.paths.folder, min(kinds_in(ready))
    done = voc("themes", "judge", one[:12], "praise", "--why", "irony missed", folder=folder)
    assert (done.returncode, "judged: praise" in done.stdout) == (0, True)
    assert kinds_in(ready)[one] == ("praise", "person")
    refused = voc("themes", "judge", one[:12], "anger", "--why", "x", folder=folder)
    assert (refused.returncode, "complaint" in refused.stderr) == (2, True)


UNSEEN = {
    COMPLAINT: (
        "Paketet kom aldrig fram och ingen svarar i telefon.",
        "Balík přišel rozbitý a reklamaci nikdo neřeší.",
        "배송이 일주일이나 늦었는데 아무 연락도 없었어요.",
        "पार्सल टूटा हुआ मिला और कोई जवाब नहीं देता।",
        "Giao hàng quá trễ, hộp bị móp, rất thất vọng.",
        "Посилку залишили під дощем, усе промокло.",
    ),
    PRAISE: (
        "Snabb leverans och mycket trevlig förare, tack!",
        "Všechno proběhlo skvěle, kurýr byl milý.",
        "배송도 빠르고 기사님도 정말 친절하세요.",
        "बहुत तेज़ डिलीवरी, मैं बहुत खुश हूँ।",
        "Giao hàng nhanh, đóng gói cẩn thận, rất hài lòng.",
        "Дуже швидка доставка, все чудово, дякую!",
    ),
    REQUEST: (
        "Kan ni leverera efter klockan sex på kvällen?",
        "Jak mohu změnit doručovací adresu?",
        "배송지를 어떻게 변경하나요?",
        "क्या आप शाम छह बजे के बाद डिलीवरी कर सकते हैं?",
        "Tôi có thể tự đến lấy hàng vào ngày mai không?",
        "Чи можна змінити адресу доставки?",
    ),
}


@pytest.mark.slow
@pytest.mark.models
@pytest.mark.usefixtures("real_environment")
def test_languages_without_sentences_of_their_own_are_judged_and_words_overrule_stars():
    from voc.embed.encoder import Encoder
    from voc.models.pull import model_dir
    from voc.models.registry import read_registry

    model = read_registry().get("multilingual-e5-small")
    encoder = Encoder(model, model_dir(model, models_dir()), precision="fp32")
    cold = learn(read_sentences(encoder.encode, model_id=encoder.model_id), comments(np.zeros((0, 384), np.float32)))
    truth = [kind for kind, texts in UNSEEN.items() for _ in texts]
    judged = judge(comments(encoder.encode([text for texts in UNSEEN.values() for text in texts])), cold)
    right = sum(one is known for one, known in zip(kinds_of(judged), truth, strict=True))
    assert right >= 16
    never = encoder.encode(
        ["The parcel never arrived and nobody answers. I had to give stars to be able to write this."]
    )
    assert kinds_of(judge(comments(never, ratings=[5.0]), cold)) == [COMPLAINT]
