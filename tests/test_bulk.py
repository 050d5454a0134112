"""Many rows at once are stored as few are, on either database."""

from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from voc.errors import StoreError
from voc.store import batches, feedback, schema
from voc.store.batches import Batch
from voc.store.bulk import insert_many
from voc.store.feedback import NewFeedback
from voc.types import Feedback

AT = datetime(2024, 10, 1, tzinfo=UTC)
TEXTS = st.text(alphabet=st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), min_size=1, max_size=30)


def comment(number, text="t", rating=None, **attributes):
    name = f"{number:032d}"
    return NewFeedback(
        Feedback(name, "s", name, "", "US", AT, "2024-W40", "en", text, name, rating, attributes=attributes)
    )


@given(st.lists(st.tuples(TEXTS, st.one_of(st.none(), st.floats(1, 5)), TEXTS), min_size=60, max_size=80))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=15)
def test_whatever_is_stored_comes_back(database, stamp, found):
    rows = [comment(n, text, rating, depot=depot) for n, (text, rating, depot) in enumerate(found)]
    with database.write() as connection:
        for table in (schema.unit, schema.feedback, schema.batch):
            connection.execute(table.delete())
        batches.begin(connection, stamp, Batch("b", "feedback", "f", "", ""))
        assert feedback.add(connection, stamp, rows, batch_id="b").added == len(rows)
        again = feedback.get(connection, [row.feedback.id for row in rows])
    assert again == tuple(row.feedback for row in rows)


@pytest.mark.parametrize("count", [1, 49, 50, 500])
def test_all_or_none_of_the_rows_are_stored(database, stamp, count):
    rows = [{"feedback_id": f"{n}", "actor": "a", "at": "x"} for n in range(count)]
    with pytest.raises(StoreError, match="The store refused"), database.write() as connection:
        insert_many(connection, schema.suppression, [*rows, rows[0]])
    with database.write() as connection:
        assert connection.execute(schema.suppression.select()).all() == []
        insert_many(connection, schema.suppression, rows)
        insert_many(connection, schema.suppression, [])
    with database.read() as connection:
        assert len(connection.execute(schema.suppression.select()).all()) == count
