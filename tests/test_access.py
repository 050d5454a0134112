"""Who may see what of a search."""

import pytest
from shop import Shop

from voc.errors import InputError, NotAllowedError
from voc.search.access import Role, check_looks_up, check_reads, role_named
from voc.search.count import Count
from voc.search.export import Table
from voc.search.find import Page
from voc.search.result import COLUMNS
from voc.search.tables import for_viewer, table_of_groups, table_of_hits
from voc.store.search import Found


def found(market, theme, number):
    return Found(f"f{number}", f"t{number}", f"t{number}", market, "2024-W40", "en", "app", 1.0, theme, "complaint")


def test_a_viewer_reads_no_comment():
    with pytest.raises(NotAllowedError, match="--count"):
        check_reads(Role.VIEWER)
    for role in set(Role) - {Role.VIEWER}:
        check_reads(role)


@pytest.mark.parametrize("role", [Role.ANALYST, Role.VIEWER])
def test_only_support_and_owner_look_up_a_parcel(role):
    check_looks_up(Role.OWNER)
    check_looks_up(Role.SUPPORT)
    with pytest.raises(NotAllowedError):
        check_looks_up(role)


def test_a_role_that_does_not_exist_is_refused_with_those_that_do():
    with pytest.raises(InputError, match="owner, support, analyst, viewer"):
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
