"""The pages, one file a noun: each takes a visit, asks the workspace, and fills a template."""

from __future__ import annotations

from fastapi import APIRouter

from voc.web.views import (
    comments,
    explain,
    markets,
    overview,
    proposals,
    report,
    review,
    theme_edits,
    themes,
)

_NOUNS = (
    overview,
    report,
    themes,
    theme_edits,
    comments,
    explain,
    markets,
    proposals,
    review,
)


def routers() -> tuple[APIRouter, ...]:
    """Return every router of pages."""
    return tuple(one.router() for one in _NOUNS)
