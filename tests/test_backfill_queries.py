"""Queries in partitions: cut by the values of their cursor, gone on with after a stop."""

import shutil

import pytest
from brought import HEAD, Inline, bring, held, history_of, rows
from conftest import BARE

from voc.backfill.history import History, bring_in
from voc.errors import InputError
from voc.workspace import Workspace


@pytest.fixture
def source(workspace):
    return history_of(workspace)


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
