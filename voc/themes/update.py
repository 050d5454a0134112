"""The weekly update: assign what is new, discover in what belongs nowhere, write it down in the ledger.

Its cost follows the week, not the history: known themes are centroids with thresholds, and only the pool of the last
weeks is searched for new ones. The first week with enough feedback fits the space and the first themes.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from voc.failpoints import reach
from voc.store import assignments, themes
from voc.store.assignments import UnitRow
from voc.store.database import Database
from voc.store.themes import FIRST_FIT, FitRow, ThemeEvent, ThemeRow
from voc.themes.centroids import KNOWN_AT, LOOSE, young_threshold
from voc.themes.decide import (
    Decided,
    Sources,
    assignments_of,
    canonical,
    counted,
    first_of_each_text,
    place_units,
    theme_id,
)
from voc.themes.engine import one_thread
from voc.themes.fit import discover_themes, fit_themes
from voc.themes.judging import learn_from, with_corrections
from voc.themes.polarity import EXAMPLES, PolarityModel
from voc.themes.space import Space, fit_space, from_bytes
from voc.types import Assignment, Stamp, Vectors
from voc.weeks import weeks_before

RECENT_WEEKS: Final = 8
DORMANT_AFTER: Final = 8
"""Weeks without a comment after which a theme is dormant; the next comment revives it."""


@dataclass(frozen=True, slots=True)
class ThemeConfig:
    """How themes are found; part of the run's manifest."""

    smallest: int = 8
    pool_weeks: int = 4
    least_feedback: int = 60


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
        "pool_weeks": config.pool_weeks,
        "least_feedback": config.least_feedback,
    }
    return FitRow(hashlib.sha256(data).hexdigest()[:16], model_id, kept, data)


def _first_fit(units: Sequence[UnitRow], sources: Sources, *, week: str, config: ThemeConfig) -> _Change:
    firsts = first_of_each_text(counted(units))
    hashes, languages = [unit.same_as for unit in firsts], [unit.language for unit in firsts]
    vectors = sources.vectors(hashes)
    fitted = fit_themes(vectors, languages, smallest=config.smallest, neighbours=sources.neighbours)
    fit, found = new_fit(fitted.space, sources.model_id, config), fitted.found
    polarity = learn_from(counted(units), vectors=sources.vectors, sentences=sources.sentences())
    born: list[ThemeRow] = []
    for number, centroid in enumerate(found.centroids.rows if found else ()):
        members = [one for one, label in zip(hashes, found.labels, strict=True) if label == number]  # type: ignore[union-attr]
        threshold = float(found.centroids.thresholds[number])  # type: ignore[union-attr]
        born.append(ThemeRow(theme_id(members, fit.id), fit.id, week, "active", centroid, threshold))
    placed = place_units(units, sources, fitted.space, born)
    decisions = assignments_of(units, placed.decided, placed.vectors, polarity)
    sizes = Counter(item.theme_id for item in decisions)
    events = tuple(ThemeEvent(theme.id, "born", week, sizes[theme.id], why=FIRST_FIT) for theme in born)
    return _Change(decisions, fit, tuple(born), (), events)


def _weekly(
    database: Database, fit: FitRow, units: Sequence[UnitRow], sources: Sources, *, week: str, config: ThemeConfig
) -> _Change:
    if not units:
        return _Change()
    space = from_bytes(fit.space)
    first_pool_week = weeks_before(week, config.pool_weeks)[0]
    with database.read() as connection:
        known = [theme for theme in themes.of_fit(connection, fit_id=fit.id) if theme.state != "split"]
        hashes = sorted({unit.same_as for unit in units})
        copies, corrected = assignments.by_text(connection, hashes), assignments.corrections(connection, hashes)
        pool = assignments.pool(connection, first_week=first_pool_week, last_week=week, loose=LOOSE)
        recent = assignments.units(connection, first_week=weeks_before(week, RECENT_WEEKS)[0], last_week=week)
        taught = assignments.corrected(connection, last_week=week, most=EXAMPLES)
        taught += assignments.rated(connection, last_week=week, most=EXAMPLES)
        seen = themes.last_seen(connection, last_week=week)
    units = with_corrections(units, corrected)
    polarity = learn_from([*taught, *counted(recent)], vectors=sources.vectors, sentences=sources.sentences())
    placed = place_units(units, sources, space, known)
    decided = placed.decided
    decided |= {one: replace(decided[one], theme_id=theme) for one, theme in copies.items()}
    decisions = assignments_of(units, decided, placed.vectors, polarity)
    left = [unit for unit in units if _is_loose(decided[unit.same_as], known) and unit.week >= first_pool_week]
    searched = sorted(counted([*pool, *left]), key=canonical)
    born, moved = _discover(_Pool(searched, counted(recent), space, known, fit.id), sources, week=week, config=config)
    with database.read() as connection:
        elsewhere = with_corrections(assignments.of_texts(connection, sorted(moved)), corrected)
    decisions = _with_moves(decisions, moved, [*searched, *elsewhere], sources, polarity)
    changed, events = _events(decisions, born, known, seen, week)
    return _Change(decisions, None, born, changed, events)


def _is_loose(decided: Decided, known: Sequence[ThemeRow]) -> bool:
    """Say whether a text belongs to no theme, or so loosely that a new theme may take it along."""
    own = decided.theme_id
    return own is None or any(theme.id == own and decided.score < theme.threshold + LOOSE for theme in known)


@dataclass(frozen=True, slots=True)
class _Pool:
    """Where new themes are looked for: units that belong nowhere or loosely, all recent units, and the known themes."""

    searched: Sequence[UnitRow]
    recent: Sequence[UnitRow]
    space: Space
    known: Sequence[ThemeRow]
    fit_id: str


def _recent_space(recent: Sequence[UnitRow], sources: Sources) -> Space:
    """Return a space of the recent weeks: the space of the first fit compresses what did not exist then."""
    firsts = first_of_each_text(recent)[:EXAMPLES]
    return fit_space(sources.vectors([unit.same_as for unit in firsts]), [unit.language for unit in firsts])


def _around(pool: _Pool, recent: Space, sources: Sources, searched: set[str]) -> Vectors:
    """Return the recent texts that are not searched, in the space of the recent weeks."""
    others = [unit for unit in first_of_each_text(pool.recent) if unit.same_as not in searched][:EXAMPLES]
    if not others:
        return np.zeros((0, recent.projection.shape[1]), np.float32)
    return recent.place(sources.vectors([unit.same_as for unit in others]), [unit.language for unit in others])


def _discover(
    pool: _Pool, sources: Sources, *, week: str, config: ThemeConfig
) -> tuple[tuple[ThemeRow, ...], dict[str, Decided]]:
    """Return themes born in the pool, and what is decided of each text that moved there, by hash."""
    firsts = first_of_each_text(pool.searched)
    if len(firsts) < config.smallest:
        return (), {}
    hashes, languages = [unit.same_as for unit in firsts], [unit.language for unit in firsts]
    with one_thread():
        vectors: Vectors = sources.vectors(hashes)
        rows = pool.space.place(vectors, languages)
        recent = _recent_space(pool.recent, sources)
        fresh, around = recent.place(vectors, languages), _around(pool, recent, sources, set(hashes))
    found = discover_themes(fresh, rows, around, smallest=config.smallest, neighbours=sources.neighbours)
    if found is None:
        return (), {}
    born: list[ThemeRow] = []
    moved: dict[str, Decided] = {}
    taken = {theme.id for theme in pool.known}
    for number, centroid in enumerate(found.centroids.rows):
        inside = np.flatnonzero(found.labels == number)
        name = theme_id([hashes[row] for row in inside], pool.fit_id)
        is_known = any(float(centroid @ theme.centroid) >= KNOWN_AT for theme in pool.known)
        if len(inside) < config.smallest or name in taken or is_known:
            continue
        threshold = young_threshold(
            float(found.centroids.thresholds[number]), len(inside), [theme.threshold for theme in pool.known]
        )
        born.append(ThemeRow(name, pool.fit_id, week, "active", centroid, threshold))
        moved.update({hashes[row]: Decided(name, float(found.scores[row]), name) for row in inside})
    return tuple(born), moved


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


def _events(
    decisions: Sequence[Assignment],
    born: Sequence[ThemeRow],
    known: Sequence[ThemeRow],
    seen: Mapping[str, str],
    week: str,
) -> tuple[tuple[ThemeRow, ...], tuple[ThemeEvent, ...]]:
    """Return themes that fell asleep or woke, and the ledger's entries of the week."""
    sizes = Counter(item.theme_id for item in decisions if item.theme_id is not None)
    new, asleep = {theme.id for theme in born}, {theme.id for theme in known if theme.state == "dormant"}
    since = weeks_before(week, DORMANT_AFTER)[0]
    changed, events = [], []
    for theme in sorted(sizes):
        kind = "born" if theme in new else "revived" if theme in asleep else "continued"
        events.append(ThemeEvent(theme, kind, week, sizes[theme], why="weekly update"))
    for row in known:
        if row.state == "dormant" and row.id in sizes:
            changed.append(replace(row, state="active"))
        elif row.state == "active" and row.id not in sizes and seen.get(row.id, row.born_week) < since:
            changed.append(replace(row, state="dormant"))
            why = f"no comment in the {DORMANT_AFTER} weeks before"
            events.append(ThemeEvent(row.id, "dormant", week, 0, why=why))
    return tuple(changed), tuple(events)
