"""One customer's comment, redacted, with what it belongs to."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends
from starlette.responses import RedirectResponse, Response

from voc.access import Act
from voc.types import Polarity
from voc.web.show import page
from voc.web.visit import Visit, needs

Reader = Annotated[Visit, Depends(needs(Act.READ))]


def router() -> APIRouter:
    """Return the address of a comment."""
    found = APIRouter(include_in_schema=False)
    found.add_api_route("/comments/{feedback_id}", comment, methods=["GET"])
    return found


def comment(visit: Reader, feedback_id: str) -> Response:
    """Show a comment."""
    found, units = visit.workspace.comment(feedback_id)
    if found.id != feedback_id:
        return RedirectResponse(f"/comments/{found.id}", status_code=303)
    entries = visit.workspace.themes()
    return page(
        visit,
        "comment.html",
        found=found,
        units=units,
        names={one.theme.id: one.label.name if one.label else one.theme.id for one in entries},
        kinds=[one.value for one in Polarity],
        link=found.source_url if urlsplit(found.source_url).scheme in {"http", "https"} else "",
    )
