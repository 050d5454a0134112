"""What people decide about themes and comments, each with its reason."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.responses import Response

from voc.access import Act
from voc.errors import InputError
from voc.types import Polarity
from voc.web.show import after
from voc.web.visit import Posted, posted

Editor = Annotated[Posted, Depends(posted(Act.EDIT_THEMES))]


def router() -> APIRouter:
    """Return the addresses that change themes."""
    found = APIRouter(include_in_schema=False)
    found.add_api_route("/themes/{theme_id}/edit", edit, methods=["POST"])
    found.add_api_route("/comments/{feedback_id}/move", move, methods=["POST"])
    found.add_api_route("/comments/{feedback_id}/judge", judge, methods=["POST"])
    return found


def edit(sent: Editor, theme_id: str) -> Response:
    """Rename, merge, split, lock or mute a theme."""
    editor = sent.visit.workspace.edit(why=sent.text("why", most=500))
    act, home = sent.text("act"), f"/themes/{theme_id}"
    if act == "rename":
        editor.rename(theme_id, sent.text("name", most=200))
        return after(sent.visit, home, "Renamed. No later run changes the name.")
    if act == "merge":
        done = editor.merge(theme_id, sent.text("into", most=64).strip())
        return after(sent.visit, f"/themes/{done.theme.id}", f"Merged: {done.moved} parts of comments moved here.")
    if act == "split":
        parts = editor.split(theme_id)
        return after(sent.visit, f"/themes/{parts[0].id}", f"Split into {len(parts)} themes; this is one of them.")
    marks = {
        "lock": ({"locked": True}, "Locked: no run ends it."),
        "unlock": ({"locked": False}, "Unlocked."),
        "mute": ({"muted": True}, "Muted: counted, but neither reported nor alarmed."),
        "unmute": ({"muted": False}, "No longer muted."),
    }
    if act not in marks:
        raise InputError(f"A theme can be: rename, merge, split, {', '.join(marks)}. '{act[:20]}' came.")
    changed, said = marks[act]
    editor.mark(theme_id, **changed)
    return after(sent.visit, home, said)


def move(sent: Editor, feedback_id: str) -> Response:
    """Put a comment, and every exact copy of it, into a theme or into none."""
    found, _ = sent.visit.workspace.comment(feedback_id)
    editor = sent.visit.workspace.edit(why=sent.text("why", most=500))
    count = editor.move(found.id, sent.text("theme", most=64).strip() or "none")
    return after(sent.visit, f"/comments/{found.id}", f"Moved {count} parts of comments. No later run moves them.")


def judge(sent: Editor, feedback_id: str) -> Response:
    """Say what a comment, and every copy of it, is."""
    found, _ = sent.visit.workspace.comment(feedback_id)
    kind = sent.text("kind", most=20)
    if kind not in {one.value for one in Polarity}:
        raise InputError(f"A comment is: {', '.join(Polarity)}. '{kind}' came.")
    count = sent.visit.workspace.edit(why=sent.text("why", most=500)).judge(found.id, Polarity(kind))
    return after(sent.visit, f"/comments/{found.id}", f"Kept for {count} comments. No later run says otherwise.")
