"""What people decide about themes, and a refit that keeps it."""

import pytest

from voc.errors import InputError, NotFoundError
from voc.store import assignments, audit, labels, themes

WEEK = "2024-W40"


def homes(workspace):
    """The theme of each comment."""
    with workspace.services.database.read() as connection:
        return {unit.feedback_id: unit.theme_id for unit in assignments.units(connection, last_week=WEEK)}


def ids(workspace):
    return [entry.theme.id for entry in workspace.themes()]


def names(workspace):
    with workspace.services.database.read() as connection:
        return {theme: label.name for theme, label in labels.newest(connection, language="en").items()}


def test_a_name_of_a_person_outlives_runs_and_refits(ready):
    theme = ids(ready)[0]
    ready.edit(why="our word for it").rename(theme, "Left in the wet")
    ready.run(WEEK)
    assert names(ready)[theme] == "Left in the wet"
    ready.edit(why="keep it").mark(theme, locked=True)
    ready.run(WEEK, pipeline="refit")
    assert names(ready)[theme] == "Left in the wet"
    assert theme in ids(ready)


def test_a_name_that_another_theme_has_is_refused(ready):
    first, second = ids(ready)[:2]
    with pytest.raises(InputError, match="already"):
        ready.edit(why="x").rename(second, names(ready)[first].upper())


def test_a_reason_must_be_given(ready):
    with pytest.raises(InputError, match="Say why"):
        ready.edit(why=" ")


def test_merged_comments_move_and_new_ones_follow(ready):
    first, second = ids(ready)[:2]
    before = homes(ready)
    done = ready.edit(why="the same thing").merge(second, first)
    assert done.moved == sum(home == second for home in before.values())
    assert second not in ids(ready)
    ready.run(WEEK)
    after = homes(ready)
    assert second not in after.values()
    assert all(after[one] == first for one, home in before.items() if home == second)
    with pytest.raises(InputError, match="merged before"):
        ready.edit(why="again").merge(second, first)


def test_a_theme_is_not_merged_with_itself_nor_a_locked_one_away(ready):
    first, second = ids(ready)[:2]
    with pytest.raises(InputError, match="itself"):
        ready.edit(why="x").merge(first, first)
    ready.edit(why="x").mark(second, locked=True)
    with pytest.raises(InputError, match="locked"):
        ready.edit(why="x").merge(second, first)


def test_a_comment_that_a_person_moved_stays_with_its_copies(ready):
    theme = ids(ready)[-1]
    with ready.services.database.read() as connection:
        units = assignments.units(connection, last_week=WEEK)
    texts = [unit.same_as for unit in units if unit.theme_id not in (None, theme)]
    twice = next(text for text in texts if texts.count(text) > 1)
    copies = [unit.feedback_id for unit in units if unit.same_as == twice]
    assert ready.edit(why="it is about this").move(copies[0], theme[:8]) == len(copies)
    ready.run(WEEK)
    ready.edit(why="keep it").mark(theme, locked=True)
    done = ready.run(WEEK, pipeline="refit").results["refit themes"]
    after = homes(ready)
    assert {after[one] for one in copies} == {theme}
    assert done.moved_by_people == len(copies)
    assert 0 <= done.agreement <= 1


def test_a_refit_leaves_a_comment_that_a_person_moved_in_a_theme_that_is_not_locked(ready):
    largest, smallest = ids(ready)[0], ids(ready)[-1]
    moved = next(one for one, home in homes(ready).items() if home == smallest)
    ready.edit(why="it is about this").move(moved, largest)
    assert largest in ready.run(WEEK, pipeline="refit").results["refit themes"].continued
    assert homes(ready)[moved] == largest


def test_a_refit_takes_no_comment_from_a_locked_theme(ready):
    ready.run(WEEK)
    for theme in ids(ready):
        ready.edit(why="ours").mark(theme, locked=True)
    before = homes(ready)
    ready.run(WEEK, pipeline="refit")
    after = homes(ready)
    assert {one: home for one, home in before.items() if home} == {
        one: after[one] for one, home in before.items() if home
    }


def test_a_comment_may_be_moved_to_no_theme(ready):
    one = next(comment for comment, home in homes(ready).items() if home)
    ready.edit(why="off topic").move(one, "none")
    assert homes(ready)[one] is None


def test_a_comment_or_theme_that_is_not_there_is_said(ready):
    with pytest.raises(NotFoundError, match="No comment begins"):
        ready.edit(why="x").move("zzz", "none")
    with pytest.raises(NotFoundError, match="No theme begins"):
        ready.edit(why="x").rename("zzz", "Anything")


def test_a_muted_theme_is_counted_but_not_reported(ready):
    ready.run(WEEK)
    shown = ready.report(WEEK).report.scopes[0]
    theme = shown.themes[0].row.theme_id
    ready.edit(why="not ours").mark(theme, muted=True)
    after = ready.report(WEEK).report.scopes[0]
    assert theme not in [line.row.theme_id for line in after.themes]
    assert after.coverage == shown.coverage
    ready.edit(why="ours after all").mark(theme, muted=False)
    assert theme in [line.row.theme_id for line in ready.report(WEEK).report.scopes[0].themes]


def test_a_split_theme_ends_in_its_parts(ready):
    theme = ids(ready)[0]
    before = {one for one, home in homes(ready).items() if home == theme}
    parts = [part.id for part in ready.edit(why="two subjects").split(theme)]
    assert len(parts) >= 2
    after = homes(ready)
    assert {after[one] for one in before} == set(parts)
    assert theme not in ids(ready)
    ready.run(WEEK)
    assert set(parts) <= set(ids(ready))
    assert theme not in homes(ready).values()


def test_every_act_is_in_ledger_and_audit_log(ready):
    first, second, third = ids(ready)[:3]
    ready.edit(why="our word").rename(first, "Left in the wet")
    ready.edit(why="the same").merge(second, first)
    ready.edit(why="ours").mark(third, locked=True)
    events = ready.ledger()
    assert [(e.theme_id, e.kind, e.children, e.why) for e in events[-2:]] == [
        (first, "renamed", (), "tester: our word"),
        (second, "merged", (first,), "tester: the same"),
    ]
    with ready.services.database.read() as connection:
        audit.verify(connection)
        assert [row.action for row in audit.rows(connection, limit=3)] == [
            "mark theme",
            "theme merged",
            "theme renamed",
        ]


def test_a_refit_of_the_same_feedback_keeps_most_ids_and_tells_what_became_of_the_rest(ready):
    before = set(ids(ready))
    done = ready.run("2024-W39", pipeline="refit").results["refit themes"]
    after = set(ids(ready))
    assert len(before & after) >= len(before) / 2
    assert {*done.continued, *done.merged, *done.dormant} >= before
    assert after == {*done.continued, *done.born, *done.split} | (after & set(done.dormant))


def test_a_second_refit_changes_nothing(ready):
    ready.run(WEEK, pipeline="refit")
    first, themes_then = homes(ready), set(ids(ready))
    done = ready.run(WEEK, pipeline="refit").results["refit themes"]
    assert homes(ready) == first
    assert set(ids(ready)) == themes_then
    assert (done.born, done.split, done.merged) == ((), (), ())


def test_a_theme_without_comments_falls_asleep_and_wakes(ready, stamp):
    theme = ids(ready)[0]
    with ready.services.database.write() as connection:
        row = themes.get(connection, theme)
        themes.change(
            connection, stamp, type(row)(**{**{f: getattr(row, f) for f in row.__slots__}, "state": "dormant"})
        )
    ready.run(WEEK)
    kinds = [event.kind for event in ready.ledger(theme) if event.week == WEEK]
    assert kinds == ["revived"]
    assert {entry.theme.id: entry.theme.state for entry in ready.themes()}[theme] == "active"
