"""Who did what: the audit log, and whether it holds."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field
from starlette.responses import Response

from voc.access import Act
from voc.errors import DamageError
from voc.web.show import page
from voc.web.spoken import spoken
from voc.web.visit import Visit, needs

Auditor = Annotated[Visit, Depends(needs(Act.READ_AUDIT))]

MOST: Final = 100


def router() -> APIRouter:
    """Return the address of the audit log."""
    found = APIRouter(include_in_schema=False)
    found.add_api_route("/audit", audit, methods=["GET"])
    return found


class AuditQuestion(BaseModel):
    """Which acts: upon what begins so ("" is all), before which number; `verify` checks every row of the log."""

    subject: str = Field("", max_length=200)
    before: int | None = Field(None, ge=1, le=2**60)
    verify: str = Field("", max_length=1)


def audit(visit: Auditor, asked: Annotated[AuditQuestion, Query()]) -> Response:
    """Show the newest acts, newest first, or those before a number."""
    sealed, damage = None, ""
    if asked.verify:
        try:
            sealed = visit.workspace.verify_audit()
        except DamageError as error:
            damage = spoken(str(error))
    rows = visit.workspace.audit(subject=asked.subject.strip(), limit=MOST + 1, before=asked.before)
    return page(visit, "audit.html", rows=rows[:MOST], more=len(rows) > MOST, asked=asked, sealed=sealed, damage=damage)
