"""What pages keep: made once for a state of the store, by the first who asks, and never a failure for ever."""

import threading
import time

import pytest

from voc.errors import ModelError
from voc.store import audit
from voc.web.kept import Kept


@pytest.fixture
def kept(workspace):
    return Kept(workspace.services.database)


def changed(workspace):
    with workspace.services.database.write() as connection:
        audit.record(connection, workspace.services.stamp, action="rename theme", subject="t")


def test_a_value_is_made_once_until_the_store_changes(workspace, kept):
    made = []
    for _ in range(3):
        kept.get("week", lambda: made.append(1))
    assert len(made) == 1
    changed(workspace)
    kept.get("week", lambda: made.append(1))
    assert len(made) == 2


def test_many_who_ask_at_once_wait_for_one(kept):
    made = []

    def make():
        time.sleep(0.05)
        made.append(1)
        return "page"

    found = []
    askers = [threading.Thread(target=lambda: found.append(kept.get("week", make))) for _ in range(8)]
    for one in askers:
        one.start()
    for one in askers:
        one.join()
    assert (found, made) == (["page"] * 8, [1])


def test_what_could_not_be_made_leaves_nothing_behind_and_is_tried_again(kept):
    def refuse():
        raise ModelError("no weights")

    for week in range(50):
        with pytest.raises(ModelError):
            kept.get(("week", week), refuse)
    assert kept._making == {}
    assert kept.get(("week", 1), lambda: "page") == "page"


def test_what_takes_long_is_there_at_a_later_visit(kept):
    assert kept.soon("map", lambda: "drawn") is None
    _until(lambda: kept.has("map"))
    assert kept.soon("map", lambda: "again") == "drawn"


def test_a_visitor_is_told_why_what_takes_long_never_comes(kept):
    def refuse():
        raise ModelError("no weights: voc models pull")

    assert kept.soon("map", refuse) is None
    _until(lambda: kept._failed)
    with pytest.raises(ModelError, match="voc models pull"):
        kept.soon("map", refuse)
    assert kept.soon("map", lambda: "drawn") is None
    _until(lambda: kept.has("map"))


def _until(done):
    end = time.monotonic() + 5
    while not done():
        assert time.monotonic() < end
        time.sleep(0.01)
