"""Searches that people keep: saved, forgotten, and looked at for comments that they have not shown yet."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Depends
from starlette.responses import Response

from voc.access import Act
from voc.errors import NotFoundError
from voc.web.show import after, page
from voc.web.views.search import FIELDS, LONGEST, Question
from voc.web.visit import Posted, Visit, needs, posted

Reader = Annotated[Visit, Depends(needs(Act.READ))]
Keeper = Annotated[Posted, Depends(posted(Act.SAVE_SEARCH))]

MOST_SHOWN: Final = 50


def router() -> APIRouter:
    """Return the addresses of saved searches."""
    found = APIRouter(include_in_schema=False)
    found.add_api_route("/search/new", new, methods=["GET"])
    found.add_api_route("/search/save", save, methods=["POST"])
    found.add_api_route("/search/seen", seen, methods=["POST"])
    found.add_api_route("/search/forget", forget, methods=["POST"])
    return found


def new(visit: Reader, name: str = "") -> Response:
    """Show the newest comments that match a saved search and that nobody has marked as seen."""
    if not name.strip():
        known = ", ".join(one.name for one in visit.workspace.saved_searches()) or "none yet"
        raise NotFoundError(f"Which saved search is meant? Saved: {known}.")
    (found,) = visit.workspace.watch_searches(name, remember=False)
    return page(visit, "search_new.html", found=found, shown=found.fresh[:MOST_SHOWN])


def save(sent: Keeper) -> Response:
    """Keep a search; the weekly report counts its matches."""
    values = {name: sent.text(name, most=LONGEST).strip() for name in FIELDS}
    asked = Question({name: value for name, value in values.items() if value})
    workspace = sent.visit.workspace
    count = workspace.save_search(sent.text("name", most=200), asked.q, asked.filter(), mode=asked.mode or "hybrid")
    # The count is of every market, as the weekly report will count it: nothing for those who do not see them all.
    matching = f" {count:,} comments match now." if sent.visit.who.markets is None else ""
    return after(
        sent.visit, asked.address(), f"Kept.{matching} The weekly report counts it; what is new is told below."
    )


def seen(sent: Keeper) -> Response:
    """Mark the comments that the page showed as seen."""
    name = sent.text("name", most=200)
    count = sent.visit.workspace.see_matches(name, sent.texts("shown")[:MOST_SHOWN])
    return after(sent.visit, Question({"name": name}).address("/search/new"), f"{count:,} marked as seen.")


def forget(sent: Keeper) -> Response:
    """Forget a saved search."""
    name = sent.text("name", most=200)
    sent.visit.workspace.forget_search(name)
    return after(sent.visit, "/search", f"Forgotten: {name}")
