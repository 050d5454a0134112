"""`voc evaluate themes` and its figures, against scikit-learn, by hand, and on texts whose groups are known."""

import csv
import json
import math

import numpy as np
import pytest
from conftest import BARE
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from voc.cli.main import app
from voc.errors import InputError, NotFoundError
from voc.ingest.labelled import LabelledColumns, read_labelled
from voc.ingest.redact import Redactor
from voc.themes.scores import LEAST_OF_LANGUAGE, coherence, diversity, language_parity, score

SUBJECTS = {
    "late": "the parcel came far too late and nobody said a word about the long delay of day number {}",
    "broken": "my vase was smashed into pieces inside its crushed carton, photograph {} shows the damage",
    "rude": "your driver shouted at grandmother, insulted her and was impolite on visit {}",
}


def rows(count=40):
    """A row for each subject and number."""
    return [
        {"text": form.format("abcdefghij"[n % 10] * (n // 10 + 1)), "label": subject, "lang": "en"}
        for subject, form in SUBJECTS.items()
        for n in range(count)
    ]


def jsonl(path, found):
    path.write_text("".join(json.dumps(row) + "\n" for row in found))
    return path


def read(path, text="text", label="label", language=""):
    columns = LabelledColumns(text, label, language)
    return read_labelled(path, columns, redactor=Redactor(["US"]), guess=lambda _: "en")


def test_the_same_grouping_scores_one_and_nothing_assigned_has_no_second_figure():
    labels = ["a"] * 5 + ["b"] * 5
    found = score(labels, np.array([3] * 5 + [7] * 5))
    assert (found.whole.ami, found.whole.ari, found.whole.v_measure) == pytest.approx((1, 1, 1))
    assert (found.themes, found.labels, found.coverage) == (2, 2, 1)
    nothing = score(labels, np.full(10, -1))
    assert (nothing.themes, nothing.coverage, nothing.assigned) == (0, 0, None)


@settings(deadline=None, max_examples=40)
@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(-1, 3)), min_size=2, max_size=60))
def test_agreement_is_that_of_scikit_learn_and_names_of_themes_do_not_matter(pairs):
    from sklearn import metrics

    labels, themes = [label for label, _ in pairs], np.array([theme for _, theme in pairs])
    found = score(labels, themes)
    assert found.whole.ami == pytest.approx(metrics.adjusted_mutual_info_score(labels, themes))
    assert found.whole.ari == pytest.approx(metrics.adjusted_rand_score(labels, themes))
    assert found.whole.fmi == pytest.approx(metrics.fowlkes_mallows_score(labels, themes))
    inside = themes >= 0
    assert found.coverage == inside.mean()
    if inside.any():
        assert found.assigned.ari == pytest.approx(
            metrics.adjusted_rand_score(np.array(labels)[inside], themes[inside])
        )
    renamed = score(labels, np.where(inside, 90 - themes, -1))
    assert renamed.whole.ami == pytest.approx(found.whole.ami)
    assert renamed.themes == found.themes


def test_the_unassigned_are_one_class_of_their_own():
    labels, themes = ["a", "a", "b", "b"], np.array([0, 0, -1, -1])
    assert score(labels, themes).whole.ari == pytest.approx(1)
    assert score(labels, themes).coverage == 0.5


@pytest.mark.parametrize(("labels", "themes"), [([], []), (["a"], [0, 1])])
def test_labels_without_themes_are_refused(labels, themes):
    with pytest.raises(ValueError, match="labels"):
        score(labels, np.array(themes, dtype=np.int64))


def test_diversity_is_the_share_of_distinct_words():
    assert diversity([("late", "van"), ("late", "box")]) == 0.75
    assert diversity([(), ()]) is None


def test_coherence_by_hand():
    texts = [["a", "b"], ["a", "b"], ["a", "c"], ["d"]]
    both, one, other = 2 / 4, 3 / 4, 2 / 4
    by_hand = math.log(both / (one * other)) / -math.log(both)
    assert coherence([("a", "b")], texts) == pytest.approx(by_hand)
    assert coherence([("b", "d")], texts) == -1
    assert coherence([("a", "b"), ("b", "d")], texts) == pytest.approx((by_hand - 1) / 2)
    assert coherence([("a", "b")], [["a", "b"]] * 3) == 1
    assert coherence([("a",)], texts) is None


@settings(deadline=None, max_examples=40)
@given(st.lists(st.sets(st.sampled_from("abcd"), max_size=4), min_size=1, max_size=12), st.permutations("abcd"))
def test_coherence_lies_between_minus_one_and_one_and_knows_no_order(texts, words):
    found = coherence([tuple(words)], texts)
    assert -1 <= found <= 1
    assert found == pytest.approx(coherence([tuple("abcd")], texts[::-1]))


def test_parity_is_high_where_themes_follow_subjects_and_low_where_they_follow_languages():
    labels, languages = ["x", "x", "y", "y"] * 20, ["de", "fr"] * 40
    by_subject = np.array([0, 0, 1, 1] * 20)
    by_language = np.array([0, 1] * 40)
    assert language_parity(labels, by_subject, languages).v_by_label == pytest.approx(1)
    assert language_parity(labels, by_subject, languages).v_by_language == pytest.approx(0, abs=1e-9)
    assert language_parity(labels, by_language, languages).ratio == pytest.approx(0, abs=1e-9)


def test_a_language_of_few_texts_makes_no_parity():
    languages = ["de"] * 40 + ["fr"] * (LEAST_OF_LANGUAGE - 1)
    assert language_parity(["x"] * len(languages), np.zeros(len(languages), np.int64), languages) is None


def test_copies_are_folded_after_redaction_and_most_copies_decide(tmp_path):
    found = rows(10)
    found += [{"text": f"see @somebody{n} there", "label": label} for n, label in enumerate(["x", "y", "y"])]
    data = read(jsonl(tmp_path / "d.jsonl", found))
    (one,) = [each for each in data.texts if "HANDLE" in each.text]
    assert one.label == "y"
    assert (data.rows, data.copies, len(data.texts)) == (33, 2, 31)
    assert [each.text_hash for each in data.texts] == sorted(each.text_hash for each in data.texts)


@settings(deadline=None, max_examples=15)
@given(st.permutations(range(30)))
def test_the_order_of_rows_changes_nothing(tmp_path_factory, order):
    found = rows(10)
    found += [{"text": "twice", "label": "late", "lang": "en"}, {"text": "twice", "label": "rude", "lang": "en"}]
    folder = tmp_path_factory.mktemp("order")
    moved = [found[row] for row in order] + found[:29:-1]
    assert read(jsonl(folder / "a.jsonl", found)) == read(jsonl(folder / "b.jsonl", moved))


def test_a_language_is_read_as_in_ingest_and_guessed_where_it_is_absent(tmp_path):
    found = rows(10)
    found[0]["lang"], found[1]["lang"] = "pt-BR", ""
    data = read(jsonl(tmp_path / "d.jsonl", found), language="lang")
    known = {one.text: one.language for one in data.texts}
    assert (known[found[0]["text"]], known[found[1]["text"]]) == ("pt", "en")


def test_rows_without_text_or_label_are_left_out_and_counted(tmp_path):
    found = [*rows(10), {"text": "", "label": "late"}, {"text": "words", "label": " "}, {"text": "words"}]
    data = read(jsonl(tmp_path / "d.jsonl", found))
    assert (len(data.texts), data.left_out) == (30, 3)


def test_a_missing_column_is_named_with_those_that_are_there(tmp_path):
    path = jsonl(tmp_path / "d.jsonl", rows())
    with pytest.raises(InputError, match=r"no column 'topic'.*text, label, lang.*--labels"):
        read(path, label="topic")
    with pytest.raises(InputError, match=r"no column 'comment'.*--text"):
        read(path, text="comment")
    with pytest.raises(InputError, match=r"no column 'tongue'.*--lang"):
        read(path, language="tongue")


def test_too_few_labelled_texts_are_told_with_their_number(tmp_path):
    with pytest.raises(InputError, match=r"18 different labelled texts in 18 rows; at least 20"):
        read(jsonl(tmp_path / "d.jsonl", rows(6)))


def test_an_empty_file_and_an_absent_one_have_a_message(tmp_path):
    (tmp_path / "d.jsonl").write_text("")
    with pytest.raises(InputError, match="is empty"):
        read(tmp_path / "d.jsonl")
    with pytest.raises(NotFoundError, match="does not exist"):
        read(tmp_path / "no.jsonl")


def test_a_workspace_finds_the_subjects_of_labelled_texts_and_stores_nothing(workspace, tmp_path):
    found = workspace.evaluate_themes(jsonl(tmp_path / "d.jsonl", rows()), labels="label")
    assert found.scores.whole.ami > 0.8
    assert found.scores.coverage >= 0.9
    assert found.scores.labels == 3
    assert 0 < found.diversity <= 1
    assert -1 <= found.npmi <= 1
    assert found.peak_bytes > 1 << 20
    assert workspace.themes() == ()


def test_the_command_prints_a_table_and_json(workspace, tmp_path):
    path = tmp_path / "d.csv"
    with path.open("w", newline="") as handle:
        writer = csv.DictWriter(handle, ["comment", "topic", "tongue"])
        writer.writeheader()
        for n, row in enumerate(rows()):
            writer.writerow({"comment": row["text"], "topic": row["label"], "tongue": ("en", "de")[n % 2]})
    folder = str(workspace.services.paths.folder)
    command = ["-C", folder, "evaluate", "themes", "--data", str(path), "--labels", "topic", "--text", "comment"]
    command += ["--lang", "tongue"]
    table = CliRunner(env=BARE).invoke(app, command, catch_exceptions=False)
    assert table.exit_code == 0
    for word in ("AMI", "coverage", "topic diversity", "NPMI", "language parity", "peak memory"):
        assert word in table.output
    told = CliRunner(env=BARE).invoke(app, [*command, "--json"], catch_exceptions=False)
    found = json.loads(told.stdout)
    assert found["rows"] == 120
    assert found["parity"]["languages"] == 2
    assert found["scores"]["whole"]["ami"] > 0.5
