"""The doctor: what it finds of things that are derived, that it mends them, and what it says of things that are not."""

import shutil

import pytest
from conftest import BARE, STAMP
from sqlalchemy import delete, insert, select, update

from voc.index import generation
from voc.store import report_files, runs, schema
from voc.workspace import Workspace

WEEK = "2024-W39"


def found(workspace):
    return " ".join(workspace.problems())


def change(workspace, *statements):
    """Change rows as damage would, behind the back of foreign keys and of triggers that keep rows as they are."""
    engine = workspace.services.database.engine
    raw = engine.raw_connection()
    execute = raw.driver_connection.execute
    execute("pragma foreign_keys = off")
    for (name,) in execute("select name from sqlite_master where type = 'trigger'").fetchall():
        execute(f"drop trigger {name}")
    for one in statements:
        compiled = one.compile(dialect=engine.dialect)
        execute(str(compiled), [compiled.params[name] for name in compiled.positiontup])
    execute("pragma foreign_keys = on")
    raw.close()


def stored(workspace, query):
    with workspace.services.database.read() as connection:
        return [tuple(row) for row in connection.execute(query)]


UNITS = select(schema.unit).order_by(schema.unit.c.id)
DECIDED = select(schema.assignment.c.unit_id).order_by(schema.assignment.c.unit_id)


def test_a_sound_workspace_has_no_problem(ready):
    assert list(ready.problems()) == []


def test_a_unit_with_a_wrong_hash_is_mended(ready):
    before = stored(ready, UNITS)
    change(ready, update(schema.unit).where(schema.unit.c.id == before[3][0]).values(text_hash="0" * 32))
    assert "1 units carry another hash than their text has. Mend it: voc doctor --repair" in found(ready)
    ready.repair()
    assert list(ready.problems()) == []
    assert stored(ready, UNITS) == before


def test_a_comment_without_units_gets_them_again_and_waits_for_the_next_run(ready):
    before, (decided, *_) = stored(ready, UNITS), stored(ready, DECIDED)
    change(ready, delete(schema.assignment).where(schema.assignment.c.unit_id == decided[0]),
           delete(schema.unit).where(schema.unit.c.id == decided[0]))  # fmt: skip
    assert "1 comments lack the units that they are made of" in found(ready)
    ready.repair()
    assert list(ready.problems()) == []
    assert stored(ready, UNITS) == before
    assert decided in stored(ready, select(schema.undecided))


def test_a_unit_that_nobody_waits_for_waits_again(ready):
    unit = stored(ready, DECIDED)[0][0]
    change(ready, delete(schema.assignment).where(schema.assignment.c.unit_id == unit))
    assert "1 units are neither decided nor wait for a decision" in found(ready)
    ready.repair()
    assert list(ready.problems()) == []
    ready.run(WEEK)
    assert (unit,) in stored(ready, select(schema.assignment.c.unit_id))


def test_vectors_and_copies_of_texts_that_are_gone_are_forgotten(ready):
    change(
        ready,
        insert(schema.vector).values(model_id="m", text_hash="f" * 32, segment=9, row=0),
        insert(schema.text_copy).values(text_hash="e" * 32, first_hash="f" * 32, actor="t", at=""),
    )
    said = found(ready)
    assert "1 vectors are of texts that no comment has" in said
    assert "1 texts are kept as copies that no comment has" in said
    ready.repair()
    assert list(ready.problems()) == []


def test_a_decided_text_without_a_vector_gets_one(ready):
    decided = select(schema.unit.c.text_hash).join(schema.assignment, schema.assignment.c.unit_id == schema.unit.c.id)
    gone = sorted(stored(ready, decided))[0][0]
    change(ready, delete(schema.vector).where(schema.vector.c.text_hash == gone))
    assert "1 texts belong to themes and have no vector" in found(ready)
    ready.repair()
    assert list(ready.problems()) == []


def test_a_lookup_tree_of_the_store_that_is_damaged_is_made_again(ready):
    engine = ready.services.database.engine
    raw = engine.raw_connection()
    name = "ix_feedback_text_hash"
    raw.driver_connection.execute("pragma writable_schema = on")
    sql = "update sqlite_master set sql = replace(sql, 'text_hash)', 'market)') where name = ?"
    raw.driver_connection.execute(sql, (name,))
    raw.driver_connection.execute("pragma writable_schema = off")
    raw.close()
    folder = ready.services.paths.folder
    ready.close()
    with Workspace.open(folder, environment=BARE) as again:
        assert "Mend it: voc doctor --repair" in found(again)
        again.repair()
        assert list(again.problems()) == []


def test_a_changed_or_missing_form_of_a_report_is_written_again(ready):
    reports = ready.services.paths.reports
    before = {path.name: path.read_bytes() for path in reports.iterdir()}
    (reports / f"{WEEK}.html").write_bytes(b"<p>Nothing happened</p>")
    (reports / f"{WEEK}.md").unlink()
    assert f"{WEEK}.html, {WEEK}.md in {reports} is not what was written. Mend it" in found(ready)
    ready.repair()
    assert {path.name: path.read_bytes() for path in reports.iterdir()} == before
    assert list(ready.problems()) == []


def test_a_report_that_was_cleared_away_whole_is_not_missed(ready):
    shutil.rmtree(ready.services.paths.reports)
    assert list(ready.problems()) == []


def test_what_is_kept_of_report_files_is_of_the_last_writing(ready):
    ready.report(WEEK)
    with ready.services.database.read() as connection:
        (kept,) = report_files.every(connection)
    assert (kept.week, kept.market, len(kept.files)) == (WEEK, "", 3)


def test_what_a_killed_command_left_is_cleared_and_what_lives_is_left(ready):
    paths = ready.services.paths
    dead, alive = paths.reports / ".2024-W39.html.4194305.tmp", paths.reports / f".x.{1}.tmp"
    building = paths.index / ".0123456789abcdef.00000000.building"
    building.mkdir()
    for path in (dead, alive, building / "keys.bin"):
        path.write_bytes(b"half")
    assert "2 files of commands that were stopped are left over" in found(ready)
    ready.repair()
    assert list(ready.problems()) == []
    assert (dead.exists(), alive.exists(), building.exists()) == (False, True, False)


def test_an_index_that_is_being_written_is_not_taken_for_a_leftover(ready):
    root = ready.services.paths.index
    (root / ".0123456789abcdef.00000000.building").mkdir()
    with generation.locked(root / "LOCK"):
        assert generation.leftovers(root) == ()
        assert generation.clear_leftovers(root) == 0
    assert len(generation.leftovers(root)) == 1


def test_a_run_that_was_killed_is_told_and_marked(ready):
    with ready.services.database.write() as connection:
        runs.start(connection, STAMP, run_id="r" * 16, pipeline="weekly", week=WEEK, config_hash="", manifest={})
    assert f"The weekly run {WEEK} of 2024-10-07T12:00 was stopped before its end" in found(ready)
    ready.repair()
    assert list(ready.problems()) == []
    assert ready.run_of("r" * 16).run.state == "failed"


ORIGINALS = {
    "a comment": (
        lambda: update(schema.feedback).values(text="other"),
        "The texts of comments are not what was stored",
    ),
    "a space": (lambda: update(schema.theme_fit).values(space=b"npz"), "Themes are not what was stored: the space"),
    "a centroid": (
        lambda: update(schema.theme).values(centroid=b"\0\0\0\0"),
        "Themes are not what was stored: the theme",
    ),
    "an edition": (lambda: update(schema.edition).values(source="x"), "Editions of standards are not what was stored"),
    "a clause": (lambda: update(schema.clause).values(text="x"), "Editions of standards are not what was stored"),
    "the audit log": (lambda: update(schema.audit).values(actor="x"), "The audit log does not hold"),
}


@pytest.mark.parametrize("what", ORIGINALS)
def test_what_cannot_be_made_again_says_that_a_backup_is_needed(ready, what):
    act, told = ORIGINALS[what]
    change(ready, act())
    said = [one for one in ready.problems() if told in one]
    assert len(said) == 1
    assert "backup" in said[0]
    assert "--repair" not in said[0]


def test_a_published_report_that_was_changed_is_told(reported):
    reported.publish_report("2024-W40")
    with reported.services.database.write() as connection:
        connection.execute(update(schema.report_edition).values(headline="Better"))
    assert "Edition 1 of the report of 2024-W40 (all markets) is not what was published" in found(reported)


def test_rows_that_name_what_is_not_there_are_told(ready):
    change(ready, insert(schema.undecided).values(unit_id="nobody"))
    assert "1 rows of 'undecided' name rows that are not there. Put back your newest backup." in found(ready)
