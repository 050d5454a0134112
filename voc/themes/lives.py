"""Which themes fall asleep and which wake, by how much is said of them and not by single comments.

A threshold lets in strangers now and then, so that a theme nobody speaks of any more still gets a comment a week. It
sleeps when some weeks together bring a small part of what was usual before, and wakes with a week that brings a good
part of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from voc.store.themes import ThemeEvent, ThemeRow
from voc.weeks import shift_week, week_range

DORMANT_AFTER: Final = 8
"""Quiet weeks before the week in which a theme falls asleep."""

USUAL_WEEKS: Final = 26
"""How far back it is looked for what is usual, the quiet weeks included."""

STRAY: Final = 0.1
"""Part of the usual size up to which weeks are quiet. Source: over simulated weeks, subjects that had ended got 0 to 1
comments of other subjects a week, of 12 usual ones (benchmarks/identity.py, development seeds)."""

AWAKE: Final = 0.4
"""Part of the usual size from which a week wakes a theme."""

_FEWEST: Final = 2
_HIGH: Final = 75


def lives(
    known: Sequence[ThemeRow],
    born: Sequence[ThemeRow],
    sizes: Mapping[str, Mapping[str, int]],
    now: Mapping[str, int],
    slept_at: Mapping[str, float],
    week: str,
) -> tuple[tuple[ThemeRow, ...], tuple[ThemeEvent, ...]]:
    """Return themes that fell asleep or woke, and the ledger's entries of a week.

    Args:
        known: the themes before the week.
        born: those born in it.
        sizes: comments by theme and week, of the `USUAL_WEEKS` before.
        now: comments of the week by theme.
        slept_at: for each theme that sleeps, what was usual when it fell asleep.
        week: the week.
    """
    changed: list[ThemeRow] = []
    events = [ThemeEvent(theme.id, "born", week, now.get(theme.id, 0), why="weekly update") for theme in born]
    for theme in known:
        size = now.get(theme.id, 0)
        if theme.state == "dormant":
            if size >= max(_FEWEST, AWAKE * slept_at.get(theme.id, 0.0)):
                changed.append(replace(theme, state="active"))
                events.append(ThemeEvent(theme.id, "revived", week, size, why="weekly update"))
        elif theme.state == "active":
            usual = falls_asleep(theme, sizes.get(theme.id, {}), size, week)
            if usual is not None:
                changed.append(replace(theme, state="dormant"))
                why = f"the last {DORMANT_AFTER + 1} weeks brought less than {100 * STRAY:.0f} % of the {usual:g} usual"
                events.append(ThemeEvent(theme.id, "dormant", week, size, usual, why=why))
            elif size:
                events.append(ThemeEvent(theme.id, "continued", week, size, why="weekly update"))
    return tuple(changed), tuple(sorted(events, key=lambda event: event.theme_id))


def falls_asleep(theme: ThemeRow, sizes: Mapping[str, int], now: int, week: str) -> float | None:
    """Return what was usual before, in comments a week, if a theme falls asleep this week; None if it does not."""
    quiet = week_range(shift_week(week, -DORMANT_AFTER), shift_week(week, -1))
    before = [one for one in sizes if one < quiet[0]]
    if theme.born_week >= quiet[0] and not before:
        return None
    weeks = week_range(min(before), shift_week(quiet[0], -1)) if before else ()
    usual = float(np.percentile([sizes.get(one, 0) for one in weeks], _HIGH)) if weeks else 0.0
    total = now + sum(sizes.get(one, 0) for one in quiet)
    return usual if total <= STRAY * usual * (len(quiet) + 1) else None
