"""Days on which something is in the way: a clear page each, and nothing is lost."""

import shutil

import pytest
from conftest import BARE
from visitors import browser

from voc.errors import StoreError
from voc.store import database
from voc.store.database import open_database
from voc.workspace import Workspace


@pytest.fixture
def busy(ready_folder, tmp_path, monkeypatch):
    """A workspace whose store gives up on a lock after a tenth of a second."""
    monkeypatch.setattr(database, "_BUSY_MS", 100)
    shutil.copytree(ready_folder, tmp_path / "w")
    with Workspace.open(tmp_path / "w", environment=BARE) as opened:
        yield opened


def test_while_another_program_writes_pages_are_read_and_a_form_is_told_to_wait(busy):
    ana, theme = browser(busy, "analyst"), busy.themes()[0].theme.id
    other = open_database(f"sqlite:///{busy.services.paths.store}")
    with other.write() as connection:
        connection.exec_driver_sql("update theme set actor = actor")
        assert ana.get("/overview").status_code == 200
        answer = ana.fill(f"/themes/{theme}/edit", act="rename", name="Later", why="to try it")
    other.close()
    assert answer.status_code == 503
    assert "locked" in answer.text
    assert ana.fill(f"/themes/{theme}/edit", act="rename", name="Later", why="to try it").status_code == 303


def test_an_index_that_is_gone_is_made_anew_and_the_page_says_what_it_found(busy):
    before = busy.search("rain").hits[0].feedback.id
    shutil.rmtree(busy.services.paths.index)
    busy.services.parts.close("reader")
    answer = browser(busy, "analyst").get("/search?q=rain")
    assert answer.status_code == 200
    assert before in answer.text


def test_a_search_goes_on_while_the_index_is_written_anew(busy):
    ana = browser(busy, "analyst")
    assert ana.get("/search?q=rain").status_code == 200
    busy.services.holdings.build()
    assert ana.get("/search?q=rain").status_code == 200


def test_a_store_that_cannot_be_read_makes_a_page_and_not_a_fault(busy, monkeypatch):
    ana = browser(busy, "analyst")

    def refuse(*_args, **_more):
        raise StoreError("The store is damaged. Put back your newest backup.")

    monkeypatch.setattr("voc.store.state.fingerprint", refuse)
    answer = ana.get("/overview")
    assert answer.status_code == 503
    assert "newest backup" in answer.text
    assert ana.get("/healthz").status_code == 200


def test_a_report_of_a_week_that_is_being_run_is_told(busy):
    from voc.runner.job import held_lease
    from voc.store import runs

    ana, run_id = browser(busy, "analyst"), "r" * 16
    with held_lease(busy.services, run_id):
        with busy.services.database.write() as connection:
            runs.start(
                connection,
                busy.services.stamp,
                run_id=run_id,
                pipeline="weekly",
                week="2024-W39",
                config_hash="",
                manifest={},
            )
        answer = ana.get("/report?week=2024-W39&draft=1")
    assert answer.status_code == 409
    assert "2024-W39" in answer.text
