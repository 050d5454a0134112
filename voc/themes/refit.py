"""Find all themes anew over the whole history, and keep their identity: an explicit act, never part of a weekly run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from voc.errors import InputError
from voc.failpoints import reach
from voc.store import assignments, themes
from voc.store.assignments import UnitRow
from voc.store.database import Database
from voc.store.themes import ENDED, FitRow, ThemeEvent, ThemeRow
from voc.themes.centroids import measure
from voc.themes.decide import Decided, Sources, assignments_of, counted, first_of_each_text, place_fitted, theme_id
from voc.themes.engine import one_thread
from voc.themes.fit import fit_themes
from voc.themes.judging import learn_from
from voc.themes.matching import match_clusters
from voc.themes.space import carried, from_bytes
from voc.themes.update import ThemeConfig, new_fit
from voc.types import Stamp, Vectors


@dataclass(frozen=True, slots=True)
class RefitReport:
    """What a refit did; `agreement` is the share of comments that people moved which the machine now puts there too."""

    texts: int
    continued: tuple[str, ...]
    born: tuple[str, ...]
    split: tuple[str, ...]
    merged: tuple[str, ...]
    dormant: tuple[str, ...]
    moved_by_people: int
    agreement: float | None


def refit_themes(
    database: Database, sources: Sources, *, week: str, config: ThemeConfig, stamp: Stamp, run_id: str
) -> RefitReport:
    """Fit a new space and new themes over everything up to a week, and match them to the known ones by shared texts.

    The known themes may be of another encoder: texts tell what continues, not vectors. A locked theme keeps its id and
    every comment that it had; comments that people moved stay where they put them.

    Raises:
        InputError: there is too little feedback, or no theme to be found in it.
    """
    with database.read() as connection:
        old = themes.newest_fit(connection, model_id=None)
        known = themes.of_fit(connection, fit_id=old.id) if old else ()
        units = assignments.units(connection, last_week=week)
    firsts = first_of_each_text(counted(units))
    if old is None or len(firsts) < config.least_feedback:
        raise InputError("There are no themes to refit yet. Run a week first: voc run --week 2024-W40")
    hashes, languages = [unit.same_as for unit in firsts], [unit.language for unit in firsts]
    vectors = sources.vectors(hashes)
    fitted = fit_themes(vectors, languages, smallest=config.smallest, neighbours=sources.neighbours)
    if fitted.found is None:
        raise InputError("No theme can be found in this feedback; the known ones stay.")
    fit = new_fit(fitted.space, sources.model_id, config)
    locked = {theme.id for theme in known if theme.locked}
    before = [unit.theme_id for unit in firsts]
    renewed = _renew(known, before, fitted.found.labels, locked, hashes, week=week, fit_id=fit.id)
    polarity = learn_from(counted(units), vectors=sources.vectors, sentences=sources.sentences())
    with one_thread():
        named = _measured(fitted.rows, renewed.labels, renewed.rows)
        left = [theme for theme in known if theme.locked and theme.state not in ENDED]
        empty = _carried([theme for theme in left if theme.id not in {one.id for one in named}], old, fit)
    named += empty
    placed = place_fitted(units, firsts, vectors, fitted, sources, named)
    for unit in units:
        if unit.theme_id in locked:
            placed.decided[unit.same_as] = replace(placed.decided[unit.same_as], theme_id=unit.theme_id)
    by_machine = [unit for unit in units if unit.method != "person"]
    decisions = assignments_of(by_machine, placed.decided, placed.vectors, polarity)
    sizes = Counter(item.theme_id for item in decisions)
    told = [*renewed.events, *(ThemeEvent(one.id, "continued", week, 0, why="refit: locked") for one in empty)]
    events = [replace(event, members=sizes[event.theme_id]) for event in told]
    with database.write() as connection:
        themes.add_fit(connection, stamp, fit, run_id=run_id)
        born = {theme.id for theme in named} - {theme.id for theme in known}
        themes.add(connection, stamp, [theme for theme in named if theme.id in born])
        for theme in (*(one for one in named if one.id not in born), *renewed.ended):
            themes.change(connection, stamp, theme)
        assignments.put(connection, stamp, decisions, run_id=run_id)
        for theme in renewed.ended:
            if theme.into is not None:
                assignments.rehome(connection, old=theme.id, new=theme.into)
        again = old.id == fit.id
        fresh = [event for event in events if not (again and event.kind == "continued")]  # the ledger has it already
        themes.record(connection, stamp, fresh, run_id=run_id)
        reach("themes.before-commit")
    return _report(len(firsts), units, placed.decided, events)


@dataclass(frozen=True, slots=True)
class _Renewed:
    """Themes of the new fit (without centroids yet) with the place of each text, those that ended, and the events."""

    rows: tuple[ThemeRow, ...]
    labels: NDArray[np.int64]
    ended: tuple[ThemeRow, ...]
    events: tuple[ThemeEvent, ...]


def _renew(
    known: Sequence[ThemeRow],
    before: Sequence[str | None],
    labels: NDArray[np.int64],
    locked: set[str],
    hashes: Sequence[str],
    *,
    week: str,
    fit_id: str,
) -> _Renewed:
    by_id = {theme.id: theme for theme in known}
    matching = match_clusters(before, [int(label) for label in labels])
    rows: list[ThemeRow] = []
    events: list[ThemeEvent] = []
    for match in matching.clusters:
        if match.theme_id is not None:
            rows.append(replace(by_id[match.theme_id], fit_id=fit_id, state="active", into=None))
            events.append(ThemeEvent(match.theme_id, "continued", week, 0, match.overlap, why="refit"))
            continue
        name = theme_id([one for one, label in zip(hashes, labels, strict=True) if label == match.cluster], fit_id)
        parents = (match.split_from,) if match.split_from else ()
        rows.append(ThemeRow(name, fit_id, week, "active", np.zeros(0, np.float32), 0.0))
        events.append(ThemeEvent(name, "split" if parents else "born", week, 0, parents=parents, why="refit"))
    places = labels.copy()
    ended: list[ThemeRow] = []
    for gone, home in matching.ended.items():
        if gone in locked:
            places[[row for row, theme in enumerate(before) if theme == gone]] = len(rows)
            rows.append(replace(by_id[gone], fit_id=fit_id, state="active"))
            events.append(ThemeEvent(gone, "continued", week, 0, why="refit: locked"))
            continue
        into = rows[home].id if home is not None else None
        ended.append(replace(by_id[gone], state="merged" if into else "dormant", into=into))
        children = (into,) if into else ()
        events.append(ThemeEvent(gone, "merged" if into else "dormant", week, 0, children=children, why="refit"))
    place_of = {one.id: place for place, one in enumerate(rows) if one.id in locked}
    for row, theme in enumerate(before):
        if theme in place_of:
            places[row] = place_of[theme]
    left = [place for place in range(len(rows)) if (places == place).any()]
    numbers = {place: number for number, place in enumerate(left)}
    labelled = np.array([numbers.get(int(place), -1) for place in places], dtype=np.int64)
    kept = {rows[place].id for place in left}
    told = [event for event in events if event.theme_id in kept or event.kind in ("merged", "dormant")]
    return _Renewed(tuple(rows[place] for place in left), labelled, tuple(ended), tuple(told))


def _measured(rows: Vectors, labels: NDArray[np.int64], named: Sequence[ThemeRow]) -> tuple[ThemeRow, ...]:
    """Return themes with centroid and threshold measured over the texts that have their number."""
    centroids = measure(rows, labels)
    return tuple(
        replace(theme, centroid=centroids.rows[number], threshold=float(centroids.thresholds[number]))
        for number, theme in enumerate(named)
    )


def _carried(left: Sequence[ThemeRow], old: FitRow, fit: FitRow) -> tuple[ThemeRow, ...]:
    """Return themes that no text belongs to, such as a team's new codes, in a new space; none from another encoder."""
    if not left or old.model_id != fit.model_id:
        return ()
    rows = carried(np.stack([theme.centroid for theme in left]), from_bytes(old.space), from_bytes(fit.space))
    return tuple(replace(theme, fit_id=fit.id, centroid=row) for theme, row in zip(left, rows, strict=True))


def _report(
    texts: int,
    units: Sequence[UnitRow],
    decided: Mapping[str, Decided],
    events: Sequence[ThemeEvent],
) -> RefitReport:
    moved = [unit for unit in units if unit.method == "person"]
    agreed = [unit for unit in moved if decided[unit.same_as].theme_id == unit.theme_id]

    def of(kind: str) -> tuple[str, ...]:
        return tuple(event.theme_id for event in events if event.kind == kind)

    return RefitReport(
        texts,
        of("continued"),
        of("born"),
        of("split"),
        of("merged"),
        of("dormant"),
        len(moved),
        len(agreed) / len(moved) if moved else None,
    )
