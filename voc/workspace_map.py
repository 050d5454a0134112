"""The part of the Python door that draws feedback: themes and a sample of their comments in two dimensions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from voc.wiring import Services

T = TypeVar("T")

MOST_POINTS: Final = 5000
FEWEST_POINTS: Final = 5
"""Of every theme that has them, however small its share."""


@dataclass(frozen=True, slots=True)
class MapTheme:
    """A theme on the map: its middle and radius, within -1 and 1, and how many comments it has."""

    id: str
    name: str
    x: float
    y: float
    radius: float
    comments: int


@dataclass(frozen=True, slots=True)
class MapPoint:
    """A comment on the map; `theme` is the place of its theme in the list."""

    id: str
    x: float
    y: float
    theme: int


@dataclass(frozen=True, slots=True)
class FeedbackMap:
    """The map of the markets that somebody sees: themes, the largest first, and `points` of `comments` in all."""

    themes: tuple[MapTheme, ...]
    points: tuple[MapPoint, ...]
    comments: int


class MapCalls:
    """What a workspace draws; `Workspace` has these calls as its own."""

    services: Services

    def feedback_map(self, *, most: int = MOST_POINTS) -> FeedbackMap:
        """Return the map of the markets that the reader sees, at most so many comments, evenly by theme.

        Raises:
            NotAllowedError: the reader's role sees no single comments.
            ModelError: the encoder's weights are not here.
        """
        import numpy as np

        from voc.access import check_reads
        from voc.runner.steps import vectors_of
        from voc.store import labels, map_units, themes
        from voc.store.themes import ENDED
        from voc.themes.layout import lay_out
        from voc.themes.space import from_bytes

        services = self.services
        check_reads(services.role)
        k = services.settings.workspace.k
        with services.database.read() as connection:
            fit = themes.newest_fit(connection, model_id=services.embedder.model_id)
            if fit is None:
                return FeedbackMap((), (), 0)
            alive = [
                one for one in themes.of_fit(connection, fit_id=fit.id) if one.state not in ENDED and not one.muted
            ]
            names = labels.newest(connection, language=services.settings.workspace.reader_language)
            rows = map_units.units(connection, [one.id for one in alive], markets=services.seen_markets)
        by_theme: dict[str, list[map_units.MapUnit]] = {}
        for row in rows:
            by_theme.setdefault(row.theme_id, []).append(row)
        shown = sorted(
            (one for one in alive if len(by_theme.get(one.id, ())) >= k),
            key=lambda one: (-len(by_theme[one.id]), one.id),
        )
        if not shown:
            return FeedbackMap((), (), 0)
        chosen = _chosen([by_theme[one.id] for one in shown], most)
        picked = [unit for own in chosen for unit in own]
        owner = np.array([place for place, own in enumerate(chosen) for _ in own])
        space = from_bytes(fit.space)
        placed = space.place(vectors_of(services, [one.text_hash for one in picked]), [one.language for one in picked])
        sizes = np.array([len(by_theme[one.id]) for one in shown])
        found = lay_out(np.stack([one.centroid for one in shown]), placed, owner, sizes)
        return FeedbackMap(
            tuple(
                MapTheme(
                    one.id,
                    names[one.id].name if one.id in names else one.id,
                    round(float(found.middles[place, 0]), 4),
                    round(float(found.middles[place, 1]), 4),
                    round(float(found.radii[place]), 4),
                    int(sizes[place]),
                )
                for place, one in enumerate(shown)
            ),
            tuple(
                MapPoint(one.feedback_id, round(float(x), 4), round(float(y), 4), int(theme))
                for one, (x, y), theme in zip(picked, found.places, owner, strict=True)
            ),
            int(sizes.sum()),
        )


def _chosen(groups: Sequence[Sequence[T]], most: int) -> list[list[T]]:
    """Return of each group its share of so many, the first by hash, which is as good as by lot."""
    total = sum(len(one) for one in groups)
    share = min(1.0, most / total) if total else 1.0
    return [list(one[: max(FEWEST_POINTS, int(share * len(one)))]) for one in groups]
