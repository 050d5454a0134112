"""A team's code frame: codes become locked themes, by their examples, and stay through runs and refits."""

import csv
from dataclasses import replace

import pytest

from voc.errors import InputError
from voc.store import assignments, feedback, themes

WEEK = "2024-W40"


def homes(workspace):
    with workspace.services.database.read() as connection:
        return {unit.feedback_id: unit.theme_id for unit in assignments.units(connection, last_week=WEEK)}


def frame(workspace, rows, name="codes.csv"):
    path = workspace.services.paths.folder / name
    with path.open("w", encoding="utf-8", newline="") as handle:
        csv.writer(handle).writerows([("code", "text"), *rows])
    return path


@pytest.fixture
def coded(ready):
    """A workspace, the comments of one planted kind as examples of a code, and their ids."""
    folder = ready.services.paths.folder
    with (folder / "truth.csv").open(encoding="utf-8") as handle:
        truth = {row["id"]: row["theme"] for row in csv.DictReader(handle)}
    kind = sorted(set(truth.values()) - {""})[0]
    with ready.services.database.read() as connection:
        units = [unit for unit in assignments.units(connection, last_week="2024-W39") if unit.method == "machine"]
        comments = feedback.get(connection, [unit.feedback_id for unit in units])
    chosen = [one for one in comments if truth.get(one.source_id) == kind][:12]
    return ready, [("Our own code", one.text) for one in chosen], [one.id for one in chosen]


def test_a_code_is_a_locked_theme_with_its_name_and_holds_its_examples(coded):
    workspace, rows, ids = coded
    done = workspace.import_codes(frame(workspace, rows), codes="code", why="our words")
    (code,) = done.codes
    entry = workspace.theme(code.theme_id).entry
    assert (entry.label.name, entry.label.method, entry.theme.locked) == ("Our own code", "person", True)
    assert {homes(workspace)[one] for one in ids} == {code.theme_id}
    assert code.comments == sum(home == code.theme_id for home in homes(workspace).values())
    assert code.known == len({text for _, text in rows})


def test_a_code_outlives_runs_and_refits_with_every_comment(coded):
    workspace, rows, _ = coded
    (code,) = workspace.import_codes(frame(workspace, rows), codes="code", why="our words").codes
    before = {one for one, home in homes(workspace).items() if home == code.theme_id}
    workspace.run(WEEK)
    workspace.run(WEEK, pipeline="refit")
    assert before <= {one for one, home in homes(workspace).items() if home == code.theme_id}
    assert workspace.theme(code.theme_id).entry.label.name == "Our own code"


def test_a_code_that_no_comment_belongs_to_outlives_a_refit_too(ready):
    rows = [("Nothing like it", "zzzzz qqqqq xxxxx wwwww"), ("Nothing like it", "qqqqq zzzzz jjjjj")]
    (code,) = ready.import_codes(frame(ready, rows), codes="code", why="to come").codes
    ready.run(WEEK)
    other = next(entry.theme.id for entry in ready.themes() if entry.theme.id != code.theme_id)
    with ready.services.database.write() as connection:
        assignments.rehome(connection, old=code.theme_id, new=other)
        row = themes.get(connection, code.theme_id)
        themes.change(connection, ready.services.stamp, replace(row, threshold=2.0))
    ready.run(WEEK, pipeline="refit")
    entry = next(entry for entry in ready.themes() if entry.theme.id == code.theme_id)
    assert (entry.comments, entry.theme.locked, entry.theme.threshold) == (0, True, 2.0)


def test_a_code_is_no_news_in_the_report(coded):
    workspace, rows, _ = coded
    (code,) = workspace.import_codes(frame(workspace, rows), codes="code", why="our words").codes
    report = workspace.run(WEEK).results["write the report"].report
    assert code.theme_id not in {line.row.theme_id for line in report.new_themes}


def test_who_and_why_are_in_the_ledger(coded):
    workspace, rows, _ = coded
    (code,) = workspace.import_codes(frame(workspace, rows), codes="code", why="our words").codes
    (event,) = workspace.ledger(code.theme_id)
    assert (event.kind, event.why, event.by_person) == ("born", "tester: our words", True)


def test_agreement_with_the_machine_is_told_where_enough_examples_are_stored(coded):
    workspace, rows, _ = coded
    with workspace.services.database.read() as connection:
        fit = themes.newest_fit(connection, model_id=workspace.services.embedder.model_id)
        known = {theme.id for theme in themes.of_fit(connection, fit_id=fit.id)}
    done = workspace.import_codes(
        frame(workspace, [*rows, ("Another", "Nobody answered the phone for an hour")]), codes="code", why="x"
    )
    assert done.ami is None or -1 <= done.ami <= 1
    assert all(code.nearest in known for code in done.codes)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([], "labelled texts"),
        ([("", "text without a code")], "labelled texts"),
        ([("x" * 81, "a text")], "at most 80"),
    ],
)
def test_a_frame_that_cannot_be_used_is_refused_and_nothing_changes(ready, rows, said):
    before = homes(ready), {entry.theme.id for entry in ready.themes()}
    with pytest.raises(InputError, match=said):
        ready.import_codes(frame(ready, rows), codes="code", why="x")
    assert (homes(ready), {entry.theme.id for entry in ready.themes()}) == before


def test_a_code_with_the_name_of_a_theme_is_refused(ready):
    name = next(entry.label.name for entry in ready.themes() if entry.label)
    with pytest.raises(InputError, match="named"):
        ready.import_codes(frame(ready, [(name.upper(), "some text of it")]), codes="code", why="x")


def test_a_column_of_codes_that_is_missing_is_named_with_its_option(ready):
    with pytest.raises(InputError, match=r"no column 'topic'\. Its columns: code, text\. Name one with --codes"):
        ready.import_codes(frame(ready, [("code", "a text")]), codes="topic", why="x")


def test_codes_need_themes_to_stand_beside(workspace):
    with pytest.raises(InputError, match="Run a week first"):
        workspace.import_codes(frame(workspace, [("code", "a text")]), codes="code", why="x")
