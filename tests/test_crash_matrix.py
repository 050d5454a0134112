"""Kill -9 before and after every fsync, rename and commit of a command, and at every named place.

Afterwards the doctor finds nothing that `--repair` does not mend, the same command again completes, and everything is
as without the kill. VOC_SOAK=1 tries every place; else a few, evenly chosen, so that it takes a minute.
"""

import os
import shutil
from dataclasses import dataclass

import crashed
import pytest
from conftest import BARE

from voc.failpoints import NAMES
from voc.workspace import Workspace

SOAK = bool(os.environ.get("VOC_SOAK"))
MOST = 10_000 if SOAK else 3
"""Places of a scenario at which it is killed, each in a copy of its own."""


@dataclass(frozen=True)
class Scenario:
    """Commands, one after the other, and how the last of them may end when it is said a second time."""

    name: str
    commands: tuple[tuple[str, ...], ...]
    start: str = "ran"
    again: tuple[int, ...] = (0,)
    most: int = MOST
    variables: tuple[tuple[str, str], ...] = ()

    def lines(self, folder):
        return [[part.replace("W/", f"{folder}/") for part in command] for command in self.commands]


SCENARIOS = {
    one.name: one
    for one in (
        Scenario("ingest", (("ingest", "W/late.csv"),)),
        Scenario("run", (("run", "--week", crashed.WEEKS[1]),), "ingested", most=MOST if SOAK else 2),
        Scenario("backfill", (("backfill", "W/late.csv", "--workers", "1", "--bring-only"),), most=MOST if SOAK else 2),
        Scenario("index", (("doctor", "--repair"),), "unindexed"),
        Scenario("report", (("report", "write", "--week", crashed.WEEKS[0]),)),
        Scenario("backup", (("backup", "W/../kept.tar.gz"),)),
        Scenario("key", (("ingest", "W/late.csv"),), "new", most=MOST if SOAK else 2),
        Scenario(
            "review",
            (("proposals", "submit", "p1"), ("proposals", "approve", "p1")),
            "drafted",
            again=(0, 2),
            variables=(("VOC_ROLE", "owner"), ("VOC_ACTOR", "olga")),
        ),
    )
}
"""A command that is added here is killed at each of its places."""


@pytest.fixture(scope="module")
def starts(forks, small_folder, tmp_path_factory):
    """Workspaces to start from: just made, run for a week, with the next week read, and with a draft to review."""
    root = tmp_path_factory.mktemp("starts")
    ran = shutil.copytree(small_folder, root / "ran")
    assert forks.run(shutil.copytree(ran, root / "ingested"), "ingest", ran / "late.csv", **BARE).status == 0
    shutil.copytree(ran, root / "unindexed", ignore=shutil.ignore_patterns("index"))
    shutil.copytree(ran, root / "new", ignore=shutil.ignore_patterns(".voc", "reports"))
    crashed.draft(shutil.copytree(ran, root / "drafted"))
    return root


class Trial:
    """A scenario in a copy of its start."""

    def __init__(self, forks, starts, folder, scenario):
        self.forks, self.scenario = forks, scenario
        self.folder = shutil.copytree(starts / scenario.start, folder / "w")
        self.known = set(crashed.problems(self.folder))

    def say(self, **variables):
        """Run the commands in turn until one ends as none may."""
        for line in self.scenario.lines(self.folder):
            ended = self.forks.run(self.folder, *line, **{**BARE, **dict(self.scenario.variables), **variables})
            if ended.status not in self.scenario.again:
                break
        return ended

    def contents(self):
        if self.scenario.start == "new":
            with Workspace.open(self.folder, environment=BARE) as opened, opened.services.database.read() as connection:
                return {"feedback": connection.exec_driver_sql("select count(*) from feedback").scalar()}
        return crashed.contents(self.folder)

    def new_problems(self):
        return set(crashed.problems(self.folder)) - self.known

    def repair(self):
        ended = self.forks.run(self.folder, "doctor", "--repair", **BARE)
        assert ended.status == 0, ended.out + ended.err

    def goes_on(self, place, plain, repaired):
        """After what happened at a place the same again completes, once what is derived was mended, as without it."""
        mends = bool(self.new_problems())
        if mends:
            self.repair()
        again = self.say()
        assert again.status in self.scenario.again, (place, again.err)
        if mends:
            self.repair()
        assert list(crashed.differences(self.contents(), repaired if mends else plain)) == [], place


@pytest.fixture(scope="module")
def unharmed(forks, starts, tmp_path_factory):
    """What each scenario comes to without a kill, and the places that it passes, each made once."""
    made = {}

    def of(scenario):
        """Return what it comes to, the same after a repair, and the places."""
        if scenario.name not in made:
            root = tmp_path_factory.mktemp(scenario.name)
            trial = Trial(forks, starts, root, scenario)
            places = []
            for line in scenario.lines(trial.folder):
                trace = root / "trace"
                variables = {**BARE, **dict(scenario.variables), "VOC_FAILPOINT_TRACE": str(trace)}
                ended = forks.run(trial.folder, *line, **variables)
                assert ended.status == 0, ended.err
                places += trace.read_text().split()
                trace.unlink()
            plain = trial.contents()
            trial.repair()
            made[scenario.name] = plain, trial.contents(), list(dict.fromkeys(places))
        return made[scenario.name]

    return of


def passed_every_time(place):
    """Whether a place is one of the command itself: the pulse beside it writes as often as there is time."""
    return place.count(":") < 2


def chosen(places, most):
    """At most so many places of the command itself, evenly taken, the first and last among them; or all there are."""
    places = places if SOAK else list(filter(passed_every_time, places))
    if len(places) <= most:
        return places
    return [places[round(at * (len(places) - 1) / (most - 1))] for at in range(most)]


@pytest.mark.slow
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("name", SCENARIOS)
def test_a_kill_anywhere_changes_nothing_in_the_end(name, forks, starts, unharmed, tmp_path):
    scenario = SCENARIOS[name]
    plain, repaired, places = unharmed(scenario)
    assert places
    for number, place in enumerate(chosen(places, scenario.most)):
        trial = Trial(forks, starts, tmp_path / str(number), scenario)
        trace = tmp_path / f"{number}.trace"
        ended = trial.say(VOC_FAILPOINT=place, VOC_FAILPOINT_TRACE=str(trace))
        somebody_died = place in trace.read_text().split()
        assert somebody_died or not passed_every_time(place), (place, ended.err)
        assert ended.killed or ended.status == 0 or "Set aside after three tries" in ended.err, (place, ended.err)
        trial.goes_on(place, plain, repaired)
        assert trial.new_problems() == set(), place
        shutil.rmtree(tmp_path / str(number))


@pytest.mark.slow
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("name", SCENARIOS)
def test_a_disk_that_is_full_anywhere_is_told_and_changes_nothing_in_the_end(name, forks, starts, unharmed, tmp_path):
    scenario = SCENARIOS[name]
    plain, repaired, places = unharmed(scenario)
    tried = chosen(
        [one.replace(":before#", ":full#") for one in places if ":before#" in one], scenario.most if SOAK else 2
    )
    told = 0
    for number, place in enumerate(tried):
        trial = Trial(forks, starts, tmp_path / str(number), scenario)
        ended = trial.say(VOC_FAILPOINT=place)
        assert ended.status in (0, 6), (place, ended.err)  # a lease that cannot be let go is free with the process
        told += ended.status == 6 and "No room left" in ended.err and "Free some space" in ended.err
        trial.goes_on(place, plain, repaired)
        shutil.rmtree(tmp_path / str(number))
    assert told >= 0.5 * len(tried)


@pytest.mark.slow
@pytest.mark.timeout(7200)
def test_a_run_that_is_killed_again_and_again_comes_to_the_same_end(forks, starts, unharmed, tmp_path):
    scenario = SCENARIOS["run"]
    wanted, _, places = unharmed(scenario)
    trial = Trial(forks, starts, tmp_path, scenario)
    named = [one for one in NAMES if one in places]
    assert named
    kills = sum(trial.say(VOC_FAILPOINT=place).killed for place in (named if SOAK else named[::3]))
    assert kills
    assert trial.say().status == 0
    assert list(crashed.differences(trial.contents(), wanted)) == []
