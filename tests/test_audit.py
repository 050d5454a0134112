"""The audit log: whatever is changed in it, taken out or put in is found."""

import contextlib
import json
import shutil

import pytest
from conftest import STAMP
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import NullPool, create_engine, insert

from voc.errors import DamageError
from voc.store import audit, schema
from voc.store.database import open_database, sqlite_module
from voc.store.times import to_text
from voc.types import Stamp

COLUMNS = ("seq", "at", "actor", "action", "subject", "detail", "previous", "hash")
ROWS = 6


def filled(database, stamp):
    with database.write() as connection:
        for number in range(ROWS):
            detail = {"version": number, "text": "ab\u00e9", "nested": {"b": [1, 2], "a": None}}
            audit.record(connection, stamp, action=f"act {number}", subject=f"p{number}", detail=detail)


@pytest.fixture(scope="module")
def original(tmp_path_factory):
    path = tmp_path_factory.mktemp("audit") / "store.sqlite"
    database = open_database(f"sqlite:///{path}")
    filled(database, STAMP)
    database.close()
    return path


@contextlib.contextmanager
def forged(original, folder):
    """Yield a raw connection to a copy whose triggers are gone, as somebody with the file would have it."""
    path = folder / "forged.sqlite"
    for ending in ("", "-wal", "-shm"):
        (folder / f"forged.sqlite{ending}").unlink(missing_ok=True)
    shutil.copy(original, path)
    raw = sqlite_module().connect(path)
    for act in ("update", "delete"):
        raw.execute(f"drop trigger audit_no_{act}")
    yield raw
    raw.close()


def verified(folder, **expect):
    engine = create_engine(f"sqlite:///{folder / 'forged.sqlite'}", module=sqlite_module(), poolclass=NullPool)
    with engine.connect() as connection:
        return audit.verify(connection, **expect)


def test_an_untouched_log_holds(original, tmp_path):
    with forged(original, tmp_path):
        pass
    found = verified(tmp_path)
    assert found.count == ROWS
    assert len(found.head) == 64


@pytest.mark.slow
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    seq=st.integers(1, ROWS),
    column=st.sampled_from(COLUMNS[1:]),
    place=st.integers(0, 200),
    flip=st.integers(1, 255),
)
def test_any_changed_byte_of_any_column_is_found_and_its_row_named(original, tmp_path, seq, column, place, flip):
    with forged(original, tmp_path) as raw:
        (value,) = raw.execute(f"select cast({column} as blob) from audit where seq = ?", (seq,)).fetchone()
        changed = bytearray(value)
        changed[place % len(changed)] ^= flip
        raw.execute(f"update audit set {column} = cast(? as text) where seq = ?", (bytes(changed), seq))
        raw.commit()
    with pytest.raises(DamageError, match=f"row {seq} "):
        verified(tmp_path)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    seq=st.integers(1, ROWS),
    column=st.sampled_from(COLUMNS[1:]),
    cut=st.integers(0, 70),
    put=st.binary(max_size=3),
)
def test_any_shortened_or_lengthened_column_is_found(original, tmp_path, seq, column, cut, put):
    with forged(original, tmp_path) as raw:
        (value,) = raw.execute(f"select cast({column} as blob) from audit where seq = ?", (seq,)).fetchone()
        changed = value[:cut] + put + value[cut + 1 :]
        raw.execute(f"update audit set {column} = cast(? as text) where seq = ?", (changed, seq))
        raw.commit()
    if changed == value:
        assert verified(tmp_path).count == ROWS
        return
    with pytest.raises(DamageError):
        verified(tmp_path)


@pytest.mark.parametrize("seq", range(1, ROWS))
def test_a_removed_row_is_found(original, tmp_path, seq):
    with forged(original, tmp_path) as raw:
        raw.execute("delete from audit where seq = ?", (seq,))
        raw.commit()
    with pytest.raises(DamageError, match=f"row {seq} "):
        verified(tmp_path)


def test_a_removed_row_is_found_though_the_numbers_are_closed_up(original, tmp_path):
    with forged(original, tmp_path) as raw:
        raw.execute("delete from audit where seq = 3")
        raw.execute("update audit set seq = seq - 1 where seq > 3")
        raw.commit()
    with pytest.raises(DamageError, match="row 3 "):
        verified(tmp_path)


@pytest.mark.parametrize(("one", "other"), [(1, 2), (2, 5), (5, 6)])
def test_reordered_rows_are_found(original, tmp_path, one, other):
    with forged(original, tmp_path) as raw:
        for old, new in ((one, 99), (other, one), (99, other)):
            raw.execute("update audit set seq = ? where seq = ?", (new, old))
        raw.commit()
    with pytest.raises(DamageError, match=f"row {one} "):
        verified(tmp_path)


@pytest.mark.parametrize(
    "detail",
    [
        '{"version": 2, "nested": {"b": [1, 2], "a": null}, "text": "ab\\u00e9"}',
        '{"version":2,"text":"ab\\u00e9","nested":{"b":[1,2],"a":null}}',
        '{"version": 2, "text": "ab\u00e9", "nested": {"b": [1, 2], "a": null}}',
        "[" * 100_000,
    ],
)
def test_the_same_detail_in_another_spelling_is_found(original, tmp_path, detail):
    with forged(original, tmp_path) as raw:
        raw.execute("update audit set detail = ? where seq = 3", (detail,))
        raw.commit()
    with pytest.raises(DamageError, match="row 3 "):
        verified(tmp_path)


@pytest.mark.parametrize("column", COLUMNS[1:])
def test_an_emptied_column_is_found(original, tmp_path, column):
    with forged(original, tmp_path) as raw:
        raw.execute(f"update audit set {column} = '' where seq = 4")
        raw.commit()
    with pytest.raises(DamageError, match="row 4 "):
        verified(tmp_path)


def test_rows_cut_off_at_the_end_are_seen_with_a_head_that_was_noted(original, tmp_path):
    with forged(original, tmp_path):
        pass
    head = verified(tmp_path).head
    with forged(original, tmp_path) as raw:
        raw.execute("delete from audit where seq > 4")
        raw.commit()
    assert verified(tmp_path).count == 4
    with pytest.raises(DamageError, match=f"none of its 4 rows has the hash {head}"):
        verified(tmp_path, expect=head)


def test_a_log_that_was_written_anew_is_seen_with_a_head_that_was_noted(database, stamp, tmp_path):
    filled(database, stamp)
    with database.read() as connection:
        head = audit.verify(connection).head
        assert audit.verify(connection, expect=head).head == head
    with database.write() as connection:
        audit.record(connection, Stamp("other", stamp.at), action="later", subject="x")
    with database.read() as connection:
        assert audit.verify(connection, expect=head).count == ROWS + 1
        with pytest.raises(DamageError, match="none of its 7 rows"):
            audit.verify(connection, expect="0" * 64)


def test_rows_sealed_before_their_bytes_were_hold_still(database, stamp):
    written_before(database, stamp, {"b": 1, "a": "\u00e9"})
    with database.write() as connection:
        audit.record(connection, stamp, action="next", subject="y")
    with database.read() as connection:
        assert audit.verify(connection).count == 2


def test_another_spelling_of_such_a_row_is_found(sqlite, stamp):
    written_before(sqlite, stamp, {"b": 1})
    with sqlite.write() as connection:
        connection.exec_driver_sql("drop trigger audit_no_update")
        connection.exec_driver_sql("""update audit set detail = '{"b":1}'""")
    with pytest.raises(DamageError, match="row 1 "), sqlite.read() as connection:
        audit.verify(connection)


def written_before(database, stamp, detail):
    """Write a row as it was sealed when only the meaning of its detail was."""
    at, previous = to_text(stamp.at), "0" * 64
    seal = audit._seal(1, at, "tester", "act", "x", json.loads(json.dumps(detail)), previous)
    row = {"seq": 1, "at": at, "actor": "tester", "action": "act", "subject": "x", "detail": detail}
    with database.write() as connection:
        connection.execute(insert(schema.audit).values(**row, previous=previous, hash=seal))


def test_acts_upon_one_thing_are_found_by_the_beginning_of_its_id(database, stamp):
    filled(database, stamp)
    with database.read() as connection:
        assert [row.action for row in audit.rows(connection, subject="p3")] == ["act 3"]
        assert [row.seq for row in audit.rows(connection, limit=2)] == [6, 5]
        assert audit.rows(connection, subject="%") == ()
