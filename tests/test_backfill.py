"""History in partitions: worked on by anybody in any order, and stored as if it had been read row by row."""

import shutil

import pyarrow as pa
import pytest
from brought import HEAD, Inline, bring, forged, held, history_of, rows, write_csv
from conftest import BARE
from pyarrow import parquet

from voc.backfill.history import FOLDER, History, plan_of
from voc.backfill.plan import read_plan
from voc.errors import DamageError, InputError
from voc.store import batches, feedback
from voc.store.erase import erase
from voc.workspace import Workspace
from voc.workspace_backfill import Workers


@pytest.fixture
def source(workspace):
    return history_of(workspace)


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
