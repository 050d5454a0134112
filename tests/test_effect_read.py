"""What is compared, read from a store: adoptions, actions, days and weeks, and what spoils a comparison."""

import json
from datetime import UTC, datetime

import pytest
from counted import stored
from reviewed import GLOBAL, drafted
from sqlalchemy import delete, update
from typer.testing import CliRunner

from voc.cli.main import app
from voc.effect.detect import detectable
from voc.effect.measure import Verdict
from voc.effect.panel import WASHOUT
from voc.effect.read import Begin, Changed, begin_of, changed_by, read_history, read_panel, without_spoiled
from voc.errors import InputError, NotFoundError
from voc.standards.markdown import parse
from voc.standards.registry import import_standard
from voc.store import actions, review, schema
from voc.store.actions import ActionRow
from voc.types import Stamp
from voc.weeks import week_range

MARKETS = ("US", "DE", "FR", "GB")
WEEKS = week_range("2024-W10", "2024-W40")
CHANGE = "2024-W33"
STAMP = Stamp("t", datetime(2024, 10, 7, 12, tzinfo=UTC))
STEADY = [9, 11, 10] * 10 + [10]
FALLEN = [*STEADY[: WEEKS.index(CHANGE)], *[2, 3] * 4]


def filled(database, own=FALLEN, **more):
    series = {("US", "app", "bell"): own} | {(one, "app", "bell"): STEADY for one in MARKETS[1:]}
    stored(database, series, weeks=WEEKS, **more)
    import_standard(database, parse(GLOBAL, "s"), markets=MARKETS, stamp=STAMP)


@pytest.fixture
def store(sqlite):
    filled(sqlite)
    return sqlite


@pytest.fixture
def shop(workspace):
    database = workspace.services.database
    filled(database)
    drafted(database)
    with database.write() as connection:
        connection.execute(update(schema.run).values(pipeline="weekly"))
    return workspace


def panel(database, since=None, last=WEEKS[-1], **more):
    return read_panel(database, "bell", since or {"US": CHANGE}, markets=MARKETS, last=last, **more)


def adopt(database, since="2024-08-12", markets=("US",), proposal="p1"):
    with database.write() as connection:
        review.adopt(connection, STAMP, proposal, markets=markets, since=since, edition_id=None)


def action(database, action_id="a1", markets=("US",), state="done", done_on="2024-08-12", proposal=None):
    row = ActionRow(
        action_id,
        "bell",
        proposal,
        "",
        markets,
        "delivery",
        "2.1",
        "ring",
        "olga",
        None,
        WEEKS[-1],
        state,
        "r",
        done_on,
    )
    with database.write() as connection:
        actions.add(connection, STAMP, row, note="n")


def changed(database, wanted):
    with database.read() as connection:
        return changed_by(connection, wanted, markets=MARKETS)


def test_a_change_on_a_monday_begins_with_its_week():
    assert begin_of("2024-08-12") == Begin("2024-W33")
    assert begin_of("2024-w33") == Begin("2024-W33")


def test_a_change_within_a_week_begins_with_the_next_one():
    assert begin_of("2024-08-14") == Begin("2024-W34", "2024-W33")


@pytest.mark.parametrize("text", ["soon", "2024-13-01", "2024-W60", "", "22.07.2024", "W33"])
def test_what_is_neither_day_nor_week_is_told(text):
    with pytest.raises(InputError, match="2024-"):
        begin_of(text)


def test_counts_and_deliveries_come_by_market_and_week(store):
    found = panel(store)
    assert found.markets == MARKETS
    assert found.weeks == WEEKS
    assert found.counts[0].tolist() == FALLEN
    assert set(found.exposures.ravel()) == {10_000.0}
    assert found.washout == WASHOUT


def test_without_deliveries_rates_are_shares_of_the_feedback(sqlite):
    filled(sqlite, deliveries=0)
    found = panel(sqlite)
    assert found.by_share == MARKETS
    assert found.exposures[0].tolist() == FALLEN


def test_weeks_before_a_theme_was_heard_of_are_not_compared(sqlite):
    late = [0] * 8 + STEADY[8:]
    series = {(one, "app", "bell"): late for one in MARKETS} | {("US", "app", "other"): STEADY}
    stored(sqlite, series, weeks=WEEKS)
    assert panel(sqlite).weeks == WEEKS[8:]


def test_a_last_week_without_any_feedback_is_no_obstacle(sqlite):
    filled(sqlite, [*FALLEN[:-1], 0])
    with sqlite.write() as connection:
        connection.execute(delete(schema.assignment).where(schema.assignment.c.unit_id.like("%2024-W40%")))
        connection.execute(delete(schema.unit).where(schema.unit.c.id.like("%2024-W40%")))
        connection.execute(delete(schema.feedback).where(schema.feedback.c.week == "2024-W40"))
    assert panel(sqlite).weeks[-1] == "2024-W39"


def test_the_week_in_which_a_change_began_is_neither_before_nor_after(store):
    found = panel(store, {"US": "2024-08-14"}, washout=0)
    assert [found.weeks[place] for place in found.left_out[0].nonzero()[0]] == ["2024-W33"]


def test_short_history_leaves_out_what_it_can_and_says_so(store):
    found = panel(store, {"US": "2024-W18"})
    assert (found.washout, found.cut) == (2, True)
    assert panel(store, {"US": "2024-W18"}, washout=2).cut is False


def test_a_change_after_the_last_week_is_told(store):
    with pytest.raises(InputError, match=r"begins in 2024-W45, after 2024-W40.*ask again"):
        panel(store, {"US": "2024-W45"})


def test_a_change_before_the_first_feedback_is_told(store):
    with pytest.raises(InputError, match=r"began in 2023-W50, but the first week with feedback is 2024-W10"):
        panel(store, {"US": "2023-W50"})


def test_an_empty_store_is_told(sqlite):
    with pytest.raises(InputError, match="no feedback at all"):
        panel(sqlite)


def test_an_adopted_proposal_says_since_when_and_where(store):
    drafted(store)
    adopt(store)
    adopt(store, "2024-08-26", ("DE",))
    assert changed(store, "p").since == {"US": "2024-08-12", "DE": "2024-08-26"}


def test_a_proposal_that_was_not_adopted_says_its_state(store):
    drafted(store)
    with pytest.raises(InputError, match="not adopted in any market; its state is 'draft'"):
        changed(store, "p1")


def test_an_action_that_is_done_counts_from_its_day(store):
    action(store)
    assert changed(store, "a1") == Changed("a1", "bell", {"US": "2024-08-12"})


def test_an_open_action_is_told(store):
    action(store, state="open", done_on=None)
    with pytest.raises(InputError, match="Action a1 is open, not done"):
        changed(store, "a1")


def test_an_unknown_id_is_told(store):
    with pytest.raises(NotFoundError, match="No proposal begins with 'zz'"):
        changed(store, "zz")


def test_markets_that_changed_something_else_meanwhile_are_not_compared_with(store):
    found = without_spoiled(panel(store), [Changed("p9", "bell", {"DE": "2024-07-01", "US": "2024-07-01"})])
    assert found.markets == ("US", "FR", "GB")
    assert any("DE began p9" in one for one in found.remarks)
    assert any(one.startswith("In US p9 began") for one in found.remarks)


def test_what_changed_long_before_spoils_nothing(store):
    assert without_spoiled(panel(store), [Changed("p9", "bell", {"DE": "2023-01-02"})]).markets == MARKETS


def test_an_adopted_proposal_is_measured(shop):
    adopt(shop.services.database)
    found = shop.effect_of("p1")
    assert found.verdict is Verdict.IMPROVED
    assert found.own.markets == ("US",)
    assert "JP" in found.dropped
    assert found.theme_id == "bell"


def test_another_adoption_takes_its_market_out_of_the_comparison(shop):
    database = shop.services.database
    drafted(database, "p2")
    adopt(database)
    adopt(database, "2024-07-15", ("DE",), "p2")
    assert shop.effect_of("p1").others.markets == ("FR", "GB")


def test_a_named_change_is_measured_like_an_adopted_one(shop):
    adopt(shop.services.database)
    assert shop.effect("bell", markets=["US"], since=CHANGE).ratio == shop.effect_of("p1").ratio


def test_a_week_that_was_not_run_is_not_compared(shop):
    with pytest.raises(InputError, match="2024-W41 was not run yet, 2024-W40 was"):
        shop.effect("bell", markets=["US"], since=CHANGE, week="2024-W41")


def test_what_could_be_seen_is_told_before_an_adoption(shop):
    found = shop.detectable("bell", markets=["US"])
    falls = [fall for _, fall in found.smallest if fall is not None]
    assert falls == sorted(falls, reverse=True)
    weeks = dict(found.by)
    assert weeks[0.5] is not None
    assert weeks[0.5] >= 2
    assert min(falls) > 0.1
    assert weeks[0.2] is None or weeks[0.2] >= weeks[0.5]


def test_too_little_history_to_foresee_anything_is_told(store):
    with pytest.raises(InputError, match="US has 4 weeks before"):
        detectable(read_history(store, "bell", ("US",), markets=MARKETS, last="2024-W19"))


def test_what_could_be_seen_without_other_markets_is_told_too(store):
    found = detectable(read_history(store, "bell", MARKETS, markets=MARKETS, last=WEEKS[-1]))
    assert dict(found.smallest)[26] is not None


def command(shop, monkeypatch, *arguments):
    monkeypatch.setenv("VOC_WORKSPACE", str(shop.services.paths.folder))
    return CliRunner().invoke(app, ["effect", *map(str, arguments)])


def test_the_command_says_the_verdict_and_writes_page_and_plot(shop, monkeypatch, tmp_path):
    adopt(shop.services.database)
    page, plot = tmp_path / "e.html", tmp_path / "e.svg"
    done = command(shop, monkeypatch, "p1", "--html", page, "--svg", plot)
    assert done.exit_code == 0, done.output
    assert "Improved: in the 8 weeks from 2024-W33 to 2024-W40 the complaint rate of US" in done.output
    assert page.read_text().startswith("<!doctype html>")
    assert plot.read_text().startswith("<svg")


def test_the_command_tells_everything_as_json(shop, monkeypatch):
    done = command(shop, monkeypatch, "--theme", "bell", "--market", "US", "--since", "2024-08-12", "--json")
    assert json.loads(done.stdout)["verdict"] == "improved"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "Name an adopted proposal"),
        (("p1", "--theme", "bell"), "Name an adopted proposal"),
        (("--theme", "bell", "--market", "US"), "all three"),
        (("p1",), "is not adopted"),
        (("zz",), "No proposal begins"),
        (("--theme", "zz", "--market", "US", "--since", CHANGE), "No theme begins"),
        (("--theme", "bell", "--market", "XX", "--since", CHANGE), "'XX' is not configured"),
        (("--theme", "bell", "--market", "US", "--since", "2027-01-04"), "after 2024-W40"),
        (("--theme", "bell", "--market", "US", "--since", "2020-01-06"), "first week with feedback"),
        (("--theme", "bell", "--market", "US", "--since", "2024-W40"), "1 whole weeks with the change"),
        (("--theme", "bell", "--market", "JP", "--since", CHANGE), "JP has neither deliveries nor comments"),
        (("--theme", "bell", "--market", "US", "--since", CHANGE, "--washout", "99"), "99 weeks cannot be left out"),
    ],
)
def test_bad_input_has_a_clear_answer(shop, monkeypatch, arguments, said):
    done = command(shop, monkeypatch, *arguments)
    assert done.exit_code != 0
    assert said in str(done.exception)
