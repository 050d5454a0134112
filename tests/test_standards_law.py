"""A real law: its clauses come in whole, go out whole, and are found by day."""

import json
import re
import time

import pytest

from voc.standards.document import Front, Given, ParsedClause, accepted_standard, standard
from voc.standards.files import read_file, write_file
from voc.standards.intake import check_files, import_files
from voc.standards.registry import clauses_in_force
from voc.standards.sides import read_side

GIVEN = Given(edition="1998", owner="Bundesnetzagentur", effective="1998-01-01")
DOCUMENTS = {"PUDLV": "pudlv", "PDLV": "pdlv", "PostG 1998": "postg-1998"}


@pytest.fixture
def law(shared_data):
    return shared_data / "postal_standards_de.jsonl"


@pytest.fixture
def rows(law):
    return [json.loads(line) for line in law.read_text().splitlines()]


@pytest.mark.shared_data
def test_the_law_comes_in_whole_and_its_clauses_are_in_force(law, rows, sqlite, stamp):
    done = import_files(sqlite, [law], given=GIVEN, markets=("DE", "FR"), stamp=stamp)
    assert {one.edition.document: one.clauses for one in done} == {"pudlv": 7, "pdlv": 10, "postg-1998": 60}
    for name, document in DOCUMENTS.items():
        held = clauses_in_force(sqlite, document=document, market="DE", on="2010-01-01")
        assert [(one.number, one.title, one.text) for one in held] == [
            (row["clause"], row["title"], row["text"]) for row in rows if row["doc"] == name
        ]


@pytest.mark.shared_data
def test_the_clause_after_18_is_18a(law, sqlite, stamp):
    import_files(sqlite, [law], given=GIVEN, markets=("DE",), stamp=stamp)
    numbers = [one.number for one in clauses_in_force(sqlite, document="postg-1998", market="DE", on="1998-01-01")]
    assert numbers[numbers.index("§ 18") + 1 :][:2] == ["§ 18a", "§ 19"]


@pytest.mark.shared_data
def test_what_the_law_lacks_is_asked_for_once_a_document(law, sqlite):
    found = check_files(sqlite, [law], markets=("DE",), today="2024-01-01")
    assert [sorted(problem.rule for problem in one.errors) for one in found] == [
        ["missing-edition", "missing-effective", "missing-owner"]
    ] * 3


@pytest.mark.shared_data
def test_the_one_reference_of_the_law_that_leads_nowhere_is_named(law, sqlite):
    found = check_files(sqlite, [law], given=GIVEN, markets=("DE",), today="2024-01-01")
    problems = [problem for one in found for problem in one.reading.problems]
    assert [(one.severity, one.message) for one in problems] == [
        ("warning", "§ 58 refers to § 8, which the document does not hold.")
    ]


@pytest.mark.shared_data
@pytest.mark.parametrize("kind", [".md", ".yaml", ".docx", ".jsonl"])
def test_the_law_goes_out_and_comes_in_as_the_same(law, sqlite, stamp, tmp_path, kind):
    import_files(sqlite, [law], given=GIVEN, markets=("DE",), stamp=stamp)
    for document in DOCUMENTS.values():
        path = tmp_path / f"{document}{kind}"
        with sqlite.read() as connection:
            side = read_side(connection, f"{document}/DE@2024-01-01")
        write_file(path, side.parsed)
        (again,) = import_files(sqlite, [path], markets=("DE",), stamp=stamp, accept=True)
        assert (again.new, again.edition.id) == (False, side.parsed.id)


@pytest.mark.shared_data
def test_lines_that_are_written_hold_the_lines_that_were_read(law, rows, tmp_path):
    written = []
    for reading in read_file(law, GIVEN):
        write_file(tmp_path / "one.jsonl", accepted_standard(reading))
        written += [json.loads(line) for line in (tmp_path / "one.jsonl").read_text().splitlines()]
    kept = ("clause", "title", "text", "lang", "market")
    assert [[row[key] for key in kept] for row in written] == [[row[key] for key in kept] for row in rows]
    assert {re.sub(r"\s", "-", row["doc"].lower()) for row in rows} == {row["doc"] for row in written}


def large():
    """400 pages: 2,000 clauses of 500 characters each."""
    front = Front(document="big", title="T", edition="1", owner="O", effective="2024-01-01", language="en")
    text = "The carrier shall tell the recipient what happens to the parcel within 24 hours of it. " * 6
    made = [
        ParsedClause(f"{c}.{n}", f"{c} Chapter", f"Clause {c}.{n}", "base", f"{c}.{n}: {text}".strip())
        for c in range(1, 41)
        for n in range(1, 51)
    ]
    return standard(front, made)


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "seconds"), [(".md", 10), (".jsonl", 10), (".yaml", 20), (".docx", 40)])
def test_a_document_of_400_pages_comes_in_in_seconds(sqlite, stamp, tmp_path, kind, seconds):
    big = large()
    assert sum(len(one.text) for one in big.clauses) > 1_000_000
    path = tmp_path / f"big{kind}"
    write_file(path, big)
    start = time.perf_counter()
    (done,) = import_files(sqlite, [path], markets=("DE",), stamp=stamp, accept=True)
    assert time.perf_counter() - start < seconds
    assert (done.clauses, done.edition.id) == (2_000, big.id)
