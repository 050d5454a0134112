"""Two editions beside each other, and editions named in one word."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voc.errors import InputError, NotFoundError
from voc.resources import sample_dir
from voc.standards.compare import as_lines, compare
from voc.standards.document import ParsedClause
from voc.standards.intake import import_files
from voc.standards.markdown import parse
from voc.standards.publish import revise
from voc.standards.redline import accepted, rejected
from voc.standards.registry import import_standard, read_standard
from voc.standards.sides import read_side

MARKETS = ("US", "DE", "FR", "GB", "BR")


def clause(number, text="Text.", title="Title", action="base"):
    return ParsedClause(number, "", title, action, text)


def kinds(found):
    return [line.split()[0] for line in as_lines(found) if not line.startswith("    ")][:-1]


def test_each_kind_of_change_is_told():
    old = [clause("1", "Same."), clause("2", "Old words."), clause("3", title="Before"), clause("4", "Goes.", "Gone")]
    old += [clause("5", "Moves on.", "Moved")]
    new = [
        clause("1", "Same."),
        clause("2", "New words."),
        clause("3", title="After"),
        clause("6", "Moves on.", "Moved"),
    ]
    new += [clause("7", "Comes.", "Come")]
    found = compare(old, new)
    assert ([one.number for one in found.added], [one.number for one in found.removed]) == (["7"], ["4"])
    assert [(one.old.number, one.new.number, one.moved, one.renamed, one.reworded) for one in found.changed] == [
        ("2", "2", False, False, True),
        ("3", "3", False, True, False),
        ("5", "6", True, False, False),
    ]
    assert found.unchanged == 1
    assert kinds(found) == ["removed", "added", "changed", "renamed", "moved"]
    assert list(as_lines(found))[-1] == "1 added, 1 removed, 3 changed, 1 unchanged"
    assert "    [-Old-]{+New+} words." in list(as_lines(found))


def test_a_clause_that_moved_and_was_reworded_is_known_by_its_title():
    found = compare([clause("2", "Old.", "Storage")], [clause("3", "New.", "Storage")])
    assert [(one.old.number, one.new.number) for one in found.changed] == [("2", "3")]


def test_clauses_that_are_alike_are_not_taken_for_each_other():
    found = compare([clause("1"), clause("2")], [clause("3"), clause("4")])
    assert (len(found.added), len(found.removed), found.changed) == (2, 2, ())


def test_another_action_of_an_addendum_is_a_change():
    found = compare([clause("1", action="add")], [clause("1", action="replace")])
    assert [line for line in as_lines(found) if line.startswith("changed")] == ["changed   1 Title [add] -> [replace]"]


def test_a_clause_without_a_chapter_stands_in_the_one_before_it_when_markets_are_put_together(sqlite, stamp, tmp_path):
    front = "document: delivery\ntitle: T\nowner: O\neffective: 2024-01-01\nlanguage: en\n"
    (tmp_path / "g.yaml").write_text(
        f"{front}edition: '1'\nclauses:\n- {{number: '1.1', chapter: 1 P, title: T, text: A}}\n"
    )
    (tmp_path / "d.yaml").write_text(
        f"{front}edition: DE-1\nmarket: DE\nclauses:\n- {{number: '1.2', title: T, text: B, action: add}}\n"
    )
    import_files(sqlite, [tmp_path / "g.yaml", tmp_path / "d.yaml"], markets=MARKETS, stamp=stamp)
    found = side(sqlite, "delivery/DE").parsed
    assert [one.chapter for one in found.clauses] == ["1 P", "1 P"]
    assert parse(found.source, "s") == found


clauses = st.dictionaries(
    st.sampled_from([f"{a}.{b}" for a in (1, 2) for b in (1, 2, 10)]),
    st.tuples(st.sampled_from(["A.", "B c.", "B d.", ""]), st.sampled_from(["T", "U", "V"])),
).map(lambda found: [clause(number, *rest) for number, rest in found.items()])


@given(clauses, clauses)
def test_every_clause_is_told_once_and_redlines_hold_both_texts(old, new):
    found = compare(old, new)
    assert len(old) == len(found.removed) + len(found.changed) + found.unchanged
    assert len(new) == len(found.added) + len(found.changed) + found.unchanged
    for change in found.changed:
        assert (rejected(change.spans), accepted(change.spans)) == (change.old.text, change.new.text)


@given(clauses)
def test_nothing_differs_from_itself(old):
    found = compare(old, old)
    assert (found.added, found.removed, found.changed, found.unchanged) == ((), (), (), len(old))


@pytest.fixture
def sample(sqlite, stamp):
    for name in ("global", "de"):
        import_standard(sqlite, read_standard(sample_dir() / "standards" / f"{name}.md"), markets=MARKETS, stamp=stamp)
    return sqlite


def side(database, spec):
    with database.read() as connection:
        return read_side(connection, spec)


def test_an_edition_is_named_by_name_id_or_document(sample):
    named = side(sample, "DE-2024-1").parsed
    assert side(sample, named.id[:8]).parsed == named
    assert side(sample, "delivery:DE-2024-1").parsed == named
    assert named.source == (sample_dir() / "standards" / "de.md").read_text()
    assert side(sample, "delivery").parsed.front.edition == "2024-1"


def test_what_is_in_force_in_a_market_is_one_standard(sample):
    found = side(sample, "delivery/DE@2024-09-30").parsed
    assert (found.front.market, found.front.edition) == ("DE", "2024-1+DE-2024-1")
    assert {one.action for one in found.clauses} == {"base"}
    assert len(found.clauses) == 34
    assert side(sample, "delivery/DE@2024-02-01").parsed.front.edition == "2024-1"


def test_two_days_of_a_document_differ_by_what_was_published_between(sample, stamp):
    base = side(sample, "delivery").parsed.id
    revise(
        sample,
        base_edition_id=base,
        market="",
        number="1.4",
        new_text="At once.",
        edition_name="2024-2",
        effective="2024-11-01",
        proposal_id="p",
        stamp=stamp,
    )
    days = [side(sample, f"delivery/DE@{day}").parsed.clauses for day in ("2024-10-31", "2024-11-01")]
    found = compare(*days)
    assert [one.new.number for one in found.changed] == ["1.4"]
    assert found.unchanged == 33


@pytest.mark.parametrize(
    ("spec", "error", "said"),
    [
        ("nothing", NotFoundError, r"no edition or document 'nothing' \(documents: delivery\)"),
        ("delivery@soon", InputError, "'soon' is not a day"),
        ("delivery@2020-01-01", NotFoundError, "The first one holds from 2024-01-01"),
        ("", NotFoundError, "Name an edition"),
        ("7", NotFoundError, "no edition"),
    ],
)
def test_what_is_not_there_is_said(sample, spec, error, said):
    with pytest.raises(error, match=said):
        side(sample, spec)


def test_a_name_of_several_editions_is_not_guessed(sample, stamp, tmp_path):
    other = (sample_dir() / "standards" / "global.md").read_text().replace('"delivery"', '"returns"')
    (tmp_path / "r.md").write_text(other)
    import_standard(sample, read_standard(tmp_path / "r.md"), markets=MARKETS, stamp=stamp)
    with pytest.raises(InputError, match=r"delivery:2024-1 .*returns:2024-1"):
        side(sample, "2024-1")
    assert side(sample, "returns:2024-1").parsed.front.document == "returns"
