from datetime import date

import pytest

from voc.errors import ConflictError, InputError, NotFoundError
from voc.resources import sample_dir
from voc.standards.publish import next_name, revise
from voc.standards.registry import clauses_in_force, import_standard, read_standard
from voc.store import audit, editions

MARKETS = ("US", "DE", "FR", "GB", "BR")
DELAY = "The carrier shall notify the recipient of a missed delivery date within 8 hours."


@pytest.fixture
def sample(sqlite, stamp):
    for name in ("global", "de"):
        import_standard(sqlite, read_standard(sample_dir() / "standards" / f"{name}.md"), markets=MARKETS, stamp=stamp)
    return sqlite


def edition(database, name):
    with database.read() as connection:
        return editions.named(connection, name)[0]


def clauses(database, edition_id):
    with database.read() as connection:
        return {one.number: one for one in editions.clauses(connection, edition_id=edition_id)}


def call(database, stamp, **other):
    known = {
        "base_edition_id": edition(database, "2024-1").id,
        "market": "",
        "number": "1.4",
        "new_text": DELAY,
        "edition_name": "2024-2",
        "effective": "2024-11-01",
        "proposal_id": "p1",
        "stamp": stamp,
    }
    return revise(database, **(known | other))


def test_a_revision_changes_one_clause_and_no_other_byte(sample, stamp):
    made = call(sample, stamp)
    before, after = clauses(sample, edition(sample, "2024-1").id), clauses(sample, made.id)
    assert (made.name, made.effective, made.proposal_id, made.market) == ("2024-2", "2024-11-01", "p1", "")
    assert list(before) == list(after)
    assert [number for number in before if before[number].text != after[number].text] == ["1.4"]
    assert after["1.4"].text == DELAY
    assert all(before[number].title == after[number].title for number in before)


def test_the_source_of_a_revision_differs_in_three_lines(sample, stamp):
    made = call(sample, stamp)
    old, new = (edition(sample, name).source.split("\n") for name in ("2024-1", "2024-2"))
    assert sum(a != b for a, b in zip(old, new, strict=True)) == 3  # edition, effective, the clause
    assert read_back(made).clauses[3].text == DELAY


def read_back(row):
    from voc.standards.markdown import parse

    return parse(row.source, "stored")


def test_a_market_gets_an_addendum_with_all_that_it_had_and_one_replacement_more(sample, stamp):
    made = call(sample, stamp, market="DE", edition_name="DE-2024-2")
    before, after = clauses(sample, edition(sample, "DE-2024-1").id), clauses(sample, made.id)
    assert list(after) == ["1.4", *before]
    assert (after["1.4"].action, after["1.4"].text) == ("replace", DELAY)
    assert all((before[n].text, before[n].action) == (after[n].text, after[n].action) for n in before)
    held = {one.number: one for one in clauses_in_force(sample, document="delivery", market="DE", on="2024-11-01")}
    assert held["1.4"].text == DELAY
    assert clauses_in_force(sample, document="delivery", market="US", on="2024-11-01")[3].text != DELAY


def test_a_market_without_an_addendum_gets_its_first(sample, stamp):
    made = call(sample, stamp, market="FR", edition_name="FR-1", effective=date(2024, 11, 1))
    assert (made.market, made.title) == ("FR", "Parcel delivery standard: addendum for FR")
    assert list(clauses(sample, made.id)) == ["1.4"]


def test_a_clause_of_an_addendum_keeps_its_action(sample, stamp):
    base = edition(sample, "DE-2024-1").id
    made = call(sample, stamp, market="DE", number="6.5", base_edition_id=base, edition_name="DE-2024-2")
    assert clauses(sample, made.id)["6.5"].action == "add"


def test_a_draft_against_words_that_were_changed_since_is_refused(sample, stamp):
    base = edition(sample, "2024-1").id
    call(sample, stamp)
    with pytest.raises(ConflictError, match=r"2024-2 has other words .* \(rebase\)"):
        call(sample, stamp, base_edition_id=base, new_text="Other words.", edition_name="2024-3")
    call(sample, stamp, market="DE", base_edition_id=edition(sample, "2024-2").id, new_text="A.", edition_name="DE-2")
    with pytest.raises(ConflictError, match=r"DE-2 has \[replace\] for it"):
        call(
            sample, stamp, market="DE", base_edition_id=edition(sample, "2024-2").id, edition_name="DE-3", new_text="B."
        )


def test_a_draft_against_an_older_edition_keeps_what_others_changed_since(sample, stamp):
    base = edition(sample, "2024-1").id
    call(sample, stamp)
    made = call(sample, stamp, base_edition_id=base, number="1.3", new_text="Staff shall scan.", edition_name="2024-3")
    after = clauses(sample, made.id)
    assert (after["1.3"].text, after["1.4"].text) == ("Staff shall scan.", DELAY)


def test_of_two_editions_from_the_same_day_the_one_published_last_holds(sample, stamp):
    for at in range(2, 12):
        base = edition(sample, f"2024-{at - 1}").id
        call(sample, stamp, base_edition_id=base, new_text=f"Text {at}.", edition_name=f"2024-{at}")
    assert clauses_in_force(sample, document="delivery", market="", on="2024-11-01")[3].text == "Text 11."


@pytest.mark.parametrize(
    ("other", "error", "said"),
    [
        ({"effective": "2023-12-31"}, InputError, "follows 2024-1, which holds from 2024-01-01"),
        ({"effective": "soon"}, InputError, "'soon' is not a day"),
        ({"edition_name": "2024-1"}, InputError, "2024-1 is taken"),
        ({"edition_name": " "}, InputError, "no name of an edition"),
        ({"new_text": " \n "}, InputError, "is empty"),
        ({"new_text": "a\x07b"}, InputError, r"U\+0007"),
        ({"number": "99.1"}, NotFoundError, "no clause 99.1"),
        ({"base_edition_id": "f" * 64}, NotFoundError, "no edition ffff"),
    ],
)
def test_what_cannot_be_published_is_said(sample, stamp, other, error, said):
    with pytest.raises(error, match=said):
        call(sample, stamp, **other)


def test_the_same_words_are_no_revision(sample, stamp):
    text = clauses(sample, edition(sample, "2024-1").id)["1.4"].text
    with pytest.raises(InputError, match="nothing to publish"):
        call(sample, stamp, new_text=text)


def test_an_edition_of_another_market_cannot_be_revised(sample, stamp):
    with pytest.raises(InputError, match="is of DE; it cannot be revised for FR"):
        call(sample, stamp, base_edition_id=edition(sample, "DE-2024-1").id, number="3.1", market="FR")


def test_a_free_name_is_suggested(sample, stamp):
    assert next_name(sample, document="delivery", market="") == "2024-2"
    assert next_name(sample, document="delivery", market="DE") == "DE-2024-2"
    assert next_name(sample, document="delivery", market="FR") == "FR-2024-1"
    call(sample, stamp, edition_name="spring")
    assert next_name(sample, document="delivery", market="") == "spring-2"


def test_publishing_is_in_the_audit_log(sample, stamp):
    made = call(sample, stamp)
    with sample.read() as connection:
        row = audit.rows(connection)[-1]
        acts = {one.action: one for one in audit.rows(connection)}
    assert row is not None
    assert acts["publish edition"].subject == made.id
    assert acts["publish edition"].detail == {"edition": "2024-2", "proposal": "p1"}
