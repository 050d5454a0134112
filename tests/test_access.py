"""Who may do what, and who may see what of a search."""

import itertools
from pathlib import Path

import pytest
from shop import Shop

from voc import access
from voc.access import Act, Role, check, check_looks_up, check_reads, role_named
from voc.errors import InputError, NotAllowedError
from voc.search.count import Count
from voc.search.export import Table
from voc.search.find import Page
from voc.search.result import COLUMNS
from voc.search.tables import for_viewer, table_of_groups, table_of_hits
from voc.store.search import Found


def found(market, theme, number):
    return Found(f"f{number}", f"t{number}", f"t{number}", market, "2024-W40", "en", "app", 1.0, theme, "complaint")


ALLOWED = {
    Act.VIEW: "viewer operations analyst consulted owner admin",
    Act.READ: "operations analyst consulted owner admin",
    Act.LOOK_UP: "operations owner admin",
    Act.EDIT: "analyst owner admin",
    Act.SUBMIT: "analyst owner admin",
    Act.ASK: "analyst owner admin",
    Act.ANSWER: "operations analyst consulted owner admin",
    Act.ASSESS: "operations analyst owner admin",
    Act.DECIDE: "owner admin",
    Act.ADOPT: "owner admin",
    Act.OPEN_ACTION: "operations owner admin",
    Act.CLOSE_ACTION: "operations owner admin",
    Act.READ_AUDIT: "owner admin",
    Act.SAVE_SEARCH: "operations analyst consulted owner admin",
    Act.RUN: "analyst owner admin",
    Act.EDIT_THEMES: "analyst owner admin",
    Act.INGEST: "analyst owner admin",
    Act.IMPORT_STANDARD: "owner admin",
    Act.WRITE_REPORT: "analyst owner admin",
    Act.PUBLISH_REPORT: "analyst owner admin",
    Act.SEND_REPORT: "analyst owner admin",
    Act.SET_UP: "admin",
    Act.MANAGE_PEOPLE: "admin",
    Act.ERASE: "admin",
}


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("act", Act)
def test_each_role_may_do_what_the_table_says_and_nothing_else(role, act):
    if role in ALLOWED[act].split():
        check(role, act)
        return
    with pytest.raises(NotAllowedError, match=f"{role} may not {act}"):
        check(role, act)


def test_what_is_not_in_the_table_is_nobodys(monkeypatch):
    monkeypatch.setattr(access, "MAY", {})
    with pytest.raises(NotAllowedError):
        check(Role.ADMIN, Act.READ)


def test_a_viewer_reads_no_comment():
    with pytest.raises(NotAllowedError, match="--count"):
        check_reads(Role.VIEWER)
    for role in set(Role) - {Role.VIEWER}:
        check_reads(role)


@pytest.mark.parametrize("role", [Role.ANALYST, Role.CONSULTED, Role.VIEWER])
def test_only_operations_owner_and_admin_look_up_a_parcel(role):
    for one in (Role.OPERATIONS, Role.OWNER, Role.ADMIN):
        check_looks_up(one)
    with pytest.raises(NotAllowedError, match="operations, owner, admin"):
        check_looks_up(role)


def test_the_earlier_name_of_operations_is_taken_and_said(caplog):
    assert role_named("support") is Role.OPERATIONS
    assert "VOC_ROLE=operations" in caplog.text


def test_a_role_that_does_not_exist_is_refused_with_those_that_do():
    with pytest.raises(InputError, match="viewer, operations, analyst, consulted, owner, admin"):
        role_named("king")


def test_hits_become_one_row_each(tmp_path):
    shop = Shop(tmp_path)
    shop.add("parcel in the rain", attributes={"depot": "B3"})
    table = table_of_hits(shop.desk.search("rain", Page()).hits)
    row = dict(zip(COLUMNS, table.rows[0], strict=True))
    assert (row["text"], row["attributes"]) == ("parcel in the rain", '{"depot": "B3"}')


def test_groups_below_k_are_withheld_in_each_market():
    many = [found("US", "rain", n) for n in range(7)] + [found("US", "late", n) for n in range(7, 9)]
    many += [found("FR", "late", n) for n in range(20, 26)]
    table = table_of_groups(many, {"rain": "Rain"}, k=5)
    assert isinstance(table, Table)
    shown = [row for row in table.rows if row[1]]
    assert ("FR", "2024-W40", "late", 6) in shown
    assert all(row[3] >= 5 for row in shown)
    assert not any(row[2] == "late" and row[0] == "US" for row in shown)


def test_copies_make_no_group_large():
    same = [Found(f"f{n}", "t", "t", "US", "2024-W40", "en", "app", 1.0, "rain", "complaint") for n in range(9)]
    assert [row for row in table_of_groups(same, {}, k=5).rows if row[1]] == []


def test_a_viewer_sees_no_count_below_k():
    count = Count(9, 9, None, {"market": {"US": 6, "FR": 2, "DE": 1}}, {"2024-W39": 3, "2024-W40": 6})
    kept = for_viewer(count, k=5)
    assert kept.facets["market"] == {"US": 6}
    assert all(comments >= 5 for comments in kept.weeks.values())
    with pytest.raises(NotAllowedError, match="Fewer than 10"):
        for_viewer(count, k=10)


def test_the_table_of_roles_is_the_one_in_the_documents():
    lines = (Path(__file__).parents[1] / "docs" / "review.md").read_text().splitlines()
    table = itertools.takewhile(
        lambda line: line.startswith("|"),
        lines[lines.index("| | viewer | operations | analyst | consulted | owner | admin |") :],
    )
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in table]
    roles = cells[0][1:]
    told = {row[0]: {role for role, cell in zip(roles, row[1:], strict=True) if cell == "yes"} for row in cells[2:]}
    assert told == {act.value: set(allowed.split()) for act, allowed in ALLOWED.items()}
