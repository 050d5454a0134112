"""The audit log over HTTP."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field

from voc.access import Act
from voc.web.api.asked import Text, allows, routes
from voc.web.api.paged import PageQuestion, read_cursor, write_cursor
from voc.web.visit import Visit, needs


class AuditQuestion(PageQuestion):
    """Which acts, and which page of them."""

    subject: Text = Field("", description="Only acts upon what begins with this, such as the id of a proposal.")


class Entry(BaseModel):
    """One act, sealed with the hash of the act before it."""

    seq: int = Field(description="Its number, from 1.")
    at: str = Field(description="When: ISO 8601, UTC.", json_schema_extra={"format": "date-time"})
    actor: str = Field(description="Who did it.")
    action: str = Field(description="What was done.")
    subject: str = Field(description="Upon what: an id or a name.")
    detail: dict[str, Any] = Field(description="More about it; ids and keyed hashes, never a comment's text.")
    previous: str = Field(description="Hash of the act before it.")
    hash: str = Field(description="Hash of this act.")


class Entries(BaseModel):
    """A page of acts."""

    entries: list[Entry] = Field(description="The acts, the newest first.")
    cursor: str = Field(description="Where the next page begins; empty at the end.")


def audit(visit: Annotated[Visit, Depends(needs(Act.READ_AUDIT))], asked: Annotated[AuditQuestion, Query()]) -> Entries:
    """Return what was done."""
    (before,) = read_cursor(asked.cursor, [int]) if asked.cursor else (None,)
    rows = visit.workspace.audit(subject=asked.subject, limit=asked.limit + 1, before=before)  # type: ignore[arg-type]
    shown = rows[: asked.limit]
    return Entries(
        entries=[
            Entry(
                seq=one.seq,
                at=one.at,
                actor=one.actor,
                action=one.action,
                subject=one.subject,
                detail=dict(one.detail),
                previous=one.previous,
                hash=one.hash,
            )
            for one in shown
        ],
        cursor=write_cursor((shown[-1].seq,)) if len(rows) > len(shown) else "",
    )


def router() -> APIRouter:
    """Return the address of the audit log."""
    found = routes("audit")
    found.add_api_route(
        "/audit",
        audit,
        operation_id="audit",
        summary="List what was done",
        description="The audit log, the newest act first; for owner and admin only.",
        dependencies=[allows(AuditQuestion.model_fields)],
    )
    return found
