"""Put themes into groups, and name the groups: by their one theme, else by the words that tell them from the others."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from voc.label.members import Member, comments_of
from voc.label.wording import first_free, name_key, name_words, word_names
from voc.store import groups, labels
from voc.store.database import Database
from voc.store.themes import ThemeRow
from voc.themes.groups import group_all, group_new
from voc.themes.words import stop_words
from voc.types import Stamp

READ: Final = 60
"""Comments of a theme, the strongest, that the name of its group is made from."""


@dataclass(frozen=True, slots=True)
class GroupTask:
    """Which week, whose language, over feedback in these languages; `anew` finds all groups again, as after a refit."""

    week: str
    language: str
    languages: tuple[str, ...]
    anew: bool = False


@dataclass(frozen=True, slots=True)
class GroupReport:
    """How many themes are in how many groups, and how many themes found their group now."""

    themes: int
    groups: int
    placed: int


def group_themes(
    database: Database, themes: Sequence[ThemeRow], task: GroupTask, *, stamp: Callable[[], Stamp]
) -> GroupReport:
    """Give a group to every theme that has none, or to all anew, and a name to every group whose themes changed."""
    placed = group_all(themes) if task.anew else group_new(themes)
    group_of = {theme.id: placed.get(theme.id, str(theme.group_id)) for theme in themes}
    by_group: dict[str, list[str]] = {}
    for theme_id, group_id in group_of.items():
        by_group.setdefault(group_id, []).append(theme_id)
    with database.read() as connection:
        known = groups.names(connection)
        names = {one: label.name for one, label in labels.newest(connection, language=task.language).items()}
    changed = {group_of[one] for one in placed} | {one for one in by_group if not known.get(one)}
    if changed:
        made = _names(database, by_group, names, task)
        with database.write() as connection:
            groups.put(connection, stamp(), placed, week=task.week)
            groups.rename(connection, stamp(), {one: made[one] for one in sorted(changed)})
    return GroupReport(len(themes), len(by_group), len(placed))


def _names(
    database: Database, by_group: Mapping[str, Sequence[str]], names: Mapping[str, str], task: GroupTask
) -> dict[str, str]:
    """Return a name for each group, no two alike."""
    members: dict[str, list[Member]] = {
        group: [
            member for theme in themes for member in comments_of(database, theme, last_week=task.week).strongest[:READ]
        ]
        for group, themes in by_group.items()
    }
    words = name_words(members, language=task.language, stop=stop_words(task.languages))
    found: dict[str, str] = {}
    for group in sorted(by_group, key=lambda one: (len(by_group[one]), one)):
        only = names.get(by_group[group][0]) if len(by_group[group]) == 1 else None
        taken = {name_key(name) for name in found.values()}
        found[group] = first_free([only] if only else word_names(words[group], task.language), taken)
    return found
