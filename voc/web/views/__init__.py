"""The pages, one file a noun: each takes a visit, asks the workspace, and fills a template."""

from __future__ import annotations

from fastapi import APIRouter

from voc.web.views import overview


def routers() -> tuple[APIRouter, ...]:
    """Return every router of pages."""
    return (overview.router(),)
