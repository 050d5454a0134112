"""Proposals: what waits for whom, and one of them with all that its owner asks about it."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final

from fastapi import APIRouter, Depends
from markupsafe import Markup
from starlette.responses import RedirectResponse, Response

from voc.access import Act
from voc.errors import NotFoundError
from voc.proposals.approve import unreached
from voc.proposals.blocks_html import article
from voc.proposals.consult import PARTS, waiting
from voc.proposals.proposal_blocks import OUTCOMES, proposal_blocks
from voc.proposals.shown import Shown
from voc.proposals.states import EDITABLE, MOVES, Reason, State
from voc.standards.redline import as_html, redline
from voc.store.review import VersionRow
from voc.web.show import page
from voc.web.visit import Visit, needs

Reader = Annotated[Visit, Depends(needs(Act.READ))]

_DOCX: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_FORMS: Final = ("pack.pdf", "pack.docx", "redline.docx", "page.html")


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a form was not taken, and what was typed into it: the fields of the form by name."""

    problem: str
    status: int
    form: str
    typed: dict[str, str]


@dataclass(frozen=True, slots=True)
class Version:
    """A version with what it changed in the one before it, as HTML."""

    row: VersionRow
    changed: Markup


def router() -> APIRouter:
    """Return the addresses of proposals."""
    found = APIRouter(include_in_schema=False)
    found.add_api_route("/proposals", proposals, methods=["GET"])
    found.add_api_route("/proposals/{proposal_id}", proposal, methods=["GET"])
    found.add_api_route("/proposals/{proposal_id}/approve", approval, methods=["GET"])
    found.add_api_route("/proposals/{proposal_id}/file", file, methods=["GET"])
    return found


def proposals(visit: Reader, state: str = "", failed: str = "") -> Response:
    """Show the queue, what waits for the visitor first."""
    workspace = visit.workspace
    rows = workspace.proposals()
    shown = [row for row in rows if (row.outcome == "failed") is (failed == "1")]
    if state:
        shown = [row for row in shown if row.state == state]
    return page(
        visit,
        "proposals.html",
        rows=shown,
        mine=[row for row in workspace.my_proposals() if row in rows],
        overdue=workspace.overdue_consultations(),
        state=state,
        failed=failed,
        states=[one.value for one in State if one is not State.FAILED],
        counts={one: sum(row.state == one for row in rows if row.outcome != "failed") for one in State},
        outcomes=OUTCOMES,
        names=_names(visit),
    )


def proposal(visit: Reader, proposal_id: str) -> Response:
    """Show one proposal."""
    shown = visit.workspace.proposal(proposal_id)
    if shown.row.id != proposal_id:
        return RedirectResponse(f"/proposals/{shown.row.id}", status_code=303)
    return proposal_page(visit, shown)


def proposal_page(visit: Visit, shown: Shown, *, refused: Refused | None = None) -> Response:
    """Return the page of a proposal; with a form that was not taken, that form holds what was typed."""
    workspace, row = visit.workspace, shown.row
    versions = workspace.proposal_versions(row.id)
    return page(
        visit,
        "proposal.html",
        status=refused.status if refused else 200,
        shown=shown,
        row=row,
        article=Markup(article(proposal_blocks(shown), anchor=f"p-{row.id}")),  # noqa: S704  article escapes all
        versions=_versions(versions, shown),
        newest=versions[-1],
        history=workspace.proposal_history(row.id),
        consultations=workspace.consultations(row.id),
        assessment=workspace.assessment(row.id),
        adoptions=workspace.adoptions(row.id),
        edition=next((one for one in workspace.standards() if one.proposal_id == row.id), None),
        actions=[one for one in workspace.actions() if one.proposal_id == row.id],
        moves={one.value for one in MOVES[State(row.state)]},
        editable=row.state in EDITABLE,
        reasons=[one.value for one in Reason],
        parts=PARTS,
        refused=refused,
        typed=refused.typed if refused else {},
        today=workspace.services.stamp.at.date().isoformat(),
    )


def approval(visit: Annotated[Visit, Depends(needs(Act.DECIDE))], proposal_id: str) -> Response:
    """Show what an approval would publish, and over what it would go, before it is given."""
    shown = visit.workspace.proposal(proposal_id)
    return approval_page(visit, shown)


def approval_page(visit: Visit, shown: Shown, *, refused: Refused | None = None) -> Response:
    """Return the page that asks for an approval."""
    workspace, row = visit.workspace, shown.row
    with workspace.services.database.read() as connection:
        elsewhere = unreached(connection, row)
        waits = waiting(connection, row, wanted=workspace.services.settings.review.consult)
    return page(
        visit,
        "approve.html",
        status=refused.status if refused else 200,
        shown=shown,
        row=row,
        redline=Markup(as_html(redline(shown.draft.old_text, shown.draft.new_text))),  # noqa: S704  as_html escapes
        version=workspace.proposal_versions(row.id)[-1].version,
        unreached=elsewhere,
        waits=waits,
        refused=refused,
        typed=refused.typed if refused else {},
    )


def file(visit: Reader, proposal_id: str, form: str) -> Response:
    """Return the decision pack, the redline or the page of a proposal, to be kept."""
    if form not in _FORMS:
        raise NotFoundError(f"There is no form '{form[:20]}'. Forms: {', '.join(_FORMS)}.")
    workspace = visit.workspace
    shown = workspace.proposal(proposal_id)
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


def _versions(rows: tuple[VersionRow, ...], shown: Shown) -> tuple[Version, ...]:
    """Return the versions, the newest first, each as what it changed; the first against the clause."""
    texts = [shown.draft.old_text, *(str(row.draft.get("new_text", "")) for row in rows)]
    found = [
        Version(row, Markup(as_html(redline(texts[place], texts[place + 1]))))  # noqa: S704  as_html escapes
        for place, row in enumerate(rows)
    ]
    return tuple(reversed(found))


def _names(visit: Visit) -> dict[str, str]:
    """Return what proposals are about, by the id of their theme."""
    return {one.theme.id: one.label.name if one.label else one.theme.id for one in visit.workspace.themes()}
