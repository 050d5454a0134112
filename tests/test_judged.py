"""Judged query sets: what is read, and what people are told where it cannot be."""

import json

import pytest

from voc.errors import InputError, NotFoundError
from voc.search.judged import Passage, Query, read_corpus, read_judged, read_qrels, read_queries

QUERIES = [{"id": "q1", "text": "late parcel", "lang": "en"}, {"id": "q2", "text": "kaputte Vase", "lang": "de-AT"}]


@pytest.fixture
def write(tmp_path):
    def written(name, content):
        path = tmp_path / name
        text = content if isinstance(content, str) else "".join(json.dumps(row) + "\n" for row in content)
        path.write_text(text, encoding="utf-8")
        return path

    return written


def test_queries_are_read_from_json_lines_in_order(write):
    found = read_queries(write("q.jsonl", QUERIES))
    assert found == (Query("q1", "late parcel", "en"), Query("q2", "kaputte Vase", "de"))


def test_passages_are_read_from_csv_and_a_language_is_not_needed(write):
    found = read_corpus(write("c.csv", "id;text;title\n 7 ;the van, late;x\n8;gone;y\n"))
    assert found == (Passage("7", "the van, late", ""), Passage("8", "gone", ""))


def test_texts_are_cleaned_as_in_ingest(write):
    (found,) = read_corpus(write("c.jsonl", [{"id": 1, "text": " cafe\u0301\x07 "}]))
    assert found == Passage("1", "caf\u00e9", "")


@pytest.mark.parametrize("read", [read_queries, read_corpus])
@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("a.csv", "", "is empty"),
        ("a.csv", "id,text\n", "has no row"),
        ("a.jsonl", "\n", "has no row"),
        ("a.jsonl", [{"_id": "1", "text": "x"}], r"row 1 has no 'id'; filled are: _id, text"),
        ("a.csv", "id,body\n1,x\n", r"row 1 has no 'text'; filled are: id, body"),
        ("a.csv", "id,text\n1,x\n2, \n", r"row 2 has no 'text'"),
        ("a.csv", "id,text\n1,x\n2\n", r"row 2 has 1 cells where the header has 2"),
        ("a.jsonl", '{"id": "1", "text": "x"}\nnonsense\n', "row 2 is not JSON"),
        ("a.csv", "id,text\n1,x\n2,y\n1,z\n", r"the id '1' twice, in rows 1 and 3"),
    ],
)
def test_a_file_of_texts_that_cannot_be_used_says_why(write, read, name, content, told):
    with pytest.raises(InputError, match=told):
        read(write(name, content))


@pytest.mark.parametrize(
    "content",
    [
        "q1\td1\t2\nq1\td2\t0\nq2\td1\t0.5\n",
        "q1 d1 2\nq1   d2 0\nq2 d1 0.5",
        "q1\t0\td1\t2\r\nq1\t0\td2\t0\r\n\r\nq2\t0\td1\t0.5\r\n",
        "\ufeffq1 0 d1 2\nq1 Q0 d2 0\nq2 4.5 d1 0.5\n",
        "q1 0\td1 2\nq1 d2\t0\nq2 d1 .5\n",
    ],
    ids=["tabs", "spaces", "trec", "trec with spaces", "mixed"],
)
def test_judgements_are_read_in_three_or_four_columns(write, content):
    assert read_qrels(write("any.qrels", content)) == {"q1": {"d1": 2, "d2": 0}, "q2": {"d1": 0.5}}


def test_ids_in_a_file_with_tabs_may_hold_spaces(write):
    assert read_qrels(write("r.tsv", "my query\tsome doc\t1\n")) == {"my query": {"some doc": 1}}


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("q1\td1\t-1", "line 2 has the grade '-1'; a number from 0"),
        ("q1\td1\tnan", "line 2 has the grade 'nan'"),
        ("q1\td1\tinf", "line 2 has the grade 'inf'"),
        ("q1\td1\t1e300", "line 2 has the grade '1e300'"),
        ("query-id\tcorpus-id\tscore", "line 2 has the grade 'score'.*column names"),
        ("q1\td1", "line 2 is not a judgement: 'q1\td1'. Write one judgement a line"),
        ("q1\t\t1", "line 2 is not a judgement"),
        ("q1", "line 2 is not a judgement"),
        ("q1 doc1 1 0.93", "line 2 is not a judgement"),
        ("q1 Q0 d1 1 0.9 run", "line 2 is not a judgement"),
        ("q0\td0\t2", "line 2 gives document 'd0' the grade 2 for query 'q0', an earlier line 1"),
    ],
)
def test_a_line_that_is_no_judgement_is_named_with_its_number(write, line, told):
    with pytest.raises(InputError, match=told):
        read_qrels(write("r.tsv", f"q0\td0\t1\n{line}\n"))


def test_a_judgement_that_is_repeated_alike_counts_once(write):
    assert read_qrels(write("r.tsv", "q1\td1\t1\nq1\td1\t1.0\n")) == {"q1": {"d1": 1}}


@pytest.mark.parametrize("content", ["", " \n\n"])
def test_a_file_without_judgements_is_told(write, content):
    with pytest.raises(InputError, match="is empty"):
        read_qrels(write("r.tsv", content))


def test_judgements_that_are_absent_or_no_utf_8_are_told(tmp_path):
    with pytest.raises(NotFoundError, match="does not exist"):
        read_qrels(tmp_path / "no.tsv")
    with pytest.raises(NotFoundError, match="is a folder"):
        read_qrels(tmp_path)
    (tmp_path / "r.tsv").write_bytes("q1\tpaket-für\t1\n".encode("cp1252"))
    with pytest.raises(InputError, match="not UTF-8"):
        read_qrels(tmp_path / "r.tsv")


def test_a_judged_set_has_an_entry_for_each_query_and_counts_those_that_are_unknown(write):
    qrels = write("r.tsv", "q1\td1\t1\nq1\td2\t0\ngone\td1\t1\ngone\td2\t1\nlost\td2\t0\n")
    found = read_judged(write("q.jsonl", QUERIES), qrels)
    assert [query.id for query in found.queries] == ["q1", "q2"]
    assert found.relevant == {"q1": {"d1": 1, "d2": 0}, "q2": {}}
    assert found.unknown_queries == 2


def test_queries_without_any_relevant_passage_are_refused_with_ids_of_both_files(write):
    queries = write("q.jsonl", QUERIES)
    with pytest.raises(InputError, match=r"1 of 2 queries are judged there, none with a grade above 0"):
        read_judged(queries, write("r.tsv", "q1\td1\t0\ngone\td1\t1\n"))
    with pytest.raises(InputError, match=r"0 of 2 queries.*'q1' and 'Q1'"):
        read_judged(queries, write("r.tsv", "Q1\td1\t1\n"))


@pytest.mark.shared_data
def test_the_parallel_passages_are_read_whole(shared_data):
    folder = shared_data / "xquad"
    judged = read_judged(folder / "de.queries.jsonl", folder / "de.qrels.tsv")
    passages = {one.id for one in read_corpus(folder / "en.corpus.jsonl")}
    assert (len(judged.queries), judged.unknown_queries, len(passages)) == (1190, 0, 240)
    assert {query.language for query in judged.queries} == {"de"}
    assert {one for found in judged.relevant.values() for one in found} == passages
