"""The strongest comments of a theme, and a sample of them, are found without reading all of it."""

import pytest

from voc.store import assignments

WEEK = "2024-W39"


@pytest.fixture(scope="module")
def themes(ready_folder):
    from conftest import BARE

    from voc.workspace import Workspace

    with Workspace.open(ready_folder, environment=BARE) as opened, opened.services.database.read() as connection:
        yield connection, [entry.theme.id for entry in opened.themes()]


def firsts(units):
    found = {}
    for unit in units:
        found.setdefault(unit.same_as, unit)
    return list(found.values())


@pytest.mark.parametrize("most", [1, 7, 60, 10_000])
def test_strongest_and_first_by_hash_are_those_of_all_members(themes, most):
    connection, ids = themes
    assert ids
    for theme_id in ids:
        every = firsts(assignments.members(connection, theme_id=theme_id, last_week=WEEK))
        asked = {"theme_id": theme_id, "last_week": WEEK, "most": most}
        assert assignments.strongest(connection, **asked) == every[:most]
        by_hash = sorted(every, key=lambda unit: unit.same_as)[:most]
        assert assignments.first_by_hash(connection, **asked) == by_hash


def test_copies_of_one_text_are_read_past(database, stamp):
    from test_bulk import comment

    from voc.ingest.identity import text_hash
    from voc.store import batches, feedback, runs, themes
    from voc.store.batches import Batch
    from voc.types import Assignment, Polarity

    rows = [comment(n, "the same words") for n in range(40)] + [comment(n, f"other words {n}") for n in range(40, 43)]
    same = text_hash("the same words")
    with database.write() as connection:
        batches.begin(connection, stamp, Batch("b", "feedback", "f", "", ""))
        runs.start(connection, stamp, run_id="r", pipeline="weekly", week="w", config_hash="", manifest={})
        feedback.add(connection, stamp, rows, batch_id="b")
        unit = feedback.schema.unit
        inside = unit.c.feedback_id.in_([row.feedback.id for row in rows[:40]])
        connection.execute(unit.update().where(inside).values(text_hash=same))
        import numpy as np

        fit = themes.FitRow("f", "m", {}, b"x")
        themes.add_fit(connection, stamp, fit, run_id="r")
        theme = themes.ThemeRow("t", "f", "2024-W40", "active", np.zeros(2, np.float32), 0.0)
        themes.add(connection, stamp, [theme])
        ids = list(connection.execute(unit.select()).all())
        decided = [
            Assignment(one.id, "t", 0.9 if one.text_hash == same else 0.5, "t", Polarity.COMPLAINT, "learned")
            for one in ids
        ]
        assignments.put(connection, stamp, decided, run_id="r")
        found = assignments.strongest(connection, theme_id="t", last_week="2024-W40", most=3)
    assert [one.same_as == same for one in found] == [True, False, False]
