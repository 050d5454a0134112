from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Text, TypeDecorator, bindparam, create_engine, select, text

from voc.errors import BusyError, DamageError, RunCancelledError, StoreError
from voc.store import audit, leases, migrate, schema, values
from voc.store.database import SAFE_SQLITE, Database, sqlite_module
from voc.types import Stamp


def test_migrations_build_the_tables_that_the_code_sees(database):
    with database.read() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        assert compare_metadata(context, schema.metadata) == []


def of_alembic():
    config = Config()
    config.set_main_option("script_location", str(Path(migrate.__file__).with_name("migrations")))
    return config


def test_migrations_are_known_by_the_numbers_of_their_files():
    known = ScriptDirectory.from_config(of_alembic()).walk_revisions()
    assert list(reversed(migrate.revisions())) == [one.revision for one in known]


def test_a_store_of_a_newer_voc_is_refused_and_left_as_it_is(database):
    with database.write() as connection:
        connection.execute(text("update alembic_version set version_num = '9999'"))
    with pytest.raises(StoreError, match=r"written by a newer voc .*'9999'"):
        migrate.migrate(database)
    with database.read() as connection:
        assert connection.execute(text("select version_num from alembic_version")).scalar() == "9999"


def test_a_store_of_an_older_voc_is_brought_to_the_newest_migration(tmp_path):
    database = Database(create_engine(f"sqlite:///{tmp_path / 'old.sqlite'}"))
    config = of_alembic()
    with database.engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0011")
    migrate.migrate(database)
    with database.read() as connection:
        assert connection.execute(text("select version_num from alembic_version")).scalar() == migrate.revisions()[-1]
    database.close()


def test_a_failed_transaction_leaves_nothing(database, stamp):
    def fail():
        with database.write() as connection:
            values.choose(connection, "a", value="1", stamp=stamp)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    with database.read() as connection:
        assert values.get(connection, "a") is None


class Signalled(TypeDecorator):
    """A column in whose handling the signal to stop comes."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value, dialect):
        raise RunCancelledError("Stopped by a signal.")


def test_a_signal_while_a_statement_is_made_ready_is_told_as_one(database):
    with pytest.raises(RunCancelledError, match=r"^Stopped by a signal\.$"), database.read() as connection:
        connection.execute(select(bindparam("a", "b", type_=Signalled())))


def test_a_choice_stays(database, stamp):
    with database.write() as connection:
        assert values.choose(connection, "a", value="1", stamp=stamp) == "1"
        assert values.choose(connection, "a", value="2", stamp=stamp) == "1"


def test_the_audit_log_cannot_be_changed_unseen(database, stamp):
    with database.write() as connection:
        for number in range(3):
            audit.record(connection, stamp, action="act", subject=str(number))
    with database.read() as connection:
        assert audit.verify(connection).count == 3
    with pytest.raises(StoreError), database.write() as connection:
        connection.execute(text("update audit set actor = 'other' where seq = 2"))
    with pytest.raises(StoreError), database.write() as connection:
        connection.execute(text("delete from audit where seq = 3"))


def test_a_forged_row_breaks_the_seal(database, stamp):
    with database.write() as connection:
        audit.record(connection, stamp, action="act", subject="1")
        connection.execute(
            schema.audit.insert().values(
                seq=2, at="2024", actor="x", action="y", subject="z", detail={}, previous="0" * 64, hash="1" * 64
            )
        )
    with pytest.raises(DamageError, match="row 2"), database.read() as connection:
        audit.verify(connection)


def test_one_run_at_a_time(database, stamp):
    with database.write() as connection:
        leases.take(connection, stamp, name="w", holder="a")
    with pytest.raises(BusyError, match="Another run"), database.write() as connection:
        leases.take(connection, stamp, name="w", holder="b")
    later = Stamp("tester", stamp.at + leases.SILENCE)
    with database.write() as connection:
        leases.take(connection, later, name="w", holder="b")
    with pytest.raises(BusyError, match="lost its lease"), database.write() as connection:
        leases.beat(connection, later, name="w", holder="a")


def test_a_holder_that_is_known_dead_gives_way_at_once(database, stamp):
    with database.write() as connection:
        leases.take(connection, stamp, name="w", holder="a")
        leases.take(connection, stamp, name="w", holder="b", is_dead=lambda holder: holder == "a")


def test_sqlite_is_safe_or_does_not_use_its_log(sqlite):
    with sqlite.read() as connection:
        mode = connection.exec_driver_sql("PRAGMA journal_mode").scalar_one()
    safe = sqlite_module().sqlite_version_info >= SAFE_SQLITE
    assert mode == ("wal" if safe else "delete")
