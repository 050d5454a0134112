"""The map: feedback in two dimensions, coloured by theme, with a list beside it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import JSONResponse, Response

from voc.access import Act
from voc.web.show import page
from voc.web.visit import Visit, needs
from voc.workspace_map import FeedbackMap

Reader = Annotated[Visit, Depends(needs(Act.READ))]


def router() -> APIRouter:
    """Return the addresses of the map."""
    found = APIRouter(include_in_schema=False)
    found.add_api_route("/map", feedback_map, methods=["GET"])
    found.add_api_route("/map/points", points, methods=["GET"])
    return found


def feedback_map(request: Request, visit: Reader) -> Response:
    """Show the map."""
    found = _found(request, visit)
    return page(visit, "map.html", found=found)


def points(request: Request, visit: Reader) -> Response:
    """Return the map as data: themes, and comments as place, theme and id."""
    found = _found(request, visit)
    if found is None:
        return JSONResponse({"themes": [], "points": []}, status_code=503, headers={"retry-after": "5"})
    return JSONResponse(
        {
            "themes": [
                {"id": one.id, "name": one.name, "x": one.x, "y": one.y, "r": one.radius} for one in found.themes
            ],
            "points": [[one.x, one.y, one.theme, one.id] for one in found.points],
        }
    )


def _found(request: Request, visit: Visit) -> FeedbackMap | None:
    """Return the map, None while it is drawn."""
    key = ("map", visit.who.markets)
    found: FeedbackMap | None = request.app.state.kept.soon(key, visit.workspace.feedback_map)
    return found
