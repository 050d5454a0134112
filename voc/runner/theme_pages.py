"""One theme as its page shows it: beside figures its neighbours, its clauses and what was proposed about it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from voc.errors import NotFoundError
from voc.label.ground import nearest_themes
from voc.proposals.catalogue import read_catalogue
from voc.proposals.evidence import Evidence, offered_evidence
from voc.proposals.locate import Places, Subject
from voc.proposals.nearness import Nearness
from voc.proposals.shown import concerns
from voc.runner.pages import ThemePage, theme_page
from voc.runner.steps import vectors_of
from voc.standards.registry import Clause, clauses_in_force
from voc.store import actions, exposure, labels, proposals, themes
from voc.store.actions import ActionRow
from voc.store.exposure import Signal
from voc.store.proposals import ProposalRow
from voc.store.themes import ENDED
from voc.themes.space import from_bytes
from voc.wiring import Services

_SIMILAR = 5
_CLAUSES = 3
_EVIDENCE = 16


@dataclass(frozen=True, slots=True)
class Beside:
    """What stands beside a theme: `similar` and `group` are ids of themes, the nearest first."""

    page: ThemePage
    similar: tuple[str, ...]
    group: tuple[str, ...]
    clauses: tuple[Clause, ...]
    proposals: tuple[ProposalRow, ...]
    actions: tuple[ActionRow, ...]


def beside_theme(
    services: Services, theme_id: str, *, markets: Sequence[str], week: str, places: Callable[[], Places | None]
) -> Beside:
    """Return what stands beside a theme, by the beginning of its id; `places` are the clauses in force, as vectors.

    Raises:
        NotFoundError: no theme, or more than one, begins with it.
    """
    page = theme_page(services, theme_id)
    theme = page.entry.theme
    language = services.settings.workspace.reader_language
    with services.database.read() as connection:
        known = labels.newest(connection, language=language)
        others = [one for one in themes.of_fit(connection, fit_id=theme.fit_id) if one.state not in ENDED]
        drafted = [one for one in proposals.every(connection) if one.theme_id == theme.id and one.outcome != "failed"]
        given = [one for one in actions.every(connection) if one.theme_id == theme.id]
    named = {one.id: one.centroid for one in (theme, *others) if one.id in known}
    similar = nearest_themes(theme.id, named, count=_SIMILAR) if theme.id in named else ()
    group = tuple(one.id for one in others if one.group_id and one.group_id == theme.group_id and one.id != theme.id)
    called = known[theme.id].name if theme.id in known else theme.id
    return Beside(
        page=page,
        similar=similar,
        group=group,
        clauses=_clauses(Subject(called, _evidence(services, theme.id, markets, week)), places),
        proposals=tuple(one for one in drafted if concerns(one, markets)),
        actions=tuple(one for one in given if set(one.markets) <= set(markets)),
    )


def signals_beside(services: Services, *, markets: Sequence[str], weeks: tuple[str, str]) -> tuple[Signal, ...]:
    """Return the business figures of markets and weeks, those of a whole market only."""
    with services.database.read() as connection:
        found = exposure.signals(connection, first_week=weeks[0], last_week=weeks[1])
    return tuple(one for one in found if one.market in markets and not one.attribute)


def places_of(services: Services, *, market: str = "") -> Places | None:
    """Return the clauses in force today in a market as vectors, None where there is no standard or no theme yet."""
    embedder, day = services.embedder, services.stamp.at.date().isoformat()
    with services.database.read() as connection:
        fit = themes.newest_fit(connection, model_id=embedder.model_id)
    if fit is None:
        return None
    try:
        clauses = clauses_in_force(
            services.database, document=services.settings.proposals.document, market=market, on=day
        )
    except NotFoundError:
        return None
    nearness = Nearness(lambda hashes: vectors_of(services, hashes), embedder.encode, from_bytes(fit.space))
    return Places.of(clauses, read_catalogue(services.paths.folder / "duties.toml"), nearness)


def _evidence(services: Services, theme_id: str, markets: Sequence[str], week: str) -> tuple[Evidence, ...]:
    return offered_evidence(services.database, theme_id, markets=markets, week=week, most=_EVIDENCE)


def _clauses(subject: Subject, places: Callable[[], Places | None]) -> tuple[Clause, ...]:
    found = places() if subject.comments else None
    return () if found is None else found.nearest(subject)[:_CLAUSES]
