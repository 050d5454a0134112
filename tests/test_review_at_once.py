"""Two people at once, in both databases: one decision holds, the other is told, and the log stays one chain."""

import threading

import pytest
from reviewed import desk, drafted, shelf, state

from voc.errors import InputError, VocError
from voc.proposals import review
from voc.proposals.approve import approve
from voc.proposals.edits import edit
from voc.store import audit, editions
from voc.store import review as kept

WAYS = {
    "approve": lambda one: approve(one, "p1"),
    "reject": lambda one: review.reject(one, "p1", reason="other", why="no"),
    "edit": lambda one: edit(one, "p1", text="The courier shall ring 2 times.", why="x", on_version=1),
    "shorten": lambda one: edit(one, "p1", text="The courier shall wait 2 minutes.", why="x", on_version=1),
}


def at_once(*acts):
    """Run acts at the same time, and return what each said: None, or its error."""
    start, said = threading.Barrier(len(acts)), [None] * len(acts)

    def act(place, one):
        start.wait()
        try:
            one()
        except VocError as error:
            said[place] = error

    threads = [threading.Thread(target=act, args=(place, one)) for place, one in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return said


@pytest.mark.slow
@pytest.mark.parametrize(("first", "second"), [("approve", "reject"), ("approve", "approve"), ("edit", "shorten")])
def test_of_two_at_once_one_holds_and_the_other_is_told(database, first, second):
    shelf(database)
    drafted(database)
    review.submit(desk(database), "p1")
    said = at_once(
        lambda: WAYS[first](desk(database, actor="olga")), lambda: WAYS[second](desk(database, actor="otto"))
    )
    assert sorted(one is None for one in said) == [False, True], said
    assert all(one is None or isinstance(one, InputError) for one in said), said
    with database.read() as connection:
        audit.verify(connection)
        decided = [one for one in kept.events_of(connection, "p1") if one.to_state in ("approved", "rejected")]
        assert len(decided) == (0 if first == "edit" else 1)
        published = [one for one in editions.every(connection) if one.proposal_id == "p1"]
        assert len(published) == (state(database) == "approved")


@pytest.mark.slow
def test_decisions_on_different_proposals_do_not_break_the_chain(database):
    shelf(database)
    ids = [f"p{number}" for number in range(6)]
    for one in ids:
        drafted(database, one)
    said = at_once(*(lambda one=one: review.submit(desk(database, actor=one), one) for one in ids))
    assert said == [None] * len(ids)
    with database.read() as connection:
        audit.verify(connection)
