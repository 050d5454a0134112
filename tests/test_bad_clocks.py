"""Clocks that are wrong or change: leases, runs, and weeks around the hours that are skipped or come twice."""

import time
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from conftest import BARE, STAMP
from hypothesis import given
from hypothesis import strategies as st

from voc.errors import BusyError
from voc.runner import pulse
from voc.runner.job import LEASE, held_lease
from voc.store import audit, leases
from voc.types import Stamp
from voc.weeks import monday, shift_week, week_of, week_of_date
from voc.workspace import Workspace

ZONES = (
    *("Europe/Berlin", "America/New_York", "America/Sao_Paulo", "Australia/Sydney", "Australia/Lord_Howe"),
    *("Pacific/Auckland", "Asia/Tokyo", "America/Santiago", "Africa/Casablanca", "Asia/Kolkata"),
)
"""Both hemispheres, half hours, a half-hour change of summer time, and zones without any."""

MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2037, 12, 31), timezones=st.just(UTC))


@given(MOMENTS, st.sampled_from(ZONES))
def test_a_week_is_that_of_the_calendar_on_the_wall(moment, zone):
    assert week_of(moment, zone) == week_of_date(moment.astimezone(ZoneInfo(zone)).date())


@given(MOMENTS, st.sampled_from(ZONES))
def test_weeks_never_go_back_as_time_goes_on(moment, zone):
    """Also over the hour that comes twice in autumn and the one that is skipped in spring."""
    weeks = [week_of(moment + timedelta(minutes=30 * step), zone) for step in range(100)]
    assert weeks == sorted(weeks)


@given(st.dates(date(2000, 1, 3), date(2037, 12, 20)), st.sampled_from(ZONES))
def test_a_week_has_a_monday_and_all_its_hours_however_many(day, zone):
    """From its first moment to that of the next one every hour is in it: 167, 168 or 169 of them, or a half less."""
    week = week_of_date(day)
    first = datetime.combine(monday(week), datetime.min.time(), ZoneInfo(zone)).astimezone(UTC)
    end = datetime.combine(monday(shift_week(week, 1)), datetime.min.time(), ZoneInfo(zone)).astimezone(UTC)
    hours = (end - first) / timedelta(hours=1)
    assert 166 <= hours <= 170
    inside = [first + timedelta(minutes=30 * half) for half in range(int(hours * 2))]
    assert {week_of(one, zone) for one in inside} == {week}
    assert week_of(end, zone) == shift_week(week, 1)


@pytest.mark.parametrize(
    ("zone", "moment", "week"),
    [
        ("Europe/Berlin", "2024-03-31T21:59:59", "2024-W13"),  # the Sunday that lost an hour still ends at midnight
        ("Europe/Berlin", "2024-03-31T22:00:00", "2024-W14"),
        ("Europe/Berlin", "2024-10-27T22:59:59", "2024-W43"),  # and the one that has 25 hours
        ("Europe/Berlin", "2024-10-27T23:00:00", "2024-W44"),
        ("Australia/Sydney", "2024-04-07T13:59:59", "2024-W14"),
        ("Australia/Sydney", "2024-04-07T14:00:00", "2024-W15"),
        ("Australia/Sydney", "2024-10-06T12:59:59", "2024-W40"),
        ("Australia/Sydney", "2024-10-06T13:00:00", "2024-W41"),
        ("America/Sao_Paulo", "2018-11-04T01:59:59", "2018-W44"),
        ("America/Sao_Paulo", "2018-11-05T02:00:00", "2018-W45"),  # midnight itself was skipped the night before
    ],
)
def test_weeks_turn_at_midnight_around_changes_of_summer_time(zone, moment, week):
    assert week_of(datetime.fromisoformat(moment).replace(tzinfo=UTC), zone) == week


class Clock:
    """A clock that is set by hand."""

    def __init__(self, now=STAMP.at):
        self.now = now

    def __call__(self):
        return self.now


def taken(database, at, holder):
    with database.write() as connection:
        leases.take(connection, Stamp("t", at), name="w", holder=holder)


def test_a_lease_outlives_a_short_silence_and_no_long_one(database):
    taken(database, STAMP.at, "a")
    with pytest.raises(BusyError):
        taken(database, STAMP.at + timedelta(seconds=110), "b")
    taken(database, STAMP.at + timedelta(seconds=121), "b")


@pytest.mark.parametrize("ahead", [timedelta(minutes=3), timedelta(days=400)])
def test_a_lease_from_the_future_does_not_shut_a_workspace(database, ahead):
    """A holder died, then the clock was set back: without this, nobody could work until it came round again."""
    taken(database, STAMP.at + ahead, "dead")
    taken(database, STAMP.at, "b")


def test_a_clock_that_is_set_back_a_little_keeps_a_living_holder(database):
    taken(database, STAMP.at, "a")
    with pytest.raises(BusyError):
        taken(database, STAMP.at - timedelta(seconds=60), "b")


def test_a_run_whose_lease_was_taken_stops_and_says_so(workspace, monkeypatch):
    """The clock jumped ahead, another run took it for dead: the first must not go on beside it."""
    monkeypatch.setattr(pulse, "BEAT_S", 0.0)
    monkeypatch.setattr(pulse, "LOOK_S", 0.01)
    with held_lease(workspace.services, "r" * 16) as beating:
        with workspace.services.database.write() as connection:
            late = Stamp("t", workspace.services.clock() + timedelta(minutes=5))
            leases.take(connection, late, name=LEASE, holder="other:1:s")
        for _ in range(500):
            if beating._lost:
                break
            time.sleep(0.01)
        with pytest.raises(BusyError, match="lost its lease to another one"):
            beating.check()


def test_a_clock_that_is_set_back_during_a_run_changes_no_figure_and_breaks_no_chain(ready_folder, tmp_path):
    import shutil

    class Backwards(Clock):
        def __call__(self):
            self.now -= timedelta(hours=1)
            return self.now

    reports = []
    for name, clock in (("a", Clock()), ("b", Backwards())):
        shutil.copytree(ready_folder, tmp_path / name)
        with Workspace.open(tmp_path / name, environment=BARE, clock=clock) as opened:
            reports.append(opened.run("2024-W40").results["write the report"].html.read_bytes())
            assert list(opened.problems()) == []
            with opened.services.database.read() as connection:
                audit.verify(connection)
    assert reports[0] == reports[1]
