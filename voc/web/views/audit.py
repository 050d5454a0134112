"""Who did what: the audit log, and whether it holds."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.responses import Response

from voc.access import Act
from voc.errors import DamageError
from voc.web.show import page
from voc.web.visit import Visit, needs

Auditor = Annotated[Visit, Depends(needs(Act.READ_AUDIT))]

_MOST = 200


def router() -> APIRouter:
    """Return the address of the audit log."""
    found = APIRouter(include_in_schema=False)
    found.add_api_route("/audit", audit, methods=["GET"])
    return found


def audit(visit: Auditor, subject: str = "", verify: str = "") -> Response:
    """Show the newest acts; with `verify`, check every row of the log."""
    sealed, damage = None, ""
    if verify:
        try:
            sealed = visit.workspace.verify_audit()
        except DamageError as error:
            damage = str(error)
    rows = visit.workspace.audit(subject=subject[:200], limit=_MOST)
    return page(visit, "audit.html", rows=rows, subject=subject[:200], sealed=sealed, damage=damage, most=_MOST)
