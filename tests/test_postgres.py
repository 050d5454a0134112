"""The whole main job on PostgreSQL: the same themes, the same report, the same search as on SQLite."""

import contextlib
import shutil

import pytest
from conftest import BARE, bring_the_sample, new_postgres

from voc.errors import StoreError
from voc.store import database
from voc.store.database import open_database
from voc.workspace import Workspace

WEEK = "2024-W39"


@pytest.fixture(scope="module")
def team_url(postgres_socket):
    return new_postgres(postgres_socket, "team")


@pytest.fixture(scope="module")
def team(team_url, ready_folder, tmp_path_factory):
    """A workspace on the sample whose store is in PostgreSQL, with the key of the one that is on SQLite."""
    folder = tmp_path_factory.mktemp("team") / "w"
    (folder / ".voc").mkdir(parents=True)
    shutil.copy(ready_folder / ".voc" / "key", folder / ".voc" / "key")
    with Workspace.init(folder, sample=True, environment=BARE | {"VOC_DATABASE_URL": team_url}) as made:
        bring_the_sample(made)
        made.run(WEEK)
        yield made


def test_nothing_is_kept_in_a_file_beside_the_server(team):
    assert not team.services.paths.store.exists()
    assert team.services.database.dialect == "postgresql"


def test_report_is_the_one_that_sqlite_gives(team, ready_folder):
    ours = (team.services.paths.reports / f"{WEEK}.md").read_text(encoding="utf-8")
    with Workspace.open(ready_folder, environment=BARE) as other:
        theirs = (other.services.paths.reports / f"{WEEK}.md").read_text(encoding="utf-8")
    assert ours == theirs


def test_search_finds_what_it_finds_on_sqlite(team, ready_folder):
    ours = team.search("parcel left in the rain", limit=20)
    with Workspace.open(ready_folder, environment=BARE) as other:
        theirs = other.search("parcel left in the rain", limit=20)
    assert [(one.feedback.id, one.score) for one in ours.hits] == [(one.feedback.id, one.score) for one in theirs.hits]


def test_statement_that_takes_too_long_is_ended(team_url, monkeypatch):
    monkeypatch.setattr(database, "_STATEMENT_MS", 50)
    opened = open_database(team_url)
    with pytest.raises(StoreError, match="statement timeout"), opened.read() as connection:
        connection.exec_driver_sql("select pg_sleep(5)")
    opened.close()


def test_writer_that_waits_too_long_for_another_gives_up(team, team_url, monkeypatch):
    monkeypatch.setattr(database, "_BUSY_MS", 50)
    late, lock = open_database(team_url), "lock table workspace in exclusive mode"
    with contextlib.closing(late), team.services.database.write() as first:
        first.exec_driver_sql(lock)
        with pytest.raises(StoreError, match="lock timeout"), late.write() as second:
            second.exec_driver_sql(lock)


def test_limit_in_the_address_counts_more_than_ours(team_url):
    opened = open_database(f"{team_url}&options=-c%20statement_timeout%3D1234")
    with opened.read() as connection:
        assert connection.exec_driver_sql("show statement_timeout").scalar() == "1234ms"
    opened.close()


@pytest.mark.parametrize(
    "address",
    [
        "postgresql+psycopg://voc:hunter2@/voc?host=/nowhere",
        "postgresql+psycopg://voc:hunter2@/voc?nonsense=1",
        "postgresql+psycopg://voc:hunter2@host:none/voc",
        "postgresql+psycopg:/voc:hunter2@host/voc",
        "postgresq://voc:hunter2@host/voc",
    ],
)
def test_password_of_a_store_that_cannot_be_reached_is_not_told(address):
    with pytest.raises(StoreError) as told:
        open_database(address)
    assert "hunter2" not in "".join(map(str, (told.value, told.value.__cause__, told.value.__context__)))
