"""The weekly update: assign what is new, discover in what belongs nowhere, write it down in the ledger.

Its cost follows the week, not the history: known themes are centroids with thresholds, and only the texts of the
last weeks have a say about new ones and are searched for new themes. The first week with enough feedback fits the space
and the first themes.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from voc.failpoints import reach
from voc.store import assignments, themes
from voc.store.assignments import UnitRow
from voc.store.database import Database
from voc.store.themes import FIRST_FIT, FitRow, ThemeEvent, ThemeRow
from voc.themes.decide import (
    Decided,
    FittedThemes,
    Sources,
    counted,
    decide_all,
    first_of_each_text,
    place_units,
    theme_id,
)
from voc.themes.discover import WINDOW_WEEKS, Window, discover
from voc.themes.fit import fit_themes
from voc.themes.judging import learn_from, with_corrections
from voc.themes.lives import USUAL_WEEKS, lives
from voc.themes.polarity import EXAMPLES, PolarityModel
from voc.themes.ruling import assignments_of
from voc.themes.sample import FITTED, sample_of
from voc.themes.space import Space, from_bytes
from voc.types import Assignment, Stamp
from voc.weeks import weeks_before


@dataclass(frozen=True, slots=True)
class ThemeConfig:
    """How themes are found; part of the run's manifest."""

    smallest: int = 8
    least_feedback: int = 60
    fit_texts: int = FITTED


@dataclass(frozen=True, slots=True)
class ThemesReport:
    """What an update did."""

    fitted: bool
    decided: int
    assigned: int
    born: tuple[str, ...]
    continued: tuple[str, ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class _Change:
    """What one update wants to write, in one transaction."""

    decisions: tuple[Assignment, ...] = ()
    fit: FitRow | None = None
    born: tuple[ThemeRow, ...] = ()
    changed: tuple[ThemeRow, ...] = ()
    events: tuple[ThemeEvent, ...] = ()


def update_themes(
    database: Database, sources: Sources, *, week: str, config: ThemeConfig, stamp: Stamp, run_id: str
) -> ThemesReport:
    """Bring assignments and themes up to a week; a second call with nothing new changes nothing."""
    with database.read() as connection:
        fit = themes.newest_fit(connection, model_id=sources.model_id)
        units = assignments.undecided(connection, last_week=week)
    if fit is None:
        distinct = len({unit.same_as for unit in units if unit.counted})
        if distinct < config.least_feedback:
            return _too_little(distinct, config)
        with database.read() as connection:
            units = assignments.units(connection, last_week=week)
        change = _first_fit(units, sources, week=week, config=config)
    else:
        change = _weekly(database, fit, units, sources, week=week, config=config)
    with database.write() as connection:
        if change.fit is not None:
            themes.add_fit(connection, stamp, change.fit, run_id=run_id)
        themes.add(connection, stamp, change.born)
        for theme in change.changed:
            themes.change(connection, stamp, theme)
        assignments.put(connection, stamp, change.decisions, run_id=run_id)
        themes.record(connection, stamp, change.events, run_id=run_id)
        reach("themes.before-commit")
    reach("themes.after-commit")
    return ThemesReport(
        fitted=change.fit is not None,
        decided=len(change.decisions),
        assigned=sum(item.theme_id is not None for item in change.decisions),
        born=tuple(event.theme_id for event in change.events if event.kind == "born"),
        continued=tuple(event.theme_id for event in change.events if event.kind == "continued"),
    )


def _too_little(distinct: int, config: ThemeConfig) -> ThemesReport:
    """Leave everything undecided: a later week with more feedback fits all of it."""
    return ThemesReport(
        fitted=False,
        decided=0,
        assigned=0,
        born=(),
        continued=(),
        note=f"{distinct} different texts are too few to find themes; {config.least_feedback} are needed.",
    )


def new_fit(space: Space, model_id: str, config: ThemeConfig) -> FitRow:
    """Return the row of a fitted space; its id is a hash of the space itself."""
    data = space.to_bytes()
    kept = {
        "smallest": config.smallest,
        "least_feedback": config.least_feedback,
        "fit_texts": config.fit_texts,
    }
    return FitRow(hashlib.sha256(data).hexdigest()[:16], model_id, kept, data)


def _first_fit(units: Sequence[UnitRow], sources: Sources, *, week: str, config: ThemeConfig) -> _Change:
    firsts = sample_of(first_of_each_text(counted(units)), config.fit_texts)
    hashes, languages = [unit.same_as for unit in firsts], [unit.language for unit in firsts]
    fitted = fit_themes(sources.vectors(hashes), languages, smallest=config.smallest, neighbours=sources.neighbours)
    fit, found = new_fit(fitted.space, sources.model_id, config), fitted.found
    polarity = learn_from(counted(units), vectors=sources.vectors, sentences=sources.sentences())
    born: list[ThemeRow] = []
    for number, centroid in enumerate(found.centroids.rows if found else ()):
        members = [one for one, label in zip(hashes, found.labels, strict=True) if label == number]  # type: ignore[union-attr]
        threshold = float(found.centroids.thresholds[number])  # type: ignore[union-attr]
        born.append(ThemeRow(theme_id(members, fit.id), fit.id, week, "active", centroid, threshold))
    themes_found = FittedThemes(fitted, firsts, born)
    decisions = decide_all(units, themes_found.decided(), themes_found.rule(), polarity, sources)
    sizes = Counter(item.theme_id for item in decisions)
    events = tuple(ThemeEvent(theme.id, "born", week, sizes[theme.id], why=FIRST_FIT) for theme in born)
    return _Change(decisions, fit, tuple(born), (), events)


def _weekly(
    database: Database, fit: FitRow, units: Sequence[UnitRow], sources: Sources, *, week: str, config: ThemeConfig
) -> _Change:
    if not units:
        return _Change()
    space = from_bytes(fit.space)
    with database.read() as connection:
        known = [theme for theme in themes.of_fit(connection, fit_id=fit.id) if theme.state != "split"]
        hashes = sorted({unit.same_as for unit in units})
        copies, corrected = assignments.by_text(connection, hashes), assignments.corrections(connection, hashes)
        recent = assignments.units(connection, first_week=weeks_before(week, WINDOW_WEEKS - 1)[0], last_week=week)
        taught = assignments.corrected(connection, last_week=week, most=EXAMPLES)
        taught += assignments.rated(connection, last_week=week, most=EXAMPLES)
        sizes = assignments.weekly_sizes(connection, first_week=weeks_before(week, USUAL_WEEKS)[0], last_week=week)
        slept_at = themes.slept_at(connection, last_week=week)
    units = with_corrections(units, corrected)
    polarity = learn_from([*taught, *counted(recent)], vectors=sources.vectors, sentences=sources.sentences())
    placed = place_units(units, sources, space, known, voters=counted(recent))
    decided = placed.decided
    decided |= {one: replace(decided[one], theme_id=theme) for one, theme in copies.items()}
    decisions = assignments_of(units, decided, placed.vectors, polarity)
    window = Window(counted(recent), decided, known, space, fit.id)
    found = discover(window, sources, week=week, smallest=config.smallest)
    with database.read() as connection:
        movers = with_corrections(assignments.of_texts(connection, sorted(found.moved)), corrected)
    decisions = _with_moves(decisions, found.moved, movers, sources, polarity)
    now = Counter(item.theme_id for item in decisions if item.theme_id is not None)
    changed, events = lives(known, found.born, sizes, now, slept_at, week)
    return _Change(decisions, None, found.born, changed, events)


def _with_moves(
    decisions: Sequence[Assignment],
    moved: Mapping[str, Decided],
    units: Sequence[UnitRow],
    sources: Sources,
    polarity: PolarityModel,
) -> tuple[Assignment, ...]:
    """Return decisions in which every unit of a text that moved, whatever its week, follows it; people's stay."""
    movers = {unit.unit_id: unit for unit in units if unit.same_as in moved and unit.method != "person"}
    if not movers:
        return tuple(decisions)
    hashes = sorted({unit.same_as for unit in movers.values()})
    vectors = dict(zip(hashes, sources.vectors(hashes), strict=True))
    again = assignments_of(list(movers.values()), moved, vectors, polarity)
    return (*(item for item in decisions if item.unit_id not in movers), *again)
