"""What people decide about themes: recorded with who and why, and kept by every later run and refit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from voc.errors import InputError
from voc.store import assignments, audit, feedback, labels, themes
from voc.store.assignments import UnitRow
from voc.store.database import Database
from voc.store.labels import LabelRow
from voc.store.themes import ENDED, FitRow, ThemeEvent, ThemeRow
from voc.themes.centroids import measure
from voc.themes.decide import Sources, first_of_each_text, theme_id
from voc.themes.engine import one_thread
from voc.themes.fit import fit_themes, in_order
from voc.themes.space import from_bytes
from voc.types import Feedback, Polarity, Stamp, Vectors
from voc.weeks import week_of

LONGEST_NAME: Final = 80
NOWHERE: Final = "none"
"""In place of a theme's id: the comment belongs to no theme."""

_LAST: Final = "9999-W53"


@dataclass(frozen=True, slots=True)
class Merged:
    """The theme that stayed, and how many comments moved there."""

    theme: ThemeRow
    moved: int


@dataclass(frozen=True)
class ThemeEditor:
    """Changes themes as a person decides: `stamp` is who and when, `why` the reason that is kept.

    `language` is that of names, `smallest` the fewest texts of a part; `sources` is asked for only by a split.
    """

    database: Database
    stamp: Stamp
    why: str
    language: str
    smallest: int
    sources: Callable[[], Sources]

    def rename(self, one: str, name: str) -> ThemeRow:
        """Give a theme a name that no later run changes.

        Raises:
            InputError: the name is empty, too long, or another theme's.
        """
        plain = " ".join(name.split())
        if not plain or len(plain) > LONGEST_NAME:
            raise InputError(f"The name has {len(plain)} characters; 1 to {LONGEST_NAME} are allowed.")
        with self.database.write() as connection:
            theme = themes.get(connection, one)
            known = labels.newest(connection, language=self.language)
            twins = sorted(other for other, label in known.items() if label.name.casefold() == plain.casefold())
            if [other for other in twins if other != theme.id]:
                raise InputError(f"Theme {twins[0]} is named '{plain}' already. Choose another, or merge the two.")
            old = known.get(theme.id)
            summary, words, version = (old.summary, old.keywords, old.version + 1) if old else ("", (), 1)
            label = LabelRow(theme.id, self.language, version, plain, summary, words, "person", None, "")
            labels.add(connection, self.stamp, label, feedback_ids=(), run_id=None)
            themes.record_act(connection, self.stamp, self._event("renamed", theme.id), detail={"name": plain})
        return theme

    def merge(self, one: str, other: str) -> Merged:
        """Make one theme a part of another; comments that would have joined it join the other from now on.

        The theme that stays is locked, so that no refit takes it apart again.

        Raises:
            InputError: both are the same theme, one is locked, or one of them is no longer there.
        """
        with self.database.write() as connection:
            source, target = themes.get(connection, one), themes.get(connection, other)
            if source.id == target.id:
                raise InputError(f"{source.id} cannot be merged with itself.")
            _must_be_there(source, target)
            if source.locked:
                raise InputError(f"Theme {source.id} is locked. Unlock it first: voc themes unlock {source.id}")
            moved = assignments.rehome(connection, old=source.id, new=target.id)
            themes.change(connection, self.stamp, replace(source, state="merged", into=target.id))
            themes.change(connection, self.stamp, replace(target, locked=True))
            event = self._event("merged", source.id, members=moved, children=(target.id,))
            themes.record_act(connection, self.stamp, event)
        return Merged(target, moved)

    def mark(self, one: str, *, locked: bool | None = None, muted: bool | None = None) -> ThemeRow:
        """Lock or unlock, mute or unmute a theme; None leaves it as it is."""
        with self.database.write() as connection:
            theme = themes.get(connection, one)
            changed = replace(
                theme,
                locked=theme.locked if locked is None else locked,
                muted=theme.muted if muted is None else muted,
            )
            themes.change(connection, self.stamp, changed)
            detail = {"locked": changed.locked, "muted": changed.muted, "why": self.why}
            audit.record(connection, self.stamp, action="mark theme", subject=theme.id, detail=detail)
        return changed

    def move(self, feedback_id: str, one: str) -> int:
        """Put a comment, and every exact copy of it, into a theme (or "none"); return how many moved.

        Raises:
            NotFoundError: no comment, or more than one, begins with that id.
            InputError: no run has looked at it yet, or the theme is no longer there.
        """
        with self.database.write() as connection:
            target = None if one == NOWHERE else themes.get(connection, one)
            if target is not None:
                _must_be_there(target)
            comment = feedback.begins_with(connection, feedback_id)
            units = assignments.copies_of(connection, comment.id)
            _must_be_decided(comment, units)
            home = target.id if target else None
            assignments.move(connection, self.stamp, [unit.unit_id for unit in units], theme_id=home)
            detail = {"theme": home or "", "why": self.why}
            audit.record(connection, self.stamp, action="move comment", subject=comment.id, detail=detail)
        return len(units)

    def judge(self, feedback_id: str, polarity: Polarity) -> int:
        """Say what a comment, and every copy of it, is; return how many comments that concerns.

        No later run says otherwise, and later runs learn from it.

        Raises:
            NotFoundError: no comment, or more than one, begins with that id.
            InputError: no run has looked at it yet.
        """
        with self.database.write() as connection:
            comment = feedback.begins_with(connection, feedback_id)
            units = assignments.copies_of(connection, comment.id)
            _must_be_decided(comment, units)
            assignments.judge(connection, self.stamp, [unit.unit_id for unit in units], polarity=polarity)
            detail = {"polarity": polarity.value, "why": self.why}
            audit.record(connection, self.stamp, action=assignments.JUDGED, subject=comment.id, detail=detail)
        return len({unit.feedback_id for unit in units})

    def split(self, one: str) -> tuple[ThemeRow, ...]:
        """Part a theme along the subjects among its own comments; its id ends, and its parts are new, locked themes.

        Raises:
            InputError: its comments hang together, are too few, or it is no longer there.
        """
        sources = self.sources()
        with self.database.read() as connection:
            theme = themes.get(connection, one)
            fit = themes.newest_fit(connection, model_id=sources.model_id)
            members = assignments.members(connection, theme_id=theme.id, last_week=_LAST)
        _must_be_there(theme)
        if fit is None or theme.fit_id != fit.id:
            raise InputError(f"Theme {theme.id} is not one of the themes in force. 'voc themes list' shows them.")
        firsts = first_of_each_text(members)
        if len(firsts) < 2 * self.smallest:
            raise InputError(
                f"Theme {theme.id} has {len(firsts)} different comments; a split needs {2 * self.smallest}."
            )
        hashes, languages = [unit.same_as for unit in firsts], [unit.language for unit in firsts]
        vectors = sources.vectors(hashes)
        found = fit_themes(vectors, languages, smallest=self.smallest, neighbours=sources.neighbours).found
        groups = None if found is None else in_order(found.nearest)
        if groups is None or groups.max() < 1:
            raise InputError(f"The comments of theme {theme.id} hang together; no two subjects can be told apart.")
        parts = _parts(theme, hashes, groups, from_bytes(fit.space).place(vectors, languages), fit)
        homes = {text: parts[int(group)].id for text, group in zip(hashes, groups, strict=True)}
        with self.database.write() as connection:
            themes.add(connection, self.stamp, parts)
            themes.change(connection, self.stamp, replace(theme, state="split", locked=False))
            for part in parts:
                units = [unit.unit_id for unit in members if homes[unit.same_as] == part.id]
                assignments.rehome_units(connection, units, new=part.id)
                event = self._event("born", part.id, members=len(units), parents=(theme.id,))
                themes.record_act(connection, self.stamp, event)
            children = tuple(part.id for part in parts)
            event = self._event("split", theme.id, members=len(members), children=children)
            themes.record_act(connection, self.stamp, event)
        return parts

    def _event(
        self,
        kind: str,
        theme: str,
        *,
        members: int = 0,
        parents: tuple[str, ...] = (),
        children: tuple[str, ...] = (),
    ) -> ThemeEvent:
        """Return the ledger's entry of an act, in the ISO week (UTC) in which it was done."""
        week, why = week_of(self.stamp.at, "UTC"), f"{self.stamp.actor}: {self.why}"
        return ThemeEvent(theme, kind, week, members, None, parents, children, why)


def _must_be_there(*rows: ThemeRow) -> None:
    for theme in rows:
        if theme.state in ENDED:
            raise InputError(f"Theme {theme.id} was {theme.state} before; see: voc themes history {theme.id}")


def _must_be_decided(comment: Feedback, units: Sequence[UnitRow]) -> None:
    if any(unit.method is None for unit in units):
        raise InputError(f"No run has looked at {comment.id[:8]} yet. Run its week first: voc run --week WEEK")


def _parts(
    theme: ThemeRow, hashes: Sequence[str], groups: NDArray[np.int64], rows: Vectors, fit: FitRow
) -> tuple[ThemeRow, ...]:
    """Return a theme for each group of texts, measured over rows `(n, c)` in the space of the fit."""
    with one_thread():
        centroids = measure(rows, groups)
    parts = []
    for number in range(int(groups.max()) + 1):
        texts = [one for one, group in zip(hashes, groups, strict=True) if group == number]
        name, threshold = theme_id([theme.id, *texts], fit.id), float(centroids.thresholds[number])
        row = ThemeRow(name, fit.id, theme.born_week, "active", centroids.rows[number], threshold, locked=True)
        parts.append(row)
    return tuple(parts)
