"""The weekly update: assign what is new, discover in what belongs nowhere, write it down in the ledger.

Its cost follows the week, not the history: known themes are centroids with thresholds, and only the pool of the last
weeks is searched for new ones. The first week with enough feedback fits the space and the first themes.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from voc.failpoints import reach
from voc.store import assignments, themes
from voc.store.assignments import UnitRow
from voc.store.database import Database
from voc.store.themes import FIRST_FIT, FitRow, ThemeEvent, ThemeRow
from voc.themes.centroids import KNOWN_AT, LOOSE, Centroids, nearest
from voc.themes.engine import one_thread
from voc.themes.fit import discover_themes, find_themes
from voc.themes.graph import FindNeighbours
from voc.themes.polarity import PolarityModel, judge, learn
from voc.themes.space import Space, fit_space, from_bytes
from voc.types import Assignment, Stamp, Vectors
from voc.weeks import weeks_before

EXAMPLES: Final = 4000
"""At most so many comments teach what a complaint is; they are taken in canonical order, which is by hash."""


RECENT_WEEKS: Final = 8


@dataclass(frozen=True, slots=True)
class ThemeConfig:
    """How themes are found; part of the run's manifest."""

    smallest: int = 8
    pool_weeks: int = 4
    least_feedback: int = 60


@dataclass(frozen=True, slots=True)
class Sources:
    """Where vectors `(n, d)` come from, by text hash, and what finds the nearest of many rows."""

    model_id: str
    vectors: Callable[[Sequence[str]], Vectors]
    neighbours: FindNeighbours


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
    events: tuple[ThemeEvent, ...] = ()


def update_themes(
    database: Database, sources: Sources, *, week: str, config: ThemeConfig, stamp: Stamp, run_id: str
) -> ThemesReport:
    """Bring assignments and themes up to a week; a second call with nothing new changes nothing."""
    with database.read() as connection:
        fit = themes.newest_fit(connection, model_id=sources.model_id)
        units = assignments.undecided(connection, last_week=week)
    if fit is None:
        distinct = len({unit.text_hash for unit in units})
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


def _first_fit(units: Sequence[UnitRow], sources: Sources, *, week: str, config: ThemeConfig) -> _Change:
    firsts = _first_of_each_text(units)
    hashes = [unit.text_hash for unit in firsts]
    vectors = sources.vectors(hashes)
    with one_thread():
        space = fit_space(vectors, [unit.language for unit in firsts])
        rows = space.place(vectors, [unit.language for unit in firsts])
        polarity = _polarity(vectors, firsts)
    space_bytes = space.to_bytes()
    fit_id = hashlib.sha256(space_bytes).hexdigest()[:16]
    found = find_themes(rows, smallest=config.smallest, neighbours=sources.neighbours)
    born: list[ThemeRow] = []
    if found is not None:
        for number in range(len(found.centroids.rows)):
            members = [one for one, label in zip(hashes, found.labels, strict=True) if label == number]
            born.append(
                ThemeRow(
                    theme_id(members, fit_id),
                    fit_id,
                    week,
                    "active",
                    found.centroids.rows[number],
                    float(found.centroids.thresholds[number]),
                )
            )
    ids: dict[str, tuple[str | None, float, str | None]] = {}
    for row, one in enumerate(hashes):
        if found is None:
            ids[one] = (None, 0.0, None)
        else:
            label = int(found.labels[row])
            near = born[int(found.nearest[row])].id
            ids[one] = (born[label].id if label >= 0 else None, float(found.scores[row]), near)
    decisions = _decisions(units, ids, vectors, hashes, polarity)
    sizes = Counter(item.theme_id for item in decisions)
    events = tuple(ThemeEvent(theme.id, "born", week, sizes[theme.id], why=FIRST_FIT) for theme in born)
    fit = FitRow(fit_id, sources.model_id, _config(config), space_bytes)
    return _Change(decisions, fit, tuple(born), events)


def _weekly(
    database: Database, fit: FitRow, units: Sequence[UnitRow], sources: Sources, *, week: str, config: ThemeConfig
) -> _Change:
    if not units:
        return _Change()
    space = from_bytes(fit.space)
    firsts = _first_of_each_text(units)
    hashes = [unit.text_hash for unit in firsts]
    first_pool_week = weeks_before(week, config.pool_weeks)[0]
    with database.read() as connection:
        known = themes.of_fit(connection, fit_id=fit.id)
        copies = assignments.by_text(connection, hashes)
        pool = assignments.pool(connection, first_week=first_pool_week, last_week=week, loose=LOOSE)
        examples = assignments.units(connection, first_week=weeks_before(week, 52)[0], last_week=week)
    vectors = sources.vectors(hashes)
    taught = sorted(_first_of_each_text(examples), key=lambda unit: unit.text_hash)[:EXAMPLES]
    with one_thread():
        polarity = _polarity(sources.vectors([unit.text_hash for unit in taught]), taught)
        rows = space.place(vectors, [unit.language for unit in firsts])
        ids = _assign(rows, hashes, known, copies)
    decisions = list(_decisions(units, ids, vectors, hashes, polarity))
    left = [unit for unit in units if _is_loose(ids[unit.text_hash], known) and unit.week >= first_pool_week]
    searched = sorted([*pool, *left], key=lambda unit: (unit.text_hash, unit.unit_id))
    recent = [unit for unit in examples if unit.week >= weeks_before(week, RECENT_WEEKS)[0]]
    pool_of_week = _Pool(searched, recent, space, known, fit.id)
    born, moved = _discover(pool_of_week, sources, week=week, config=config)
    with database.read() as connection:
        elsewhere = assignments.of_texts(connection, sorted(moved))
    decisions = _with_moves(decisions, moved, searched, elsewhere, sources, polarity)
    return _Change(tuple(decisions), None, born, _events(decisions, born, week))


def _assign(
    rows: Vectors, hashes: Sequence[str], known: Sequence[ThemeRow], copies: Mapping[str, str]
) -> dict[str, tuple[str | None, float, str | None]]:
    if not known:
        return {one: (None, 0.0, None) for one in hashes}
    centroids = Centroids(np.stack([theme.centroid for theme in known]), np.array([theme.threshold for theme in known]))
    near = nearest(rows, centroids)
    ids: dict[str, tuple[str | None, float, str | None]] = {}
    for row, one in enumerate(hashes):
        nearest_id = known[int(near.theme[row])].id
        own = nearest_id if near.belongs[row] else None
        ids[one] = (copies.get(one, own), float(near.score[row]), nearest_id)
    return ids


def _is_loose(decided: tuple[str | None, float, str | None], known: Sequence[ThemeRow]) -> bool:
    """Say whether a text belongs to no theme, or so loosely that a new theme may take it along."""
    own, score, _ = decided
    return own is None or any(theme.id == own and score < theme.threshold + LOOSE for theme in known)


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
    firsts = _first_of_each_text(recent)[:EXAMPLES]
    return fit_space(sources.vectors([unit.text_hash for unit in firsts]), [unit.language for unit in firsts])


def _discover(
    pool: _Pool, sources: Sources, *, week: str, config: ThemeConfig
) -> tuple[tuple[ThemeRow, ...], dict[str, tuple[str, float]]]:
    """Return themes born in the pool, and for each text hash that moved there its theme and score."""
    firsts = _first_of_each_text(pool.searched)
    if len(firsts) < config.smallest:
        return (), {}
    hashes = [unit.text_hash for unit in firsts]
    with one_thread():
        rows = pool.space.place(sources.vectors(hashes), [unit.language for unit in firsts])
        fresh = _recent_space(pool.recent, sources).place(sources.vectors(hashes), [unit.language for unit in firsts])
    found = discover_themes(fresh, rows, smallest=config.smallest, neighbours=sources.neighbours)
    if found is None:
        return (), {}
    born: list[ThemeRow] = []
    moved: dict[str, tuple[str, float]] = {}
    taken = {theme.id for theme in pool.known}
    for number, centroid in enumerate(found.centroids.rows):
        inside = np.flatnonzero(found.labels == number)
        name = theme_id([hashes[row] for row in inside], pool.fit_id)
        is_known = any(float(centroid @ theme.centroid) >= KNOWN_AT for theme in pool.known)
        if len(inside) < config.smallest or name in taken or is_known:
            continue
        born.append(ThemeRow(name, pool.fit_id, week, "active", centroid, float(found.centroids.thresholds[number])))
        moved.update({hashes[row]: (name, float(found.scores[row])) for row in inside})
    return tuple(born), moved


def _with_moves(
    decisions: Sequence[Assignment],
    moved: Mapping[str, tuple[str, float]],
    searched: Sequence[UnitRow],
    copies: Sequence[UnitRow],
    sources: Sources,
    polarity: PolarityModel | None,
) -> list[Assignment]:
    if not moved:
        return list(decisions)
    fresh = {unit.unit_id for unit in searched}
    movers = [*(unit for unit in searched if unit.text_hash in moved), *(c for c in copies if c.unit_id not in fresh)]
    ids = {one: (theme, score, theme) for one, (theme, score) in moved.items()}
    hashes = sorted({unit.text_hash for unit in movers})
    again = _decisions(movers, ids, sources.vectors(hashes), hashes, polarity)
    replaced = {item.unit_id for item in again}
    return [*(item for item in decisions if item.unit_id not in replaced), *again]


def _decisions(
    units: Sequence[UnitRow],
    ids: Mapping[str, tuple[str | None, float, str | None]],
    vectors: Vectors,
    hashes: Sequence[str],
    polarity: PolarityModel | None,
) -> tuple[Assignment, ...]:
    places = {one: row for row, one in enumerate(hashes)}
    judged = judge(vectors[[places[unit.text_hash] for unit in units]], [unit.rating for unit in units], polarity)
    return tuple(
        Assignment(
            unit_id=unit.unit_id,
            theme_id=ids[unit.text_hash][0],
            score=ids[unit.text_hash][1],
            nearest_theme_id=ids[unit.text_hash][2],
            polarity=judgement.polarity,
            polarity_method=judgement.method,
        )
        for unit, judgement in zip(units, judged, strict=True)
    )


def _events(decisions: Sequence[Assignment], born: Sequence[ThemeRow], week: str) -> tuple[ThemeEvent, ...]:
    sizes = Counter(item.theme_id for item in decisions if item.theme_id is not None)
    new = {theme.id for theme in born}
    return tuple(
        ThemeEvent(theme, "born" if theme in new else "continued", week, sizes[theme], why="weekly update")
        for theme in sorted(sizes)
    )


def theme_id(member_hashes: Sequence[str], fit_id: str) -> str:
    """Return the id of a theme: a hash of the fit and of the texts that it was born with."""
    return hashlib.sha256("\n".join([fit_id, *sorted(member_hashes)]).encode()).hexdigest()[:12]


def _first_of_each_text(units: Sequence[UnitRow]) -> list[UnitRow]:
    firsts: dict[str, UnitRow] = {}
    for unit in sorted(units, key=lambda unit: (unit.text_hash, unit.unit_id)):
        firsts.setdefault(unit.text_hash, unit)
    return list(firsts.values())


def _polarity(vectors: Vectors, units: Sequence[UnitRow]) -> PolarityModel | None:
    return learn(vectors, [unit.rating for unit in units])


def _config(config: ThemeConfig) -> dict[str, object]:
    return {
        "smallest": config.smallest,
        "pool_weeks": config.pool_weeks,
        "least_feedback": config.least_feedback,
    }
