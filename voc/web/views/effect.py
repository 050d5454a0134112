"""Whether what was changed worked."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Depends, Query, Request
from markupsafe import Markup
from pydantic import BaseModel, Field
from starlette.responses import Response

from voc.access import Act
from voc.errors import InputError, NotFoundError
from voc.web.show import page
from voc.web.spoken import spoken
from voc.web.views.overview import markets_of
from voc.web.visit import Visit, needs

if TYPE_CHECKING:
    from voc.effect.detect import Detectable
    from voc.effect.measure import Effect

Visitor = Annotated[Visit, Depends(needs(Act.VIEW))]


@dataclass(frozen=True, slots=True)
class Changed:
    """An adopted proposal or an action that is done; `link` leads to it."""

    id: str
    title: str
    theme_id: str
    markets: tuple[str, ...]
    since: str
    link: str


@dataclass(frozen=True, slots=True)
class Line:
    """A change with what came of it, as far as it can be said."""

    change: Changed
    verdict: str
    said: str


@dataclass(frozen=True, slots=True)
class Told:
    """What a measurement says as HTML; else why there is none, and what could be seen later."""

    section: Markup | None
    problem: str = ""
    ahead: Detectable | None = None


def router() -> APIRouter:
    """Return the addresses of effects."""
    found = APIRouter(include_in_schema=False)
    found.add_api_route("/effect", effects, methods=["GET"])
    found.add_api_route("/effect/{change_id}", effect, methods=["GET"])
    return found


class EffectQuestion(BaseModel):
    """A change that somebody asks about: of which theme, in which markets, since which day or week."""

    theme: str = Field("", max_length=64)
    market: list[str] = Field([], max_length=100)
    since: str = Field("", max_length=20)


def effects(request: Request, visit: Visitor, asked: Annotated[EffectQuestion, Query()]) -> Response:
    """List what was adopted or done, each with its verdict; and measure what is asked for."""
    workspace, names = visit.workspace, names_of(visit)
    told = None
    if asked.theme and asked.since:
        markets = tuple(workspace.seen_market(one) for one in asked.market)
        if markets:
            told = _told(
                visit,
                names,
                asked.theme,
                markets,
                lambda: workspace.effect(asked.theme, markets=markets, since=asked.since),
            )
        else:
            told = Told(None, "Choose the markets that changed.")
    lines: list[Line] = request.app.state.kept.get(("effects", visit.who.markets), lambda: _lines(visit, names))
    offered = names_of(visit, least=workspace.services.settings.workspace.k)
    return page(
        visit,
        "effects.html",
        lines=lines,
        names=names,
        offered=offered,
        markets=markets_of(visit),
        asked=asked,
        told=told,
    )


def effect(visit: Visitor, change_id: str) -> Response:
    """Show what came of an adopted proposal or of an action that is done.

    Raises:
        NotFoundError: nothing of that id was adopted or done in the markets that the visitor sees.
    """
    names = names_of(visit)
    change = next((one for one in _changes(visit, names) if one.id == change_id), None)
    if change is None:
        raise NotFoundError(
            f"Nothing called '{change_id[:20]}' was adopted or done in the markets that you see. See the list of "
            "effects."
        )
    told = _told(visit, names, change.theme_id, change.markets, lambda: visit.workspace.effect_of(change.id))
    return page(visit, "effect.html", change=change, names=names, told=told)


def _told(
    visit: Visit, names: dict[str, str], theme_id: str, markets: tuple[str, ...], measure: Callable[[], Effect]
) -> Told:
    from voc.effect.page import as_section

    try:
        found = measure()
    except InputError as error:
        ahead = None
        with contextlib.suppress(InputError):
            ahead = visit.workspace.detectable(theme_id, markets=markets)
        return Told(None, spoken(str(error)), ahead)
    least = 0 if visit.may(Act.READ) else visit.workspace.services.settings.workspace.k
    own_only = not all(visit.who.sees(one) for one in found.panel.markets)
    name = names.get(found.theme_id, found.theme_id)
    return Told(Markup(as_section(found, name, least=least, own_only=own_only)))  # noqa: S704  as_section escapes


def names_of(visit: Visit, *, least: int = 1) -> dict[str, str]:
    """Return the names of the themes with at least so many comments, by id, the largest first."""
    kept = visit.request.app.state.kept
    found: dict[str, str] = kept.get(("theme names", least), lambda: visit.workspace.theme_names(least=least))
    return found


def _changes(visit: Visit, names: dict[str, str]) -> tuple[Changed, ...]:
    """Return what was adopted or done in markets that the visitor sees, the newest first."""
    workspace = visit.workspace
    known = {row.id: row for row in workspace.proposals()}
    adopted: dict[str, dict[str, str]] = {}
    for one in workspace.adoptions():
        adopted.setdefault(one.proposal_id, {})[one.market] = one.since
    found = []
    for proposal_id, places in adopted.items():
        row = known.get(proposal_id)
        if row is not None:
            title = f"{names.get(row.theme_id, row.theme_id)}: clause {row.clause_number} changed"
            link = f"/proposals/{row.id}" if visit.may(Act.READ) else ""
            found.append(Changed(row.id, title, row.theme_id, tuple(places), min(places.values()), link))
    for action in workspace.actions():
        if action.state == "done":
            since = action.done_on or ""
            found.append(
                Changed(action.id, action.duty, action.theme_id, action.markets, since, f"/actions/{action.id}")
            )
    seen = [one for one in found if all(visit.who.sees(market) for market in one.markets)]
    return tuple(sorted(seen, key=lambda one: one.since, reverse=True))


def _lines(visit: Visit, names: dict[str, str]) -> list[Line]:
    from voc.effect.words import sentence

    lines = []
    for change in _changes(visit, names):
        try:
            measured = visit.workspace.effect_of(change.id)
            lines.append(Line(change, measured.verdict.value, sentence(measured)))
        except InputError as error:
            lines.append(Line(change, "cannot tell yet", spoken(str(error))))
    return lines
