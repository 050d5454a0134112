"""The JSON API, one file a noun; everything that pages show, under the same roles."""

from __future__ import annotations

from fastapi import APIRouter

from voc.web.api import (
    actions,
    audit,
    decisions,
    effects,
    proposals,
    reports,
    runs,
    schema,
    search,
    standards,
    themes,
    weeks,
)


def routers() -> tuple[APIRouter, ...]:
    """Return every router of the API."""
    nouns = (schema, weeks, search, themes, standards, proposals, decisions, actions, effects, reports, runs, audit)
    return tuple(one.router() for one in nouns)
