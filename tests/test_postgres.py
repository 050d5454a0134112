"""The whole main job on PostgreSQL: the same themes, the same report, the same search as on SQLite."""

import shutil
import subprocess

import pytest
from conftest import BARE, PG_BIN

from voc.workspace import Workspace

WEEK = "2024-W39"


@pytest.fixture(scope="module")
def team_url(postgres_socket):
    name = "team"
    subprocess.run([str(PG_BIN / "createdb"), "-h", str(postgres_socket), "-U", "voc", name], check=True)
    return f"postgresql+psycopg://voc@/{name}?host={postgres_socket}"


@pytest.fixture(scope="module")
def team(team_url, ready_folder, tmp_path_factory):
    """A workspace on the sample whose store is in PostgreSQL, with the key of the one that is on SQLite."""
    folder = tmp_path_factory.mktemp("team") / "w"
    (folder / ".voc").mkdir(parents=True)
    shutil.copy(ready_folder / ".voc" / "key", folder / ".voc" / "key")
    with Workspace.init(folder, sample=True, environment=BARE | {"VOC_DATABASE_URL": team_url}) as made:
        made.ingest(folder / "feedback.csv")
        made.ingest_figures(folder / "deliveries.csv")
        for name in ("global", "us", "gb", "de", "fr", "br"):
            made.import_standard(folder / "standards" / f"{name}.md")
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
