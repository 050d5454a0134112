"""Actions: from proposals and by hand, closed with a result, and in the report until then."""

import json
from datetime import UTC, datetime

import pytest
from reviewed import MARKETS, desk, drafted, shelf, state

from voc.errors import ConflictError, InputError, NotAllowedError, NotFoundError
from voc.proposals import actions
from voc.proposals.actions import ByHand
from voc.report.actions import action_lines
from voc.report.build import ReportTask, build_report
from voc.report.render import as_html, as_json, as_markdown
from voc.store import actions as kept
from voc.store import audit
from voc.store import review as decisions
from voc.store.actions import ActionRow
from voc.trends.read import read_week
from voc.types import Market

TASK = ByHand("bell", ("US", "DE"), "delivery", "2.1", "Ring first.", "2024-W40")
LATER = datetime(2024, 10, 28, 9, tzinfo=UTC)


@pytest.fixture
def store(sqlite):
    shelf(sqlite)
    drafted(sqlite, "a1", outcome="action")
    return sqlite


def field(store, **changes):
    return desk(store, "operations", "omar", **changes)


def test_a_proposal_that_says_act_is_accepted_by_giving_it_to_somebody(store):
    made = actions.open_for_proposal(field(store), "a1", owner="Depot B3", due="2024-11-04")
    assert (made.owner, made.due, made.markets, made.week) == ("Depot B3", "2024-11-04", ("DE",), "2024-W40")
    assert made.duty.startswith("The courier shall ring")
    assert state(store, "a1") == "approved"
    with store.read() as connection:
        assert [one.to_state for one in decisions.events_of(connection, "a1")] == ["draft", "in_review", "approved"]
        assert audit.rows(connection, limit=1)[0].action == "open action"
    with pytest.raises(InputError, match="is approved and cannot become approved"):
        actions.open_for_proposal(field(store), "a1", owner="B4")


def test_a_revision_is_no_action(store):
    drafted(store, "p1")
    with pytest.raises(InputError, match=r"is a revision, not an action.*--theme"):
        actions.open_for_proposal(field(store), "p1", owner="x")


def test_an_action_by_hand_names_theme_markets_and_clause(store):
    made = actions.open_by_hand(field(store), TASK, owner="Nora")
    assert (made.market, made.markets, made.proposal_id, made.due) == ("", ("US", "DE"), None, None)
    with pytest.raises(NotFoundError):
        actions.open_by_hand(field(store), ByHand("zz", *_rest()), owner="Nora")


def _rest(**changes):
    values = {"markets": TASK.markets, "document": "delivery", "clause_number": "2.1", "duty": "x", "week": TASK.week}
    return (values | changes).values()


@pytest.mark.parametrize(
    ("task", "owner", "due", "said"),
    [
        (ByHand("bell", *_rest(markets=())), "Nora", "", "--market"),
        (ByHand("bell", *_rest(duty=" ")), "Nora", "", "--duty"),
        (TASK, " ", "", "--owner"),
        (TASK, "Nora", "2024-10-13", "is over"),
        (TASK, "Nora", "tomorrow", "not a day"),
    ],
)
def test_an_action_without_what_it_needs_is_refused(store, task, owner, due, said):
    with pytest.raises(InputError, match=said):
        actions.open_by_hand(field(store), task, owner=owner, due=due)
    with store.read() as connection:
        assert kept.every(connection) == ()


def test_what_is_done_has_a_day_and_a_result_and_its_proposal_says_so(store):
    made = actions.open_for_proposal(field(store), "a1", owner="B3")
    with pytest.raises(InputError, match="in the future"):
        actions.done(field(store), made.id, result="briefed", on="2024-12-01")
    with pytest.raises(InputError, match="--result"):
        actions.done(field(store), made.id, result=" ")
    done = actions.done(field(store), made.id[:6], result="briefed  all", on="2024-10-10")
    assert (done.state, done.result, done.done_on) == ("done", "briefed all", "2024-10-10")
    assert state(store, "a1") == "adopted"
    with store.read() as connection:
        assert kept.done(connection, proposal_id="a1") == (done,)
        assert kept.done(connection, proposal_id="other") == ()
        assert [one.note for one in kept.events_of(connection, made.id)] == ["from proposal a1", "briefed all"]
    with pytest.raises(ConflictError, match="is done already"):
        actions.drop(field(store), made.id, why="x")


def test_what_is_dropped_has_a_reason(store):
    made = actions.open_for_proposal(field(store), "a1", owner="B3")
    with pytest.raises(InputError, match="--why"):
        actions.drop(field(store), made.id, why="")
    assert actions.drop(field(store), made.id, why="depot closed").state == "dropped"
    assert state(store, "a1") == "superseded"


@pytest.mark.parametrize("role", ["viewer", "analyst", "consulted"])
def test_only_who_decides_or_runs_operations_gives_and_closes_actions(store, role):
    made = actions.open_by_hand(field(store), TASK, owner="Nora")
    other = desk(store, role, "ann")
    with pytest.raises(NotAllowedError, match="may not open an action"):
        actions.open_for_proposal(other, "a1", owner="B3")
    with pytest.raises(NotAllowedError, match="may not open an action"):
        actions.open_by_hand(other, TASK, owner="x")
    for close in (lambda: actions.done(other, made.id, result="x"), lambda: actions.drop(other, made.id, why="x")):
        with pytest.raises(NotAllowedError, match="may not close an action"):
            close()
    assert state(store, "a1") == "draft"


def row(number, **changes):
    values = {
        "id": f"a{number}",
        "theme_id": "bell",
        "proposal_id": None,
        "market": "",
        "markets": ("US", "DE"),
        "document": "delivery",
        "clause_number": "2.1",
        "duty": "Ring first.",
        "owner": "Nora",
        "due": None,
        "week": "2024-W40",
    }
    return ActionRow(**(values | changes))


def shown(*rows, week="2024-W41", markets=MARKETS):
    found = action_lines(rows, week=week, markets=markets, names={"bell": "Nobody rings"})
    return [(line.id, line.state) for line in found]


def test_overdue_actions_stand_first_then_the_open_then_what_was_done(store):
    rows = [
        row(1),
        row(2, due="2024-12-01"),
        row(3, due="2024-10-12"),
        row(4, due="2024-10-01"),
        row(5, state="done", done_on="2024-10-13", result="r"),
        row(6, state="dropped"),
    ]
    assert shown(*rows) == [("a4", "overdue"), ("a3", "overdue"), ("a2", "open"), ("a1", "open"), ("a5", "done")]


def test_what_is_due_on_the_last_day_of_the_week_is_not_overdue():
    assert shown(row(1, due="2024-10-13")) == [("a1", "open")]


def test_what_was_done_is_shown_once_in_its_week_and_was_open_before():
    done = row(1, state="done", done_on="2024-10-13", result="r", due="2024-10-02")
    weeks = {week: shown(done, week=week) for week in ("2024-W39", "2024-W40", "2024-W41", "2024-W42")}
    assert weeks == {
        "2024-W39": [],
        "2024-W40": [("a1", "overdue")],
        "2024-W41": [("a1", "done")],
        "2024-W42": [],
    }


def test_a_report_of_some_markets_shows_their_actions_only():
    assert shown(row(1), markets=("FR",)) == []
    (line,) = action_lines([row(1)], week="2024-W40", markets=("DE", "FR"), names={})
    assert (line.markets, line.theme) == (("DE",), "bell")


def test_every_form_of_the_report_holds_open_actions_until_they_are_closed(store):
    made = actions.open_for_proposal(field(store), "a1", owner="<b>B3</b> | x", due="2024-10-20")

    def report(week="2024-W40"):
        found = read_week(store, week, markets=MARKETS, baseline_weeks=8)
        markets = tuple(Market(code, code, ("en",), "UTC") for code in MARKETS)
        return build_report(store, found, ReportTask("T", "en", markets, 5, 1, 5))

    assert "&lt;b&gt;B3&lt;/b&gt; | x" in as_html(report())
    assert "<b>B3" not in as_html(report())
    assert r"B3</b> \| x | 2024-10-20 |" in as_markdown(report())
    assert json.loads(as_json(report()))["actions"][0]["id"] == made.id
    actions.done(field(store), made.id, result="briefed", on="2024-10-02")
    assert "done 2024-10-02: briefed" in as_markdown(report())
    assert report("2024-W39").actions == ()
