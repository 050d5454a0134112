"""Whether what was changed worked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Depends, Query, Request
from markupsafe import Markup
from starlette.responses import Response

from voc.access import Act
from voc.errors import InputError
from voc.web.show import page
from voc.web.views.overview import markets_of
from voc.web.visit import Visit, needs

if TYPE_CHECKING:
    from voc.effect.measure import Effect

Visitor = Annotated[Visit, Depends(needs(Act.VIEW))]


@dataclass(frozen=True, slots=True)
class Line:
    """A change with what came of it, as far as it can be said."""

    id: str
    title: str
    markets: str
    since: str
    verdict: str
    said: str


def router() -> APIRouter:
    """Return the addresses of effects."""
    found = APIRouter(include_in_schema=False)
    found.add_api_route("/effect", effects, methods=["GET"])
    found.add_api_route("/effect/{change_id}", effect, methods=["GET"])
    return found


def effects(
    request: Request,
    visit: Visitor,
    theme: str = "",
    market: Annotated[list[str] | None, Query(max_length=100)] = None,
    since: str = "",
) -> Response:
    """List what was adopted or done, each with its verdict; and measure what is asked for."""
    found, problem = None, ""
    if theme and market and since:
        try:
            for one in market:
                visit.workspace.seen_market(one)
            found = visit.workspace.effect(theme, markets=market, since=since)
        except InputError as error:
            problem = str(error)
    names = _names(visit)
    lines: list[Line] = request.app.state.kept.get(("effects", visit.who.markets), lambda: _lines(visit, names))
    return page(
        visit,
        "effects.html",
        lines=lines,
        names=names,
        markets=markets_of(visit),
        theme=theme,
        market=market or [],
        since=since,
        section=_section(found, names) if found else None,
        problem=problem,
    )


def effect(visit: Visitor, change_id: str) -> Response:
    """Show what came of an adopted proposal or of an action that is done."""
    names = _names(visit)
    found = visit.workspace.effect_of(change_id)
    for one in found.own.markets:
        visit.workspace.seen_market(one)
    return page(
        visit,
        "effect.html",
        name=names.get(found.theme_id, found.theme_id),
        change=change_id,
        section=_section(found, names),
    )


def _section(found: Effect, names: dict[str, str]) -> Markup:
    from voc.effect.page import as_section

    return Markup(as_section(found, names.get(found.theme_id, found.theme_id)))  # noqa: S704  as_section escapes


def _names(visit: Visit) -> dict[str, str]:
    return {one.theme.id: one.label.name if one.label else one.theme.id for one in visit.workspace.themes()}


def _lines(visit: Visit, names: dict[str, str]) -> list[Line]:
    from voc.effect.words import sentence

    workspace = visit.workspace
    known = {row.id: row for row in workspace.proposals()}
    adopted: dict[str, list[tuple[str, str]]] = {}
    for one in workspace.adoptions():
        if one.proposal_id in known:
            adopted.setdefault(one.proposal_id, []).append((one.market, one.since))
    found = []
    for proposal_id, places in adopted.items():
        row = known[proposal_id]
        title = f"{names.get(row.theme_id, row.theme_id)}: clause {row.clause_number}"
        found.append((proposal_id, title, [market for market, _ in places], min(since for _, since in places)))
    for action in workspace.actions():
        if action.state == "done" and set(action.markets) <= set(workspace.services.seen_markets):
            found.append((action.id, action.duty, list(action.markets), action.done_on or ""))
    lines = []
    for change_id, title, markets, since in sorted(found, key=lambda one: one[3], reverse=True):
        try:
            measured = workspace.effect_of(change_id)
            verdict, said = measured.verdict.value, sentence(measured)
        except InputError as error:
            verdict, said = "cannot tell yet", str(error)
        lines.append(Line(change_id, title, ", ".join(markets), since, verdict, said))
    return lines
