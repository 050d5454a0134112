"""Groups of themes: found over all at once, kept as long as most of their themes stay, joined by what is near."""

from dataclasses import replace

import numpy as np
import pytest

from voc.label.groups import group_name
from voc.store import groups, themes
from voc.store.themes import ThemeRow
from voc.themes.groups import group_all, group_new
from voc.themes.space import unit_rows

DIM = 24


def made(sizes, *, seed=4, spread=0.7):
    """Themes around one direction a group; the planted group of each is the letter that its id begins with."""
    chance = np.random.default_rng(seed)
    middles = np.linalg.qr(chance.normal(size=(DIM, DIM)))[0]
    rows = []
    for group, size in enumerate(sizes):
        noise = spread / np.sqrt(DIM) * chance.normal(size=(size, DIM))
        for number, centroid in enumerate(unit_rows((middles[group] + noise).astype(np.float32))):
            rows.append(ThemeRow(f"{chr(97 + group)}{number}", "fit", "2024-W01", "active", centroid, 0.1))
    return rows


def planted(found):
    return (
        len({(theme[0], group) for theme, group in found.items()})
        == len({one[0] for one in found})
        == len(set(found.values()))
    )


def grouped(rows):
    found = group_all(rows)
    return [replace(row, group_id=found[row.id]) for row in rows]


@pytest.mark.parametrize("sizes", [(4, 3, 5), (2, 2), (6, 1, 3), (3, 3, 3, 3, 3)])
def test_groups_are_found_without_being_told_their_number(sizes):
    assert planted(group_all(made(sizes)))


@pytest.mark.parametrize("sizes", [(1,), (1, 1)])
def test_one_or_two_themes_are_a_group_each(sizes):
    assert len(set(group_all(made(sizes)).values())) == len(sizes)


def test_the_order_of_themes_changes_no_group():
    rows = made((4, 3, 5))
    assert group_all(rows) == group_all(rows[::-1])


def test_a_new_theme_joins_the_group_that_it_is_near_to_and_the_others_stay():
    rows = made((4, 3, 5))
    known = grouped(rows[:-1])
    assert group_new([*known, rows[-1]]) == {rows[-1].id: known[-1].group_id}


def test_a_theme_that_is_near_to_no_group_founds_one():
    known = grouped(made((4, 3)))
    stranger = replace(made((1, 1, 1, 1))[-1], id="x")
    found = group_new([*known, stranger])
    assert set(found) == {"x"}
    assert found["x"] not in {theme.group_id for theme in known}


def test_groups_found_anew_keep_the_ids_of_those_they_share_most_themes_with():
    rows = made((4, 3, 5))
    known = grouped(rows)
    again = group_all([*known[1:], replace(made((6,), seed=9, spread=0.7)[-1], id="z")])
    kept = {theme.id: theme.group_id for theme in known[1:]}
    assert {one: again[one] for one in kept} == kept


@pytest.mark.parametrize(
    ("ids", "name"), [("a", "rain"), ("ab", "rain · late"), ("abc", "rain · late · +1"), ("az", "rain · z")]
)
def test_a_group_is_named_by_its_largest_themes(ids, name):
    assert group_name(list(ids), {"a": "rain", "b": "late", "c": "lost"}) == name


def test_a_group_is_stored_once_with_its_name(database, stamp):
    with database.write() as connection:
        groups.put(connection, stamp, {"a": "g1", "b": "g1"}, week="2024-W01")
        groups.put(connection, stamp, {"c": "g1", "d": "g2"}, week="2024-W02")
        groups.rename(connection, stamp, {"g1": "lockers"})
        assert groups.names(connection) == {"g1": "lockers", "g2": ""}


def test_after_a_run_every_theme_has_a_named_group_and_a_second_run_changes_none(ready):
    ready.run("2024-W40")

    def seen():
        with ready.services.database.read() as connection:
            fit = themes.newest_fit(connection, model_id=ready.services.embedder.model_id)
            rows = themes.of_fit(connection, fit_id=fit.id)
            return {row.id: row.group_id for row in rows}, groups.names(connection)

    before = seen()
    group_of, names = before
    assert set(group_of.values()) == set(names)
    assert all(names.values())
    assert len(set(names.values())) == len(names)
    ready.run("2024-W40")
    assert seen() == before
