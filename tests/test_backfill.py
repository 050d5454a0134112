"""History in partitions: cut, worked on by anybody in any order, and stored as if it had been read row by row."""

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time

import pyarrow as pa
import pytest
from brought import HEAD, Inline, bring, held, rows, write_csv
from conftest import BARE
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet

from voc.backfill import reading, tries
from voc.backfill.history import FOLDER, History, bring_in, plan_of
from voc.backfill.local import Local
from voc.backfill.output import place_of, write_output
from voc.backfill.plan import Plan, SourceFile, read_plan
from voc.backfill.split import rows_of, slices_of
from voc.backfill.tries import State, attempt
from voc.errors import DamageError, DiskFullError, InputError, VocError
from voc.ingest.readers import Form, form_of, read_rows
from voc.store import batches, feedback
from voc.store.erase import erase
from voc.workspace import Workspace
from voc.workspace_backfill import Workers

CELLS = st.text(alphabet=st.sampled_from('ab",;\n\r é語'), max_size=8)


def plan_over(path, form, slices):
    file = SourceFile(str(path), "", form.kind, form.encoding, form.delimiter, form.sheet)
    return Plan("w", "s", (file,), "", (), "", "trigrams", "m", "", {}, tuple(slices))


def joined(path, form, per_part):
    slices = list(slices_of(0, path, form, rows=per_part))
    plan = plan_over(path, form, slices)
    assert all(part.rows <= per_part for part in slices)
    return [row for part in slices for row in rows_of(plan, part)]


@given(st.lists(st.tuples(CELLS, CELLS, CELLS), max_size=30), st.integers(1, 7))
def test_the_parts_of_a_csv_file_are_its_rows(tmp_path_factory, cells, per_part):
    path = write_csv(tmp_path_factory.mktemp("csv") / "f.csv", cells, ["a", "b", "c"])
    form = Form("csv", "utf-8-sig", ",")
    assert joined(path, form, per_part) == list(read_rows(path, form))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_the_parts_of_a_file_in_any_encoding_are_its_rows(tmp_path, encoding):
    path = tmp_path / "f.csv"
    path.write_bytes("a;b\n1;é\n2;ü\n3;x".encode(encoding))
    form = form_of(path, encoding=encoding)
    assert joined(path, form, 2) == list(read_rows(path, form))


def test_the_parts_of_json_lines_are_its_rows(tmp_path):
    path = tmp_path / "f.jsonl"
    path.write_text("\n".join(json.dumps({"a": n, "b": '"'}) for n in range(7)) + "\n\nbroken\n")
    assert joined(path, form_of(path), 3) == list(read_rows(path, form_of(path)))


def test_the_parts_of_parquet_are_its_rows(tmp_path):
    path = tmp_path / "f.parquet"
    parquet.write_table(pa.table({"a": list(range(25)), "b": [f"é{n}" for n in range(25)]}), path, row_group_size=10)
    assert joined(path, form_of(path), 4) == list(read_rows(path, form_of(path)))


def test_a_quotation_mark_that_is_never_closed_is_said(tmp_path):
    path = tmp_path / "f.csv"
    path.write_text('a,b\n1,"x\n2,y\n')
    with pytest.raises(InputError, match="within quotation marks"):
        list(slices_of(0, path, form_of(path)))


@pytest.fixture
def source(workspace):
    return write_csv(workspace.services.paths.folder / "history.csv", rows(95))


def test_workers_store_what_reading_row_by_row_stores(workspace, source, tmp_path):
    bring(workspace, source)
    with Workspace.init(tmp_path / "other", environment=BARE) as other:
        other.services.paths.private.mkdir()
        shutil.copy(workspace.services.paths.key, other.services.paths.key)
        other.ingest(source)
        wanted = held(other, tables=("feedback", "lookup", "unit", "undecided", "dead_letter"))
        found = held(workspace, tables=("feedback", "lookup", "unit", "undecided", "dead_letter"))
    assert found | {"blocks": 0} == wanted | {"blocks": 0}


def test_every_text_has_its_vector(workspace, source):
    bring(workspace, source)
    services = workspace.services
    with services.database.read() as connection:
        texts = {row.text_hash for row in connection.execute(feedback.schema.unit.select())}
        known = feedback.texts_by_hash(connection, sorted(texts))
    from voc.embed.vectors import load_vectors

    hashes = sorted(texts)
    rows_ = load_vectors(
        services.database, services.vector_files, hashes, model_id=services.embedder.model_id, dim=services.embedder.dim
    )
    again = services.embedder.encode([known[one] for one in hashes])
    assert (rows_ == again).all()


def test_the_order_in_which_workers_end_changes_nothing(workspace, source, tmp_path):
    bring(workspace, source)
    for seed in range(3):
        folder = tmp_path / f"other{seed}"
        shutil.copytree(workspace.services.paths.folder, folder, ignore=shutil.ignore_patterns("store*", "vectors"))
        with Workspace.open(folder, environment=BARE) as other:
            bring(other, source, engine=Inline(seed=seed))
            assert held(other) == held(workspace)


def test_bringing_twice_changes_nothing(workspace, source):
    first = bring(workspace, source)
    before, engine = held(workspace), Inline()
    second = bring(workspace, source, engine=engine)
    assert (held(workspace), engine.worked_on) == (before, [])
    assert second == first


def test_the_outputs_are_taken_away_in_the_end(workspace, source):
    bring(workspace, source)
    assert list((workspace.services.paths.private / FOLDER).iterdir()) == []


@pytest.mark.parametrize("stops_after", [0, 1, 4, 9])
def test_after_a_stop_only_what_is_left_is_done(workspace, source, tmp_path, stops_after):
    stopped = Inline(seed=5, stops_after=stops_after)
    with pytest.raises(KeyboardInterrupt):
        bring(workspace, source, engine=stopped)
    again = Inline()
    bring(workspace, source, engine=again)
    assert sorted([*stopped.worked_on, *again.worked_on]) == list(range(10))
    shutil.copytree(
        workspace.services.paths.folder, tmp_path / "o", ignore=shutil.ignore_patterns("store*", "vectors", FOLDER)
    )
    with Workspace.open(tmp_path / "o", environment=BARE) as other:
        bring(other, source)
        assert held(other) == held(workspace)


def test_a_part_that_always_fails_is_set_aside_with_its_reason_and_the_rest_goes_on(workspace, source, monkeypatch):
    works = reading.rows_of

    def broken(plan, part):
        if part.first_row == 30:
            raise InputError("this part is damaged")
        return works(plan, part)

    monkeypatch.setattr(reading, "rows_of", broken)
    report = bring(workspace, source)
    assert report.quarantined == ("history.csv, rows 31 to 40: this part is damaged",)
    assert report.tally.rows == 85
    monkeypatch.setattr(reading, "rows_of", works)
    engine = Inline()
    assert bring(workspace, source, engine=engine).quarantined == ()
    assert engine.worked_on == [3]


def test_a_part_is_tried_three_times(tmp_path):
    tried = []
    outcome = attempt(tmp_path, "read", 4, lambda: tried.append(1) or 1 / 0)
    assert (outcome.state, outcome.tries, len(tried)) == (State.QUARANTINED, 3, 3)
    assert outcome.reason.startswith("ZeroDivisionError in test_backfill.py:")


def test_what_a_customer_wrote_is_not_part_of_a_reason(tmp_path):
    def fail():
        raise ValueError("secret words of a customer")

    assert "secret" not in attempt(tmp_path, "read", 1, fail).reason


def test_tries_that_took_their_worker_with_them_count(tmp_path):
    (tmp_path / "tries").mkdir()
    for number in range(3):
        (tmp_path / "tries" / f"read-000001.{number + 1}").touch()
    outcome = attempt(tmp_path, "read", 1, pytest.fail)
    assert (outcome.state, outcome.reason) == (State.QUARANTINED, tries._KILLED)


def test_what_would_fail_every_part_is_not_tried_again(tmp_path):
    def full():
        raise DiskFullError("no room")

    assert attempt(tmp_path, "read", 1, full).state is State.FATAL


def test_a_part_that_works_at_the_second_try_is_done(tmp_path):
    def second():
        if len(list((tmp_path / "tries").glob("*"))) < 2:
            raise InputError("not yet")
        write_output(tmp_path, "read", 1, {}, {})

    assert attempt(tmp_path, "read", 1, second).state is State.DONE


def forged(workspace, source, **changes):
    """Return the folder of a plan that says something else than what is here."""
    from dataclasses import replace

    plan = plan_of(workspace.services, History((source,), workspace.services.paths.mapping, Inline()))
    folder = workspace.services.paths.folder / "forged"
    replace(plan, **changes).write(folder)
    return folder, plan


def test_a_worker_of_another_voc_is_refused(workspace, source):
    folder, _ = forged(workspace, source, versions={**reading.told_versions(), "voc": "9.9"})
    (outcome,) = Inline().map_partitions(folder, "read", [0])
    assert outcome.state is State.FATAL
    assert "runs voc 0.1.0, the plan was made with 9.9" in outcome.reason


def test_a_worker_that_sees_another_workspace_is_refused(workspace, source):
    folder, _ = forged(workspace, source, key="0" * 16)
    (outcome,) = Inline().map_partitions(folder, "read", [0])
    assert outcome.state is State.FATAL
    assert "sees another workspace" in outcome.reason


def test_a_refusal_ends_everything_with_its_reason(workspace, source, monkeypatch):
    monkeypatch.setattr(reading, "told_versions", lambda: {"voc": "0.0"})
    with pytest.raises(VocError, match=r"A worker runs voc 0\.0"):
        bring(workspace, source)


def test_a_changed_output_is_taken_away_and_made_again(workspace, source):
    with pytest.raises(KeyboardInterrupt):
        bring(workspace, source, engine=Inline(seed=1, stops_after=9))
    (folder,) = (workspace.services.paths.private / FOLDER).iterdir()
    kept = next(number for number in range(10) if place_of(folder, "read", number).exists())
    damaged = place_of(folder, "read", kept) / "feedback.parquet"
    damaged.write_bytes(damaged.read_bytes()[:-1] + b"x")
    with pytest.raises(DamageError, match="taken away"):
        bring(workspace, source)
    bring(workspace, source)
    assert len(held(workspace)["feedback"]) == 87


def test_an_output_that_is_there_already_stays(tmp_path):
    write_output(tmp_path, "read", 0, {"a": b"first"}, {})
    write_output(tmp_path, "read", 0, {"a": b"second"}, {})
    assert (place_of(tmp_path, "read", 0) / "a").read_bytes() == b"first"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["read-000000"]


def test_the_same_source_is_the_same_plan_wherever_it_lies(workspace, source, tmp_path):
    def plan(path):
        return plan_of(workspace.services, History((path,), workspace.services.paths.mapping, Inline()))

    other = tmp_path / "elsewhere" / source.name
    other.parent.mkdir()
    shutil.copy(source, other)
    assert plan(other).id == plan(source).id
    other.write_text(other.read_text().replace("wet", "dry"))
    assert plan(other).id != plan(source).id


def test_a_plan_that_was_read_is_the_plan(workspace, source):
    folder, plan = forged(workspace, source)
    assert read_plan(folder) == plan
    (folder / "plan.json").write_text("{}")
    with pytest.raises(DamageError, match="no readable plan"):
        read_plan(folder)


def test_no_key_stands_in_a_plan(workspace, source):
    folder, _ = forged(workspace, source)
    assert workspace.services.key.hex() not in (folder / "plan.json").read_text()


def test_a_later_file_with_other_columns_is_named_before_anything_is_read(workspace, tmp_path):
    folder = tmp_path / "parts"
    folder.mkdir()
    for number, name in enumerate(["comment", "comment", "remark"]):
        columns = {one: [""] for one in HEAD if one != "comment"} | {name: ["text"]}
        parquet.write_table(pa.table(columns), folder / f"part-{number}.parquet")
    with pytest.raises(InputError, match=r"part-2\.parquet has no column 'comment'"):
        bring(workspace, folder)
    assert held(workspace)["feedback"] == []


def test_a_folder_without_files_is_said(workspace, tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="There is no file that ends in"):
        bring(workspace, tmp_path / "empty")


def test_lines_that_end_as_in_old_spreadsheets_are_counted(tmp_path):
    path = tmp_path / "f.csv"
    path.write_bytes(b"a,b\r1,x\r2,y\r3,z")
    assert joined(path, form_of(path), 2) == list(read_rows(path, form_of(path)))


def test_a_file_that_changed_meanwhile_is_set_aside(workspace, source):
    folder, _ = forged(workspace, source)
    write_csv(source, rows(3))
    (outcome,) = Inline().map_partitions(folder, "read", [0])
    assert (outcome.state, "has changed since the plan" in outcome.reason) == (State.QUARANTINED, True)


def test_an_erased_comment_does_not_come_back_and_leaves_no_vector(workspace, source):
    bring(workspace, source)
    services = workspace.services
    before = held(workspace)
    with services.database.write() as connection:
        one = connection.execute(feedback.schema.feedback.select().limit(1)).one().id
        erase(connection, services.stamp, [one])
    report = bring(workspace, source.rename(source.with_name("again.csv")))
    assert report.tally.suppressed == 1
    assert len(held(workspace)["vector"]) == len(before["vector"]) - 1


def test_the_imports_tell_each_file_with_its_rows(workspace, tmp_path):
    folder = tmp_path / "parts"
    folder.mkdir()
    write_csv(folder / "a.csv", rows(25))
    write_csv(folder / "b.csv", rows(12, start=25))
    bring(workspace, folder)
    with workspace.services.database.read() as connection:
        told = {row.batch.file_name: row.tally for row in batches.newest(connection, limit=9)}
    assert {name: (one.rows, one.added, one.rejected) for name, one in told.items()} == {
        "a.csv": (25, 23, 2),
        "b.csv": (12, 11, 1),
    }


@pytest.mark.slow
def test_processes_store_the_same_also_when_one_is_killed(workspace, source, tmp_path):
    folder = tmp_path / "other"
    assert workspace.services.key
    shutil.copytree(workspace.services.paths.folder, folder)
    bring(workspace, source)
    engine, killed = Local(2), []

    def kill_one():
        end = time.monotonic() + 60
        while time.monotonic() < end and not killed:
            for tries_of in (folder / ".voc" / FOLDER).glob("*/tries/*"):
                if engine.pids and tries_of.exists():
                    os.kill(engine.pids[0], signal.SIGKILL)
                    killed.append(engine.pids[0])
                    return
            time.sleep(0.005)

    thread = threading.Thread(target=kill_one)
    with Workspace.open(folder, environment=BARE) as other:
        assert other.services.key == workspace.services.key
        thread.start()
        bring(other, source, engine=engine)
        thread.join()
        assert killed
        assert held(other) == held(workspace)


@pytest.mark.slow
def test_workers_that_cannot_begin_are_not_begun_for_ever(workspace, source, monkeypatch):
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(VocError, match="3 workers in a row ended before they were ready"):
        bring(workspace, source, engine=Local(1))


def command(folder, failpoint):
    environment = {**os.environ, **BARE, "VOC_WORKSPACE": str(folder), "VOC_FAILPOINT": failpoint}
    arguments = ["backfill", str(folder / "history.csv"), "--workers", "1", "--bring-only"]
    return subprocess.run(
        [sys.executable, "-m", "voc.cli.main", *arguments], env=environment, capture_output=True, text=True, timeout=200
    )


@pytest.mark.slow
def test_a_kill_while_outputs_are_stored_changes_nothing_in_the_end(workspace, source, tmp_path):
    folder = tmp_path / "other"
    assert workspace.services.key
    shutil.copytree(workspace.services.paths.folder, folder)
    bring(workspace, source, per_part=5000)
    for place in ("vectors.bytes-written", "backfill.before-commit", "backfill.after-commit"):
        assert command(folder, place).returncode == -signal.SIGKILL
    ended = command(folder, "")
    assert ended.returncode == 0, ended.stderr
    assert "95 rows, 87 new, 0 known, 8 rejected" in ended.stdout
    with Workspace.open(folder, environment=BARE) as other:
        assert held(other) == held(workspace)


@pytest.mark.slow
def test_workers_decide_what_a_fit_was_not_made_of_as_one_process_does(tmp_path):
    with Workspace.init(tmp_path / "alone", sample=True, environment=BARE) as made:
        settings = tmp_path / "alone" / "voc.toml"
        settings.write_text(settings.read_text().replace("[themes]", "[themes]\nfit_texts = 1000"))
        bring(made, tmp_path / "alone" / "feedback.csv", per_part=500)
    shutil.copytree(tmp_path / "alone", tmp_path / "together")
    with Workspace.open(tmp_path / "alone", environment=BARE) as alone:
        alone.run("2024-W40")
        wanted = held(alone, tables=("assignment", "theme"))
    with Workspace.open(tmp_path / "together", environment=BARE) as together:
        together.run_history(workers=Workers("local", 2))
        assert [run.pipeline for run in together.runs()] == ["weekly"]
        assert held(together, tables=("assignment", "theme")) == wanted
        assert not list((together.services.paths.private / FOLDER).glob("*"))


def test_what_is_strange_about_a_file_is_told(workspace, source):
    write_csv(source, [[*row[:3], "The very same words of very many customers", *row[4:]] for row in rows(60)])
    assert any("say letter by letter" in one for one in bring(workspace, source).strange)


def test_an_engine_that_is_not_known_is_said(workspace):
    with pytest.raises(InputError, match="'dask' is no engine"):
        workspace.bring([], workers=Workers("dask"))


@pytest.fixture
def asked(workspace, tmp_path):
    """A workspace with a query over a table of comments, many of which share a moment."""
    import sqlite3

    crm = sqlite3.connect(tmp_path / "crm.sqlite")
    crm.execute(f"create table c ({', '.join(HEAD)}, moment integer)")
    crm.executemany(f"insert into c values ({', '.join('?' * 10)})", [[*row, n // 7] for n, row in enumerate(rows(95))])
    crm.commit()
    settings = workspace.services.paths.folder / "voc.toml"
    query = "select * from c where moment {} :cursor order by moment"

    def configure(operator=">"):
        settings.write_text(
            settings.read_text()
            + f'\n[sources.crm]\nurl_env = "CRM"\nquery = "{query.format(operator)}"\ncursor = "moment"\nstart = -1\n'
        )
        return Workspace.open(settings.parent, environment={**BARE, "CRM": f"sqlite:///{tmp_path / 'crm.sqlite'}"})

    configure.crm = crm
    yield configure
    crm.close()


def bring_query(workspace, *, engine=None, per_part=20):
    services = workspace.services
    return bring_in(services, History((), services.paths.mapping, engine or Inline(), per_part, "crm"))


@pytest.fixture
def known_address(tmp_path, monkeypatch):
    monkeypatch.setenv("CRM", f"sqlite:///{tmp_path / 'crm.sqlite'}")


@pytest.mark.parametrize("operator", [">", ">="])
@pytest.mark.usefixtures("known_address")
def test_the_parts_of_a_query_are_its_rows(asked, workspace, source, tmp_path, operator):
    tables = ("feedback", "lookup", "unit", "undecided")
    bring(workspace, source)
    wanted = held(workspace, tables=tables)
    folder = tmp_path / "other"
    shutil.copytree(workspace.services.paths.folder, folder, ignore=shutil.ignore_patterns("store*", "vectors"))
    with asked(operator) as other:
        shutil.rmtree(other.services.paths.vectors)
        for path in other.services.paths.private.glob("store*"):
            path.unlink()
        report = bring_query(other)
        assert (report.partitions, report.tally.rows, report.tally.rejected) == (5, 95, 8)
        assert held(other, tables=tables) | {"blocks": 0} == wanted | {"blocks": 0}
        assert other.ingest_source("crm").tally.added == 0


@pytest.mark.usefixtures("known_address")
def test_an_unfinished_query_is_gone_on_with_though_rows_came_meanwhile(asked):
    with asked() as other:
        with pytest.raises(KeyboardInterrupt):
            bring_query(other, engine=Inline(stops_after=2))
        late = [[*row, 3 if n == 200 else 99] for n, row in enumerate(rows(2, start=200), 200)]
        asked.crm.executemany(f"insert into c values ({', '.join('?' * 10)})", late)
        asked.crm.commit()
        again = Inline()
        bring_query(other, engine=again)
        assert again.worked_on == [2, 3, 4]
        assert other.ingest_source("crm").tally.added == 1
        assert len(held(other)["feedback"]) == 88


@pytest.mark.usefixtures("known_address")
def test_a_query_that_disappears_is_set_aside_without_its_password(asked, tmp_path):
    with asked() as other:
        with pytest.raises(KeyboardInterrupt):
            bring_query(other, engine=Inline(stops_after=1))
        (tmp_path / "crm.sqlite").unlink()
        report = bring_query(other)
        assert len(report.quarantined) == 4
        assert "names a file that does not exist" in report.quarantined[0]


def test_a_query_without_a_cursor_cannot_be_cut(workspace, monkeypatch):
    settings = workspace.services.paths.folder / "voc.toml"
    settings.write_text(settings.read_text() + '\n[sources.crm]\nurl = "sqlite://"\nquery = "select 1"\n')
    with Workspace.open(settings.parent, environment=BARE) as other, pytest.raises(InputError, match="has no cursor"):
        bring_query(other)
