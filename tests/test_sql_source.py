"""A source that is a query: read on from its watermark, whatever breaks off, without a word of its password."""

import itertools
import os
import sqlite3
import subprocess
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from conftest import BARE, PG_BIN
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from voc.cli import main
from voc.errors import InputError, NotFoundError, SettingsError
from voc.ingest import load as loading
from voc.ingest import sql_source
from voc.ingest.mapping import parse_mapping
from voc.ingest.take import Intake
from voc.settings import SourceSettings
from voc.store import cursors, outside
from voc.store.outside import Answer, Query
from voc.workspace import Workspace

MAPPING = """source = "{name}"
[columns]
source_id = "id"
text = "comment"
created_at = "created"
[constants]
market = "US"
"""
SQL = "select id, comment, created, updated_at from reviews where updated_at {sign} :cursor order by updated_at"


def crm(path, rows):
    with sqlite3.connect(path) as connection:
        connection.execute(
            "create table if not exists reviews (id text, comment text, created text, updated_at integer)"
        )
        connection.executemany("insert into reviews values (?, ?, '2024-10-01', ?)", rows)
    connection.close()
    return path


def rows(*updated):
    return [(f"r{number}", f"Left in the rain {number}", one) for number, one in enumerate(updated)]


def configure(workspace, path, *, sign=">", more=""):
    folder = workspace.services.paths.folder
    (folder / "crm.toml").write_text(MAPPING.format(name="crm"), encoding="utf-8")
    table = (
        f'\n[sources.crm]\nurl = "sqlite:///{path}"\nquery = "{SQL.format(sign=sign)}"\ncursor = "updated_at"\n'
        f'start = 0\nmapping = "crm.toml"\n{more}'
    )
    config = folder / "voc.toml"
    config.write_text(config.read_text() + table, encoding="utf-8")
    return Workspace.open(folder, environment=BARE)


@pytest.fixture
def source(workspace, tmp_path):
    path = crm(tmp_path / "crm.sqlite", rows(1, 2, 2, 3))
    with configure(workspace, path) as opened:
        yield opened, path


def count(workspace):
    return sum(workspace.holdings_now().comments.values())


def kept(workspace):
    with workspace.services.database.read() as connection:
        return cursors.value_of(connection, source="sql/crm")


def test_source_is_read_on_from_where_it_was_left(source):
    workspace, path = source
    assert workspace.ingest_source("crm").tally.added == 4
    crm(path, [("r9", "Nobody rang the bell", 4)])
    done = workspace.ingest_source("crm")
    assert (done.tally.added, done.tally.known) == (1, 1)  # the newest value is asked for again


def test_row_that_comes_later_with_the_newest_value_is_not_lost(source):
    workspace, path = source
    workspace.ingest_source("crm")
    crm(path, [("late", "Nobody rang the bell", 3)])
    assert workspace.ingest_source("crm").tally.added == 1


def test_again_reads_from_the_start(source):
    workspace, _ = source
    workspace.ingest_source("crm")
    assert workspace.ingest_source("crm", again=True).tally.known == 4


def test_source_without_rows_brings_nothing_and_is_no_import(workspace, tmp_path):
    with configure(workspace, crm(tmp_path / "crm.sqlite", [])) as opened:
        assert opened.ingest_source("crm") is None
        assert opened.batches() == ()


def test_mapping_that_fits_no_row_does_not_advance_the_cursor(source):
    workspace, _ = source
    mapping = workspace.services.paths.folder / "crm.toml"
    sound = mapping.read_text()
    mapping.write_text(sound.replace('"US"', '"XX"'))
    with pytest.raises(InputError, match="Not one of the 4 rows of crm"):
        workspace.ingest_source("crm")
    assert kept(workspace) is None
    mapping.write_text(sound)
    assert workspace.ingest_source("crm").tally.added == 4


def test_source_that_is_not_ordered_by_its_cursor_is_refused(source):
    workspace, _ = source
    config = workspace.services.paths.folder / "voc.toml"
    config.write_text(config.read_text().replace("order by updated_at", "order by id desc"))
    with (
        Workspace.open(workspace.services.paths.folder, environment=BARE) as opened,
        pytest.raises(InputError, match="order by updated_at"),
    ):
        opened.ingest_source("crm")


def test_nothing_is_written_into_a_source(source):
    workspace, path = source
    query = Query("crm", f"sqlite:///{path}", "delete from reviews returning id")
    with pytest.raises(InputError, match=r"readonly|read-only|query_only"), outside.open_query(query, None) as answer:
        list(answer.rows)
    assert workspace.ingest_source("crm").tally.added == 4


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("select id from reviews", "no column 'comment'"),
        ("select missing from reviews", "no such column"),
        ("select id as a, comment as a from reviews", "column 'a' twice"),
        ("not sql at all", "syntax error"),
    ],
)
def test_query_that_cannot_be_used_says_why(source, query, said):
    workspace, path = source
    config = workspace.services.paths.folder / "voc.toml"
    config.write_text(
        config.read_text() + f'\n[sources.bad]\nurl = "sqlite:///{path}"\nquery = "{query}"\nmapping = "crm.toml"\n'
    )
    with (
        Workspace.open(workspace.services.paths.folder, environment=BARE) as opened,
        pytest.raises(InputError, match=said),
    ):
        opened.ingest_source("bad")


# Whatever breaks off


class Gone(Exception):
    """The other side went away."""


def broken_after(cut):
    def opened(query, cursor):
        return _Broken(outside.open_query(query, cursor), cut)

    return opened


class _Broken:
    def __init__(self, inner, cut):
        self.inner, self.cut = inner, cut

    def __enter__(self):
        answer = self.inner.__enter__()
        return Answer(answer.columns, self._cut(answer.rows))

    def _cut(self, found):
        yield from itertools.islice(found, self.cut)
        raise Gone

    def __exit__(self, *error):
        return self.inner.__exit__(None, None, None)


names = (f"s{number}" for number in itertools.count())


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    values=st.lists(st.integers(0, 4), min_size=1, max_size=14).map(sorted),
    cuts=st.lists(st.integers(0, 14), max_size=3),
    late=st.booleans(),
    sign=st.sampled_from([">", ">="]),
)
def test_any_cut_followed_by_a_whole_reading_stores_what_one_whole_reading_stores(
    workspace, tmp_path, values, cuts, late, sign
):
    from voc.ingest.load import row_reader

    name = next(names)
    path = crm(tmp_path / f"{name}.sqlite", rows(*[one + 1 for one in values]))
    services = workspace.services
    reader = row_reader(parse_mapping(MAPPING.format(name=name), "m"), services.settings.markets, services.key)
    intake = Intake(services.database, lambda: reader, ("US",), lambda: services.stamp)
    found = sql_source.Source(Query(name, f"sqlite:///{path}", SQL.format(sign=sign)), "updated_at", 0)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loading, "ROWS_A_TRANSACTION", 3)
        for cut in cuts:
            with pytest.MonkeyPatch.context() as broken:
                broken.setattr(sql_source, "open_query", broken_after(cut))
                with pytest.raises(Gone):
                    sql_source.take_source(intake, found)
        if late:
            crm(path, [("late", "Nobody rang the bell", max(values) + 1)])
        sql_source.take_source(intake, found)
    with services.database.read() as connection:
        stored = connection.exec_driver_sql(f"select source_id from feedback where source = '{name}'").scalars().all()
    wanted = [one for one, _, _ in rows(*values)] + (["late"] if late else [])
    assert sorted(stored) == sorted(wanted)


# PostgreSQL


@pytest.fixture(scope="module")
def server(postgres_socket):
    def run(sql, database="postgres"):
        command = [
            str(PG_BIN / "psql"),
            "-h",
            str(postgres_socket),
            "-U",
            "voc",
            "-d",
            database,
            "-v",
            "ON_ERROR_STOP=1",
            "-c",
            sql,
        ]
        subprocess.run(command, check=True, capture_output=True)

    run("create database crm")
    run(
        "create sequence numbers;"
        "create table reviews (id text, comment text, created timestamptz, updated_at timestamptz);"
        "insert into reviews select 'p' || n, 'Left in the rain ' || n, '2024-10-01', "
        "timestamptz '2024-10-01 00:00+00' + (n / 3) * interval '1 second' from generate_series(1, 5000) n",
        "crm",
    )
    return postgres_socket, run


def of_server(workspace, socket, monkeypatch, more=""):
    folder = workspace.services.paths.folder
    (folder / "crm.toml").write_text(MAPPING.format(name="crm"), encoding="utf-8")
    config = folder / "voc.toml"
    config.write_text(
        config.read_text() + f'\n[sources.crm]\nurl_env = "CRM_URL"\nquery = "{SQL.format(sign=">")}{more}"\n'
        'cursor = "updated_at"\nmapping = "crm.toml"\n',
        encoding="utf-8",
    )
    address = f"postgresql+psycopg://voc:s3cr%2Ft@/crm?host={socket}"
    return Workspace.open(folder, environment={**BARE, "CRM_URL": address})


def test_server_is_read_with_typed_cursors(workspace, server, monkeypatch):
    with of_server(workspace, server[0], monkeypatch) as opened:
        assert opened.ingest_source("crm").tally.added == 5000
        assert "2024-10-01T00:27:45+00:00" in kept(opened)
        assert opened.ingest_source("crm").tally.added == 0


def test_server_that_disappears_in_the_middle_is_told_and_read_on(workspace, server, monkeypatch):
    socket, run = server
    with of_server(workspace, socket, monkeypatch) as opened:
        seen = []

        def end(done, total):
            seen.append(done)
            if done == 2000:
                run("select pg_terminate_backend(pid) from pg_stat_activity where datname = 'crm'")

        with pytest.raises(InputError, match="broke off") as error:
            opened.ingest_source("crm", progress=end)
        assert "s3cr" not in str(error.value)
        assert 2000 <= count(opened) < 5000
        assert kept(opened) is not None
        opened.ingest_source("crm")
        assert count(opened) == 5000


def test_server_writes_nothing_and_limits_the_time_of_a_statement(server):
    query = Query("crm", f"postgresql+psycopg://voc@/crm?host={server[0]}", "select nextval('numbers')")
    with pytest.raises(InputError, match="read-only transaction"), outside.open_query(query, None) as answer:
        list(answer.rows)
    limit = Query("crm", query.url, "select current_setting('statement_timeout') as t")
    with outside.open_query(limit, None) as answer:
        assert list(answer.rows) == [{"t": "10min"}]


@pytest.mark.parametrize(
    "address",
    [
        "postgresql+psycopg://voc:t0p-s3cret@/nowhere?host={socket}",
        "postgresql+psycopg://voc:t0p-s3cret@127.0.0.1:1/crm",
        "postgresql+psycopg://voc:t0p-s3cret@/crm?host=/nowhere",
        "nodialect://voc:t0p-s3cret@h/crm",
        "postgresql+nodriver://voc:t0p-s3cret@h/crm",
        "mysql+pymysql://voc:t0p-s3cret@h/crm",
        "::: t0p-s3cret",
    ],
)
def test_wrong_address_is_told_without_its_password(server, address):
    query = Query("crm", address.format(socket=server[0]), "select 1")
    with pytest.raises(InputError) as error, outside.open_query(query, None):
        pass
    assert "crm" in str(error.value)
    assert "t0p-s3cret" not in str(error.value)
    assert error.value.__cause__ is None or "t0p-s3cret" not in str(error.value.__cause__)


def test_wrong_password_is_told_without_it(server, monkeypatch):
    class Refused(Exception):
        pass

    def refuse(*_, **__):
        raise outside.DBAPIError("connect", None, Refused('password "t0p s3cret" of t0p%20s3cret is wrong'))

    monkeypatch.setattr(outside, "create_engine", refuse)
    query = Query("crm", "postgresql+psycopg://voc:t0p%20s3cret@h/crm", "select 1")
    with pytest.raises(InputError) as error, outside.open_query(query, None):
        pass
    assert "s3cret" not in str(error.value)
    assert "s3cret" not in repr(query)


# Settings and values


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ({"query": "select 1"}, "url_env"),
        ({"query": "select 1", "url": "postgresql://u:p@h/d"}, "holds a password"),
        ({"query": "select 1", "url_env": "X", "cursor": "a"}, "both or none"),
        ({"query": "select :cursor", "url_env": "X"}, "both or none"),
    ],
)
def test_source_that_is_set_wrongly_says_why(table, said):
    with pytest.raises(ValueError, match=said):
        SourceSettings.model_validate(table)


def test_unknown_source_and_unset_address_are_named(source):
    workspace, _ = source
    with pytest.raises(NotFoundError, match="Its sources: crm"):
        workspace.ingest_source("nowhere")
    config = workspace.services.paths.folder / "voc.toml"
    config.write_text(config.read_text() + '\n[sources.b]\nurl_env = "B_URL"\nquery = "select 1"\n')
    with (
        Workspace.open(workspace.services.paths.folder, environment=BARE) as opened,
        pytest.raises(InputError, match="environment variable B_URL"),
    ):
        opened.ingest_source("b")


def test_password_in_the_settings_is_refused_and_not_told(workspace):
    config = workspace.services.paths.folder / "voc.toml"
    config.write_text(config.read_text() + '\n[sources.b]\nurl = "x://u:t0p-s3cret@h/d"\nquery = "select 1"\n')
    with pytest.raises(SettingsError, match="holds a password") as error:
        Workspace.open(workspace.services.paths.folder, environment=BARE)
    assert "t0p-s3cret" not in str(error.value)


@pytest.mark.parametrize(
    "value",
    [3, 2.5, Decimal("1.10"), "b", date(2024, 10, 1), datetime(2024, 10, 1, 8, 30, 0, 7, UTC), datetime(2024, 10, 1)],
)
def test_cursor_comes_back_as_it_was(value):
    again = cursors.decoded(cursors.encoded(value))
    assert (again, type(again)) == (value, type(value))


@pytest.mark.parametrize("value", [None, True, b"x", [1]])
def test_what_cannot_be_ordered_is_no_cursor(value):
    with pytest.raises(InputError, match="allowed are numbers"):
        cursors.as_value(value, where="row 1")


def test_command_reads_a_source(source, monkeypatch, capsys):
    workspace, _ = source
    monkeypatch.setattr("sys.argv", ["voc", "-C", str(workspace.services.paths.folder), "ingest", "--source", "crm"])
    for name, value in BARE.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setitem(os.environ, "VOC_WORKSPACE", "")
    with pytest.raises(SystemExit) as ended:
        main.run()
    assert ended.value.code == 0
    assert "crm: 4 rows, 4 new" in capsys.readouterr().out
