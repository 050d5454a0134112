"""Everything that is wrong with a standard is said at once, with its line, and stops or does not stop the import."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voc.errors import InputError
from voc.standards import files
from voc.standards.document import Given
from voc.standards.intake import check_files, import_files, listing
from voc.standards.json_lines import read_json_lines
from voc.standards.markdown import parse, read_markdown
from voc.standards.numbers import natural_key, normal_number, read_heading, write_heading
from voc.standards.references import dangling
from voc.standards.registry import clauses_in_force, import_standard
from voc.standards.yaml_form import read_yaml
from voc.store import editions

MARKETS = ("DE", "FR")
BODY = "# 1 Promise\n\n## 1.1 Date\n\nThe carrier shall say when.\n\n## 1.2 Window\n\nA window under clause 1.1.\n"
FRONT = 'document = "delivery"\ntitle = "T"\nedition = "{}"\nowner = "O"\neffective = {}\nlanguage = "en"\n'


def text(edition="1", effective="2024-01-01", market="", body=BODY):
    own = f'market = "{market}"\n' if market else ""
    return f"+++\n{FRONT.format(edition, effective)}{own}+++\n\n{body}"


def addendum(edition="DE-1", effective="2024-02-01", body="# 1 Promise\n\n## 1.1 Date [replace]\n\nAt once.\n"):
    return text(edition, effective, "DE", body)


class Desk:
    """Files of standards in a folder, checked and imported as the commands do."""

    def __init__(self, database, folder, stamp):
        self.database, self.folder, self.stamp = database, folder, stamp

    def _paths(self, sources):
        paths = [self.folder / f"{at}.md" for at in range(len(sources))]
        for path, source in zip(paths, sources, strict=True):
            path.write_text(source, encoding="utf-8")
        return paths

    def check(self, *sources):
        today = self.stamp.at.date().isoformat()
        return check_files(self.database, self._paths(sources), markets=MARKETS, today=today)

    def told(self, *sources):
        return [(one.severity, one.rule) for found in self.check(*sources) for one in found.reading.problems]

    def take(self, *sources):
        return import_files(self.database, self._paths(sources), markets=MARKETS, stamp=self.stamp)


@pytest.fixture
def desk(sqlite, tmp_path, stamp):
    return Desk(sqlite, tmp_path, stamp)


def test_all_problems_of_a_file_are_said_at_once():
    source = text(body=BODY + "## 1.1 Again\n\nText.\n\n## First\n\n## 1.3 Empty\n\n## 2.1 Elsewhere\n\nText.\n")
    found = read_markdown(source.replace('owner = "O"\n', ""), "s.md")
    assert [(one.line, one.rule) for one in found.problems] == [
        (1, "missing-owner"),
        (18, "duplicate-number"),
        (22, "number"),
        (24, "empty-clause"),
        (26, "chapter"),
    ]
    with pytest.raises(InputError, match=r"(?s)line 1: owner is missing.*line 26"):
        parse(source.replace('owner = "O"\n', ""), "s.md")


def test_a_sound_file_brings_a_listing_and_stores_nothing(desk):
    (found,) = desk.check(text())
    assert list(listing(found))[1:] == [
        "  T",
        "  1 Promise",
        "    1.1     Date (5 words)",
        "    1.2     Window (5 words)",
        "  0 errors, 0 warnings",
    ]
    with desk.database.read() as connection:
        assert editions.every(connection) == ()


@pytest.mark.parametrize(
    ("stored", "new", "told"),
    [
        ([], addendum(), [("error", "no-base")]),
        ([text()], text("2"), [("error", "same-day")]),
        ([text()], text("2", "2023-01-01"), [("error", "date-order")]),
        ([text("2", "2025-01-01")], text("1", "2024-10-08"), [("warning", "date-order")]),
        ([text()], text("1", "2024-05-01"), [("error", "same-name")]),
        ([text()], addendum(body="# 1 P\n\n## 1.9 Night [replace]\n\nA.\n"), [("error", "addendum")]),
        ([text()], addendum(body="# 1 P\n\n## 1.9 Night [exempt]\n"), [("error", "addendum")]),
        ([text()], addendum(body="# 1 P\n\n## 1.1 Night [add]\n\nA.\n"), [("error", "addendum")]),
        ([text()], addendum(effective="2023-12-01"), [("warning", "date-order")]),
        ([text()], addendum(body=BODY), [("error", "action")]),
        ([text(), addendum()], addendum("DE-2"), [("error", "overlap")]),
        (
            [text(), addendum()],
            addendum("DE-2", "2024-03-01", "# 1 P\n\n## 1.2 W [exempt]\n"),
            [("warning", "addendum-dropped")],
        ),
        ([text(), addendum()], text("2", "2024-06-01", body="# 1 P\n\n## 1.2 W\n\nA.\n"), [("warning", "addendum")]),
        ([text()], text("FR-1", "2024-02-01", "XX"), [("error", "market")]),
        ([text()], addendum(body="# 1 P\n\n## 1.1 D [replace]\n\nSee clause 1.2.\n"), []),
        ([text()], addendum(body="# 1 P\n\n## 1.1 D [replace]\n\nSee clause 1.7.\n"), [("error", "dangling")]),
    ],
)
def test_an_edition_is_checked_beside_those_that_are_stored(desk, stored, new, told):
    for source in stored:
        desk.take(source)
    assert desk.told(new) == told
    if any(severity == "error" for severity, _ in told):
        with pytest.raises(InputError, match="Nothing was imported"):
            desk.take(new)
    else:
        assert desk.take(new)[0].new


def test_two_addenda_of_one_day_name_the_clauses_that_both_touch(desk):
    desk.take(text(), addendum())
    (found,) = desk.check(addendum("DE-2"))
    assert "both touch 1.1" in found.errors[0].message


def test_files_of_one_import_are_checked_beside_each_other_in_the_order_of_their_days(desk):
    assert desk.told(addendum(), text("2", "2024-05-01"), text()) == []
    assert [one.edition.name for one in desk.take(addendum(), text("2", "2024-05-01"), text())] == ["1", "2", "DE-1"]


def test_an_addendum_from_before_its_global_edition_is_checked_after_it(desk):
    assert desk.told(addendum(effective="2023-12-01"), text()) == [("warning", "date-order")]


def test_an_addendum_alone_is_not_in_force(desk):
    desk.take(text(), addendum(effective="2023-12-01"))
    with pytest.raises(InputError, match="The first one holds from 2024-01-01"):
        clauses_in_force(desk.database, document="delivery", market="DE", on="2023-12-15")


def test_one_wrong_file_keeps_all_out(desk):
    with pytest.raises(InputError, match="stands there twice"):
        desk.take(text(), addendum(body="# 1 P\n\n## 1.1 A [replace]\n\nA.\n\n## 1.1 B [replace]\n\nB.\n"))
    with desk.database.read() as connection:
        assert editions.every(connection) == ()


def test_the_same_words_in_another_form_are_known_already(desk):
    desk.take(text())
    (again,) = desk.take(text(body=BODY.replace("\n\n", "\n\n\n")))
    assert not again.new
    with desk.database.read() as connection:
        assert len(editions.every(connection)) == 1


def test_a_standard_of_one_market_holds_there_and_nowhere_else(desk):
    desk.take(text("DE-1", "2024-02-01", "DE"))
    assert len(clauses_in_force(desk.database, document="delivery", market="DE", on="2024-03-01")) == 2
    with pytest.raises(InputError, match="It has editions of DE only"):
        clauses_in_force(desk.database, document="delivery", market="FR", on="2024-03-01")
    assert desk.told(text("1", "2024-03-01")) == [("error", "action")]


def test_the_edition_of_the_day_holds(desk):
    desk.take(text(), text("2", "2024-05-01", body=BODY.replace("say when", "tell")), addendum())
    held = {
        day: clauses_in_force(desk.database, document="delivery", market=market, on=day)[0].text
        for day, market in (("2024-04-30", "FR"), ("2024-05-01", "FR"), ("2024-05-02", "DE"))
    }
    assert list(held.values()) == ["The carrier shall say when.", "The carrier shall tell.", "At once."]


@pytest.mark.parametrize(
    ("sentence", "missing"),
    [
        ("See clause 6.3.", "6.3"),
        ("See clauses 1.1, 6.3 and 6.4.", "6.3, 6.4"),
        ("Siehe Ziffer 6.3.", "6.3"),
        ("See clause 1 and clause 1.1.", ""),
        ("See clause 6.3 of the carrier's terms.", ""),
        ("See clause 6.3 of this standard.", "6.3"),
        ("See clause 6.3 der Bedingungen.", ""),
        ("Under § 823 BGB.", ""),
        ("Within 6.3 hours.", ""),
    ],
)
def test_references_of_a_house_standard(sentence, missing):
    parsed = parse(text(body=BODY + f"\n## 1.3 More\n\n{sentence}\n"), "s.md")
    found = list(dangling(parsed.clauses))
    assert [one.severity for one in found] == (["error"] if missing else [])
    assert not missing or f"clause {missing}, which" in found[0].message


@pytest.mark.parametrize(
    ("sentence", "missing"),
    [
        ("nach § 2 Nr. 1 und § 7 Abs. 2 Satz 1 gilt", "§ 7"),
        ("die §§ 1, 2 und 8 bis 9 gelten", "§ 8, § 9"),
        ("nach § 7 oder § 8 des Postgesetzes", ""),
        ("nach § 36 Abs. 2 und § 37 Absatz 1 des Gesetzes gegen Wettbewerb", ""),
        ("nach § 823 BGB haftet er", ""),
        ("nach § 7 dieses Gesetzes", "§ 7"),
        ("under § 7 of this act", "§ 7"),
        ("under § 7 of the postal act", ""),
        ("nach § 2 Nr. 4 und 5 gilt", ""),
        ("nach § 18a gilt, nach § 1 nicht", "§ 18a"),
        ("nach § 7 Abs. 1 in Verbindung mit § 8 der Gewerbeordnung", ""),
    ],
)
def test_references_of_a_law(sentence, missing):
    body = f"## § 1 Zweck\n\n{sentence}\n\n## § 2 Umfang\n\nText.\n"
    found = list(dangling(parse(text(body=body), "s.md").clauses))
    assert [one.severity for one in found] == (["warning"] if missing else [])
    assert not missing or f"refers to {missing}, which" in found[0].message


def test_a_dangling_reference_of_a_law_stops_nothing(desk):
    (done,) = desk.take(text(body="## § 1 Zweck\n\nNach § 9 gilt das.\n"))
    assert done.new


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("1.1", "1.1"),
        ("1.1.", "1.1"),
        ("§3", "§ 3"),
        ("§ 18a", "§ 18a"),
        ("3a", "3a"),
        ("A.2", "A.2"),
        ("1.1.2", "1.1.2"),
    ],
)
def test_numbers_of_every_kind_are_taken(written, stored):
    assert normal_number(written) == stored
    heading = read_heading(f"{written} Title")
    assert heading is not None
    assert (heading.number, heading.title) == (stored, "Title")


@pytest.mark.parametrize("written", ["", "A", "one", "1 2", "1..2", "12345", "3ab", "§", "-1", "1,1"])
def test_what_is_no_number_is_not_taken(written):
    assert normal_number(written) is None


def test_numbers_sort_as_people_count():
    order = ["§ 2", "§ 10", "§ 18", "§ 18a", "§ 19"]
    assert sorted(reversed(order), key=natural_key) == order
    order = ["1.2", "1.2.1", "1.10", "3", "3a", "A.2", "B.1"]
    assert sorted(reversed(order), key=natural_key) == order


@given(st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Z")), min_size=1, max_size=30))
def test_any_title_survives_a_heading(title):
    heading = read_heading(write_heading("1.1", title, "add"))
    assert heading is not None
    assert (heading.title, heading.action) == (title, "add")


@pytest.mark.parametrize(
    ("source", "line", "said"),
    [
        ("a: &x [1]\nb: *x", 1, "anchors"),
        ("a: b: c", 1, "not YAML"),
        ("- a", 1, "is a mapping"),
        ("", 1, "empty"),
        ("a: 1\na: 2", 2, "stands there twice"),
        ("a: 1\n---\nb: 2", 2, "another begins"),
        ("a: " + "[" * 5000, 1, "deep"),
        ("? [a]\n: b", 1, "a key is one word"),
        ('a: "\\ud800"', 1, "not YAML"),
        ("a: \x07", 1, "not YAML"),
    ],
)
def test_yaml_that_is_refused(source, line, said):
    (problem,) = read_yaml(source, "s.yaml").problems
    assert said in problem.message
    assert problem.line == line


def test_a_clause_without_a_chapter_after_one_that_has_one_is_named():
    head = "document: delivery\ntitle: T\nedition: '1'\nowner: O\neffective: 2024-01-01\nlanguage: en\nclauses:\n"
    one = "- {number: 1.1, chapter: 1 P, title: T, text: A}\n"
    found = read_yaml(head + one + "- {number: 3a, title: T, text: B}\n", "s")
    assert [(problem.line, problem.rule) for problem in found.problems] == [(9, "chapter")]


def test_words_of_yaml_stay_words():
    source = (
        "document: delivery\ntitle: T\nedition: 2024\nowner: yes\neffective: 2024-01-01\nlanguage: no\n"
        "clauses:\n- number: 1.10\n  title: on\n  text: !!python/object/apply:os.system [x]\n"
        "- {number: 1.2, title: T, text: 0x10}\n"
    )
    found = read_yaml(source, "s.yaml")
    assert found.front is not None
    assert (found.front.edition, found.front.owner, found.front.language) == ("2024", "yes", "no")
    assert [(one.number, one.title) for one in found.clauses] == [("1.10", "on"), ("1.2", "T")]
    assert found.clauses[1].text == "0x10"
    assert [(one.line, one.rule) for one in found.problems] == [(8, "empty-clause"), (10, "yaml")]


def test_unknown_fields_of_yaml_are_named():
    source = (
        "document: delivery\ntitle: T\nedition: '1'\nowner: O\neffective: 2024-01-01\nlanguage: en\nauthor: me\n"
        "clauses:\n- number: '1'\n  title: T\n  text: A\n  note: lost\n"
    )
    assert [(one.line, one.severity) for one in read_yaml(source, "s").problems] == [(7, "error"), (12, "error")]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{", "not JSON"),
        ("[1]", "a line is an object"),
        ('{"doc": "x1", "clause": 3}', "'clause' is 3; it must be text"),
        ('{"doc": "x1", "doc": "x2"}', "stands there twice"),
        ('{"doc": "x1", "text": "\\ud800"}', "half a character"),
        ("[" * 100_000, "not JSON"),
    ],
)
def test_json_lines_that_are_refused(line, said):
    found = read_json_lines(line + "\n", "s.jsonl", Given())
    assert any(said in one.message and one.line == 1 for one in found[0].problems)


def test_rows_of_one_document_must_agree():
    row = '{"doc":"d1","clause":"1","title":"T","text":"A","lang":"en"}\n'
    rows = row + row.replace('"1"', '"2"').replace("en", "de")
    found = read_json_lines(rows, "s.jsonl", Given("", "T", "1", "O", "2024-01-01"))
    assert [(one.line, one.rule) for one in found[0].problems] == [(2, "front")]


def test_what_is_given_must_not_contradict_the_file():
    found = read_markdown(text(), "s.md", Given(owner="Somebody else"))
    assert "Leave the option out" in found.problems[0].message


def test_control_characters_of_a_file_do_not_reach_the_terminal(desk):
    (found,) = desk.check(text(body="# 1 P\n\n## 1.1 A\x1bc\n\nText.\n"))
    told = "\n".join(listing(found))
    assert "\x1b" not in told
    assert "U+001B" in told


@given(st.text(max_size=200))
def test_no_text_makes_a_reader_fail(source):
    read_markdown(source, "s")
    read_yaml(source, "s")
    read_json_lines(source, "s")


@given(
    st.lists(st.sampled_from(["# 1 P", "## 1.1 T", "## 1.1 T [add]", "text", "+++", "## x", "", "# 2 Q"]), max_size=12)
)
def test_no_text_of_a_clause_is_lost_in_silence(lines):
    found = read_markdown(text(body="\n".join(lines)), "s")
    kept = sum(clause.text.count("text") for clause in found.clauses)
    assert kept == lines.count("text") or any(one.severity == "error" for one in found.problems)


def test_a_file_that_is_too_large_is_refused(tmp_path, sqlite):
    path = tmp_path / "s.md"
    path.write_text(text() + "word " * 900_000)
    (found,) = check_files(sqlite, [path], markets=MARKETS, today="2024-01-01")
    assert "at most 4,000,000 are read" in found.errors[0].message


def test_a_file_of_too_many_bytes_is_not_even_read(tmp_path, sqlite, monkeypatch):
    monkeypatch.setattr(files, "MAX_BYTES", 100)
    (tmp_path / "s.md").write_text(text())
    with pytest.raises(InputError, match="at most 100 are read"):
        check_files(sqlite, [tmp_path / "s.md"], markets=MARKETS, today="2024-01-01")


@pytest.mark.parametrize("name", ["s.txt", "s", "nowhere.md", "nowhere.docx", "nowhere.odt", "."])
def test_what_is_no_file_of_a_standard_is_said(tmp_path, sqlite, name):
    if not name.startswith("nowhere") and name != ".":
        (tmp_path / name).write_text("x")
    with pytest.raises(InputError, match="standard"):
        check_files(sqlite, [Path(tmp_path / name)], markets=MARKETS, today="2024-01-01")


def test_a_word_document_asks_to_be_looked_at_first(desk, tmp_path):
    from voc.standards.files import write_file

    path = tmp_path / "s.docx"
    write_file(path, parse(text(), "s.md"))
    with pytest.raises(InputError, match=r"(?s)look through this first.*--accept.*1\.1     Date \(5 words\)"):
        import_files(desk.database, [path], markets=MARKETS, stamp=desk.stamp)
    with desk.database.read() as connection:
        assert editions.every(connection) == ()
    (done,) = import_files(desk.database, [path], markets=MARKETS, stamp=desk.stamp, accept=True)
    assert done.new
    assert done.edition.id == parse(text(), "s.md").id


def test_an_edition_read_from_a_database_is_what_was_imported(database, stamp):
    parsed = parse(text(body="## § 2 Zwei\n\nA.\n\n## § 10 Zehn\n\nB\nC\n"), "s")
    import_standard(database, parsed, markets=MARKETS, stamp=stamp)
    held = clauses_in_force(database, document="delivery", market="", on="2024-01-01")
    assert [(one.number, one.text) for one in held] == [("§ 2", "A."), ("§ 10", "B\nC")]
