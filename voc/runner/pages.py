"""A theme as people look at it: with its label, its size, its group and its ledger."""

from __future__ import annotations

from dataclasses import dataclass

from voc.label.ground import nearest_themes
from voc.store import counts, groups, labels, themes
from voc.store.database import Connection
from voc.store.labels import LabelRow
from voc.store.themes import ENDED, ThemeEvent, ThemeRow
from voc.wiring import Services


@dataclass(frozen=True, slots=True)
class ThemeEntry:
    """A theme with its label (None before it is named), how many comments it has in all, and its group's name."""

    theme: ThemeRow
    label: LabelRow | None
    comments: int
    group: str = ""

    @property
    def name_in_doubt(self) -> bool:
        """Say whether the nearest theme's name fits its comments better than its own does."""
        return self.label is not None and labels.is_doubted(self.label.faithfulness)


@dataclass(frozen=True, slots=True)
class ThemePage:
    """A theme with its ledger, and the name of the nearest theme, which its own is measured against."""

    entry: ThemeEntry
    events: tuple[ThemeEvent, ...]
    nearest: str = ""


def sizes_seen(services: Services, connection: Connection) -> dict[str, int]:
    """Return how many comments each theme has in the markets that the reader sees."""
    limited = services.who is not None and services.who.markets is not None
    return counts.theme_sizes(connection, markets=services.seen_markets if limited else None)


def theme_entries(services: Services) -> tuple[ThemeEntry, ...]:
    """Return the themes of the fit in force, the largest first."""
    with services.database.read() as connection:
        fits = [
            fit for model in themes.fit_models(connection) if (fit := themes.newest_fit(connection, model_id=model))
        ]
        rows = [row for fit in fits for row in themes.of_fit(connection, fit_id=fit.id) if row.state not in ENDED]
        known = labels.newest(connection, language=services.settings.workspace.reader_language)
        sizes, names = sizes_seen(services, connection), groups.names(connection)
    entries = [
        ThemeEntry(row, known.get(row.id), sizes.get(row.id, 0), names.get(row.group_id or "", "")) for row in rows
    ]
    return tuple(sorted(entries, key=lambda one: (-one.comments, one.theme.id)))


def theme_page(services: Services, theme_id: str) -> ThemePage:
    """Return one theme by the beginning of its id.

    Raises:
        NotFoundError: no theme, or more than one, begins with it.
    """
    with services.database.read() as connection:
        row = themes.get(connection, theme_id)
        known = labels.newest(connection, language=services.settings.workspace.reader_language)
        size, names = sizes_seen(services, connection).get(row.id, 0), groups.names(connection)
        events = themes.events(connection, theme_id=row.id)
        beside = [one for one in themes.of_fit(connection, fit_id=row.fit_id) if one.state not in ENDED]
    named = {one.id: one.centroid for one in (row, *beside) if one.id in known}
    near = nearest_themes(row.id, named, count=1) if row.id in named else ()
    entry = ThemeEntry(row, known.get(row.id), size, names.get(row.group_id or "", ""))
    return ThemePage(entry, events, "".join(known[one].name for one in near))
