"""Proposals: what waits for whom, one of them, what its approval would publish, and its files."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query, Request
from markupsafe import Markup
from pydantic import BaseModel, Field
from starlette.responses import RedirectResponse, Response

from voc.access import Act
from voc.errors import NotFoundError
from voc.proposals.proposal_blocks import OUTCOMES
from voc.proposals.shown import Shown
from voc.proposals.states import MOVES, State
from voc.standards.redline import as_html, redline
from voc.web.show import after, page
from voc.web.spoken import spoken
from voc.web.views.proposal_page import Refused, proposal_page, since
from voc.web.visit import Visit, needs

Reader = Annotated[Visit, Depends(needs(Act.READ))]
Decider = Annotated[Visit, Depends(needs(Act.DECIDE))]

_DOCX: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_FORMS: Final = ("pack.pdf", "pack.docx", "redline.docx", "page.html")
_PAGE: Final = 50


def router() -> APIRouter:
    """Return the addresses of proposals."""
    found = APIRouter(include_in_schema=False)
    found.add_api_route("/proposals", proposals, methods=["GET"])
    found.add_api_route("/proposals/{proposal_id}", proposal, methods=["GET"])
    found.add_api_route("/proposals/{proposal_id}/approve", approval, methods=["GET"])
    found.add_api_route("/proposals/{proposal_id}/file", file, methods=["GET"])
    return found


class QueueQuestion(BaseModel):
    """Which proposals: of one state ("" is any) or the failed drafts, and which page of them."""

    state: str = ""
    failed: str = ""
    at: int = Field(1, ge=1, le=1_000_000)


def proposals(visit: Reader, asked: Annotated[QueueQuestion, Query()]) -> Response:
    """Show the queue, what waits for the visitor first."""
    workspace, states = visit.workspace, [one.value for one in State if one is not State.FAILED]
    if asked.state not in ("", *states):
        raise NotFoundError(f"There is no state '{asked.state[:40]}'. States: {', '.join(states)}.")
    rows = workspace.proposals()
    known = {row.id for row in rows}
    shown = [row for row in rows if (row.outcome == "failed") is (asked.failed == "1")]
    shown = [row for row in shown if asked.state in ("", row.state)]
    return page(
        visit,
        "proposals.html",
        rows=shown[(asked.at - 1) * _PAGE : asked.at * _PAGE],
        all=len(shown),
        pages=-(-len(shown) // _PAGE),
        duties=[one for one in workspace.duties() if one.proposal.id in known],
        overdue=[one for one in workspace.overdue_consultations() if one.proposal_id in known],
        asked=asked,
        states=states,
        counts={one: sum(row.state == one for row in rows if row.outcome != "failed") for one in State},
        failed=sum(row.outcome == "failed" for row in rows),
        outcomes=OUTCOMES,
    )


def proposal(request: Request, visit: Reader, proposal_id: str) -> Response:
    """Show one proposal."""
    workspace = visit.workspace
    key = ("proposal", proposal_id, visit.who.markets, workspace.services.stamp.at.date())
    shown: Shown = request.app.state.kept.get(key, lambda: workspace.proposal(proposal_id))
    if shown.row.id != proposal_id:
        return RedirectResponse(f"/proposals/{shown.row.id}", status_code=303)
    return proposal_page(visit, shown)


def approval(visit: Decider, proposal_id: str) -> Response:
    """Show what an approval would publish, and over what it would go, before it is given."""
    return approval_page(visit, visit.workspace.proposal(proposal_id))


def approval_page(visit: Visit, shown: Shown, *, refused: Refused | None = None) -> Response:
    """Return the page that asks for an approval; what can no longer be approved leads back to the proposal."""
    workspace, row = visit.workspace, shown.row
    if State.APPROVED not in MOVES[State(row.state)] or row.outcome != "revision":
        if refused is not None:
            return proposal_page(visit, shown, refused=refused)
        return after(visit, f"/proposals/{row.id}", f"This is {row.state.replace('_', ' ')}: there is no approval.")
    prospect = workspace.approval_prospect(row.id)
    return page(
        visit,
        "approve.html",
        status=refused.status if refused else 200,
        shown=shown,
        row=row,
        redline=Markup(as_html(redline(shown.draft.old_text, shown.draft.new_text))),  # noqa: S704  as_html escapes
        prospect=prospect,
        hindrances=[spoken(one) for one in prospect.hindrances],
        since=since(workspace.proposal_versions(row.id), refused),
        refused=refused,
        typed=refused.typed if refused else {},
    )


def file(visit: Reader, proposal_id: str, form: str) -> Response:
    """Return the decision pack, the redline or the page of a proposal, to be kept."""
    if form not in _FORMS:
        raise NotFoundError(f"There is no form '{form[:20]}'. Forms: {', '.join(_FORMS)}.")
    shown = visit.workspace.proposal(proposal_id)
    name = f"voc-{shown.row.id}-{form}"
    media = {"pdf": "application/pdf", "docx": _DOCX, "html": "text/html"}[form.rpartition(".")[2]]
    return Response(
        _bytes(visit, shown, form), media_type=media, headers={"content-disposition": f'attachment; filename="{name}"'}
    )


def _bytes(visit: Visit, shown: Shown, form: str) -> bytes:
    if form == "page.html":
        from voc.proposals.render import as_page

        return as_page(shown).encode()
    if form == "redline.docx":
        from voc.proposals.render import write_docx

        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / form
            write_docx(path, shown, visit.workspace.services.database)
            return path.read_bytes()
    pack = visit.workspace.decision_pack(shown.row.id)
    if form == "pack.pdf":
        from voc.proposals.pack_pdf import pack_pdf

        return pack_pdf(pack)
    from voc.proposals.pack_word import pack_docx

    return pack_docx(pack)
