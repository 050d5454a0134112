"""The pages, one file a noun: each takes a visit, asks the workspace, and fills a template."""

from __future__ import annotations

from fastapi import APIRouter

from voc.web.views import (
    account,
    actions,
    admin,
    audit,
    comments,
    effect,
    explain,
    map,
    markets,
    overview,
    proposals,
    report,
    review,
    runs,
    saved,
    search,
    standards,
    start,
    theme_edits,
    themes,
)

_NOUNS = (
    account,
    actions,
    admin,
    audit,
    comments,
    effect,
    explain,
    map,
    markets,
    overview,
    proposals,
    report,
    review,
    runs,
    saved,
    search,
    standards,
    start,
    theme_edits,
    themes,
)


def routers() -> tuple[APIRouter, ...]:
    """Return every router of pages."""
    return tuple(one.router() for one in _NOUNS)
