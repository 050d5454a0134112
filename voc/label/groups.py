"""Put themes into groups, and name each group by its largest themes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from voc.store import counts, groups, labels
from voc.store.database import Database
from voc.store.themes import ThemeRow
from voc.themes.groups import group_all, group_new
from voc.types import Stamp

NAMED: Final = 2
"""Themes that a group is named by. Words that its comments share, the other way tried, said less than two names do."""


@dataclass(frozen=True, slots=True)
class GroupReport:
    """How many themes are in how many groups, and how many themes found their group now."""

    themes: int
    groups: int
    placed: int


def group_themes(
    database: Database,
    themes: Sequence[ThemeRow],
    *,
    week: str,
    language: str,
    stamp: Callable[[], Stamp],
    anew: bool = False,
) -> GroupReport:
    """Give a group to every theme that has none, and a name to every group.

    Args:
        database: the store.
        themes: the themes in force.
        week: in which new groups are born.
        language: that of names.
        stamp: who acts, now.
        anew: find the groups of all themes again, as after a refit.
    """
    placed = group_all(themes) if anew else group_new(themes)
    by_group: dict[str, list[str]] = {}
    for theme in themes:
        by_group.setdefault(placed.get(theme.id, str(theme.group_id)), []).append(theme.id)
    with database.read() as connection:
        known = groups.names(connection)
        names = {one: label.name for one, label in labels.newest(connection, language=language).items()}
        sizes = counts.theme_sizes(connection)
    made = {
        group: group_name(sorted(found, key=lambda one: (-sizes.get(one, 0), one)), names)
        for group, found in by_group.items()
    }
    renamed = {group: name for group, name in made.items() if known.get(group) != name}
    if placed or renamed:
        with database.write() as connection:
            groups.put(connection, stamp(), placed, week=week)
            groups.rename(connection, stamp(), renamed)
    return GroupReport(len(themes), len(by_group), len(placed))


def group_name(theme_ids: Sequence[str], names: Mapping[str, str]) -> str:
    """Return the names of the first themes, and how many more there are."""
    shown = [names.get(one, one) for one in theme_ids[:NAMED]]
    left = len(theme_ids) - len(shown)
    return " · ".join([*shown, f"+{left}"] if left else shown)
